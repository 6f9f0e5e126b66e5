/**
 * Files on their way to the gateway, in pieces; after a broken link each goes on where it stopped.
 */
import { ApiProblem, request } from "/pages/api.js";

const PIECE_BYTES = 256 * 1024;
export const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const RESTARTS = 2;
export const FILE_BYTES = 25 * 1024 * 1024;

/**
 * @typedef {object} Upload
 * @property {string} id empty until the gateway knows it
 * @property {"photo" | "video" | "audio" | "document"} kind
 * @property {string} name
 * @property {string} contentType
 * @property {number} size
 * @property {number} offset
 * @property {"sending" | "broken" | "done" | "refused" | "unfinished"} state
 * @property {string} problem
 * @property {Blob} [file] unless this page was reloaded
 * @property {boolean} [dropped]
 * @property {string} [lineId] of the chat line that it is
 */

/** Event `change` at each step. One file is sent at a time. */
export class Uploads extends EventTarget {
  /** @param {string} path where the gateway takes them */
  constructor(path = "/patient/uploads") {
    super();
    this.path = path;
    /** @type {Upload[]} */
    this.all = [];
    this.queue = Promise.resolve();
  }

  /** @param {Record<string, any>[]} entries what the gateway has */
  restore(entries) {
    this.all = entries.map((entry) => /** @type {Upload} */ ({
      ...entry, problem: "", state: entry.complete === true || entry.offset >= entry.size ? "done" : "unfinished",
    }));
  }

  /**
   * Begins to send a file.
   *
   * @param {"photo" | "video" | "audio" | "document"} kind
   * @param {Blob} file
   * @param {string} name
   * @param {string} [lineId] of the chat line that it is
   * @returns {Upload}
   */
  add(kind, file, name, lineId) {
    const contentType = file.type.split(";")[0];
    const same = this.all.find((each) => each.state === "unfinished" && each.size === file.size && each.name === name);
    if (same) this.all.splice(this.all.indexOf(same), 1);
    const upload = /** @type {Upload} */ ({ id: "", kind, name, contentType, size: file.size, offset: 0, state: "sending", problem: "", file, lineId });
    this.all.push(upload);
    this.#changed();
    this.queue = this.queue.then(() => this.#send(upload, file));
    return upload;
  }

  /** @param {Upload} upload */
  async drop(upload) {
    upload.dropped = true;
    this.all = this.all.filter((each) => each !== upload);
    this.#changed();
    if (upload.id) await request("DELETE", `${this.path}/${upload.id}`).catch(() => undefined); // an unsent file goes with the draft
  }

  /** @param {string} kind */
  of(kind) {
    return this.all.filter((each) => each.kind === kind);
  }

  /** Whether something is still on its way. */
  get busy() {
    return this.all.some((each) => each.state === "sending" || each.state === "broken");
  }

  /** Files that will never arrive as they are. */
  get stuck() {
    return this.all.filter((each) => each.state === "refused" || each.state === "unfinished");
  }

  /** @param {Upload} upload @param {Blob} file */
  async #send(upload, file) {
    let restarts = 0;
    for (let failures = 0; upload.state !== "done" && !upload.dropped;) {
      const before = upload.offset;
      try {
        await this.#sendPieces(upload, file);
      } catch (error) {
        if (!(error instanceof ApiProblem)) return this.#refuse(upload, "other");
        if (error.problem === "wrong-offset") upload.offset = error.details.offset ?? 0;
        else if (error.problem === "wrong-sha256" && restarts++ < RESTARTS) upload.offset = 0;
        else if (error.status >= 400 && error.status < 500 && error.status !== 429) return this.#refuse(upload, error.problem);
        failures = upload.offset > before ? 0 : failures + 1;
        upload.state = "broken";
        this.#changed();
        await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]);
      }
    }
  }

  /** @param {Upload} upload @param {Blob} file */
  async #sendPieces(upload, file) {
    if (!upload.id) {
      const { kind, name, contentType, size, lineId } = upload;
      const { body } = await request("POST", this.path, { json: { id: lineId, kind, name, contentType, size, sha256: await digestOf(file) } });
      upload.id = body.id;
      upload.offset = body.offset ?? 0;
    } else if (upload.state === "broken") {
      const { headers } = await request("HEAD", `${this.path}/${upload.id}`);
      upload.offset = Number(headers.get("Upload-Offset") ?? upload.offset);
    }
    upload.state = "sending";
    this.#changed();
    while (upload.offset < upload.size && !upload.dropped) {
      const piece = file.slice(upload.offset, upload.offset + PIECE_BYTES);
      const headers = { "Upload-Offset": String(upload.offset) };
      const { body } = await request("PATCH", `${this.path}/${upload.id}`, { bytes: piece, headers, timeout_ms: 60_000 });
      upload.offset = body.offset;
      this.#changed();
    }
    upload.state = "done";
    this.#changed();
  }

  /** @param {Upload} upload @param {string} problem */
  #refuse(upload, problem) {
    Object.assign(upload, { state: "refused", problem });
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Blob} file */
async function digestOf(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Ends after the time, or at once when the network comes back. @param {number} time_ms @returns {Promise<void>} */
export function pause(time_ms) {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      resolve();
    };
    const timer = setTimeout(finish, time_ms);
    window.addEventListener("online", finish);
  });
}
