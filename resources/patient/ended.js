/**
 * The last page of a visit, one for each reason.
 */
import { button, h, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";

const MAY_COME_BACK = new Set(["ended-by-patient", "left", "opened-elsewhere"]);

/**
 * @param {import("/pages/shell.js").Shell} shell
 * @param {string} reason an EndReason of the protocol, or "left"
 * @param {string} clinician
 */
export function showEnded(shell, reason, clinician) {
  const lines = [line("lock", t("ended.devices-off"))];
  if (reason === "ended-by-clinician" || reason === "ended-by-patient") lines.push(line("file-text", t("ended.record")));
  shell.show({
    title: t(`ended.${reason}.title`, { clinician }),
    lead: t(`ended.${reason}.lead`, { clinician }),
    body: [h("div", { class: "lines" }, ...lines), reason === "ended-by-clinician" && h("p", { id: "may-close", hidden: true }, t("ended.close"))],
    actions: MAY_COME_BACK.has(reason) ? [button(t(`ended.${reason}.back`), () => location.reload())] : [],
    emergency: reason !== "opened-elsewhere",
  });
}
