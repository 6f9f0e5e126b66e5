/**
 * Lines and photos on the data channel. What was not acknowledged is sent again on the next connection, also after a reload.
 */
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
 * @property {Blob} [photo]
 */

/**
 * Events: `line` (detail: Line, new or changed), `step` (detail: {step, why, cause}), `still` (detail: JPEG in Base64), `notice` (detail: kind),
 * `remote-media` (detail: {microphone, camera}).
 */
export class Chat extends EventTarget {
  /** @param {string} visitId */
  constructor(visitId) {
    super();
    this.key = `chat-${visitId}`;
    /** @type {Line[]} */
    this.lines = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    /** @type {RTCDataChannel | null} */
    this.channel = null;
    this.sending = Promise.resolve();
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
   * Sends a photo.
   *
   * @param {Blob} photo JPEG or PNG
   * @param {string} words what the line says
   */
  sendPhoto(photo, words) {
    const line = /** @type {Line} */ ({ id: crypto.randomUUID(), from: "me", text: words, sent_ms: Date.now(), state: "sending", photo });
    this.#add(line);
    this.#dispatch(line);
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

  /** Forgets the lines; the clinic has them. */
  forget() {
    sessionStorage.removeItem(this.key);
  }

  /** @param {Line} line */
  #dispatch(line) {
    const channel = this.channel;
    if (!channel) return;
    if (!line.photo) this.#send({ type: "chat-line", id: line.id, text: line.text, sentMs: line.sent_ms });
    else {
      const photo = line.photo;
      this.sending = this.sending.then(() => sendPhoto(channel, line.id, photo)).catch(() => undefined); // goes again on the next channel
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
    else if (frame.type === "link-still") this.#tell("still", frame.jpeg);
    else if (frame.type === "notice") this.#tell("notice", frame.kind);
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

  /** Photos are too big to keep over a reload; after one, a line says that its photo was not sent. */
  #keep() {
    const kept = this.lines.map(({ photo, ...line }) => (photo && line.state === "sending" ? { ...line, state: "unsent" } : line));
    sessionStorage.setItem(this.key, JSON.stringify(kept));
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
