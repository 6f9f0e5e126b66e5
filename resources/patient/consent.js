/**
 * The step that says what will happen, and asks for agreement.
 */
import { button, h, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";

const POINTS = [["video", "consent.talk"], ["lock", "consent.private"], ["camera", "consent.still"], ["circle", "consent.recording"], ["file-text", "consent.record"], ["x", "consent.stop"]];

/**
 * Ends with true when the person agrees, with false when they go back.
 *
 * @param {import("/pages/shell.js").Shell} shell
 * @param {string} clinician
 * @returns {Promise<boolean>}
 */
export function askConsent(shell, clinician) {
  return new Promise((resolve) => {
    shell.show({
      title: t("consent.title"),
      progress: { at: 2, of: 3 },
      body: [h("div", { class: "lines" }, ...POINTS.map(([name, key]) => line(name, t(key, { clinician }))))],
      actions: [
        button(t("consent.agree"), () => resolve(true), { kind: "primary" }),
        button(t("consent.back"), () => resolve(false), { kind: "quiet" }),
      ],
    });
  });
}
