/**
 * One page of questions: fields by type, branching while the person answers, faults in words at each field.
 */
import { h, icon } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { bounds, faultOf, isEmergency, shownLinks, unitOf, walk } from "/pages/questionnaire.js";
import { announce } from "/pages/shell.js";

/** @typedef {import("/pages/questionnaire.js").Item} Item */

export class QuestionPage {
  /**
   * @param {Item[]} all the items of the whole questionnaire
   * @param {Item} top the item that is this page
   * @param {import("/pages/questionnaire.js").Answers} answers changed in place
   * @param {() => void} changed
   */
  constructor(all, top, answers, changed) {
    this.all = all;
    /** @type {Item[]} */
    this.items = top.type === "group" ? top.item ?? [] : [top];
    this.answers = answers;
    this.changed = changed;
    /** @type {Map<string, {item: Item, block: HTMLElement}>} */
    this.blocks = new Map();
    this.element = h("div", { class: "questions" }, ...this.items.map((item) => this.#block(item)));
    this.#branch(false);
  }

  /**
   * Shows what is missing or wrong and moves to the first of it.
   *
   * @returns {boolean} whether all is well
   */
  check() {
    const shown = shownLinks(this.all, this.answers);
    const wrong = [...this.blocks.values()].filter(({ item }) => shown.has(item.linkId) && this.#showFault(item));
    const first = wrong[0]?.block.querySelector("input, textarea, select");
    if (first instanceof HTMLElement) first.focus();
    return !wrong.length;
  }

  /** @param {Item} item @returns {HTMLElement} */
  #block(item) {
    const block = this.#content(item);
    this.blocks.set(item.linkId, { item, block });
    return block;
  }

  /** @param {Item} item @returns {HTMLElement} */
  #content(item) {
    if (item.type === "display") return displayBlock(item);
    if (item.type === "group") {
      return h("section", { class: "questions" }, h("h2", {}, item.text ?? ""), ...(item.item ?? []).map((/** @type {Item} */ each) => this.#block(each)));
    }
    const fault = h("p", { class: "fault", id: `fault-${item.linkId}`, hidden: true });
    return h("div", { class: "question" }, ...this.#field(item), fault);
  }

  /** @param {Item} item @returns {HTMLElement[]} */
  #field(item) {
    if (item.type === "boolean") {
      const options = [{ value: true, words: t("form.yes") }, { value: false, words: t("form.no") }];
      return [this.#choices(item, options)];
    }
    if (item.type === "choice") {
      const options = (item.answerOption ?? []).map((/** @type {Item} */ each) => ({ value: each.valueCoding.code, words: each.valueCoding.display }));
      return [this.#choices(item, options)];
    }
    const id = `q-${item.linkId}`;
    const shared = { id, "aria-describedby": `fault-${item.linkId}`, "aria-required": String(Boolean(item.required)), maxlength: item.maxLength };
    const label = h("label", { for: id }, item.text ?? "", optionalMark(item));
    if (item.type === "text") {
      const area = h("textarea", { ...shared, rows: 5 });
      area.value = this.answers[item.linkId] ?? "";
      area.addEventListener("input", () => this.#answer(item, area.value));
      return [label, area];
    }
    const input = h("input", { ...shared, type: item.type === "date" ? "date" : "text" });
    input.value = String(this.answers[item.linkId] ?? "");
    const isNumber = ["integer", "decimal", "quantity"].includes(item.type);
    if (isNumber) input.inputMode = item.type === "integer" ? "numeric" : "decimal";
    input.addEventListener("input", () => this.#answer(item, isNumber ? numberOf(input.value) : input.value));
    return [label, ...(isNumber ? [h("p", { class: "hint" }, numberHint(item))] : []), input].filter((each) => each.textContent !== "" || each === input);
  }

  /** @param {Item} item @param {{value: string | boolean, words: string}[]} options */
  #choices(item, options) {
    const many = Boolean(item.repeats);
    const chosen = new Set([this.answers[item.linkId] ?? []].flat());
    const rows = options.map(({ value, words }, index) => {
      const id = `q-${item.linkId}-${index}`;
      const input = h("input", { type: many ? "checkbox" : "radio", name: `q-${item.linkId}`, id, "aria-describedby": `fault-${item.linkId}` });
      input.checked = chosen.has(value);
      input.addEventListener("change", () => {
        if (!many) this.#answer(item, value);
        else {
          if (input.checked) chosen.add(value);
          else chosen.delete(value);
          this.#answer(item, options.map((each) => each.value).filter((each) => chosen.has(each)));
        }
      });
      return h("label", { class: "choice", for: id }, input, h("span", {}, words));
    });
    return h("fieldset", {}, h("legend", {}, item.text ?? "", optionalMark(item)), many && h("p", { class: "hint" }, t("form.many")), ...rows);
  }

  /** @param {Item} item @param {unknown} value */
  #answer(item, value) {
    if (value === "" || value === undefined) delete this.answers[item.linkId];
    else this.answers[item.linkId] = value;
    const place = this.blocks.get(item.linkId)?.block.querySelector(".fault");
    if (place instanceof HTMLElement && !place.hidden) this.#showFault(item);
    this.#branch(true);
    this.changed();
  }

  /** @param {Item} item @returns {boolean} whether something is wrong */
  #showFault(item) {
    const block = this.blocks.get(item.linkId)?.block;
    const place = block?.querySelector(":scope > .fault");
    if (!block || !(place instanceof HTMLElement)) return false;
    const fault = faultOf(item, this.answers[item.linkId]);
    place.hidden = !fault;
    place.replaceChildren(...(fault ? [icon("circle-alert"), h("span", {}, t(fault.key, fault.params))] : []));
    for (const input of block.querySelectorAll("input, textarea")) input.setAttribute("aria-invalid", String(Boolean(fault)));
    return Boolean(fault);
  }

  /** Shows and hides what depends on answers. @param {boolean} tell whether a new emergency is spoken */
  #branch(tell) {
    const shown = shownLinks(this.all, this.answers);
    for (const { item, block } of this.blocks.values()) {
      const appears = block.hidden && shown.has(item.linkId);
      block.hidden = !shown.has(item.linkId);
      if (appears && tell && item.type === "display") announce(item.text, { urgent: isEmergency(item) });
    }
  }
}

/**
 * The emergency words that hold now; they stay on every page.
 *
 * @param {Item[]} all
 * @param {import("/pages/questionnaire.js").Answers} answers
 * @returns {Item[]}
 */
export function emergenciesNow(all, answers) {
  const shown = shownLinks(all, answers);
  return [...walk(all)].filter((item) => item.type === "display" && isEmergency(item) && shown.has(item.linkId));
}

/** @param {Item} item */
export function displayBlock(item) {
  const urgent = isEmergency(item);
  return h("p", { class: `line banner ${urgent ? "danger" : "advice"}` }, icon(urgent ? "triangle-alert" : "circle-alert"), h("span", {}, item.text ?? ""));
}

/** @param {Item} item */
function optionalMark(item) {
  return item.required ? null : h("span", { class: "optional" }, ` ${t("form.optional")}`);
}

/** @param {Item} item */
function numberHint(item) {
  const { min, max } = bounds(item);
  const range = min !== undefined && max !== undefined ? t("form.from-to", { min, max }) : "";
  return [unitOf(item) && t("form.unit", { unit: unitOf(item) }), range].filter(Boolean).join(" ");
}

/** @param {string} text @returns {number | string | undefined} what was typed, if it is no number */
function numberOf(text) {
  const typed = text.trim().replace(",", ".");
  if (!typed) return undefined;
  return /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : text;
}
