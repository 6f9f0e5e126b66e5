/**
 * The submission as the gateway keeps it: answers saved while the person writes, measurements, the thread.
 */
import { ApiProblem, request } from "/pages/api.js";
import { shownAnswers } from "/pages/questionnaire.js";

const SAVE_MS = 600;
const AGAIN_MS = 3_000;
/** Browsers finish a request of a closed page up to this size. */
const KEEPALIVE_CHARACTERS = 20_000;

/** Events: `saved`, `unsaved` (there is no connection; it goes on trying). */
export class Draft extends EventTarget {
  constructor() {
    super();
    /** @type {Record<string, any>} */
    this.state = {};
    /** @type {import("/pages/questionnaire.js").Answers} */
    this.answers = {};
    this.saving = Promise.resolve();
    this.dirty = false;
    this.busy = false;
    window.addEventListener("pagehide", () => { this.save().catch(() => undefined); });
  }

  /** The items of the questionnaire. @returns {import("/pages/questionnaire.js").Item[]} */
  get items() {
    return this.state.questionnaire?.item ?? [];
  }

  /** Loads everything. */
  async load() {
    await this.refresh();
    this.answers = { ...(this.state.answers ?? {}) };
  }

  /** Loads all but the answers, which this page knows better. */
  async refresh() {
    this.state = (await request("GET", "/patient/submission")).body;
  }

  /** Saves soon; call it at each change. */
  touch() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.save().catch(() => undefined); }, SAVE_MS);
  }

  /**
   * Saves now what is not saved yet.
   *
   * @throws {ApiProblem}
   */
  async save() {
    clearTimeout(this.timer);
    this.saving = this.busy ? this.saving.catch(() => undefined).then(() => this.#put()) : this.#put();
    await this.saving;
  }

  async #put() {
    if (!this.dirty) return;
    this.dirty = false;
    this.busy = true;
    try {
      const json = shownAnswers(this.items, this.answers);
      const keepalive = JSON.stringify(json).length < KEEPALIVE_CHARACTERS;
      await request("PUT", "/patient/submission/answers", { json, keepalive });
      this.dispatchEvent(new Event("saved"));
    } catch (error) {
      this.dirty = true;
      this.dispatchEvent(new Event("unsaved"));
      const again = !(error instanceof ApiProblem) || error.status === 0 || error.status >= 500;
      if (again) this.timer = setTimeout(() => { this.save().catch(() => undefined); }, AGAIN_MS);
      throw error;
    } finally {
      this.busy = false;
    }
  }

  /** @param {Record<string, unknown>} measurement */
  async addMeasurement(measurement) {
    await request("POST", "/patient/measurements", { json: measurement });
    await this.refresh();
  }

  /** @param {string} id */
  async dropMeasurement(id) {
    await request("DELETE", `/patient/measurements/${encodeURIComponent(id)}`);
    await this.refresh();
  }

  /**
   * Hands everything over. The same id twice is one case, so this may be repeated after a lost answer.
   *
   * @param {string} id
   * @returns {Promise<boolean>} true: the clinic has it; false: it is kept and goes on by itself
   */
  async submit(id) {
    const { status, body } = await request("POST", "/patient/submission", { json: { id }, timeout_ms: 60_000 });
    if (status !== 201) return false;
    Object.assign(this.state, { submitted: true, receipt: body.receipt, caseNumber: body.caseNumber });
    return true;
  }

  /** @param {{id: string, text: string, inResponseTo?: string}} message */
  async sendMessage(message) {
    await request("POST", "/patient/messages", { json: message });
    await this.refresh();
  }
}
