/**
 * The first step of both pages: a button that exchanges the link, the date of birth when it is asked for, and the pages for
 * a link that no longer works.
 */
import { ApiProblem } from "/pages/api.js";
import { button, h, icon, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { problemSentence } from "/pages/problems.js";
import { exchange, tokenOfLink } from "/pages/session.js";
import { announce, banner } from "/pages/shell.js";

const PICTURES = { visit: ["camera", "clock", "lock"], submit: ["list-checks", "clock", "lock"] };
const DEAD = new Set(["expired", "revoked", "unknown"]);

/**
 * Shows the welcome and ends when there is a session. A link that does not work ends on its own page and never returns.
 *
 * @param {import("/pages/shell.js").Shell} shell
 * @param {"visit" | "submit"} kind
 * @param {() => void} pressed runs in the button's handler
 * @returns {Promise<import("/pages/session.js").Session>}
 */
export function welcome(shell, kind, pressed = () => undefined) {
  return new Promise((resolve) => {
    if (!tokenOfLink()) {
      showDeadLink(shell, "unknown");
      return;
    }
    const problem = h("div");
    const start = button(t("welcome.start"), async () => {
      pressed();
      await tryExchange(shell, kind, "", resolve, problem, start);
    }, { kind: "primary" });
    shell.show({
      title: t(`welcome.${kind}.title`),
      lead: t(`welcome.${kind}.lead`),
      body: [
        h("div", { class: "lines" }, ...PICTURES[kind].map((name, index) => line(name, t(`welcome.${kind}.line${index + 1}`)))),
        problem,
      ],
      actions: [start],
      emergency: true,
    });
  });
}

/**
 * @param {import("/pages/shell.js").Shell} shell
 * @param {"visit" | "submit"} kind
 * @param {string} birthDate
 * @param {(session: import("/pages/session.js").Session) => void} resolve
 * @param {HTMLElement} place where a problem is told
 * @param {HTMLButtonElement} start
 */
async function tryExchange(shell, kind, birthDate, resolve, place, start) {
  start.disabled = true;
  try {
    resolve(await exchange(kind, birthDate));
  } catch (error) {
    const code = error instanceof ApiProblem ? error.problem : "no-network";
    if (DEAD.has(code)) showDeadLink(shell, code);
    else if (code === "birth-date-needed") askBirthDate(shell, kind, resolve);
    else {
      start.disabled = false;
      place.replaceChildren(banner(problemSentence(code), "danger"));
      announce(problemSentence(code), { urgent: true });
    }
  }
}

/**
 * @param {import("/pages/shell.js").Shell} shell
 * @param {"visit" | "submit"} kind
 * @param {(session: import("/pages/session.js").Session) => void} resolve
 */
function askBirthDate(shell, kind, resolve) {
  const parts = ["day", "month", "year"].map((part) => birthField(part));
  const problem = h("div");
  const fault = h("p", { class: "fault", id: "birth-fault", hidden: true }, icon("circle-alert"), h("span", {}, t("birth.invalid")));
  const go = async () => {
    const date = birthDateOf(parts.map((field) => field.input.value));
    fault.hidden = date !== "";
    for (const { input } of parts) input.setAttribute("aria-invalid", String(date === ""));
    if (!date) parts[0].input.focus();
    else await tryExchange(shell, kind, date, resolve, problem, next);
  };
  const next = button(t("birth.next"), go, { kind: "primary" });
  const form = h(
    "form",
    { novalidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); go(); } },
    h("fieldset", { "aria-describedby": "birth-fault" }, h("legend", {}, t("birth.label")),
      h("p", { class: "hint" }, t("birth.hint")), h("div", { class: "birth" }, ...parts.map((field) => field.block))),
    fault,
    h("button", { type: "submit", hidden: true }),
  );
  shell.show({ title: t("birth.title"), lead: t("birth.lead"), body: [form, problem], actions: [next] });
}

/** @param {string} part */
function birthField(part) {
  const id = `birth-${part}`;
  const input = h("input", { type: "text", id, inputmode: "numeric", maxlength: part === "year" ? 4 : 2, autocomplete: `bday-${part}` });
  return { input, block: h("div", { class: part }, h("label", { for: id }, t(`birth.${part}`)), input) };
}

/** @param {string[]} values day, month, year @returns {string} YYYY-MM-DD, empty if there is no such day */
function birthDateOf([day, month, year]) {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const same = date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1;
  if (!same || Number(year) < 1890 || date.getTime() > Date.now()) return "";
  return date.toISOString().slice(0, 10);
}

/**
 * The page for a link that is over, withdrawn, or was never one.
 *
 * @param {import("/pages/shell.js").Shell} shell
 * @param {string} code "expired", "revoked" or "unknown"
 */
export function showDeadLink(shell, code) {
  const key = DEAD.has(code) ? code : "unknown";
  shell.show({
    title: t(`dead.${key}.title`),
    lead: t(`dead.${key}.lead`),
    body: [h("div", { class: "lines" }, line("shield-check", t("dead.safe")), line("phone", t("dead.do")))],
    emergency: true,
  });
}
