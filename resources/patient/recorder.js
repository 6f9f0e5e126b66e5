/**
 * Records camera and microphone, or the microphone alone, into one file, at most two minutes.
 */

export const LONGEST_MS = 120_000;
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
export const SOUND_TYPES = ["audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus", "audio/mp4"];

/** Events: `time` (detail: milliseconds so far), `done` (detail: Blob), `failed`. */
export class Recorder extends EventTarget {
  /** @param {MediaStream} stream @param {MediaRecorderOptions & {types?: string[]}} [options] */
  constructor(stream, { types = TYPES, ...rates } = { videoBitsPerSecond: 1_200_000, audioBitsPerSecond: 64_000 }) {
    super();
    const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(stream, { mimeType, ...rates });
    /** @type {Blob[]} */
    this.pieces = [];
    this.recorder.addEventListener("dataavailable", (event) => { if (event.data.size) this.pieces.push(event.data); });
    this.recorder.addEventListener("stop", () => this.#finish());
    this.recorder.addEventListener("error", () => this.dispatchEvent(new Event("failed")));
  }

  start() {
    this.started_ms = performance.now();
    this.recorder.start(1_000);
    this.timer = setInterval(() => {
      const time_ms = performance.now() - (this.started_ms ?? 0);
      this.dispatchEvent(new CustomEvent("time", { detail: time_ms }));
      if (time_ms >= LONGEST_MS) this.stop();
    }, 250);
  }

  stop() {
    clearInterval(this.timer);
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  #finish() {
    clearInterval(this.timer);
    const video = new Blob(this.pieces, { type: this.recorder.mimeType.split(";")[0] });
    this.dispatchEvent(video.size ? new CustomEvent("done", { detail: video }) : new Event("failed"));
  }
}
