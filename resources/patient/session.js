/**
 * Who this page is for: the token of the link, exchanged on a button press for a cookie.
 */
import { ApiProblem, request } from "/pages/api.js";

/**
 * @typedef {object} Session
 * @property {"visit" | "submit"} kind
 * @property {string} visitId
 * @property {string} clinic
 * @property {string} clinician
 * @property {string} firstName
 */

/** @typedef {"visit" | "submit"} Kind */

/** The token in the address, empty without one. It stands in the fragment, which never reaches a server's log. */
export function tokenOfLink() {
  return location.hash.slice(1);
}

/**
 * The running session of this browser, if this very link was opened in this tab before (a reload), or if the address has
 * no token (a page that leads here).
 *
 * @param {Kind} kind
 * @returns {Promise<Session | null>}
 * @throws {ApiProblem} without a network
 */
export async function resume(kind) {
  const token = tokenOfLink();
  if (token && sessionStorage.getItem(`link-${kind}`) !== (await digest(token))) return null;
  try {
    const { body } = await request("GET", `/patient/session?kind=${kind}`);
    return /** @type {Session} */ (body);
  } catch (error) {
    if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}

/**
 * Exchanges the link's token for a session.
 *
 * @param {Kind} kind
 * @param {string} birthDate YYYY-MM-DD, or empty
 * @returns {Promise<Session>}
 * @throws {ApiProblem} `birth-date-needed`, `birth-date-wrong`, `expired`, `revoked`, …
 */
export async function exchange(kind, birthDate = "") {
  const token = tokenOfLink();
  const { body } = await request("POST", "/patient/session", { json: birthDate ? { token, birthDate } : { token } });
  sessionStorage.setItem(`link-${kind}`, await digest(token));
  return /** @type {Session} */ (body);
}

/** @param {string} text */
async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
