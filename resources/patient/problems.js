/**
 * What to tell a person about a problem code of the gateway.
 */
import { has, t } from "/pages/i18n.js";

/**
 * One or two sentences: what happened, what is safe, what they can do.
 *
 * @param {string} code
 * @returns {string}
 */
export function problemSentence(code) {
  return has(`problem.${code}`) ? t(`problem.${code}`) : t("problem.other");
}
