/**
 * The submission page: which step comes when, how to go back, and where a person left off.
 */
import { ApiProblem } from "/pages/api.js";
import { button, h, line } from "/pages/dom.js";
import { Draft } from "/pages/draft.js";
import { t } from "/pages/i18n.js";
import { problemSentence } from "/pages/problems.js";
import { askedFor, faultOf, shownLinks, walk } from "/pages/questionnaire.js";
import { QuestionPage, displayBlock, emergenciesNow } from "/pages/questionnaire_view.js";
import { resume } from "/pages/session.js";
import { Shell, banner } from "/pages/shell.js";
import { showDocuments } from "/pages/submit_documents.js";
import { showMeasurements } from "/pages/submit_measures.js";
import { showPhotos } from "/pages/submit_photos.js";
import { showReview, submissionId } from "/pages/submit_review.js";
import { showVideo } from "/pages/submit_video.js";
import { Thread } from "/pages/thread.js";
import { Uploads } from "/pages/uploads.js";
import { welcome } from "/pages/welcome.js";

const TRY_AGAIN_MS = 3_000;

/**
 * @typedef {object} StepEntry
 * @property {string} id linkId of a page of questions, or "photo", "video", "document", "blood-pressure", "weight"
 * @property {string} title
 * @property {import("/pages/questionnaire.js").Item} [item]
 */

/** The steps of one submission, as each step's file sees them. */
export class Steps {
  /**
   * @param {Shell} shell
   * @param {Draft} draft
   * @param {string} clinician
   */
  constructor(shell, draft, clinician) {
    this.shell = shell;
    this.draft = draft;
    this.clinician = clinician;
    this.uploads = new Uploads();
    this.uploads.restore(draft.state.files ?? []);
    this.at = -1;
    this.closing = () => {};
    this.saved = h("p", { class: "small", role: "status" });
    draft.addEventListener("saved", () => { this.saved.textContent = t("submit.saved"); });
    draft.addEventListener("unsaved", () => { this.saved.textContent = t("submit.unsaved"); });
  }

  /** Pages of questions that are shown now, then the other steps. @returns {StepEntry[]} */
  get all() {
    const { items, answers, state } = this.draft;
    const shown = shownLinks(items, answers);
    const pages = items.filter((item) => shown.has(item.linkId) && item.type !== "display");
    return [
      ...pages.map((item) => ({ id: item.linkId, title: item.type === "group" ? item.text ?? "" : t("submit.first"), item })),
      ...askedFor(state.questionnaire ?? {}).map((id) => ({ id, title: t(`submit.step.${id}`) })),
    ];
  }

  /**
   * Shows one step in the frame of all.
   *
   * @param {import("/pages/shell.js").Step & {closing?: () => void}} step
   */
  show(step) {
    this.leave();
    this.closing = step.closing ?? (() => {});
    const total = this.all.length + 1;
    const emergencies = emergenciesNow(this.draft.items, this.draft.answers).filter(({ linkId }) => !this.#isOnPage(linkId));
    const back = this.at > 0 ? button(t("submit.back"), () => this.back(), { kind: "quiet" }) : null;
    this.saved.textContent = t("submit.kept");
    this.shell.show({
      ...step,
      progress: { at: Math.min(this.at + 1, total), of: total },
      body: [...emergencies.map(displayBlock), ...(step.body ?? [])],
      actions: [...(step.actions ?? []), back, this.saved],
    });
  }

  /** Lets go what the step that is shown holds. */
  leave() {
    const closing = this.closing;
    this.closing = () => {};
    closing();
  }

  /** The step that was shown before a reload; else the first page of questions that is not filled in; else what follows. */
  begin() {
    const { items, answers } = this.draft;
    const shown = shownLinks(items, answers);
    const last = this.all.findIndex(({ id }) => id === sessionStorage.getItem("step"));
    const open = this.all.findIndex(({ item }) =>
      !item || [...walk([item])].some((each) => shown.has(each.linkId) && faultOf(each, answers[each.linkId])));
    this.at = last >= 0 ? last : Math.max(0, open);
    this.#draw(false);
  }

  next() {
    this.at += 1;
    this.#draw(false);
  }

  back() {
    this.at -= 1;
    this.#draw(false);
  }

  /** @param {string} id @param {boolean} [faults] show what is wrong there */
  goTo(id, faults = false) {
    this.at = Math.max(0, this.all.findIndex((step) => step.id === id));
    this.#draw(faults);
  }

  /** @param {boolean} arrived whether the clinic has it already */
  sent(arrived) {
    this.leave();
    if (arrived) this.#receipt();
    else this.#waitForServer();
  }

  /** @param {boolean} faults */
  #draw(faults) {
    const step = this.all[this.at];
    sessionStorage.setItem("step", step?.id ?? "");
    this.draft.save().catch(() => undefined); // it goes on trying, and says so below the buttons
    if (!step) showReview(this);
    else if (step.item) this.#questions(step, step.item, faults);
    else if (step.id === "photo") showPhotos(this);
    else if (step.id === "video") showVideo(this);
    else if (step.id === "document") showDocuments(this);
    else showMeasurements(this, step.id === "weight" ? "weight" : "blood-pressure");
  }

  /** @param {StepEntry} step @param {import("/pages/questionnaire.js").Item} item @param {boolean} faults */
  #questions(step, item, faults) {
    const page = new QuestionPage(this.draft.items, item, this.draft.answers, () => this.draft.touch());
    this.show({
      title: step.title,
      body: [page.element],
      actions: [button(t("submit.next"), () => { if (page.check()) this.next(); }, { kind: "primary" })],
    });
    if (faults) page.check();
  }

  /** Whether the item stands on the page that is shown now, so that it is not shown twice. @param {string} linkId */
  #isOnPage(linkId) {
    const item = this.all[this.at]?.item;
    return item?.item?.some((/** @type {any} */ each) => each.linkId === linkId) ?? false;
  }

  /** Everything is kept safe at the gateway, which goes on by itself; the page only looks. */
  #waitForServer() {
    this.shell.show({ title: t("kept.title"), lead: t("kept.lead"), body: [line("shield-check", t("kept.safe"), "good")], emergency: true });
    const look = async () => {
      try {
        if (await this.draft.submit(submissionId())) await this.#receipt();
        else setTimeout(look, TRY_AGAIN_MS);
      } catch (error) {
        const refused = error instanceof ApiProblem && error.status >= 400 && error.status < 500;
        if (refused) this.#review(problemSentence(error.problem));
        else setTimeout(look, TRY_AGAIN_MS);
      }
    };
    setTimeout(look, TRY_AGAIN_MS);
  }

  /** @param {string} problem why it came back */
  #review(problem) {
    this.at = this.all.length;
    showReview(this, problem);
  }

  async #receipt() {
    sessionStorage.removeItem("submission-id");
    await this.draft.refresh().catch(() => undefined); // the receipt is already known
    new Thread(this.shell, this.draft, this.clinician).show();
  }
}

/** Starts the page. */
async function start() {
  const shell = new Shell(/** @type {HTMLElement} */ (document.getElementById("page")));
  const draft = new Draft();
  try {
    const session = (await resume("submit")) ?? (await welcome(shell, "submit"));
    shell.clinic = session.clinic;
    await draft.load();
    const { submitted, delivered } = draft.state;
    if (submitted && delivered) new Thread(shell, draft, session.clinician).show();
    else if (submitted) new Steps(shell, draft, session.clinician).sent(false);
    else new Steps(shell, draft, session.clinician).begin();
  } catch (error) {
    const words = problemSentence(error instanceof ApiProblem ? error.problem : "other");
    shell.show({ title: t("offline.title"), body: [banner(words, "danger")], actions: [button(t("offline.again"), () => location.reload(), { kind: "primary" })] });
  }
}

start();
