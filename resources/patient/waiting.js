/**
 * The waiting room: who knows that you are here, when it is your turn, what the clinic writes.
 */
import { button, h, line } from "/pages/dom.js";
import { clockTime, t } from "/pages/i18n.js";
import { announce, banner } from "/pages/shell.js";

/** @typedef {{id: string, text: string, sent_ms: number}} Message */

export class WaitingRoom {
  /**
   * @param {import("/pages/shell.js").Shell} shell
   * @param {{clinician: string, start_ms: number, outcome: string}} visit
   * @param {() => void} left
   */
  constructor(shell, visit, left) {
    this.shell = shell;
    this.visit = visit;
    this.left = left;
    this.state = "available";
    this.since_ms = Date.now();
    /** @type {Message[]} */
    this.messages = [];
    this.stateLine = h("p", { class: "lead", role: "status" });
    this.list = h("ul", { class: "messages", role: "list" });
    this.messageBox = h("section", { class: "card", "aria-label": t("waiting.messages"), hidden: true }, h("h2", {}, t("waiting.messages")), this.list);
    this.waited = h("p", { class: "number" });
    this.link = h("div", { role: "status" });
  }

  show() {
    const { outcome, start_ms } = this.visit;
    this.shell.show({
      title: t("waiting.title"),
      progress: { at: 3, of: 3 },
      note: start_ms ? t("waiting.at", { time: clockTime(start_ms) }) : undefined,
      body: [
        this.stateLine,
        this.link,
        h("div", { class: "card" }, h("p", { class: "small" }, t("waiting.waited")), this.waited, h("p", { class: "small" }, t("waiting.longer"))),
        this.messageBox,
        h("div", { class: "lines" },
          line(outcome === "ok" ? "circle-check" : "circle-alert", t(`waiting.devices.${outcome}`), outcome === "ok" ? "good" : "warn"),
          line("lock", t("waiting.nobody")),
          line("clock", t("waiting.come-back"))),
      ],
      actions: [button(t("waiting.leave"), () => this.left(), { kind: "quiet" })],
      emergency: true,
    });
    this.setState(this.state);
    this.#tick();
    this.timer = setInterval(() => this.#tick(), 5_000);
  }

  /** @param {string} state of the clinician */
  setState(state) {
    this.state = state;
    this.stateLine.textContent = t(`waiting.state.${state}`, { clinician: this.visit.clinician });
  }

  /** @param {boolean} here whether the socket is connected */
  setConnected(here) {
    this.link.replaceChildren(...(here ? [] : [banner(t("waiting.offline"))]));
  }

  /** @param {Message} message */
  add(message) {
    if (this.messages.some(({ id }) => id === message.id)) return;
    this.messages.push(message);
    this.messageBox.hidden = false;
    this.list.append(h("li", {}, h("p", {}, message.text), h("p", { class: "small" }, clockTime(message.sent_ms))));
    announce(t("waiting.new-message", { clinician: this.visit.clinician, text: message.text }), { urgent: true });
  }

  close() {
    clearInterval(this.timer);
  }

  #tick() {
    const minutes = Math.floor((Date.now() - this.since_ms) / 60_000);
    this.waited.textContent = minutes ? t("waiting.minutes", { count: minutes }) : t("waiting.just-now");
  }
}
