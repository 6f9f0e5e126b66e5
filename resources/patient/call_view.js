/**
 * The screen of the call: their picture, your picture, and large buttons. Nothing lies over their face.
 */
import { ChatView } from "/pages/chat_view.js";
import { button, h, icon, line } from "/pages/dom.js";
import { minutesAndSeconds, t } from "/pages/i18n.js";
import { announce, banner } from "/pages/shell.js";
import { Stethoscope } from "/pages/stethoscope.js";
import { hasPicture, THIN } from "/pages/step.js";
import { StillPictures } from "/pages/still_pictures.js";

const STILL_SHOWN_MS = 6_000;
const REFUSED_SHOWN_MS = 15_000;
const STEPS = new Set(["720p", "360p", "180p", "audio-only", "voice-and-stills", "case"]);
const CAUSES = new Set(["start", "slow", "loss", "delay", "voice", "cpu", "gone", "chosen", "better"]);

export class CallView {
  /**
   * @param {import("/pages/shell.js").Shell} shell
   * @param {string} clinician
   * @param {import("/pages/media_devices.js").LocalMedia} media
   * @param {import("/pages/call.js").Call} call
   * @param {import("/pages/chat.js").Chat} chat
   * @param {() => void} end
   */
  constructor(shell, clinician, media, call, chat, end) {
    this.shell = shell;
    this.clinician = clinician;
    this.media = media;
    this.chat = chat;
    this.end = end;
    this.started_ms = Date.now();
    this.wasConnected = false;
    this.duration = h("span", { class: "duration" });
    this.remote = h("video", { class: "remote", playsinline: true, autoplay: true, "aria-label": t("call.their-picture", { clinician }) });
    this.self = h("video", { class: "self mirror", playsinline: true, autoplay: true, muted: true, "aria-label": t("call.your-picture") });
    this.self.muted = true;
    this.stills = new StillPictures(chat, this.self, () => Boolean(media.camera) && media.cameraOn, t("call.their-picture", { clinician }));
    this.selfWords = h("span", { class: "self-words" });
    this.veil = h("div", { class: "veil", role: "status" }, h("p", {}, t("call.connecting", { clinician })));
    this.noPicture = h("div", { class: "no-picture", hidden: true }, h("p", {}, t("call.no-picture", { clinician })));
    this.notices = h("div", { class: "notices", role: "status" });
    this.recording = h("p", { class: "recording", hidden: true }, icon("circle"), h("span", {}, t("call.recording")));
    this.quality = h("p", { class: "quality", hidden: true });
    this.stethoscope = new Stethoscope(media, call, chat);
    this.listening = h("div", { class: "listening", role: "status" });
    this.words = h("p", { class: "safety" }, h("span", {}, t("call.safety.none")));
    this.chatView = new ChatView(chat, clinician, media);
    this.microphoneButton = button("", () => media.setMicrophoneOn(!media.microphoneOn), { icon: "mic" });
    this.cameraButton = button("", () => this.#toggleCamera(), { icon: "video" });
    this.chatButton = button(t("call.chat"), () => this.#toggleChat(), { icon: "message-square" });
    this.onMedia = () => this.#showMedia();
    media.addEventListener("change", this.onMedia);
    this.#listen(call, chat);
  }

  show() {
    this.chatButton.setAttribute("aria-expanded", "false");
    const stage = h("div", { class: "stage" }, this.remote, this.noPicture, this.stills.element, this.veil, h("div", { class: "self-frame" }, this.self, this.selfWords));
    const controls = h("div", { class: "controls", role: "group", "aria-label": t("call.controls") },
      this.microphoneButton, this.cameraButton, this.chatButton,
      button(t("call.end"), () => this.#askEnd(), { kind: "danger", icon: "phone-off" }));
    this.shell.show({
      title: t("call.title", { clinician: this.clinician }),
      kind: "call",
      body: [h("div", { class: "call-head" }, this.duration, this.recording, this.quality), this.notices, this.listening, stage, controls, this.chatView.element,
        h("details", { class: "safety-box" }, h("summary", {}, t("call.safety")), h("div", {}, this.words, h("p", { class: "small" }, t("call.safety.why"))))],
    });
    this.timer = setInterval(() => this.#tick(), 1_000);
    this.#tick();
    this.#showMedia();
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.noticeTimer);
    clearTimeout(this.refusedTimer);
    this.stethoscope.close();
    this.media.removeEventListener("change", this.onMedia);
    this.chatView.close();
    this.stills.close();
    this.remote.srcObject = this.self.srcObject = null;
  }

  /** @param {boolean} here whether the gateway is reached; the call itself does not need it */
  setConnected(here) {
    if (here) this.notices.replaceChildren();
    else this.notices.replaceChildren(banner(t("call.offline")));
  }

  /** @param {import("/pages/call.js").Call} call @param {import("/pages/chat.js").Chat} chat */
  #listen(call, chat) {
    call.addEventListener("stream", (event) => this.#showRemote(/** @type {CustomEvent<MediaStream>} */ (event).detail));
    call.addEventListener("connected", () => {
      this.wasConnected = this.veil.hidden = true;
      this.#showQuality();
    });
    call.addEventListener("reconnecting", () => this.#showWaiting(call));
    for (const name of ["relay-away", "relay-back"]) call.addEventListener(name, () => this.#showWaiting(call));
    call.addEventListener("unsafe", () => {
      this.#showVeil(t("call.unsafe"));
      this.words.replaceChildren(h("span", {}, t("call.safety.none")));
    });
    call.addEventListener("words", (event) => {
      const words = /** @type {CustomEvent<string[]>} */ (event).detail;
      this.words.replaceChildren(icon("shield-check"), h("strong", {}, words.join(" · ")));
    });
    chat.addEventListener("notice", (event) => this.#notice(/** @type {CustomEvent<string>} */ (event).detail));
    chat.addEventListener("step", (event) => this.#showStep(call, /** @type {CustomEvent} */ (event).detail));
    this.stethoscope.addEventListener("change", () => this.#showStethoscope());
    chat.addEventListener("line", (event) => {
      const { from } = /** @type {CustomEvent} */ (event).detail;
      if (from === "clinician" && this.chatView.element.hidden) this.chatButton.classList.add("unread");
    });
  }

  /** @param {MediaStream} stream */
  async #showRemote(stream) {
    this.remote.srcObject = stream;
    try {
      await this.remote.play();
    } catch {
      const hear = button(t("call.hear"), () => { this.remote.play(); hear.remove(); }, { kind: "primary", icon: "volume-2" });
      this.notices.append(hear); // this browser plays sound only after a press
    }
  }

  /** Why nobody is seen and heard. @param {import("/pages/call.js").Call} call */
  #showWaiting({ relays }) {
    const waiting = this.wasConnected ? "call.reconnecting" : "call.connecting";
    this.#showVeil(t(relays.away ? "call.no-relay" : waiting, { clinician: this.clinician }));
  }

  /** @param {string} words */
  #showVeil(words) {
    if (!this.veil.hidden && this.veil.textContent === words) return; // a screen reader would say it again
    this.veil.hidden = false;
    this.veil.replaceChildren(h("p", {}, words));
    this.#showQuality();
  }

  /** @param {string} kind */
  #notice(kind) {
    if (kind === "recording-started" || kind === "recording-stopped") {
      this.recording.hidden = kind === "recording-stopped";
      announce(t(`call.notice.${kind}`), { urgent: true });
      return;
    }
    this.notices.replaceChildren(line("camera", t("call.notice.still-captured", { clinician: this.clinician })));
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => this.notices.replaceChildren(), STILL_SHOWN_MS);
  }

  /** What the clinic does with the microphone; why it could not stays a while. */
  #showStethoscope() {
    const { state } = this.stethoscope;
    const was = this.listened;
    this.listened = state;
    if (state === "off" && was === "refused") return;
    clearTimeout(this.refusedTimer);
    const words = t(`call.stethoscope.${state}`, { clinician: this.clinician });
    if (state === "off") {
      this.listening.replaceChildren();
      announce(words);
      return;
    }
    this.listening.replaceChildren(line("heart-pulse", words, state === "on" ? "" : "warn"));
    if (state === "refused") this.refusedTimer = setTimeout(() => this.listening.replaceChildren(), REFUSED_SHOWN_MS);
  }

  /** @param {import("/pages/call.js").Call} call @param {{step: string, cause?: string}} frame */
  #showStep(call, { step, cause = "start" }) {
    if (!STEPS.has(step) || !CAUSES.has(cause)) return;
    const same = step === this.step && cause === this.cause;
    this.step = step;
    this.cause = cause;
    call.setStep(step);
    this.stills.setStep(step);
    this.stethoscope.stepped();
    this.chat.hold(THIN.has(step));
    this.noPicture.hidden = hasPicture(step);
    const words = [t(`call.step.${step}`), t(`call.cause.${cause}`, { clinician: this.clinician })].filter(Boolean).join(" ");
    this.#showQuality();
    this.quality.replaceChildren(icon("wifi"), h("span", {}, words));
    if (!same && !(step === "720p" && cause === "start")) announce(words, { urgent: step === "case" });
    if (step === "case" && this.chatView.element.hidden) this.#toggleChat();
  }

  /** The step says what can be heard and seen; while nothing arrives that is true of the last one only. */
  #showQuality() {
    const step = this.step ?? "720p";
    this.quality.hidden = step === "720p" || (!this.veil.hidden && step !== "case");
  }

  async #toggleCamera() {
    if (!this.media.camera) await this.media.chooseCamera(this.media.cameraId);
    else this.media.setCameraOn(!this.media.cameraOn);
    if (!this.media.camera) announce(t("call.camera-still-off"), { urgent: true });
  }

  #toggleChat() {
    const opening = this.chatView.element.hidden;
    this.chatView.element.hidden = !opening;
    this.chatButton.setAttribute("aria-expanded", String(opening));
    this.chatButton.classList.remove("unread");
    if (opening) this.chatView.focus();
  }

  #showMedia() {
    const camera = Boolean(this.media.camera) && this.media.cameraOn;
    const microphone = Boolean(this.media.microphone) && this.media.microphoneOn;
    this.self.srcObject = this.media.selfView();
    this.self.hidden = !camera;
    this.selfWords.textContent = t(camera ? "call.self.on" : "call.self.off");
    setFace(this.cameraButton, camera ? "video" : "video-off", t(camera ? "call.camera.off" : "call.camera.on"));
    setFace(this.microphoneButton, microphone ? "mic" : "mic-off", t(microphone ? "call.mute" : "call.unmute"));
    this.microphoneButton.disabled = !this.media.microphone;
    if (!this.media.microphone) setFace(this.microphoneButton, "mic-off", t("call.no-microphone"));
  }

  #tick() {
    this.stills.tick();
    this.duration.textContent = t("call.duration", { time: minutesAndSeconds(Date.now() - this.started_ms) });
  }

  #askEnd() {
    const close = () => { dialog.close(); dialog.remove(); };
    const dialog = h("dialog", { "aria-labelledby": "end-title" },
      h("h2", { id: "end-title" }, t("call.end.question")), h("p", {}, t("call.end.words")),
      h("div", { class: "actions" },
        button(t("call.end.yes"), () => { close(); this.end(); }, { kind: "danger" }),
        button(t("call.end.no"), close)));
    this.shell.page.append(dialog);
    dialog.showModal();
  }
}

/** @param {HTMLButtonElement} element @param {string} name @param {string} words */
function setFace(element, name, words) {
  element.replaceChildren(icon(name), h("span", {}, words));
}
