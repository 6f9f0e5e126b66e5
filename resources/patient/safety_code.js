/**
 * The safety code: four words that are the same on both screens only if nobody sits between them.
 *
 * docs/signalling.md has the exact bytes; docs/security.md says what the code can't prove.
 */

/** 32 random bytes in hex. */
export function makeNonce() {
  return toHex(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * Whether a revealed nonce is the one that was committed to.
 *
 * @param {string} commitment hex
 * @param {string} nonce hex
 * @returns {Promise<boolean>}
 */
export async function matches(commitment, nonce) {
  if (!/^[0-9a-f]{64}$/.test(nonce)) return false;
  const bytes = Uint8Array.from(nonce.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return toHex(await sha256(bytes)) === commitment;
}

/**
 * The SHA-256 fingerprint of the certificate in a session description, in upper case with colons.
 *
 * Where two differ, a browser may check one certificate while the words are made of the other.
 *
 * @param {string} sdp
 * @returns {string} empty unless it is named, always the same, and nowhere else is a fingerprint spoken of
 */
export function fingerprintOf(sdp) {
  const named = sdp.match(/fingerprint/gi) ?? [];
  const lines = sdp.match(/^a=fingerprint:sha-256 (?:[0-9a-f]{2}:){31}[0-9a-f]{2}\r?$/gim) ?? [];
  const values = new Set(lines.map((each) => each.trim().split(" ")[1].toUpperCase()));
  return values.size === 1 && lines.length === named.length ? [...values][0] : "";
}

/**
 * The four words.
 *
 * @param {{console: string, page: string}} fingerprints
 * @param {{console: string, page: string}} nonces
 * @returns {Promise<string[]>}
 */
export async function safetyWords(fingerprints, nonces) {
  const response = await fetch("/pages/words.json");
  /** @type {string[]} */
  const words = await response.json();
  const text = ["teleconsole-safety-code", fingerprints.console, fingerprints.page, nonces.console, nonces.page].join("|");
  const digest = await sha256(new TextEncoder().encode(text));
  return Array.from(digest.slice(0, 4), (byte) => words[byte]);
}

/** @param {BufferSource} bytes */
async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array} bytes */
function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
