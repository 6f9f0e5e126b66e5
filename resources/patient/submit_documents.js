/**
 * The step for documents: PDF, or a photo of a paper.
 */
import { button, h } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { filePicker } from "/pages/photo.js";
import { problemSentence } from "/pages/problems.js";
import { announce, banner } from "/pages/shell.js";
import { whatHappens } from "/pages/submit_photos.js";
import { UploadList } from "/pages/upload_list.js";
import { FILE_BYTES } from "/pages/uploads.js";

const KINDS = new Set(["application/pdf", "image/jpeg", "image/png"]);

/** @param {import("/pages/submit.js").Steps} steps */
export function showDocuments(steps) {
  const { uploads } = steps;
  const problem = h("div");
  const chooser = filePicker({ accept: "application/pdf,image/jpeg,image/png", many: true }, (files) => {
    problem.replaceChildren();
    for (const file of files) {
      const code = !KINDS.has(file.type) ? "kind-not-allowed" : file.size > FILE_BYTES ? "too-large" : "";
      if (!code) uploads.add("document", file, file.name);
      else {
        problem.append(banner(`${file.name}: ${problemSentence(code)}`, "danger"));
        announce(problemSentence(code), { urgent: true });
      }
    }
  });
  const actions = h("div", { class: "actions" });
  const draw = () => {
    const some = uploads.of("document").length > 0;
    const choose = button(t("document.choose"), chooser.open, { kind: some ? "plain" : "primary", icon: "paperclip" });
    const next = button(t(some ? "submit.next" : "document.skip"), () => steps.next(), { kind: some ? "primary" : "quiet" });
    actions.replaceChildren(...(some ? [next, choose] : [choose, next]));
  };
  const list = new UploadList(uploads, "document", draw);
  draw();
  steps.show({
    title: t("document.title"),
    lead: t("document.lead"),
    body: [list.element, problem, whatHappens("document"), chooser.field],
    actions: [actions],
    closing: () => list.close(),
  });
}
