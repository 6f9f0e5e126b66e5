/**
 * Brings to the clinic what it had not got when the visit ended: through the gateway, while the page is open, until it has it.
 */
import { ApiProblem, request } from "/pages/api.js";
import { PAUSES_MS, Uploads, pause } from "/pages/uploads.js";

const POST_MS = 60_000;
/** Not yet, but soon: the gateway has not heard of the end of the call. */
const SOON = new Set(["visit-not-over", "upload-incomplete"]);
/** @type {Record<string, "photo" | "audio" | "video">} */
const KINDS = { image: "photo", audio: "audio", video: "video" };

/** @typedef {import("/pages/chat.js").Line} Line */
/** @typedef {"waiting" | "sending" | "broken" | "delivered" | "passed-on" | "refused" | "lost"} LateState */

/**
 * The file of a line, if it is one; words that are kept sealed are no file.
 *
 * @param {Line} line
 * @returns {Blob | null}
 */
export function fileOf({ photo }) {
  return photo && photo.type !== "text/plain" ? photo : null;
}

/** Event `change` at each step. Lines go one after the other, in the order in which they were made. */
export class LateDelivery extends EventTarget {
  /**
   * @param {import("/pages/chat.js").Chat} chat of the visit, settled
   */
  constructor(chat) {
    super();
    this.chat = chat;
    this.path = `/patient/visits/${encodeURIComponent(chat.visitId)}`;
    this.lines = [...chat.lines];
    this.stopped = false;
    this.percent = 0;
    /** @type {Map<string, LateState>} by the line's id */
    this.states = new Map(this.lines.map((line) => [line.id, line.state === "unsent" && !line.photo ? "lost" : "waiting"]));
    this.uploads = new Uploads(`${this.path}/uploads`);
    this.uploads.addEventListener("change", () => this.#progress());
  }

  /** Delivers what can be; ends when nothing is left to try, or after `stop`. */
  async run() {
    for (const line of this.lines) if (this.states.get(line.id) === "waiting") await this.#deliver(line);
  }

  /** Gives up: what is not delivered stays on the phone. */
  stop() {
    this.stopped = true;
    for (const upload of this.uploads.all) upload.dropped = true;
  }

  /** How many lines the clinic does not have. */
  get left() {
    return this.lines.filter(({ id }) => !["delivered", "passed-on"].includes(this.states.get(id) ?? "")).length;
  }

  /** @param {LateState} state whether a line is in it */
  some(state) {
    return [...this.states.values()].includes(state);
  }

  /** @param {Line} line */
  async #deliver(line) {
    for (let failures = 0; !this.stopped; failures++) {
      try {
        if (failures === 0) this.#set(line, "sending");
        const { status } = await this.#hand(line);
        await this.chat.delivered(line.id);
        this.#set(line, status === 201 ? "delivered" : "passed-on");
        return;
      } catch (error) {
        if (this.stopped) return;
        if (isFinal(error)) {
          this.#set(line, "refused");
          return;
        }
        this.#set(line, "broken");
        await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]);
      }
    }
  }

  /** The file goes first, unless the clinic has it already. @param {Line} line */
  async #hand(line) {
    const file = fileOf(line);
    const json = file ? { id: line.id, withFile: true } : { id: line.id, text: line.text };
    const post = () => request("POST", `${this.path}/messages`, { json, timeout_ms: POST_MS });
    try {
      return await post();
    } catch (error) {
      if (!file || !(error instanceof ApiProblem) || error.problem !== "upload-incomplete") throw error;
    }
    this.#set(line, "sending");
    const upload = this.uploads.add(KINDS[file.type.split("/")[0]], file, line.text || line.id, line.id);
    await this.uploads.queue;
    if (upload.state === "refused") throw new ApiProblem(upload.problem, 422);
    return post();
  }

  #progress() {
    const upload = this.uploads.all.at(-1);
    const line = this.lines.find(({ id }) => id === upload?.lineId);
    if (!upload || !line || this.stopped) return;
    this.percent = Math.floor((100 * upload.offset) / Math.max(1, upload.size));
    if (upload.state === "sending" || upload.state === "broken") this.#set(line, upload.state);
  }

  /** @param {Line} line @param {LateState} state */
  #set(line, state) {
    if (state !== "sending") this.percent = 0;
    this.states.set(line.id, state);
    this.dispatchEvent(new Event("change"));
  }
}

/** Whether trying again would help nobody. @param {unknown} error */
function isFinal(error) {
  if (!(error instanceof ApiProblem)) return true;
  return error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429 && !SOON.has(error.problem);
}
