/**
 * Speaking or filming a message in the call: record, hear or see it again, send it or not.
 */
import { button, h } from "/pages/dom.js";
import { minutesAndSeconds, t } from "/pages/i18n.js";
import { PHOTO_BYTES } from "/pages/photo_sender.js";
import { Recorder, SOUND_TYPES } from "/pages/recorder.js";
import { announce, banner } from "/pages/shell.js";

const VOICE = { audioBitsPerSecond: 24_000 };
const FILM = { audioBitsPerSecond: 32_000, videoBitsPerSecond: 500_000 };

export class MessageRecorder {
  /**
   * @param {import("/pages/media_devices.js").LocalMedia} media
   * @param {(file: Blob, words: string) => void} send
   */
  constructor(media, send) {
    this.media = media;
    this.send = send;
    this.speak = button(t("chat.speak"), () => this.#start("speak"), { icon: "mic" });
    this.film = button(t("chat.film"), () => this.#start("film"), { icon: "video" });
    this.stage = h("div", { class: "photo-preview", hidden: true });
    this.element = h("div", { class: "record" }, h("div", { class: "record-buttons" }, this.speak, this.film), this.stage);
    this.onMedia = () => this.#allow();
    media.addEventListener("change", this.onMedia);
    this.#allow();
  }

  close() {
    this.media.removeEventListener("change", this.onMedia);
    this.recorder?.stop();
    this.#clear();
  }

  #allow() {
    const busy = !this.stage.hidden;
    this.speak.hidden = busy || !this.media.microphone;
    this.film.hidden = busy || !this.media.microphone || !this.media.camera;
  }

  /** @param {"speak" | "film"} kind */
  #start(kind) {
    const { microphone, camera } = this.media;
    const tracks = [microphone, kind === "film" ? camera : null].filter((track) => track !== null).map((track) => track.clone());
    for (const track of tracks) track.enabled = true; // muted is the call, not the message
    const recorder = new Recorder(new MediaStream(tracks), kind === "speak" ? { types: SOUND_TYPES, ...VOICE } : FILM);
    this.recorder = recorder;
    const time = h("p", { class: "small", "aria-live": "off" }, t("chat.recording", { time: minutesAndSeconds(0) }));
    const stop = button(t("chat.record.stop"), () => recorder.stop(), { kind: "primary" });
    const end = () => { for (const track of tracks) track.stop(); };
    recorder.addEventListener("time", (event) => { time.textContent = t("chat.recording", { time: minutesAndSeconds(/** @type {CustomEvent<number>} */ (event).detail) }); });
    recorder.addEventListener("done", (event) => { end(); this.#look(kind, /** @type {CustomEvent<Blob>} */ (event).detail); });
    recorder.addEventListener("failed", () => { end(); this.#fail(); });
    this.#show(time, stop);
    announce(t(`chat.${kind}.began`));
    recorder.start();
    stop.focus();
  }

  /** @param {"speak" | "film"} kind @param {Blob} file */
  #look(kind, file) {
    if (file.size > PHOTO_BYTES) {
      this.#fail();
      return;
    }
    this.url = URL.createObjectURL(file);
    const player = h(kind === "speak" ? "audio" : "video", { src: this.url, controls: true, playsinline: true, "aria-label": t(`chat.${kind}.preview`) });
    const send = button(t("chat.record.send"), () => { this.send(file, t(`chat.${kind}.line`)); this.#finish(); }, { kind: "primary", icon: "send" });
    this.#show(player, send, button(t("chat.record.drop"), () => this.#finish()));
    send.focus();
  }

  #fail() {
    this.#show(banner(t("chat.record.failed"), "danger"), button(t("chat.record.drop"), () => this.#finish()));
    announce(t("chat.record.failed"), { urgent: true });
  }

  /** @param {...HTMLElement} elements */
  #show(...elements) {
    this.stage.hidden = false;
    this.stage.replaceChildren(...elements);
    this.#allow();
  }

  /** Back to the two buttons, and the focus with it. */
  #finish() {
    this.#clear();
    this.speak.focus();
  }

  #clear() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = undefined;
    this.stage.hidden = true;
    this.stage.replaceChildren();
    this.#allow();
  }
}
