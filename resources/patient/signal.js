/**
 * The one WebSocket of this page: hello, ping, and a new connection whenever the old one breaks.
 */

const VERSION = 1;
const PING_MS = 10_000;
const SILENCE_MS = 25_000;
const CHECK_MS = 1_200;
const CONNECT_MS = 3_000;
const BACK_OFF_MS = [200, 500, 1_000, 2_000, 4_000, 8_000];
const TAKEN_OVER = 4001;
const FRAME_CHARACTERS = 1 << 20;

/** @typedef {{type: string, [key: string]: any}} Frame */

/**
 * Events: `frame` (CustomEvent, detail is the frame), `state` (detail is "open" or "away").
 */
export class Signal extends EventTarget {
  /** @param {"visit" | "submit"} page */
  constructor(page) {
    super();
    this.page = page;
    this.pageId = crypto.randomUUID();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.ended = false;
    this.failures = 0;
    this.pings = 0;
    this.heard_ms = 0;
    this.opened_ms = 0;
    /** @type {Map<number, () => void>} */
    this.waitingPongs = new Map();
    this.timer = setInterval(() => this.#watch(), PING_MS / 2);
    this.onLine = () => this.check();
    window.addEventListener("online", this.onLine);
  }

  /** Connects, and goes on connecting until `close`. */
  open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/signal`);
    this.socket = socket;
    this.opened_ms = performance.now();
    socket.addEventListener("open", () => {
      this.failures = 0;
      this.heard_ms = performance.now();
      this.send({ type: "patient-hello", version: VERSION, page: this.page, pageId: this.pageId });
      this.#tell("state", "open");
    });
    socket.addEventListener("message", (event) => this.#take(event.data));
    socket.addEventListener("close", (event) => this.#lost(socket, event.code));
  }

  /**
   * Sends a frame now; false when there is no connection.
   *
   * @param {Frame} frame
   * @returns {boolean}
   */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /**
   * The time to the gateway and back.
   *
   * @param {number} deadline_ms
   * @returns {Promise<number | null>} milliseconds, null when no answer came
   */
  roundTrip(deadline_ms = 4_000) {
    return new Promise((resolve) => {
      const n = ++this.pings;
      const started_ms = performance.now();
      const finish = (/** @type {number | null} */ time_ms) => {
        clearTimeout(timer);
        this.waitingPongs.delete(n);
        resolve(time_ms);
      };
      const timer = setTimeout(() => finish(null), deadline_ms);
      this.waitingPongs.set(n, () => finish(performance.now() - started_ms));
      if (!this.send({ type: "ping", n })) finish(null);
    });
  }

  /** Looks now whether the connection still stands: a network that went away tells nobody. */
  async check() {
    const socket = this.socket;
    if (!socket) {
      this.#connectNow();
      return;
    }
    if (socket.readyState === WebSocket.OPEN ? (await this.roundTrip(CHECK_MS)) !== null : performance.now() - this.opened_ms < CONNECT_MS) return;
    if (socket !== this.socket) return;
    this.socket = null;
    socket.close();
    this.#tell("state", "away");
    this.#connectNow();
  }

  /** Ends the connection for good. */
  close() {
    this.ended = true;
    clearInterval(this.timer);
    window.removeEventListener("online", this.onLine);
    this.socket?.close(1000);
  }

  /** @param {unknown} data */
  #take(data) {
    this.heard_ms = performance.now();
    if (typeof data !== "string" || data.length > FRAME_CHARACTERS) return;
    const frame = readFrame(data);
    if (!frame) return;
    if (frame.type === "ping") this.send({ type: "pong", n: frame.n });
    else if (frame.type === "pong") {
      this.waitingPongs.get(frame.n)?.();
    } else this.#tell("frame", frame);
  }

  /** @param {WebSocket} socket @param {number} code */
  #lost(socket, code) {
    if (socket !== this.socket || this.ended) return;
    this.socket = null;
    this.#tell("state", "away");
    if (code === TAKEN_OVER) {
      this.close();
      this.#tell("frame", { type: "visit-ended", reason: "opened-elsewhere" });
      return;
    }
    const pause_ms = BACK_OFF_MS[Math.min(this.failures++, BACK_OFF_MS.length - 1)];
    setTimeout(() => this.#connectNow(), pause_ms * (0.8 + Math.random() * 0.4));
  }

  #connectNow() {
    if (!this.ended && !this.socket) this.open();
  }

  #watch() {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    const silence_ms = performance.now() - this.heard_ms;
    if (silence_ms > SILENCE_MS) {
      socket.close();
      this.#lost(socket, 1006);
    } else if (silence_ms > PING_MS) this.send({ type: "ping", n: ++this.pings });
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {string} text @returns {Frame | null} */
function readFrame(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value.type === "string" ? value : null;
  } catch {
    return null;
  }
}
