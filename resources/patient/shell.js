/**
 * The frame of every step: head, progress, one heading, what to read, buttons at the foot.
 */
import { h, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";

/**
 * @typedef {object} Step
 * @property {string} title the one heading
 * @property {string} [lead] the sentence below it
 * @property {import("/pages/dom.js").Child[]} [body]
 * @property {import("/pages/dom.js").Child[]} [actions] buttons at the foot, the most likely first
 * @property {string} [note] right half of the head
 * @property {{at: number, of: number}} [progress]
 * @property {boolean} [emergency] show the line about emergencies
 * @property {string} [kind] a class for the whole step
 */

/** Shows steps, one at a time, and tells them to screen readers. */
export class Shell {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    this.clinic = "";
  }

  /**
   * Shows a step and moves the focus to its heading.
   *
   * @param {Step} step
   */
  show(step) {
    const heading = h("h1", { tabindex: "-1" }, step.title);
    const main = h(
      "main",
      { class: `step ${step.kind ?? ""}` },
      step.progress && progressBar(step.progress),
      heading,
      step.lead && h("p", { class: "lead" }, step.lead),
      h("div", { class: "body" }, ...(step.body ?? [])),
      step.emergency && emergencyLine(),
      step.actions?.length ? h("div", { class: "actions" }, ...step.actions) : null,
    );
    this.page.replaceChildren(this.#head(step), main);
    document.title = `${step.title} – ${this.clinic || t("page.clinic")}`;
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }

  /** @param {Step} step */
  #head(step) {
    const words = step.progress ? t("page.step", step.progress) : "";
    return h(
      "header",
      { class: "head" },
      h("span", { class: "clinic" }, this.clinic || t("page.clinic")),
      h("span", { class: "note" }, step.note ?? words),
    );
  }
}

/**
 * Says something to screen readers without moving the focus.
 *
 * @param {string} words
 * @param {{urgent?: boolean}} [how]
 */
export function announce(words, how = {}) {
  const region = document.getElementById(how.urgent ? "assertive" : "polite");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = words; });
}

/** @param {{at: number, of: number}} progress */
function progressBar({ at, of }) {
  const parts = Array.from({ length: of }, (_, index) => h("i", { class: index < at ? "done" : "" }));
  return h("div", { class: "progress", "aria-hidden": "true" }, ...parts);
}

/** The line that stands wherever a person might wait with something that must not wait. */
export function emergencyLine() {
  return h("p", { class: "emergency" }, h("strong", {}, t("emergency.question")), h("span", {}, t("emergency.answer")));
}

/**
 * A box that says what happened, what is safe and what to do.
 *
 * @param {string} words
 * @param {"warn" | "danger" | "good"} tone
 * @returns {HTMLElement}
 */
export function banner(words, tone = "warn") {
  const box = line(tone === "good" ? "circle-check" : "triangle-alert", words, tone);
  box.classList.add("banner");
  return box;
}
