/**
 * Which questions of a FHIR Questionnaire are shown, and whether an answer fits. No screen here.
 *
 * The subset is that of resources/questionnaires/README.md. Answers are linkId → value as docs/signalling.md has them.
 */

/** @typedef {Record<string, any>} Item an item of a Questionnaire */
/** @typedef {Record<string, any>} Answers */

const MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue";
const UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit";
const ASKS_FOR = "urn:teleconsole:asks-for";
const DISPLAY_KIND = "urn:teleconsole:display-kind";
const TEXT_CHARACTERS = 8_000;

/**
 * All items, each before its children.
 *
 * @param {Item[]} items
 * @returns {Generator<Item>}
 */
export function* walk(items) {
  for (const item of items) {
    yield item;
    yield* walk(item.item ?? []);
  }
}

/**
 * The linkIds of the items that are shown now. A hidden question fits no condition; a hidden group hides all in it.
 *
 * @param {Item[]} items
 * @param {Answers} answers
 * @returns {Set<string>}
 */
export function shownLinks(items, answers) {
  const types = new Map(Array.from(walk(items), (item) => [item.linkId, item]));
  /** @type {Set<string>} */
  const shown = new Set();
  const show = (/** @type {Item[]} */ some) => {
    for (const item of some) {
      const holds = (item.enableWhen ?? []).map((/** @type {Item} */ condition) => fits(condition, types.get(condition.question), answers, shown));
      const enabled = !holds.length || (item.enableBehavior === "any" ? holds.some(Boolean) : holds.every(Boolean));
      if (!enabled) continue;
      shown.add(item.linkId);
      show(item.item ?? []);
    }
  };
  show(items);
  return shown;
}

/** @param {Item} condition @param {Item | undefined} question @param {Answers} answers @param {Set<string>} shown */
function fits(condition, question, answers, shown) {
  if (!question || !shown.has(question.linkId) || isEmpty(answers[question.linkId])) return false;
  const values = [answers[question.linkId]].flat();
  const wanted = condition.answerCoding?.code ?? condition.answerBoolean ?? condition.answerInteger ?? condition.answerString
    ?? condition.answerDate ?? condition.answerDecimal;
  return values.some((value) => (value === wanted) === (condition.operator === "="));
}

/**
 * The answers that may be sent: those of shown items, without empty ones.
 *
 * @param {Item[]} items
 * @param {Answers} answers
 * @returns {Answers}
 */
export function shownAnswers(items, answers) {
  const shown = shownLinks(items, answers);
  return Object.fromEntries(Object.entries(answers).filter(([link, value]) => shown.has(link) && !isEmpty(value)));
}

/** @param {unknown} value */
export function isEmpty(value) {
  return value === undefined || value === null || (typeof value === "string" && !value.trim()) || (Array.isArray(value) && !value.length);
}

/**
 * What is wrong with an answer: a key of the catalogue with its parameters, or null.
 *
 * @param {Item} item
 * @param {unknown} value
 * @returns {{key: string, params: Record<string, string | number>} | null}
 */
export function faultOf(item, value) {
  const fault = (/** @type {string} */ key, params = {}) => ({ key, params });
  if (item.type === "group" || item.type === "display") return null;
  if (isEmpty(value)) return item.required ? fault("form.fault.required") : null;
  if (item.type === "string" || item.type === "text") {
    const longest = item.maxLength ?? TEXT_CHARACTERS;
    return String(value).length > longest ? fault("form.fault.too-long", { count: longest }) : null;
  }
  if (!["integer", "decimal", "quantity"].includes(item.type)) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return fault("form.fault.number");
  if (item.type === "integer" && !Number.isInteger(value)) return fault("form.fault.whole");
  const { min, max } = bounds(item);
  if (min !== undefined && value < min) return fault("form.fault.low", { min });
  if (max !== undefined && value > max) return fault("form.fault.high", { max });
  return null;
}

/** @param {Item} item @returns {{min?: number, max?: number}} */
export function bounds(item) {
  const value = (/** @type {string} */ url) => {
    const found = extensions(item, url)[0];
    return found?.valueInteger ?? found?.valueDecimal ?? found?.valueQuantity?.value;
  };
  return { min: value(MIN_VALUE), max: value(MAX_VALUE) };
}

/** The unit of a quantity, empty without one. @param {Item} item @returns {string} */
export function unitOf(item) {
  const coding = extensions(item, UNIT)[0]?.valueCoding;
  return coding?.display ?? coding?.code ?? "";
}

/** Whether a display item is about an emergency. @param {Item} item */
export function isEmergency(item) {
  return extensions(item, DISPLAY_KIND).some((each) => each.valueCode === "emergency");
}

/**
 * The steps besides questions that a questionnaire asks for: photo, video, document, blood-pressure, weight.
 *
 * @param {Item} questionnaire
 * @returns {string[]}
 */
export function askedFor(questionnaire) {
  return extensions(questionnaire, ASKS_FOR).map((each) => each.valueCode);
}

/**
 * An answer in words.
 *
 * @param {Item} item
 * @param {any} value
 * @param {{yes: string, no: string}} words
 * @returns {string}
 */
export function answerWords(item, value, words) {
  if (item.type === "boolean") return value ? words.yes : words.no;
  if (item.type === "choice") {
    const display = (/** @type {string} */ code) => {
      const option = (item.answerOption ?? []).find((/** @type {Item} */ each) => each.valueCoding.code === code);
      return option?.valueCoding.display ?? code;
    };
    return [value].flat().map(display).join(", ");
  }
  return item.type === "quantity" ? `${value} ${unitOf(item)}` : String(value);
}

/** @param {Item} item @param {string} url @returns {Item[]} */
function extensions(item, url) {
  return (item.extension ?? []).filter((/** @type {Item} */ each) => each.url === url);
}
