/**
 * The visit page: which step comes when.
 */
import { Call } from "/pages/call.js";
import { CallView } from "/pages/call_view.js";
import { Chat } from "/pages/chat.js";
import { warmUp } from "/pages/connection.js";
import { askConsent } from "/pages/consent.js";
import { deviceCheck } from "/pages/device_check.js";
import { showEnded } from "/pages/ended.js";
import { LateDelivery } from "/pages/late_delivery.js";
import { showUnsent } from "/pages/unsent.js";
import { button } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { LocalMedia } from "/pages/media_devices.js";
import { exchange, resume, tokenOfLink } from "/pages/session.js";
import { Shell, announce } from "/pages/shell.js";
import { Signal } from "/pages/signal.js";
import { Sound } from "/pages/sound.js";
import { WaitingRoom } from "/pages/waiting.js";
import { welcome } from "/pages/welcome.js";

/** @typedef {import("/pages/signal.js").Frame} Frame */

/** The screen of the call waits so long, at most, for the first offer and its answer. */
const ANSWER_BEFORE_MS = 250;

class VisitPage {
  constructor() {
    this.shell = new Shell(/** @type {HTMLElement} */ (document.getElementById("page")));
    this.media = new LocalMedia();
    this.sound = new Sound();
    this.signal = new Signal("visit");
    /** "welcome", "preparing", "waiting", "call" or "ended" */
    this.stage = "welcome";
    this.clinician = "";
    /** @type {Call | null} */
    this.call = null;
    /** @type {CallView | null} */
    this.view = null;
    /** @type {WaitingRoom | null} */
    this.room = null;
    /** @type {import("/pages/waiting.js").Message[]} */
    this.messages = [];
    this.admittedEarly = false;
    /** @type {Frame | null} */
    this.earlyOffer = null;
    this.outcome = "unchecked";
    this.signal.addEventListener("frame", (event) => this.#take(/** @type {CustomEvent<Frame>} */ (event).detail));
    this.signal.addEventListener("state", (event) => this.#connection(/** @type {CustomEvent} */ (event).detail === "open"));
  }

  async start() {
    let session;
    try {
      session = await resume("visit");
    } catch {
      this.#showNoNetwork();
      return;
    }
    session ??= await joined();
    session ??= await welcome(this.shell, "visit", () => this.sound.start());
    this.shell.clinic = session.clinic;
    this.clinician = session.clinician;
    this.stage = "preparing";
    this.signal.open();
  }

  #showNoNetwork() {
    this.shell.show({ title: t("offline.title"), lead: t("problem.no-network"), actions: [button(t("offline.again"), () => location.reload(), { kind: "primary" })] });
  }

  /** @param {Frame} frame */
  #take(frame) {
    if (this.stage === "ended") return;
    if (frame.type === "patient-welcome") this.#welcomed(frame);
    else if (frame.type === "clinician-state") this.room?.setState(frame.state);
    else if (frame.type === "waiting-message") this.#message(frame);
    else if (frame.type === "prepared") this.#prepared(frame);
    else if (frame.type === "admitted") this.#admitted(frame);
    else if (frame.type === "visit-ended") this.#end(frame.reason);
    else if (this.call) this.call.take(frame);
    else if (frame.type === "offer") this.earlyOffer = frame; // comes with the admission, maybe before the devices are open
  }

  /** The first welcome begins a step; later ones (the socket came back) only bring the room up to date. @param {Frame} frame */
  #welcomed(frame) {
    this.visitId = frame.visitId;
    this.clinicianState = frame.clinicianState;
    this.start_ms = frame.startMs ?? 0;
    if (this.room) this.room.setState(frame.clinicianState);
    if (frame.stage === "ended") this.#end("ended-by-clinician");
    else if (this.begun) this.#repeatStage(frame.stage);
    else {
      this.begun = true;
      if (frame.stage !== "in-call") this.#deliverLate();
      this.#begin(frame.stage);
    }
  }

  /** @param {string} stage where the gateway last saw this patient */
  async #begin(stage) {
    const known = stage === "waiting" || stage === "in-call" || stage === "interrupted";
    if (known) {
      this.shell.show({ title: t("back.title"), lead: t("back.lead") });
      await this.media.open();
      this.outcome = this.media.outcome();
      this.signal.send({ type: "device-report", result: this.outcome });
    } else await this.#prepare();
    if (this.stage === "ended") return;
    if (this.admittedEarly) this.#startCall();
    else if (stage === "in-call" || stage === "interrupted") this.stage = "waiting-for-admitted";
    else this.#wait();
  }

  /** Of a call that this person has left, before the next one, which carries what is left. */
  async #deliverLate() {
    const chat = new Chat(this.visitId ?? "");
    await chat.settle();
    if (this.stage !== "preparing" && this.stage !== "waiting") return;
    this.late = new LateDelivery(chat);
    await this.late.run();
  }

  async #prepare() {
    do {
      this.outcome = await deviceCheck(this.shell, this.media, this.sound, this.signal);
      this.signal.send({ type: "device-report", result: this.outcome });
    } while (!(await askConsent(this.shell, this.clinician)));
    this.consented = true;
  }

  #wait() {
    this.stage = "waiting";
    this.signal.send({ type: "enter-waiting-room", consented: true });
    const visit = { clinician: this.clinician, start_ms: this.start_ms ?? 0, outcome: this.outcome };
    this.room = new WaitingRoom(this.shell, visit, () => this.#leave());
    this.room.state = this.clinicianState ?? "available";
    this.room.show();
    for (const message of this.messages.splice(0)) this.room.add(message);
    this.#stayAwake();
    warmUp(this.media);
  }

  /** @param {string} stage */
  #repeatStage(stage) {
    if (this.stage === "waiting" && stage !== "in-call") {
      this.signal.send({ type: "device-report", result: this.outcome });
      this.signal.send({ type: "enter-waiting-room", consented: true });
    }
  }

  /** @param {Frame} frame */
  #message(frame) {
    this.signal.send({ type: "delivered", visitId: this.visitId, messageId: frame.messageId });
    const message = { id: frame.messageId, text: frame.text, sent_ms: frame.sentMs };
    if (this.room) this.room.add(message);
    else this.messages.push(message);
  }

  /** The console wants to connect while the patient waits; nothing of them is sent before they are let in. @param {Frame} frame */
  #prepared(frame) {
    if (this.stage === "call" || !this.visitId) return;
    this.call ??= new Call(this.visitId, this.signal, this.media);
    this.call.iceServers = (frame.iceServers ?? []).map(iceServer);
  }

  /** @param {Frame} frame */
  #admitted(frame) {
    this.iceServers = (frame.iceServers ?? []).map(iceServer);
    this.relayOnly = frame.relayOnly ?? false;
    if (this.stage === "call" && this.call) {
      this.call.iceServers = this.iceServers;
      this.call.relayOnly = this.relayOnly;
      this.call.requestOffer();
    } else if (this.stage === "preparing") this.admittedEarly = true;
    else this.#startCall();
  }

  /** What is sent, or the offer that comes with the admission, comes first: the screen takes as long to build. */
  async #startCall() {
    this.room?.close();
    this.room = null;
    this.late?.stop();
    this.stage = "call";
    this.call ??= new Call(this.visitId ?? "", this.signal, this.media);
    this.call.iceServers = this.iceServers ?? [];
    this.call.relayOnly = this.relayOnly ?? false;
    const sending = this.call.admit();
    const chat = new Chat(this.visitId ?? "");
    this.chat = chat;
    this.view = new CallView(this.shell, this.clinician, this.media, this.call, chat, () => this.#leave());
    this.call.begin(chat);
    if (this.earlyOffer) this.call.take(this.earlyOffer);
    this.#stayAwake();
    await Promise.race([Promise.all([sending, this.call.firstAnswer]), new Promise((late) => setTimeout(late, ANSWER_BEFORE_MS))]);
    if (this.stage !== "call") return;
    this.view.show();
    this.call.requestOffer();
    this.sound.play([659, 784]);
    announce(t("call.begins", { clinician: this.clinician }), { urgent: true });
  }

  /** @param {boolean} here */
  #connection(here) {
    this.room?.setConnected(here);
    this.view?.setConnected(here);
  }

  #leave() {
    this.signal.send({ type: "patient-leave" });
    this.#end(this.stage === "call" ? "ended-by-patient" : "left");
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.stage === "ended") return;
    this.stage = "ended";
    this.room?.close();
    this.view?.close();
    this.call?.close();
    this.media.stop();
    this.signal.close();
    this.late?.stop();
    this.lock?.release().catch(() => undefined);
    showEnded(this.shell, reason, this.clinician);
    if (reason !== "opened-elsewhere" && this.visitId) showUnsent(this.chat ?? new Chat(this.visitId));
  }

  /** Keeps the screen on while a person waits or talks; browsers without it lose nothing else. */
  async #stayAwake() {
    try {
      this.lock = await navigator.wakeLock?.request("screen");
    } catch {
      this.lock = undefined; // battery saver says no
    }
  }
}

/** The session of a person who pressed "Join" on their submission page; that press was theirs, so none is asked for again. */
async function joined() {
  const token = sessionStorage.getItem("joining");
  sessionStorage.removeItem("joining");
  if (!token || token !== tokenOfLink()) return null;
  return exchange("visit").catch(() => null); // the welcome page asks and tells what is wrong
}

/** @param {{urls: string[], username?: string, credential?: string}} server @returns {RTCIceServer} */
function iceServer({ urls, username, credential }) {
  return username ? { urls, username, credential } : { urls };
}

new VisitPage().start();
