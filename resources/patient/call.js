/**
 * The call: a new connection for each offer, the old one kept until the new one has media.
 *
 * The first one may be made while the patient waits; nothing of camera or microphone is on it before they are let in.
 */
import { Connection, UnsafeOffer } from "/pages/connection.js";
import { reportLink } from "/pages/link_report.js";
import { RelayWatch } from "/pages/relay_watch.js";
import { Starving } from "/pages/starving.js";
import { hasPicture } from "/pages/step.js";

const ASK_AGAIN_MS = 4_000;
/** An offered connection that has no media after so long is not waited for. */
const CONNECT_MS = 12_000;
/** While nothing arrives, another one is asked for sooner: an address may have been gone already. */
const CONNECT_AGAIN_MS = 6_000;
/** What a connection sends of a patient who waits. */
const NOTHING = /** @type {import("/pages/media_devices.js").LocalMedia} */ (/** @type {unknown} */ ({ camera: null, microphone: null }));

/**
 * Events: `stream` (detail: MediaStream to show), `words` (detail: string[]), `unsafe`, `reconnecting`, `connected`,
 * `relay-away` (calls may go over the clinic's relay only, and it does not answer this browser), `relay-back`.
 */
export class Call extends EventTarget {
  /**
   * @param {string} visitId
   * @param {import("/pages/signal.js").Signal} signal
   * @param {import("/pages/media_devices.js").LocalMedia} media
   */
  constructor(visitId, signal, media) {
    super();
    this.visitId = visitId;
    this.signal = signal;
    this.media = media;
    /** Whether the patient was let in: before that nothing of them is sent. */
    this.admitted = false;
    /** There once the call has a screen. @type {import("/pages/chat.js").Chat | null} */
    this.chat = null;
    /** Of the connection that was made before. @type {string[] | null} */
    this.earlyWords = null;
    /** @type {RTCIceServer[]} */
    this.iceServers = [];
    this.relayOnly = false;
    /** @type {Connection | null} */
    this.current = null;
    /** @type {Connection | null} */
    this.next = null;
    this.newest = 0;
    this.offered_ms = 0;
    this.step = "720p";
    this.starving = new Starving();
    this.relays = new RelayWatch((name) => this.#tell(name, null));
    /** Of the microphone, when it goes out as it is; 0 = as a voice. */
    this.wholeBits_per_s = 0;
    this.closed = false;
    /** Fulfilled when the first offer has been answered, or can't be. @type {Promise<void>} */
    this.firstAnswer = new Promise((done) => { this.answered = done; });
    this.onMedia = () => this.#mediaChanged();
    media.addEventListener("change", this.onMedia);
    this.onSignal = (/** @type {Event} */ event) => {
      const isOpen = /** @type {CustomEvent} */ (event).detail === "open";
      if (isOpen && this.current) this.requestOffer(); // what was asked meanwhile may never have come to the gateway
    };
    signal.addEventListener("state", this.onSignal);
  }

  /**
   * The patient is let in: camera and microphone are sent from now on, over what was connected meanwhile if it works.
   *
   * @returns {Promise<void>} fulfilled when they are, or can't be
   */
  async admit() {
    this.admitted = true;
    const connection = this.next;
    if (!connection) return;
    if (!connection.connected) {
      this.#dropNext(); // the console does not wait for it, and offers another one
      return;
    }
    this.offered_ms = performance.now();
    await connection.setTracks(this.media).catch(() => this.#gaveUp(connection));
  }

  /**
   * There is a screen to show the call on. Comes right after `admit`.
   *
   * @param {import("/pages/chat.js").Chat} chat
   */
  begin(chat) {
    this.chat = chat;
    const connection = this.next;
    if (!connection) return;
    if (connection.channel) chat.use(connection.channel, this.media);
    if (this.earlyWords) this.#tell("words", this.earlyWords);
    if (connection.hasMedia) this.#promote(connection);
  }

  /** Tells the console that this page is ready, until a connection stands. */
  requestOffer() {
    clearTimeout(this.askTimer);
    if (this.closed || !this.chat || this.working) return;
    if (this.current) this.signal.check();
    if (!this.next || performance.now() - this.offered_ms > (this.current ? CONNECT_AGAIN_MS : CONNECT_MS)) this.#send({ type: "request-offer" });
    this.askTimer = setTimeout(() => this.#askAgain(), ASK_AGAIN_MS);
  }

  #askAgain() {
    this.relays.look(this);
    this.requestOffer();
  }

  /** Whether sound and picture flow now. */
  get working() {
    return this.current !== null && !this.current.silent;
  }

  /** @param {import("/pages/signal.js").Frame} frame */
  async take(frame) {
    const generation = frame.generation ?? 0;
    if (frame.type === "offer") await this.#takeOffer(frame);
    const target = [this.next, this.current].find((each) => each?.generation === generation);
    if (frame.type === "withdraw" && target === this.next) this.#dropNext();
    else if (frame.type === "reveal") await target?.reveal(frame.nonce);
    else if (frame.type === "candidate") await target?.addCandidate(frame.candidate, frame.sdpMid ?? "", frame.sdpMLineIndex ?? 0);
  }

  /** @param {string} step of the ladder, as the console told it */
  async setStep(step) {
    this.step = step;
    this.starving.end();
    await this.current?.setStep(step, this.wholeBits_per_s);
  }

  /** @param {number} bits_per_s for heart and lung sounds as they are; 0 = a voice */
  async sendWhole(bits_per_s) {
    this.wholeBits_per_s = bits_per_s;
    await this.current?.setStep(this.step, bits_per_s);
  }

  close() {
    this.closed = true;
    clearTimeout(this.askTimer);
    this.stopReport?.();
    this.media.removeEventListener("change", this.onMedia);
    this.signal.removeEventListener("state", this.onSignal);
    this.next?.close();
    this.current?.close();
  }

  /** @returns {RTCConfiguration} what the clinic wants */
  #configuration() {
    return { iceServers: this.iceServers, iceTransportPolicy: this.relayOnly ? "relay" : "all", bundlePolicy: "max-bundle" };
  }

  /** @param {import("/pages/signal.js").Frame} offer */
  async #takeOffer(offer) {
    if (this.closed || offer.generation <= this.newest) return;
    this.newest = offer.generation;
    this.offered_ms = performance.now();
    this.next?.close();
    const connection = new Connection(offer.generation, this.#configuration(), (frame) => this.#send(frame));
    this.next = connection;
    this.#listen(connection);
    setTimeout(() => this.#forget(connection), CONNECT_MS);
    try {
      const sdp = await connection.answer(/** @type {any} */ (offer), this.admitted ? this.media : NOTHING);
      if (!connection.closed) this.#send({ type: "answer", generation: offer.generation, sdp, nonce: connection.nonce });
    } catch (error) {
      if (error instanceof UnsafeOffer) this.#refuse(connection);
      else this.#gaveUp(connection); // an offer this browser can't read: ask for another one
    } finally {
      this.answered?.();
    }
  }

  /** @param {Connection} connection */
  #listen(connection) {
    connection.addEventListener("media", () => this.#promote(connection));
    connection.addEventListener("channel", (event) => this.chat?.use(/** @type {CustomEvent} */ (event).detail, this.media));
    connection.addEventListener("words", (event) => this.#showWords(/** @type {CustomEvent<string[]>} */ (event).detail));
    connection.addEventListener("unsafe", () => this.#refuse(connection));
    connection.addEventListener("lost", () => this.#gaveUp(connection));
    connection.addEventListener("silent", () => {
      if (connection !== this.current) return;
      this.#tell("reconnecting", null);
      this.signal.check();
    });
    connection.addEventListener("overdue", () => {
      if (connection === this.current) this.#askAgain();
    });
    connection.addEventListener("back", () => this.#isBack(connection));
  }

  /** @param {Connection} connection */
  #promote(connection) {
    if (connection !== this.next || !this.chat) return;
    const old = this.current;
    this.current = connection;
    this.next = null;
    this.#tell("stream", connection.stream);
    this.#tell("connected", null);
    connection.setStep(this.step, this.wholeBits_per_s);
    this.stopReport?.();
    this.starving = new Starving();
    this.stopReport = reportLink(connection.peer, (frame) => {
      this.chat?.tell(frame);
      this.#starve(Number(frame.estimateBps), connection);
    });
    clearTimeout(this.askTimer);
    old?.close();
  }

  /** @param {number} estimate_bps @param {Connection} connection */
  #starve(estimate_bps, connection) {
    if (!hasPicture(this.step) || connection !== this.current) return;
    if (this.starving.take(estimate_bps)) connection.setStep(this.starving.on ? "voice-and-stills" : this.step, this.wholeBits_per_s);
  }

  /** The old connection came back before the new one had media. @param {Connection} connection */
  #isBack(connection) {
    if (connection !== this.current) return;
    clearTimeout(this.askTimer);
    this.#tell("connected", null);
    if (connection.channel) this.chat?.use(connection.channel, this.media);
  }

  /** @param {string[]} words */
  #showWords(words) {
    if (this.chat) this.#tell("words", words);
    else this.earlyWords = words;
  }

  /** An offer that came to nothing while the call goes on over the old connection. @param {Connection} connection */
  #forget(connection) {
    if (connection === this.next && this.working && connection.peer.connectionState !== "connected") this.#dropNext();
  }

  #dropNext() {
    this.next?.close();
    this.next = null;
    if (this.current?.channel) this.chat?.use(this.current.channel, this.media);
  }

  /** @param {Connection} connection */
  #gaveUp(connection, { ask = true } = {}) {
    if (this.closed || connection.closed) return;
    connection.close();
    if (connection === this.next) this.next = null;
    if (connection === this.current) {
      this.current = null;
      this.#tell("reconnecting", null);
    }
    if (ask) this.requestOffer();
  }

  /** Nobody can tell who is at the other end; another one is asked for a little later. @param {Connection} connection */
  #refuse(connection) {
    if (this.closed || connection.closed) return;
    this.#gaveUp(connection, { ask: false });
    if (!this.chat) return; // the admission makes another one, which is looked at as well
    clearTimeout(this.askTimer);
    this.askTimer = setTimeout(() => this.requestOffer(), ASK_AGAIN_MS);
    this.#tell("unsafe", null);
  }

  async #mediaChanged() {
    if (!this.admitted) return;
    await this.current?.setTracks(this.media);
    await this.next?.setTracks(this.media);
    await this.current?.setStep(this.step, this.wholeBits_per_s); // another camera has another size
    this.chat?.tellMedia(this.media);
  }

  /** @param {import("/pages/signal.js").Frame} frame */
  #send(frame) {
    this.signal.send({ ...frame, visitId: this.visitId });
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
