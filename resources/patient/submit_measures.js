/**
 * The steps for blood pressure and weight measured at home, with a hint when a value looks wrong.
 */
import { ApiProblem } from "/pages/api.js";
import { button, h, icon } from "/pages/dom.js";
import { dayAndTime, t } from "/pages/i18n.js";
import { problemSentence } from "/pages/problems.js";
import { announce, banner } from "/pages/shell.js";

/** Bounds are those that the gateway takes; outside `usual` the page asks whether the value is right. */
const FIELDS = {
  systolic: { min: 40, max: 300, usual: [85, 180], whole: true },
  diastolic: { min: 20, max: 200, usual: [45, 110], whole: true },
  weightKg: { min: 1, max: 500, usual: [30, 200], whole: false },
};

/** @typedef {keyof typeof FIELDS} FieldName */

/**
 * @param {import("/pages/submit.js").Steps} steps
 * @param {"blood-pressure" | "weight"} kind
 */
export function showMeasurements(steps, kind) {
  new MeasurementStep(steps, kind).show();
}

class MeasurementStep {
  /**
   * @param {import("/pages/submit.js").Steps} steps
   * @param {"blood-pressure" | "weight"} kind
   */
  constructor(steps, kind) {
    this.steps = steps;
    this.kind = kind;
    /** @type {FieldName[]} */
    this.names = kind === "weight" ? ["weightKg"] : ["systolic", "diastolic"];
  }

  show() {
    const list = this.#list();
    this.inputs = this.names.map((name) => h("input", { type: "text", id: `m-${name}`, inputmode: FIELDS[name].whole ? "numeric" : "decimal", autocomplete: "off", "aria-describedby": "m-fault m-hint" }));
    this.when = h("input", { type: "datetime-local", id: "m-when" });
    this.when.value = localNow();
    this.fault = h("p", { class: "fault", id: "m-fault", hidden: true });
    this.hint = h("div", { id: "m-hint", role: "status" });
    for (const input of this.inputs) input.addEventListener("change", () => this.#showHint());
    const fields = this.names.map((name, index) => h("div", {}, h("label", { for: `m-${name}` }, t(`measure.${name}`)), this.inputs?.[index] ?? null));
    const add = button(t("measure.add"), () => this.#add(), { kind: list ? "plain" : "primary" });
    const next = button(t(list ? "submit.next" : "measure.skip"), () => this.#next(), { kind: list ? "primary" : "quiet" });
    this.steps.show({
      title: t(`measure.${this.kind}.title`),
      lead: t(`measure.${this.kind}.lead`),
      body: [list, h("form", { class: "measure", novalidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#add(); } },
        h("div", { class: "pair" }, ...fields), this.fault, this.hint,
        h("div", {}, h("label", { for: "m-when" }, t("measure.when")), this.when), h("button", { type: "submit", hidden: true }))],
      actions: list ? [next, add] : [add, next],
    });
  }

  #list() {
    const kept = (this.steps.draft.state.measurements ?? []).filter((/** @type {any} */ each) => each.kind === this.kind);
    if (!kept.length) return null;
    const rows = kept.map((/** @type {any} */ each) => {
      const words = measurementWords(each);
      const away = button(t("upload.remove"), () => this.#drop(each.id), { kind: "quiet", icon: "trash-2" });
      away.classList.add("small-button");
      away.setAttribute("aria-label", t("upload.remove.name", { name: words }));
      return h("li", {}, h("div", { class: "words" }, h("p", { class: "name" }, words), h("p", { class: "small" }, dayAndTime(each.measuredAt))), away);
    });
    return h("ul", { class: "uploads", role: "list", "aria-label": t("measure.list") }, ...rows);
  }

  async #add() {
    const values = (this.inputs ?? []).map((input) => Number(input.value.trim().replace(",", ".") || NaN));
    const fault = this.#faultOf(values);
    this.#showFault(fault);
    if (fault) return;
    const measuredAt = new Date(this.when?.value ?? "");
    const entry = { id: crypto.randomUUID(), kind: this.kind, measuredAt: measuredAt.toISOString(), ...Object.fromEntries(this.names.map((name, index) => [name, values[index]])) };
    try {
      await this.steps.draft.addMeasurement(entry);
      this.show();
      announce(t("measure.added", { words: measurementWords(entry) }));
    } catch (error) {
      this.#showFault(problemSentence(error instanceof ApiProblem ? error.problem : "other"));
    }
  }

  /** @param {number[]} values @returns {string} */
  #faultOf(values) {
    for (const [index, name] of this.names.entries()) {
      const { min, max, whole } = FIELDS[name];
      const value = values[index];
      if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) return t(`measure.fault.${name}`, { min, max });
    }
    if (this.kind === "blood-pressure" && values[0] <= values[1]) return t("measure.fault.order");
    const when_ms = new Date(this.when?.value ?? "").getTime();
    return Number.isNaN(when_ms) || when_ms > Date.now() + 60_000 ? t("measure.fault.when") : "";
  }

  /** @param {string} words */
  #showFault(words) {
    if (!this.fault) return;
    this.fault.hidden = !words;
    this.fault.replaceChildren(...(words ? [icon("circle-alert"), h("span", {}, words)] : []));
    for (const input of this.inputs ?? []) input.setAttribute("aria-invalid", String(Boolean(words)));
    if (!words) return;
    this.inputs?.[0].focus();
    announce(words, { urgent: true });
  }

  #showHint() {
    const odd = this.names.find((name, index) => {
      const value = Number(this.inputs?.[index].value.replace(",", "."));
      return value && (value < FIELDS[name].usual[0] || value > FIELDS[name].usual[1]);
    });
    this.hint?.replaceChildren(...(odd ? [banner(t(`measure.hint.${this.kind}`))] : []));
  }

  /** Values that were typed and not added yet are added first. */
  async #next() {
    if (this.inputs?.some((input) => input.value.trim())) {
      await this.#add();
      if (!this.fault?.hidden) return;
    }
    this.steps.next();
  }

  /** @param {string} id */
  async #drop(id) {
    try {
      await this.steps.draft.dropMeasurement(id);
      this.show();
    } catch (error) {
      this.#showFault(problemSentence(error instanceof ApiProblem ? error.problem : "other"));
    }
  }
}

/** @param {Record<string, any>} entry @returns {string} */
export function measurementWords(entry) {
  if (entry.kind === "weight") return t("measure.words.weight", { weight: entry.weightKg });
  return t("measure.words.pressure", { systolic: entry.systolic, diastolic: entry.diastolic });
}

/** The time now as a datetime field wants it. */
function localNow() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
