/**
 * Lines and files on the data channel. What was not acknowledged is sent again on the next connection, also after a reload.
 */
import { KeptFiles } from "/pages/kept_files.js";
import { sendPhoto } from "/pages/photo_sender.js";

const SHOWN_LINES = 500;
const LINE_CHARACTERS = 2_000;

/**
 * @typedef {object} Line
 * @property {string} id
 * @property {"me" | "clinician"} from
 * @property {string} text
 * @property {number} sent_ms
 * @property {"sending" | "received" | "unsent"} state
 * @property {Blob} [photo] a photo, a spoken or a filmed message
 * @property {boolean} [kept] whether the file is kept over a reload
 */

/**
 * Events: `line` (detail: Line, new or changed), `step` (detail: {step, why, cause}), `still` (detail: JPEG in Base64), `notice` (detail: kind),
 * `remote-media` (detail: {microphone, camera}), `stethoscope` (detail: {on, bitsPerS}).
 */
export class Chat extends EventTarget {
  /** @param {string} visitId */
  constructor(visitId) {
    super();
    this.visitId = visitId;
    this.key = `chat-${visitId}`;
    /** @type {Line[]} */
    this.lines = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    /** @type {RTCDataChannel | null} */
    this.channel = null;
    this.sending = Promise.resolve();
    this.kept = new KeptFiles(visitId);
    /** Files wait while the link carries no more than a thin voice. */
    this.holding = false;
    /** @type {Set<string>} files that are on their way on this channel */
    this.onTheWay = new Set();
    /** @type {WeakSet<RTCDataChannel>} */
    this.heard = new WeakSet();
  }

  /**
   * Takes the channel of a connection and repeats what is not safe yet; one that was taken before may come again.
   *
   * @param {RTCDataChannel} channel
   * @param {import("/pages/media_devices.js").LocalMedia} media
   */
  use(channel, media) {
    if (channel.label !== "chat") return;
    channel.binaryType = "arraybuffer";
    if (channel === this.channel) return;
    if (!this.heard.has(channel)) channel.addEventListener("message", (event) => this.#take(channel, event.data));
    this.heard.add(channel);
    const opened = () => {
      this.channel = channel;
      this.onTheWay.clear();
      this.tellMedia(media);
      for (const line of this.lines) if (line.from === "me" && line.state === "sending") this.#dispatch(line);
    };
    if (channel.readyState === "open") opened();
    else channel.addEventListener("open", opened);
  }

  /** @param {string} text */
  write(text) {
    const line = /** @type {Line} */ ({ id: crypto.randomUUID(), from: "me", text: text.slice(0, LINE_CHARACTERS), sent_ms: Date.now(), state: "sending" });
    this.#add(line);
    this.#dispatch(line);
  }

  /**
   * Sends a photo, or a spoken or filmed message; it is kept until the clinic has it.
   *
   * @param {Blob} photo
   * @param {string} words what the line says
   */
  sendFile(photo, words) {
    const line = /** @type {Line} */ ({ id: crypto.randomUUID(), from: "me", text: words, sent_ms: Date.now(), state: "sending", photo });
    this.#add(line);
    this.kept.keep(line.id, photo).then((kept) => {
      line.kept = kept;
      if (line.state === "received") this.kept.remove(line.id);
      this.#keep();
    });
    this.#dispatch(line);
  }

  /** @param {boolean} holding whether files wait: a thin link is left to the voice and to what is written */
  hold(holding) {
    this.holding = holding;
    if (holding) return;
    for (const line of this.lines) if (line.state === "sending" && (line.photo || line.kept)) this.#dispatch(line);
  }

  /** @param {import("/pages/media_devices.js").LocalMedia} media */
  tellMedia(media) {
    this.#send({ type: "media-state", microphone: Boolean(media.microphone && media.microphoneOn), camera: Boolean(media.camera && media.cameraOn) });
  }

  /** Whether nothing waits to be sent. */
  get idle() {
    return this.channel?.readyState === "open" && this.channel.bufferedAmount === 0;
  }

  /** Sends what is of the moment and never repeated. @param {Record<string, unknown>} frame */
  tell(frame) {
    this.#send(frame);
  }

  /**
   * Ends the chat: forgets what the clinic has, keeps all else sealed over the closing of this page.
   *
   * @returns {Promise<Line[]>} what the clinic does not have; a file that is not here any more has no `photo`
   */
  async settle() {
    this.lines = this.lines.filter(({ from, state }) => from === "me" && state !== "received");
    for (const line of this.lines) {
      if (line.photo || line.kept) line.photo ??= (await this.kept.open(line.id)) ?? undefined;
      else if (line.state === "sending") await this.kept.keep(line.id, new Blob([line.text], { type: "text/plain" }));
    }
    for (const { id, type } of await this.kept.list()) {
      const photo = this.lines.some((line) => line.id === id) ? null : await this.kept.open(id);
      if (photo) this.lines.push({ id, from: "me", text: type === "text/plain" ? await photo.text() : "", sent_ms: 0, state: "unsent", photo, kept: true });
    }
    if (this.lines.length) this.#keep();
    else await this.forget();
    return this.lines;
  }

  /** The clinic got a line after the end of the visit, so it need not stay here. @param {string} id */
  async delivered(id) {
    this.lines = this.lines.filter((line) => line.id !== id);
    await this.kept.remove(id);
    if (this.lines.length) this.#keep();
    else await this.forget();
  }

  /** Forgets the lines and the files of this visit, also those that the clinic does not have. */
  async forget() {
    this.lines = [];
    sessionStorage.removeItem(this.key);
    await this.kept.forget();
  }

  /** @param {Line} line */
  #dispatch(line) {
    const channel = this.channel;
    if (!channel) return;
    if (!line.photo && !line.kept) this.#send({ type: "chat-line", id: line.id, text: line.text, sentMs: line.sent_ms });
    else if (!this.holding && !this.onTheWay.has(line.id)) {
      this.onTheWay.add(line.id);
      this.sending = this.sending.then(() => this.#sendFile(channel, line)).catch(() => undefined); // goes again on the next channel
    }
  }

  /** @param {RTCDataChannel} channel @param {Line} line */
  async #sendFile(channel, line) {
    line.photo ??= (await this.kept.open(line.id)) ?? undefined;
    if (line.photo) await sendPhoto(channel, line.id, line.photo);
    else {
      line.state = "unsent";
      line.kept = false;
      this.#keep();
      this.#tell("line", line);
    }
  }

  /** @param {Record<string, unknown>} frame */
  #send(frame) {
    if (this.channel?.readyState === "open") this.channel.send(JSON.stringify(frame));
  }

  /** @param {RTCDataChannel} channel @param {unknown} data */
  #take(channel, data) {
    if (typeof data !== "string") return;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame.type === "chat-line") this.#received(channel, frame);
    else if (frame.type === "chat-ack") this.#acknowledged(frame.id);
    else if (frame.type === "step") this.#tell("step", frame);
    else if (frame.type === "link-still") this.#tell("still", frame);
    else if (frame.type === "notice") this.#tell("notice", frame.kind);
    else if (frame.type === "stethoscope") this.#tell("stethoscope", frame);
    else if (frame.type === "media-state") this.#tell("remote-media", frame);
    else if (frame.type === "ping") channel.send(JSON.stringify({ type: "pong", n: frame.n }));
  }

  /** @param {RTCDataChannel} channel @param {{id: string, text: string, sentMs: number}} frame */
  #received(channel, frame) {
    if (!this.lines.some(({ id }) => id === frame.id)) {
      this.#add({ id: String(frame.id), from: "clinician", text: String(frame.text), sent_ms: Number(frame.sentMs), state: "received" });
    }
    if (channel.readyState === "open") channel.send(JSON.stringify({ type: "chat-ack", id: frame.id }));
  }

  /** @param {string} id */
  #acknowledged(id) {
    const line = this.lines.find((each) => each.id === id);
    if (!line || line.state === "received") return;
    line.state = "received";
    this.kept.remove(id);
    this.#keep();
    this.#tell("line", line);
  }

  /** @param {Line} line */
  #add(line) {
    this.lines.push(line);
    this.lines.splice(0, Math.max(0, this.lines.length - SHOWN_LINES));
    this.#keep();
    this.#tell("line", line);
  }

  /** Where a file could not be kept, the line says after a reload that it was not sent. */
  #keep() {
    const kept = this.lines.map(({ photo, ...line }) => (photo && !line.kept && line.state === "sending" ? { ...line, state: "unsent" } : line));
    sessionStorage.setItem(this.key, JSON.stringify(kept));
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
