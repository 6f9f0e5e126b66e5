/**
 * The gateway's HTTP interface, as this page uses it. Same origin only; the cookie goes along by itself.
 */

/** A request that was answered with a problem, or not at all (`problem` is then `no-network`). */
export class ApiProblem extends Error {
  /**
   * @param {string} problem a code of docs/signalling.md
   * @param {number} status
   * @param {Record<string, any>} details the rest of the answer
   */
  constructor(problem, status, details = {}) {
    super(problem);
    this.problem = problem;
    this.status = status;
    this.details = details;
  }
}

/**
 * Sends a request and gives the JSON of its answer.
 *
 * @param {string} method
 * @param {string} path
 * @param {{json?: unknown, bytes?: Blob, headers?: Record<string, string>, timeout_ms?: number, keepalive?: boolean}} [content]
 * @returns {Promise<{status: number, body: Record<string, any>, headers: Headers}>}
 * @throws {ApiProblem}
 */
export async function request(method, path, content = {}) {
  const headers = new Headers(content.headers);
  let body;
  if (content.json !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(content.json);
  } else if (content.bytes) {
    headers.set("Content-Type", "application/octet-stream");
    body = content.bytes;
  }
  const signal = AbortSignal.timeout(content.timeout_ms ?? 20_000);
  let response;
  let answer;
  try {
    response = await fetch(path, { method, headers, body, signal, keepalive: content.keepalive, cache: "no-store", redirect: "error" });
    answer = await readJson(response);
  } catch {
    throw new ApiProblem("no-network", 0);
  }
  if (!response.ok) throw new ApiProblem(answer.problem ?? "server-away", response.status, answer);
  return { status: response.status, body: answer, headers: response.headers };
}

/** @param {Response} response @returns {Promise<Record<string, any>>} */
async function readJson(response) {
  const text = await response.text();
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}
