/**
 * The files that a person chose, each with its picture, how far it is, and a way to take it back.
 */
import { button, h, icon } from "/pages/dom.js";
import { sizeWords, t } from "/pages/i18n.js";
import { problemSentence } from "/pages/problems.js";
import { announce } from "/pages/shell.js";

/** @typedef {import("/pages/uploads.js").Upload} Upload */

export class UploadList {
  /**
   * @param {import("/pages/uploads.js").Uploads} uploads
   * @param {string} kind
   * @param {() => void} [changed] after a file came or went
   */
  constructor(uploads, kind, changed = () => undefined) {
    this.uploads = uploads;
    this.kind = kind;
    this.changed = changed;
    /** @type {Map<Upload, {row: HTMLElement, state: HTMLElement, bar: HTMLProgressElement, told: string}>} */
    this.rows = new Map();
    /** @type {string[]} */
    this.urls = [];
    this.element = h("ul", { class: "uploads", role: "list", "aria-label": t(`upload.list.${kind}`) });
    this.onChange = () => this.#update();
    uploads.addEventListener("change", this.onChange);
    this.#update();
  }

  close() {
    this.uploads.removeEventListener("change", this.onChange);
    for (const url of this.urls) URL.revokeObjectURL(url);
  }

  #update() {
    const now = this.uploads.of(this.kind);
    const before = this.rows.size;
    for (const [upload, { row }] of this.rows) {
      if (now.includes(upload)) continue;
      row.remove();
      this.rows.delete(upload);
    }
    for (const upload of now) {
      if (!this.rows.has(upload)) this.#add(upload);
      this.#show(upload);
    }
    this.element.hidden = !now.length;
    if (before !== now.length) this.changed();
  }

  /** @param {Upload} upload */
  #add(upload) {
    const bar = h("progress", { max: upload.size, "aria-label": t("upload.progress", { name: upload.name }) });
    const state = h("p", { class: "small state" });
    const away = button(t("upload.remove"), () => this.uploads.drop(upload), { kind: "quiet", icon: "trash-2" });
    away.setAttribute("aria-label", t("upload.remove.name", { name: upload.name }));
    away.classList.add("small-button");
    const words = h("div", { class: "words" }, h("p", { class: "name" }, upload.name), state, bar);
    const row = h("li", {}, this.#picture(upload), words, away);
    this.rows.set(upload, { row, state, bar, told: "" });
    this.element.append(row);
  }

  /** @param {Upload} upload */
  #picture(upload) {
    if (!upload.file || upload.kind !== "photo") return h("span", { class: "thumb" }, icon({ photo: "image", video: "video", audio: "mic", document: "file-text" }[upload.kind]));
    const url = URL.createObjectURL(upload.file);
    this.urls.push(url);
    return h("img", { class: "thumb", src: url, alt: "" });
  }

  /** @param {Upload} upload */
  #show(upload) {
    const row = this.rows.get(upload);
    if (!row) return;
    const percent = Math.floor((100 * upload.offset) / Math.max(1, upload.size));
    row.bar.value = upload.offset;
    row.bar.hidden = upload.state === "done" || upload.state === "refused";
    const words = upload.state === "refused" ? problemSentence(upload.problem) : t(`upload.state.${upload.state}`, { percent, size: sizeWords(upload.size) });
    const tone = { done: "circle-check", refused: "circle-alert", unfinished: "circle-alert", broken: "refresh-cw", sending: "upload" }[upload.state];
    row.state.className = `small state ${upload.state}`;
    row.state.replaceChildren(icon(tone), h("span", {}, words));
    if (upload.state === row.told || upload.state === "sending") return;
    row.told = upload.state;
    announce(`${upload.name}: ${words}`);
  }
}
