/**
 * Pictures in place of the video, where the link carries no more: one every few seconds, small, with its age.
 */
import { h } from "/pages/dom.js";
import { t } from "/pages/i18n.js";

const EVERY_MS = 8_000;
/** How often it is looked whether the channel is free for one. */
const LOOK_MS = 500;
const WIDTHS = [320, 240, 160];
const SHAPE = 9 / 16;
const MOST_BYTES = 5_120;
const MOST_CHARACTERS = 16_384;
/** A still leaves in pieces: whole, it would hold up the voice for a second on the thinnest link. */
const PART_CHARACTERS = 500;
const PART_MS = 500;
const QUALITIES = [0.5, 0.3, 0.15];

/** @typedef {{jpeg: string, part?: number, parts?: number}} StillPart */

export class StillPictures {
  /**
   * @param {import("/pages/chat.js").Chat} chat the channel
   * @param {HTMLVideoElement} self what the camera sees
   * @param {() => boolean} seen whether the person is to be seen
   * @param {string} words what the picture shows
   */
  constructor(chat, self, seen, words) {
    this.chat = chat;
    this.self = self;
    this.seen = seen;
    this.picture = h("img", { class: "remote-still", alt: words });
    this.age = h("p", { class: "still-age" });
    this.element = h("div", { class: "stills", hidden: true }, this.picture, this.age);
    this.came_ms = 0;
    this.due_ms = 0;
    /** @type {string[]} */
    this.leaving = [];
    /** @type {string[]} */
    this.coming = [];
    this.onStill = (/** @type {Event} */ event) => this.#join(/** @type {CustomEvent<StillPart>} */ (event).detail);
    chat.addEventListener("still", this.onStill);
  }

  /** @param {string} step of the ladder */
  setStep(step) {
    const on = step === "voice-and-stills";
    if (on === Boolean(this.timer)) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.#stopSending();
    if (!on) {
      this.element.hidden = true;
      this.#forget();
      return;
    }
    this.due_ms = 0;
    this.timer = setInterval(() => this.#send(), LOOK_MS);
    this.#send();
  }

  /** Says how old the picture is; called once a second. */
  tick() {
    if (!this.element.hidden) this.age.textContent = t("call.still.age", { count: Math.round((performance.now() - this.came_ms) / 1_000) });
  }

  close() {
    clearInterval(this.timer);
    this.#stopSending();
    this.chat.removeEventListener("still", this.onStill);
    this.#forget();
  }

  async #send() {
    if (performance.now() < this.due_ms || this.leaving.length || !this.seen() || this.self.readyState < 2 || !this.chat.idle) return;
    this.due_ms = performance.now() + EVERY_MS;
    const jpeg = this.#packed();
    for (let at = 0; at < jpeg.length; at += PART_CHARACTERS) this.leaving.push(jpeg.slice(at, at + PART_CHARACTERS));
    if (jpeg) this.#sendParts(0, this.leaving.length);
  }

  /** The best picture that is small enough, in Base64; empty without one. */
  #packed() {
    const canvas = document.createElement("canvas");
    for (const width of WIDTHS) {
      const scale = Math.min(width / this.self.videoWidth, (width * SHAPE) / this.self.videoHeight, 1);
      canvas.width = Math.max(1, Math.round(this.self.videoWidth * scale));
      canvas.height = Math.max(1, Math.round(this.self.videoHeight * scale));
      canvas.getContext("2d")?.drawImage(this.self, 0, 0, canvas.width, canvas.height);
      for (const quality of QUALITIES) {
        const address = canvas.toDataURL("image/jpeg", quality);
        const jpeg = address.slice(address.indexOf(",") + 1);
        if (jpeg.length * 0.75 <= MOST_BYTES) return jpeg;
      }
    }
    return "";
  }

  /** @param {number} part @param {number} parts */
  #sendParts(part, parts) {
    if (this.chat.idle || part === 0) {
      this.chat.tell({ type: "link-still", jpeg: this.leaving.shift(), part, parts });
      part += 1;
    }
    if (this.leaving.length) this.partTimer = setTimeout(() => this.#sendParts(part, parts), PART_MS);
  }

  #stopSending() {
    clearTimeout(this.partTimer);
    this.leaving = [];
  }

  /** The whole is shown when its last part came; a part out of its order ends what began. @param {StillPart} still */
  #join({ jpeg, part = 0, parts = 1 }) {
    if (part === 0) this.coming = [];
    if (typeof jpeg !== "string" || part !== this.coming.length || part >= parts) {
      this.coming = [];
      return;
    }
    this.coming.push(jpeg);
    if (part < parts - 1) return;
    const whole = this.coming.join("");
    this.coming = [];
    this.#take(whole);
  }

  /** @param {string} jpeg in Base64 */
  #take(jpeg) {
    if (!this.timer || typeof jpeg !== "string" || jpeg.length > MOST_CHARACTERS) return;
    const bytes = Uint8Array.from(atob(jpeg), (character) => character.charCodeAt(0));
    this.#forget();
    this.url = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    this.picture.src = this.url;
    this.came_ms = performance.now();
    this.element.hidden = false;
    this.tick();
  }

  #forget() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = undefined;
    this.picture.removeAttribute("src");
  }
}
