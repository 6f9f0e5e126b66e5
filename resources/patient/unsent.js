/**
 * What the clinic did not get before the visit ended: shown while it is delivered; saved as a file or deleted by the patient alone.
 */
import { button, h } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { LateDelivery, fileOf } from "/pages/late_delivery.js";
import { announce, banner } from "/pages/shell.js";

const RELEASE_MS = 60_000;
/** @type {Record<string, string>} */
const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "audio/webm": "webm", "audio/mp4": "m4a", "video/webm": "webm", "video/mp4": "mp4" };

/**
 * Delivers what was not sent and shows it on the page that is shown; adds nothing when the clinic has all.
 *
 * @param {import("/pages/chat.js").Chat} chat of the visit that ended
 */
export async function showUnsent(chat) {
  await chat.settle();
  if (chat.lines.length) await new UnsentBox(chat).deliver();
  else allowClosing();
}

/** The page may be closed only when nothing is left to send. */
function allowClosing() {
  const words = document.getElementById("may-close");
  if (words) words.hidden = false;
}

class UnsentBox {
  /** @param {import("/pages/chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.delivery = new LateDelivery(chat);
    this.told = "";
    this.head = h("div");
    this.lead = h("p");
    this.help = h("p", { hidden: true }, t("unsent.help"));
    /** @type {Map<string, {state: HTMLElement, save: HTMLElement | null}>} */
    this.rows = new Map();
    const list = h("ul", { role: "list", "aria-label": t("unsent.list") }, ...this.delivery.lines.map((line) => this.#row(line)));
    this.remover = h("div", {}, this.#remover());
    this.element = h("section", { class: "card", "aria-label": t("unsent.box") }, this.head, this.lead, list, this.help, this.remover);
    this.delivery.addEventListener("change", () => this.#update());
  }

  async deliver() {
    document.querySelector("main .body")?.prepend(this.element);
    this.#update();
    await this.delivery.run();
    this.#update();
  }

  /** @param {import("/pages/chat.js").Line} line */
  #row(line) {
    const file = fileOf(line);
    const words = line.text || t("unsent.file");
    const state = h("p", { class: "small state" });
    const save = file && button(t("unsent.save", { what: words }), () => saveFile(file, line.id), { kind: "plain" });
    this.rows.set(line.id, { state, save });
    return h("li", {}, h("p", {}, words), state, save);
  }

  #update() {
    for (const [id, { state, save }] of this.rows) {
      const now = this.delivery.states.get(id) ?? "waiting";
      state.textContent = now === "sending" && this.delivery.percent ? t("unsent.percent", { percent: this.delivery.percent }) : t(`unsent.state.${now}`);
      if (now === "delivered" || now === "passed-on") save?.remove();
    }
    this.#tell(this.#whole());
  }

  /** How it stands with all of it: "done", "stuck" (only the patient can do something), "waiting" or "sending". */
  #whole() {
    const { delivery } = this;
    if (!delivery.left) return "done";
    if (delivery.some("broken")) return "waiting";
    return delivery.some("sending") || delivery.some("waiting") ? "sending" : "stuck";
  }

  /** @param {"done" | "stuck" | "waiting" | "sending"} whole */
  #tell(whole) {
    const title = whole === "stuck" ? t("unsent.title", { count: this.delivery.left }) : t(`unsent.title.${whole}`);
    if (title === this.told) return;
    this.told = title;
    const lead = t(`unsent.lead.${whole}`);
    this.head.replaceChildren(banner(title, whole === "done" ? "good" : "warn"));
    this.lead.textContent = lead;
    this.help.hidden = whole !== "stuck";
    this.remover.hidden = whole === "done";
    if (whole === "done") allowClosing();
    announce(`${title}. ${lead}`, { urgent: whole === "stuck" });
  }

  /** The first press asks, the second one deletes. */
  #remover() {
    const first = button(t("unsent.delete"), () => {
      const second = button(t("unsent.delete.sure"), async () => {
        this.delivery.stop();
        await this.chat.forget();
        this.element.remove();
        allowClosing();
        announce(t("unsent.deleted"));
      }, { kind: "danger" });
      first.replaceWith(second);
      second.focus();
    }, { kind: "quiet" });
    return first;
  }
}

/** @param {Blob} file @param {string} id */
function saveFile(file, id) {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: `message-${id.slice(0, 8)}.${ENDINGS[file.type.split(";")[0]] ?? "bin"}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), RELEASE_MS);
}
