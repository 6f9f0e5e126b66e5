/**
 * The step for photos. What happens with a photo stands above the button that takes it.
 */
import { button, h, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { filePicker, readablePhoto } from "/pages/photo.js";
import { problemSentence } from "/pages/problems.js";
import { announce, banner } from "/pages/shell.js";
import { UploadList } from "/pages/upload_list.js";
import { FILE_BYTES } from "/pages/uploads.js";

/** @typedef {import("/pages/submit.js").Steps} Steps */

/** @param {Steps} steps */
export function showPhotos(steps) {
  const { uploads } = steps;
  const problem = h("div");
  const take = async (/** @type {File[]} */ files) => {
    problem.replaceChildren();
    for (const file of files) {
      const { photo, problem: code } = await readablePhoto(file, FILE_BYTES);
      if (photo) uploads.add("photo", photo, photo === file ? file.name : `${file.name.replace(/\.\w+$/, "")}.jpg`);
      else {
        problem.append(banner(`${file.name}: ${problemSentence(code)}`, "danger"));
        announce(problemSentence(code), { urgent: true });
      }
    }
  };
  const camera = filePicker({ accept: "image/*", camera: true }, take);
  const chooser = filePicker({ accept: "image/jpeg,image/png,image/*", many: true }, take);
  const actions = h("div", { class: "actions" });
  const draw = () => {
    const some = uploads.of("photo").length > 0;
    const camera_ = button(t(some ? "photo.another" : "photo.take"), camera.open, { kind: some ? "plain" : "primary", icon: "camera" });
    const choose = button(t("photo.choose"), chooser.open, { icon: "image" });
    const next = button(t(some ? "submit.next" : "photo.skip"), () => steps.next(), { kind: some ? "primary" : "quiet" });
    actions.replaceChildren(...(some ? [next, camera_, choose] : [camera_, choose, next]));
  };
  const list = new UploadList(uploads, "photo", draw);
  draw();
  steps.show({
    title: t("photo.title"),
    lead: t("photo.lead"),
    body: [list.element, problem, whatHappens("photo"), camera.field, chooser.field],
    actions: [actions],
    closing: () => list.close(),
  });
}

/**
 * The card that says what happens with a file before it is taken.
 *
 * @param {"photo" | "video" | "document"} kind
 */
export function whatHappens(kind) {
  return h("section", { class: "card" }, h("h2", {}, t(`${kind}.what`)),
    line("eye", t("what.seen")), line("inbox", t("what.kept")), kind !== "document" && line("map-pin", t("what.place")));
}
