/**
 * The words of the pages, by key. Each language is one file in `i18n/` with the same keys.
 */
import { catalogue } from "/pages/i18n/en.js";

/** The language of times, dates and words. */
export const LANGUAGE = "en-GB";

/**
 * The sentence for a key, with `{name}` replaced by the parameter of that name.
 *
 * With a parameter `count`, the key `<key>.one` is taken for one thing if the catalogue has it.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
  const one = params.count === 1 ? catalogue[`${key}.one`] : undefined;
  const sentence = one ?? catalogue[key];
  if (sentence === undefined) throw new Error(`no words for ${key}`);
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/**
 * Whether the catalogue has this key.
 *
 * @param {string} key
 * @returns {boolean}
 */
export function has(key) {
  return key in catalogue;
}

/**
 * The time of day of an instant, as the person's clock shows it.
 *
 * @param {number | string} instant Unix time in milliseconds or an ISO date and time
 * @returns {string}
 */
export function clockTime(instant) {
  return new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

/**
 * Day and time of an instant.
 *
 * @param {number | string} instant
 * @returns {string}
 */
export function dayAndTime(instant) {
  const format = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(LANGUAGE, /** @type {Intl.DateTimeFormatOptions} */ (format)).format(new Date(instant));
}

/**
 * Minutes and seconds, such as 4:05.
 *
 * @param {number} duration_ms
 * @returns {string}
 */
export function minutesAndSeconds(duration_ms) {
  const seconds = Math.max(0, Math.floor(duration_ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * A size a person can read.
 *
 * @param {number} size_bytes
 * @returns {string}
 */
export function sizeWords(size_bytes) {
  if (size_bytes < 1_000_000) return `${Math.max(1, Math.round(size_bytes / 1000))} kB`;
  return `${(size_bytes / 1_000_000).toFixed(1)} MB`;
}
