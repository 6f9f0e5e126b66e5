/**
 * The step in which a person sees that camera, microphone, loudspeaker and network work, and how to go on when they don't.
 */
import { button, h, icon, line } from "/pages/dom.js";
import { t } from "/pages/i18n.js";
import { listDevices } from "/pages/media_devices.js";
import { announce, banner } from "/pages/shell.js";

const BARS = 16;
const SLOW_MS = 600;

/**
 * Shows the check and ends with what works.
 *
 * @param {import("/pages/shell.js").Shell} shell
 * @param {import("/pages/media_devices.js").LocalMedia} media
 * @param {import("/pages/sound.js").Sound} sound
 * @param {import("/pages/signal.js").Signal} signal
 * @returns {Promise<string>} a DeviceResult of the protocol
 */
export async function deviceCheck(shell, media, sound, signal) {
  shell.show({ title: t("check.title"), lead: t("check.opening"), progress: { at: 1, of: 3 }, body: [line("camera", t("check.allow"))] });
  await media.open();
  const network = checkNetwork(signal);
  return new Promise((resolve) => new CheckStep(shell, media, sound, network, resolve).show());
}

/** @param {import("/pages/signal.js").Signal} signal @returns {Promise<"good" | "slow" | "none">} */
async function checkNetwork(signal) {
  const times = [];
  for (let turn = 0; turn < 3; turn += 1) times.push(await signal.roundTrip());
  const known = times.filter((time_ms) => time_ms !== null).sort((a, b) => a - b);
  if (!known.length) return "none";
  return known[Math.floor(known.length / 2)] > SLOW_MS ? "slow" : "good";
}

class CheckStep {
  /**
   * @param {import("/pages/shell.js").Shell} shell
   * @param {import("/pages/media_devices.js").LocalMedia} media
   * @param {import("/pages/sound.js").Sound} sound
   * @param {Promise<"good" | "slow" | "none">} network
   * @param {(result: string) => void} done
   */
  constructor(shell, media, sound, network, done) {
    this.shell = shell;
    this.media = media;
    this.sound = sound;
    this.network = network;
    this.networkResult = "good";
    this.done = done;
    this.stopMeter = () => {};
  }

  show() {
    const outcome = this.media.outcome();
    const works = outcome === "ok";
    this.help = h("div", { class: "card lines", hidden: true }, h("h2", {}, t("check.help.title")),
      ...[1, 2, 3, 4].map((n) => line("chevron-right", t(`check.help.line${n}`))));
    const go = button(works ? t("check.works") : t(`check.go-on.${outcome}`), () => this.#finish(), { kind: "primary" });
    const other = works
      ? button(t("check.help"), () => this.#showHelp())
      : button(t("check.again"), () => this.#again(), { icon: "rotate-ccw" });
    this.shell.show({
      title: t("check.title"),
      lead: t(this.media.camera ? "check.lead" : "check.lead.no-camera"),
      progress: { at: 1, of: 3 },
      body: [this.#preview(), !works && banner(t(`check.fault.${outcome}`)), this.#meter(), this.#loudspeaker(), h("hr"),
        this.#network(), this.#choices(), this.help],
      actions: [go, other],
    });
    if (!works) announce(t(`check.fault.${outcome}`), { urgent: true });
  }

  #preview() {
    const frame = h("div", { class: "video-frame" });
    const stream = this.media.selfView();
    if (!stream) {
      frame.append(h("div", { class: "without" }, h("div", {}, icon("video-off"), h("p", {}, t("check.no-picture")))));
      return frame;
    }
    const video = h("video", { class: "mirror", autoplay: true, playsinline: true, muted: true, "aria-label": t("check.preview") });
    video.muted = true;
    video.srcObject = stream;
    frame.append(video);
    return frame;
  }

  #meter() {
    if (!this.media.microphone) return null;
    const bars = Array.from({ length: BARS }, () => h("i"));
    const meter = h("div", {
      class: "meter", role: "meter", "aria-label": t("check.level"), "aria-valuemin": 0, "aria-valuemax": BARS, "aria-valuenow": 0,
    }, ...bars);
    const words = h("p", {}, t("check.speak"));
    let heard = false;
    this.stopMeter = this.sound.measure(this.media.microphone, (level) => {
      const lit = Math.round(level * BARS);
      bars.forEach((bar, index) => bar.classList.toggle("lit", index < lit));
      meter.setAttribute("aria-valuenow", String(lit));
      if (lit < BARS / 3 || heard) return;
      heard = true;
      words.textContent = t("check.heard");
    });
    return h("div", {}, h("div", { class: "meter-line" }, icon("mic"), meter), words);
  }

  #loudspeaker() {
    return button(t("check.play"), () => {
      this.sound.play();
      announce(t("check.playing"));
    }, { icon: "volume-2" });
  }

  #network() {
    const place = h("div", { role: "status" }, line("wifi", t("check.network.checking")));
    this.network.then((result) => {
      this.networkResult = result;
      place.replaceChildren(line(result === "good" ? "circle-check" : "triangle-alert", t(`check.network.${result}`), result === "good" ? "good" : "warn"));
    });
    return place;
  }

  #choices() {
    const place = h("div");
    const box = h("details", {}, h("summary", {}, t("check.choose")), place);
    listDevices().then(({ cameras, microphones }) => {
      if (cameras.length + microphones.length < 2) box.hidden = true;
      const cameraNow = this.media.camera?.getSettings().deviceId ?? "";
      const microphoneNow = this.media.microphone?.getSettings().deviceId ?? "";
      place.append(
        deviceSelect("camera", cameras, cameraNow, async (id) => { await this.media.chooseCamera(id); this.#redraw(); }),
        deviceSelect("microphone", microphones, microphoneNow, async (id) => { await this.media.chooseMicrophone(id); this.#redraw(); }),
      );
    });
    return box;
  }

  #redraw() {
    this.stopMeter();
    this.show();
  }

  async #again() {
    this.stopMeter();
    await this.media.open();
    this.show();
  }

  #showHelp() {
    if (!this.help) return;
    this.help.hidden = false;
    this.help.tabIndex = -1;
    this.help.focus();
    this.help.scrollIntoView({ block: "nearest" });
  }

  #finish() {
    this.stopMeter();
    const outcome = this.media.outcome();
    this.done(outcome === "ok" && this.networkResult !== "good" ? "slow-network" : outcome);
  }
}

/**
 * @param {string} kind
 * @param {MediaDeviceInfo[]} devices
 * @param {string} chosen
 * @param {(deviceId: string) => void} changed
 */
function deviceSelect(kind, devices, chosen, changed) {
  const id = `choose-${kind}`;
  const options = devices.map((device, index) =>
    h("option", { value: device.deviceId, selected: device.deviceId === chosen }, device.label || t(`check.device.${kind}`, { n: index + 1 })));
  const select = h("select", { id }, ...options);
  select.addEventListener("change", () => changed(select.value));
  return h("div", {}, h("label", { for: id }, t(`check.choose.${kind}`)), select);
}
