/**
 * One generation of the call: the answer to one offer of the console.
 */
import { watchSilence } from "/pages/liveness.js";
import { fingerprintOf, makeNonce, matches, safetyWords } from "/pages/safety_code.js";
import { applyStep } from "/pages/step.js";

const SILENT_MS = 1_000;
const OVERDUE_MS = 2_500;
/** The channel closes at once when the other side goes; the end of the visit may be told just after. */
const CHANNEL_LOST_MS = 500;

/**
 * Lets the browser load what a call needs, while the patient waits: the first connection of a page costs it tens of
 * milliseconds more than the next one. Nothing is sent and no address is looked for.
 *
 * @param {import("/pages/media_devices.js").LocalMedia} media
 */
export async function warmUp(media) {
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    for (const kind of ["audio", "video"]) one.addTransceiver(kind, { direction: "sendrecv" });
    const offer = await one.createOffer();
    await other.setRemoteDescription(offer);
    for (const { sender, receiver } of other.getTransceivers()) {
      await sender.replaceTrack(receiver.track.kind === "video" ? media.camera : media.microphone);
    }
    await other.createAnswer();
  } catch {
    // then the call's own first connection does it
  } finally {
    one.close();
    other.close();
  }
}

/** An offer that could be answered, but nobody could tell with whom. */
export class UnsafeOffer extends Error {}

/**
 * Events: `media` (the first remote media plays), `channel` (detail: RTCDataChannel), `words` (detail: string[]), `unsafe`,
 * `silent` (nothing arrives), `overdue` (still nothing: another one is wanted, this one may come back all the same),
 * `back` (it arrives again), `lost` (it has ended).
 */
export class Connection extends EventTarget {
  /**
   * @param {number} generation
   * @param {RTCConfiguration} configuration
   * @param {(frame: import("/pages/signal.js").Frame) => void} send
   */
  constructor(generation, configuration, send) {
    super();
    this.generation = generation;
    this.send = send;
    this.nonce = makeNonce();
    this.commitment = "";
    this.theirs = "";
    this.stream = new MediaStream();
    this.hasMedia = false;
    this.closed = false;
    this.answered = false;
    this.silent = false;
    this.overdue = false;
    this.obeying = Promise.resolve();
    /** @type {string[] | null} */
    this.words = null;
    /** @type {RTCDataChannel | null} */
    this.channel = null;
    this.peer = new RTCPeerConnection(configuration);
    this.peer.addEventListener("track", (event) => this.#takeTrack(event.track));
    this.peer.addEventListener("datachannel", (event) => this.#takeChannel(event.channel));
    this.peer.addEventListener("icecandidate", (event) => this.#trickle(event.candidate));
    this.peer.addEventListener("connectionstatechange", () => this.#follow());
  }

  /**
   * Takes the offer and gives the answer's SDP.
   *
   * @param {{sdp: string, commitment?: string}} offer
   * @param {import("/pages/media_devices.js").LocalMedia} media
   * @returns {Promise<string>}
   */
  async answer(offer, media) {
    this.commitment = offer.commitment ?? "";
    this.theirs = fingerprintOf(offer.sdp);
    if (!this.theirs) throw new UnsafeOffer("the offer does not say clearly whose it is");
    await this.peer.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    for (const transceiver of this.peer.getTransceivers()) {
      transceiver.direction = "sendrecv";
      if (transceiver.receiver.track.kind === "video") preferVp8(transceiver);
    }
    await this.setTracks(media);
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    this.answered = true; // without waiting for addresses: what is known by now stands in it, the others follow
    return this.peer.localDescription?.sdp ?? "";
  }

  /** @param {import("/pages/media_devices.js").LocalMedia} media */
  async setTracks(media) {
    const changes = this.peer.getTransceivers().map(async ({ receiver, sender }) => {
      const track = receiver.track.kind === "video" ? media.camera : media.microphone;
      if (sender.track !== track) await sender.replaceTrack(track);
    });
    await Promise.all(changes);
  }

  /** @param {string} candidate @param {string} sdpMid @param {number} sdpMLineIndex */
  async addCandidate(candidate, sdpMid, sdpMLineIndex) {
    if (candidate) await this.peer.addIceCandidate({ candidate, sdpMid: sdpMid || null, sdpMLineIndex }).catch(() => undefined);
  }

  /**
   * The console's nonce: shows the words once the certificates are proved too, or stops a connection that is not what it says.
   *
   * @param {string} nonce
   */
  async reveal(nonce) {
    const fingerprints = { console: this.theirs, page: fingerprintOf(this.peer.localDescription?.sdp ?? "") };
    if (!fingerprints.page || !(await matches(this.commitment, nonce))) {
      this.#tell("unsafe", null);
      return;
    }
    this.words = await safetyWords(fingerprints, { console: nonce, page: this.nonce });
    this.#tellWords();
  }

  /** @param {string} step of the ladder @param {number} whole_bits_per_s of sound as it is, 0 = a voice */
  async setStep(step, whole_bits_per_s) {
    const before = this.obeying;
    this.obeying = before.then(() => (this.closed ? undefined : applyStep(this.peer, step, whole_bits_per_s))).catch(() => undefined);
    await this.obeying;
  }

  /** Whether the browsers have found and proved each other. */
  get connected() {
    return !this.closed && this.peer.connectionState === "connected";
  }

  close() {
    this.closed = true;
    this.unwatch?.();
    this.peer.close();
  }

  /** @param {MediaStreamTrack} track */
  #takeTrack(track) {
    this.stream.addTrack(track);
    track.addEventListener("unmute", () => this.#mediaCame());
    if (!track.muted) this.#mediaCame();
  }

  /** @param {RTCDataChannel} channel */
  #takeChannel(channel) {
    this.channel = channel;
    this.#tell("channel", channel);
    channel.addEventListener("close", () => setTimeout(() => { if (!this.closed) this.#tell("lost", null); }, CHANNEL_LOST_MS));
  }

  #mediaCame() {
    if (this.hasMedia || this.closed) return;
    this.hasMedia = true;
    this.#tell("media", null);
    this.unwatch = watchSilence(this.peer, (silent_ms) => this.#judge(silent_ms));
  }

  /** @param {RTCIceCandidate | null} candidate */
  #trickle(candidate) {
    if (!candidate?.candidate || !this.answered) return; // earlier ones stand in the answer itself
    this.send({
      type: "candidate", generation: this.generation, candidate: candidate.candidate,
      sdpMid: candidate.sdpMid ?? "", sdpMLineIndex: candidate.sdpMLineIndex ?? 0,
    });
  }

  #tellWords() {
    if (!this.words || this.closed || this.peer.connectionState !== "connected") return;
    this.#tell("words", this.words);
    this.words = null;
  }

  #follow() {
    this.#tellWords();
    const state = this.peer.connectionState;
    if (this.closed || (state !== "failed" && state !== "closed")) return;
    // DTLS fails when the other side has another certificate than the offer named
    const unproved = this.peer.getSenders().some(({ transport }) => transport?.state === "failed");
    this.#tell(unproved && !this.hasMedia ? "unsafe" : "lost", null);
  }

  /** @param {number} silent_ms */
  #judge(silent_ms) {
    if (this.closed) return;
    if (silent_ms < SILENT_MS) {
      const was = this.silent;
      this.silent = this.overdue = false;
      if (was) this.#tell("back", null);
      return;
    }
    if (!this.silent) {
      this.silent = true;
      this.#tell("silent", null);
    }
    if (silent_ms >= OVERDUE_MS && !this.overdue) {
      this.overdue = true;
      this.#tell("overdue", null);
    }
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {RTCRtpTransceiver} transceiver */
function preferVp8(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const first = codecs.filter((codec) => codec.mimeType === "video/VP8");
  const repair = codecs.filter(({ mimeType }) => ["video/red", "video/rtx", "video/ulpfec"].includes(mimeType));
  if (first.length && transceiver.setCodecPreferences) transceiver.setCodecPreferences([...first, ...repair]);
}
