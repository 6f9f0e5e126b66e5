/**
 * The last step before sending: everything at a glance, each part can be changed; then the receipt or why it must wait.
 */
import { ApiProblem } from "/pages/api.js";
import { button, h, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { problemSentence } from "/pages/problems.js";
import { answerWords, isEmpty, shownLinks, walk } from "/pages/questionnaire.js";
import { announce, banner } from "/pages/shell.js";
import { measurementWords } from "/pages/submit_measures.js";
import { UploadList } from "/pages/upload_list.js";

/**
 * @param {import("/pages/submit.js").Steps} steps
 * @param {string} [problem] why the clinic's server sent it back
 */
export function showReview(steps, problem = "") {
  const review = new Review(steps);
  review.show();
  if (problem) review.tell(problem);
}

class Review {
  /** @param {import("/pages/submit.js").Steps} steps */
  constructor(steps) {
    this.steps = steps;
    this.place = h("div", { role: "status" });
    this.sendButton = button(t("review.send"), () => this.#send(), { kind: "primary", icon: "send" });
    this.lists = /** @type {const} */ (["photo", "video", "document"]).map((kind) => new UploadList(steps.uploads, kind));
    this.onUploads = () => this.#follow();
  }

  show() {
    this.steps.uploads.addEventListener("change", this.onUploads);
    this.steps.show({
      title: t("review.title"),
      lead: t("review.lead"),
      body: [...this.steps.all.map((step) => this.#part(step)), this.place],
      actions: [this.sendButton],
      closing: () => {
        this.steps.uploads.removeEventListener("change", this.onUploads);
        for (const list of this.lists) list.close();
      },
    });
    this.#follow();
  }

  /** @param {import("/pages/submit.js").StepEntry} step */
  #part(step) {
    const content = this.#content(step);
    if (!content) return null;
    const change = button(t("review.change"), () => this.steps.goTo(step.id), { kind: "quiet" });
    change.classList.add("small-button");
    change.setAttribute("aria-label", t("review.change.name", { name: step.title }));
    return h("section", { class: "card review" }, h("div", { class: "part-head" }, h("h2", {}, step.title), change), ...content);
  }

  /** @param {import("/pages/submit.js").StepEntry} step @returns {HTMLElement[] | null} */
  #content(step) {
    const { draft, uploads } = this.steps;
    if (step.item) return this.#answers(step.item);
    const index = ["photo", "video", "document"].indexOf(step.id);
    if (index >= 0) return uploads.of(step.id).length ? [this.lists[index].element] : [nothing()];
    const kept = (draft.state.measurements ?? []).filter((/** @type {any} */ each) => each.kind === step.id);
    return kept.length ? kept.map((/** @type {any} */ each) => h("p", {}, measurementWords(each))) : [nothing()];
  }

  /** @param {import("/pages/questionnaire.js").Item} top @returns {HTMLElement[] | null} */
  #answers(top) {
    const { items, answers } = this.steps.draft;
    const shown = shownLinks(items, answers);
    if (!shown.has(top.linkId)) return null;
    const words = { yes: t("form.yes"), no: t("form.no") };
    const pairs = [...walk([top])]
      .filter((item) => shown.has(item.linkId) && !isEmpty(answers[item.linkId]))
      .map((item) => h("div", {}, h("dt", {}, item.text ?? ""), h("dd", {}, answerWords(item, answers[item.linkId], words))));
    return pairs.length ? [h("dl", {}, ...pairs)] : [nothing()];
  }

  /** Says why sending has to wait. */
  #follow() {
    const { uploads } = this.steps;
    if (this.waiting) return;
    if (uploads.stuck.length) this.place.replaceChildren(banner(t("review.stuck")));
    else if (uploads.busy) this.place.replaceChildren(line("upload", t("review.busy")));
    else this.place.replaceChildren();
  }

  async #send() {
    const { uploads, draft } = this.steps;
    if (uploads.stuck.length) {
      announce(t("review.stuck"), { urgent: true });
      return;
    }
    this.waiting = true;
    this.sendButton.disabled = true;
    this.place.replaceChildren(line("upload", t(uploads.busy ? "review.waiting-files" : "review.sending")));
    await uploads.queue;
    this.waiting = false;
    if (uploads.stuck.length) return this.#again("");
    try {
      await draft.save();
      this.steps.sent(await draft.submit(submissionId()));
    } catch (error) {
      this.#refused(error);
    }
    return undefined;
  }

  /** @param {unknown} error */
  #refused(error) {
    const { problem, details } = error instanceof ApiProblem ? error : new ApiProblem("no-network", 0);
    const link = details.linkIds?.[0];
    const step = this.steps.all.find(({ id, item }) => id === link || (item && [...walk([item])].some(({ linkId }) => linkId === link)));
    if (problem === "already-submitted") this.steps.sent(true);
    else if (problem === "answers-invalid" && step) this.steps.goTo(step.id, true);
    else this.#again(problemSentence(problem));
  }

  /** @param {string} words */
  #again(words) {
    this.sendButton.disabled = false;
    this.#follow();
    if (!words) return;
    this.tell(words);
    this.sendButton.focus();
  }

  /** @param {string} words what went wrong */
  tell(words) {
    this.place.replaceChildren(banner(words, "danger"));
    announce(words, { urgent: true });
  }
}

function nothing() {
  return h("p", { class: "small" }, t("review.nothing"));
}

/** One id for this submission, also after a reload, so that a lost answer never makes a second case. */
export function submissionId() {
  const key = "submission-id";
  const id = sessionStorage.getItem(key) ?? crypto.randomUUID();
  sessionStorage.setItem(key, id);
  return id;
}
