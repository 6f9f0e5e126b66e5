/**
 * The clinic listens to heart or lungs: the microphone goes out as it is, and as a voice again at the end.
 */
import { THIN } from "/pages/step.js";

/** @typedef {"off" | "on" | "plain" | "refused"} State plain: the link affords no more than a voice, for now */

/**
 * Events: `change` (the state is another one).
 */
export class Stethoscope extends EventTarget {
  /**
   * @param {import("/pages/media_devices.js").LocalMedia} media
   * @param {import("/pages/call.js").Call} call
   * @param {import("/pages/chat.js").Chat} chat
   */
  constructor(media, call, chat) {
    super();
    this.media = media;
    this.call = call;
    this.chat = chat;
    /** @type {State} */
    this.state = "off";
    this.wanted = false;
    this.bits_per_s = 0;
    this.working = Promise.resolve();
    this.onMedia = () => this.#mediaChanged();
    media.addEventListener("change", this.onMedia);
    chat.addEventListener("stethoscope", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
  }

  /** The call has gone to another step of the ladder. */
  stepped() {
    if (this.wanted) this.#follow({ tell: false });
  }

  close() {
    this.wanted = false;
    this.media.removeEventListener("change", this.onMedia);
  }

  /** @param {{on?: boolean, bitsPerS?: number}} frame */
  #take({ on, bitsPerS }) {
    this.wanted = on === true;
    this.bits_per_s = Number.isInteger(bitsPerS) ? Math.max(0, Math.min(510_000, Number(bitsPerS))) : 0;
    this.#follow({ tell: this.wanted });
  }

  #mediaChanged() {
    if (!this.wanted || this.media.microphone) return;
    this.wanted = false; // it was pulled out
    this.#follow({ tell: true });
  }

  /** One after the other: a browser needs a moment for a microphone. @param {{tell: boolean}} how whether the console waits for an answer */
  #follow({ tell }) {
    this.working = this.working.then(() => this.#switch(tell)).catch(() => undefined);
  }

  /** @param {boolean} tell */
  async #switch(tell) {
    const isWhole = this.wanted && this.bits_per_s > 0 && !THIN.has(this.call.step);
    const obeyed = await this.media.setUnprocessed(isWhole);
    if (isWhole && !obeyed) this.wanted = false;
    await this.call.sendWhole(isWhole && obeyed ? this.bits_per_s : 0);
    const state = isWhole && !obeyed ? "refused" : !this.wanted ? "off" : isWhole ? "on" : "plain";
    if (tell || (state !== this.state && state !== "off")) this.chat.tell({ type: "stethoscope-state", state });
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
