/**
 * What comes after sending: the receipt, replies, follow-up questions, and "the clinician is calling you".
 */
import { ApiProblem, request } from "/pages/api.js";
import { button, h, icon, line } from "/pages/dom.js";
import { dayAndTime, t } from "/pages/i18n.js";
import { problemSentence } from "/pages/problems.js";
import { announce, banner } from "/pages/shell.js";
import { Signal } from "/pages/signal.js";

const LOOK_MS = 8_000;
const MESSAGE_CHARACTERS = 4_000;
const QUESTION = "follow-up-question";

export class Thread {
  /**
   * @param {import("/pages/shell.js").Shell} shell
   * @param {import("/pages/draft.js").Draft} draft
   * @param {string} clinician
   */
  constructor(shell, draft, clinician) {
    this.shell = shell;
    this.draft = draft;
    this.clinician = clinician;
    /** @type {Set<string>} */
    this.known = new Set();
    this.drawn = "";
    /** @type {string | null} */
    this.offered = null;
    /** An unsent text keeps its id, so that sending it twice is one message. */
    this.messageId = crypto.randomUUID();
    this.list = h("ol", { class: "thread", role: "list", "aria-label": t("thread.list"), hidden: true });
    this.call = h("div");
    this.problem = h("div");
    this.field = h("textarea", { id: "thread-field", rows: 4, maxlength: MESSAGE_CHARACTERS });
    this.label = h("label", { for: "thread-field" });
    this.signal = new Signal("submit");
    this.signal.addEventListener("frame", (event) => this.#frame(/** @type {CustomEvent} */ (event).detail));
  }

  show() {
    const { receipt, caseNumber } = this.draft.state;
    this.shell.show({
      title: t("thread.title"),
      lead: t("thread.lead"),
      body: [
        this.call,
        h("section", { class: "card", "aria-label": t("thread.receipt") }, line("circle-check", t("thread.received"), "good"),
          receipt && h("p", { class: "small" }, t("thread.receipt.number", { receipt })),
          caseNumber && h("p", { class: "small" }, t("thread.case.number", { caseNumber })),
          h("p", { class: "small" }, t("thread.come-back"))),
        this.list,
        h("form", { class: "answer", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#send(); } },
          this.label, this.field, this.problem, h("button", { type: "submit", class: "button primary" }, icon("send"), h("span", {}, t("thread.send")))),
      ],
      emergency: true,
    });
    this.label.textContent = t("thread.write");
    this.#draw(false);
    this.#offerCall(this.draft.state.calling ?? null, this.clinician);
    this.signal.open();
    this.timer = setInterval(() => this.#look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** Looks for replies. */
  async #look() {
    if (document.hidden) return;
    try {
      await this.draft.refresh();
      this.#draw(true);
      this.#offerCall(this.draft.state.calling ?? null, this.clinician);
    } catch {
      return; // the next look may find the network again
    }
  }

  /** Draws the thread when it changed: a line that waited gets another id once the clinic has it. @param {boolean} news whether what is new is spoken */
  #draw(news) {
    const entries = this.draft.state.thread ?? [];
    const now = JSON.stringify(entries);
    if (now === this.drawn) return;
    this.drawn = now;
    this.list.replaceChildren(...entries.map((/** @type {any} */ each) => this.#line(each)));
    this.list.hidden = !entries.length;
    for (const { id, from, text } of entries) {
      if (news && from !== "patient" && !this.known.has(id)) announce(t("chat.says", { clinician: this.clinician, text }), { urgent: true });
      this.known.add(id);
    }
    this.label.textContent = t(this.openQuestion ? "thread.answer" : "thread.write");
  }

  /** @param {{from: string, text: string, sent: string, kind: string, pending?: boolean}} entry */
  #line({ from, text, sent, kind, pending }) {
    const mine = from === "patient";
    const who = mine ? t("chat.me") : this.clinician;
    return h("li", { class: mine ? "mine" : "theirs" }, h("p", { class: "small" }, `${who} · ${dayAndTime(sent)}`),
      kind === QUESTION && h("p", { class: "tag" }, t("thread.question")), h("p", { class: "text" }, text),
      pending && h("p", { class: "small state" }, icon("clock"), h("span", {}, t("thread.pending"))));
  }

  /** The last question that the patient has not answered yet. @returns {string | undefined} */
  get openQuestion() {
    const entries = this.draft.state.thread ?? [];
    const last = entries.findLastIndex((/** @type {any} */ each) => each.kind === QUESTION);
    if (last < 0 || entries.slice(last + 1).some((/** @type {any} */ each) => each.from === "patient")) return undefined;
    return entries[last].id;
  }

  async #send() {
    const text = this.field.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    const inResponseTo = this.openQuestion;
    try {
      await this.draft.sendMessage({ id: this.messageId, text, ...(inResponseTo ? { inResponseTo } : {}) });
      this.messageId = crypto.randomUUID();
      this.field.value = "";
      this.problem.replaceChildren();
      this.#draw(false);
      announce(t("thread.sent"));
    } catch (error) {
      const words = problemSentence(error instanceof ApiProblem ? error.problem : "no-network");
      this.problem.replaceChildren(banner(words, "danger"));
      announce(words, { urgent: true });
    } finally {
      this.sending = false;
    }
  }

  /** @param {import("/pages/signal.js").Frame} frame */
  #frame(frame) {
    if (frame.type === "calling") this.#offerCall(frame.visitId, frame.clinician);
    else if (frame.type === "visit-ended") this.#offerCall(null, "");
  }

  /** @param {string | null} visitId @param {string} clinician */
  #offerCall(visitId, clinician) {
    if (visitId === this.offered) return;
    this.offered = visitId;
    if (!visitId) {
      this.call.replaceChildren();
      return;
    }
    const words = t("thread.calling", { clinician });
    const problem = h("div");
    const join = button(t("thread.join"), () => this.#join(visitId, problem), { kind: "primary", icon: "video" });
    this.call.replaceChildren(h("section", { class: "card calling", "aria-label": words }, h("h2", {}, icon("phone"), words), h("p", {}, t("thread.calling.words")), join, problem));
    document.title = words;
    announce(words, { urgent: true });
    this.call.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} visitId @param {HTMLElement} problem */
  async #join(visitId, problem) {
    try {
      const { body } = await request("POST", "/patient/join", { json: { visitId } });
      sessionStorage.setItem("joining", body.link.split("#")[1]); // the press on "Join" is the press that the link asks for
      location.assign(body.link);
    } catch (error) {
      const code = error instanceof ApiProblem ? error.problem : "no-network";
      problem.replaceChildren(banner(problemSentence(code), "danger"));
      announce(problemSentence(code), { urgent: true });
    }
  }
}
