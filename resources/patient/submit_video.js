/**
 * The step for a video message: said first what happens, then recorded, looked at, recorded again or sent.
 */
import { button, h, icon } from "/pages/dom.js";
import { minutesAndSeconds, t } from "/pages/i18n.js";
import { LocalMedia } from "/pages/media_devices.js";
import { filePicker } from "/pages/photo.js";
import { problemSentence } from "/pages/problems.js";
import { LONGEST_MS, Recorder } from "/pages/recorder.js";
import { announce, banner } from "/pages/shell.js";
import { whatHappens } from "/pages/submit_photos.js";
import { UploadList } from "/pages/upload_list.js";
import { FILE_BYTES } from "/pages/uploads.js";

const KINDS = new Set(["video/webm", "video/mp4"]);

/** @param {import("/pages/submit.js").Steps} steps */
export function showVideo(steps) {
  new VideoStep(steps).intro();
}

class VideoStep {
  /** @param {import("/pages/submit.js").Steps} steps */
  constructor(steps) {
    this.steps = steps;
    this.uploads = steps.uploads;
    this.media = new LocalMedia();
    this.url = "";
    this.recording = false;
    this.problem = h("div");
    this.chooser = filePicker({ accept: "video/webm,video/mp4" }, ([file]) => this.#chosen(file));
  }

  intro() {
    this.#leave();
    const some = this.uploads.of("video").length > 0;
    const list = new UploadList(this.uploads, "video", () => { if (this.uploads.of("video").length === 0) this.intro(); });
    const record = button(t(some ? "video.another" : "video.camera"), () => this.#prepare(), { kind: some ? "plain" : "primary", icon: "video" });
    const choose = button(t("video.choose"), this.chooser.open, { icon: "upload" });
    const next = button(t(some ? "submit.next" : "video.skip"), () => this.steps.next(), { kind: some ? "primary" : "quiet" });
    this.steps.show({
      title: t("video.title"),
      lead: t("video.lead"),
      body: [list.element, this.problem, whatHappens("video"), this.chooser.field],
      actions: some ? [next, record, choose] : [record, choose, next],
      closing: () => list.close(),
    });
  }

  async #prepare() {
    this.steps.leave(); // what the page before holds is let go first, so that it does not switch off what is opened now
    await this.media.open();
    const { camera, microphone } = this.media;
    if (!camera) {
      this.intro();
      this.#tell(t("video.no-camera"));
      return;
    }
    const stream = new MediaStream(microphone ? [camera, microphone] : [camera]);
    const video = h("video", { class: "mirror", autoplay: true, playsinline: true, muted: true, "aria-label": t("check.preview") });
    video.muted = true;
    video.srcObject = stream;
    this.steps.show({
      title: t("video.ready.title"),
      lead: t(microphone ? "video.ready.lead" : "video.ready.silent"),
      body: [h("div", { class: "video-frame" }, video)],
      actions: [
        button(t("video.start"), () => this.#record(stream), { kind: "primary", icon: "circle" }),
        button(t("video.not-now"), () => this.intro(), { kind: "quiet" }),
      ],
      closing: () => { if (!this.recording) this.#leave(); },
    });
  }

  /** @param {MediaStream} stream */
  #record(stream) {
    const recorder = new Recorder(stream);
    let left = false;
    this.recording = true;
    const time = h("span", { class: "time" }, t("video.time", { time: "0:00", longest: minutesAndSeconds(LONGEST_MS) }));
    const video = h("video", { class: "mirror", autoplay: true, playsinline: true, muted: true, "aria-label": t("check.preview") });
    video.muted = true;
    video.srcObject = stream;
    recorder.addEventListener("time", (event) => {
      const detail = /** @type {CustomEvent<number>} */ (event).detail;
      time.textContent = t("video.time", { time: minutesAndSeconds(detail), longest: minutesAndSeconds(LONGEST_MS) });
    });
    recorder.addEventListener("done", (event) => { if (!left) this.#review(/** @type {CustomEvent<Blob>} */ (event).detail); });
    recorder.addEventListener("failed", () => { if (!left) this.#failed(); });
    this.steps.show({
      title: t("video.recording"),
      body: [h("p", { class: "recording" }, icon("circle"), time), h("div", { class: "video-frame" }, video)],
      actions: [button(t("video.stop"), () => recorder.stop(), { kind: "primary", icon: "square" })],
      closing: () => {
        left = true; // by "Back" or to look at it; either way this page listens no more
        this.recording = false;
        recorder.stop();
        this.media.stop();
      },
    });
    recorder.start();
    announce(t("video.recording"));
  }

  #failed() {
    this.intro();
    this.#tell(t("video.failed"));
  }

  /** @param {Blob} file */
  #review(file) {
    this.url = URL.createObjectURL(file);
    const video = h("video", { src: this.url, controls: true, playsinline: true, "aria-label": t("video.yours") });
    const use = () => {
      const ending = file.type === "video/mp4" ? "mp4" : "webm";
      this.uploads.add("video", file, t("video.name", { ending }));
      this.intro();
    };
    this.steps.show({
      title: t("video.review.title"),
      lead: t("video.review.lead"),
      body: [h("div", { class: "video-frame" }, video)],
      actions: [
        button(t("video.use"), use, { kind: "primary", icon: "check" }),
        button(t("video.again"), () => this.#prepare(), { icon: "rotate-ccw" }),
        button(t("video.drop"), () => this.intro(), { kind: "quiet" }),
      ],
      closing: () => this.#leave(),
    });
  }

  /** @param {File} file */
  #chosen(file) {
    const code = !KINDS.has(file.type) ? "kind-not-allowed" : file.size > FILE_BYTES ? "too-large" : "";
    if (code) this.#tell(problemSentence(code));
    else {
      this.uploads.add("video", file, file.name);
      this.intro();
    }
  }

  /** @param {string} words */
  #tell(words) {
    this.problem.replaceChildren(banner(words, "danger"));
    announce(words, { urgent: true });
  }

  #leave() {
    this.media.stop();
    this.problem.replaceChildren();
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = "";
  }
}
