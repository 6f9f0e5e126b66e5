/**
 * What the clinic did not get before the visit ended: kept, shown, saved as a file, and deleted by the patient alone.
 */
import { button, h } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { announce, banner } from "/pages/shell.js";

const RELEASE_MS = 60_000;
/** @type {Record<string, string>} */
const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "audio/webm": "webm", "audio/mp4": "m4a", "video/webm": "webm", "video/mp4": "mp4" };

/**
 * Adds to the page that is shown what was not sent; adds nothing when the clinic has all.
 *
 * @param {import("/pages/chat.js").Chat} chat of the visit that ended
 */
export async function showUnsent(chat) {
  const lines = await chat.settle();
  if (!lines.length) return;
  const title = t("unsent.title", { count: lines.length });
  const box = h("section", { class: "card", "aria-label": title },
    banner(title, "warn"),
    h("p", {}, t("unsent.lead")),
    h("ul", {}, ...lines.map(entry)),
    h("p", {}, t("unsent.help")));
  box.append(remover(chat, box));
  document.querySelector("main .body")?.prepend(box);
  announce(`${title}. ${t("unsent.lead")}`, { urgent: true });
}

/** @param {import("/pages/chat.js").Line} line */
function entry(line) {
  const file = line.photo;
  const words = line.text || t("unsent.file");
  if (file && file.type !== "text/plain") return h("li", {}, button(t("unsent.save", { what: words }), () => save(file, line.id), { kind: "plain" }));
  return h("li", {}, words, line.state === "unsent" && !file && h("p", { class: "small" }, t("unsent.lost")));
}

/** The first press asks, the second one deletes. @param {import("/pages/chat.js").Chat} chat @param {HTMLElement} box */
function remover(chat, box) {
  const first = button(t("unsent.delete"), () => {
    const second = button(t("unsent.delete.sure"), async () => {
      await chat.forget();
      box.remove();
      announce(t("unsent.deleted"));
    }, { kind: "danger" });
    first.replaceWith(second);
    second.focus();
  }, { kind: "quiet" });
  return first;
}

/** @param {Blob} file @param {string} id */
function save(file, id) {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: `message-${id.slice(0, 8)}.${ENDINGS[file.type.split(";")[0]] ?? "bin"}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), RELEASE_MS);
}
