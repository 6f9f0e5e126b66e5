/**
 * Chat beside the video: what was said, whether it arrived, a field, and "send a photo".
 */
import { button, h, icon } from "/pages/dom.js";
import { clockTime, t } from "/pages/i18n.js";
import { filePicker, readablePhoto } from "/pages/photo.js";
import { PHOTO_BYTES } from "/pages/photo_sender.js";
import { MessageRecorder } from "/pages/message_recorder.js";
import { problemSentence } from "/pages/problems.js";
import { announce, banner } from "/pages/shell.js";

const STATE_PICTURES = { sending: "clock", received: "check", unsent: "circle-alert" };

export class ChatView {
  /**
   * @param {import("/pages/chat.js").Chat} chat
   * @param {string} clinician
   * @param {import("/pages/media_devices.js").LocalMedia} media
   */
  constructor(chat, clinician, media) {
    this.recorder = new MessageRecorder(media, (file, words) => { chat.sendFile(file, words); this.focus(); });
    this.chat = chat;
    this.clinician = clinician;
    /** @type {Map<string, HTMLElement>} */
    this.shown = new Map();
    /** @type {string[]} */
    this.urls = [];
    this.list = h("ol", { class: "chat-lines", role: "list", "aria-label": t("chat.lines"), tabindex: "0" });
    this.field = h("input", { type: "text", id: "chat-field", maxlength: 2000, autocomplete: "off" });
    this.preview = h("div", { class: "photo-preview", hidden: true });
    this.picker = filePicker({ accept: "image/*" }, ([file]) => this.#picked(file));
    const form = h("form", { class: "chat-form", onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      h("label", { for: "chat-field", class: "for-screen-reader" }, t("chat.field")), this.field,
      h("button", { type: "submit", class: "button primary", "aria-label": t("chat.send") }, icon("send")));
    this.field.placeholder = t("chat.field");
    this.element = h("section", { class: "chat", "aria-label": t("call.chat"), hidden: true },
      this.list, this.preview, form, button(t("chat.photo"), () => this.picker.open(), { icon: "camera" }), this.picker.field, this.recorder.element,
      h("p", { class: "small" }, t("chat.photo.where")));
    this.onLine = (/** @type {Event} */ event) => this.#show(/** @type {CustomEvent} */ (event).detail, true);
    chat.addEventListener("line", this.onLine);
    for (const each of chat.lines) this.#show(each, false);
  }

  focus() {
    this.field.focus();
  }

  close() {
    this.chat.removeEventListener("line", this.onLine);
    this.recorder.close();
    for (const url of this.urls) URL.revokeObjectURL(url);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.chat.write(text);
  }

  /** @param {import("/pages/chat.js").Line} line @param {boolean} news */
  #show(line, news) {
    const mine = line.from === "me";
    const photo = line.photo ? this.#picture(line.photo, line.text) : null;
    const state = mine ? t(`chat.state.${line.state}`) : "";
    const item = h("li", { class: mine ? "mine" : "theirs" },
      h("p", { class: "small" }, `${mine ? t("chat.me") : this.clinician} · ${clockTime(line.sent_ms)}`),
      photo, h("p", {}, line.text), mine && h("p", { class: "small state" }, icon(STATE_PICTURES[line.state]), h("span", {}, state)));
    const old = this.shown.get(line.id);
    if (old) old.replaceWith(item);
    else this.list.append(item);
    this.shown.set(line.id, item);
    this.list.scrollTop = this.list.scrollHeight;
    if (news && line.state === "received") announce(mine ? state : t("chat.says", { clinician: this.clinician, text: line.text }));
  }

  /** @param {File} file */
  async #picked(file) {
    const { photo, problem } = await readablePhoto(file, PHOTO_BYTES);
    this.preview.hidden = false;
    if (!photo) {
      this.preview.replaceChildren(banner(problemSentence(problem), "danger"));
      announce(problemSentence(problem), { urgent: true });
      return;
    }
    const hide = () => { this.preview.hidden = true; this.preview.replaceChildren(); };
    const send = button(t("chat.photo.send"), () => { hide(); this.chat.sendFile(photo, t("chat.photo.line")); this.focus(); }, { kind: "primary", icon: "send" });
    this.preview.replaceChildren(this.#picture(photo, t("chat.photo.preview")), send, button(t("chat.photo.drop"), () => { hide(); this.focus(); }));
    send.focus();
  }

  /** @param {Blob} photo @param {string} words */
  #picture(photo, words) {
    const url = URL.createObjectURL(photo);
    this.urls.push(url);
    const kind = photo.type.split("/")[0];
    if (kind === "audio" || kind === "video") return h(kind, { src: url, controls: true, playsinline: true, "aria-label": words });
    return h("img", { src: url, alt: words });
  }
}
