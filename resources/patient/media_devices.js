/**
 * Camera and microphone of this computer: opened as far as the person and the hardware allow.
 */

/**
 * @typedef {"ok" | "no-camera" | "no-microphone" | "denied" | "no-devices"} Outcome what the clinician's waiting room shows
 */

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** What the person sends: a camera track, a microphone track, or one of them, or none. */
export class LocalMedia extends EventTarget {
  constructor() {
    super();
    /** @type {MediaStreamTrack | null} */
    this.camera = null;
    /** @type {MediaStreamTrack | null} */
    this.microphone = null;
    /** Why there is no camera or microphone: "denied", "missing", "busy" or empty. */
    this.cameraFault = "";
    this.microphoneFault = "";
    this.cameraId = sessionStorage.getItem("camera") ?? "";
    this.microphoneId = sessionStorage.getItem("microphone") ?? "";
    this.cameraOn = true;
    this.microphoneOn = true;
  }

  /** Opens both; if that fails each alone, so that one refusal leaves the other. */
  async open() {
    this.stop();
    if (!navigator.mediaDevices?.getUserMedia) {
      this.cameraFault = this.microphoneFault = "missing";
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: this.#video(), audio: this.#audio() });
      this.#take(stream);
    } catch {
      await this.#openAlone("video");
      await this.#openAlone("audio");
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Takes another camera.
   *
   * @param {string} deviceId
   */
  async chooseCamera(deviceId) {
    this.cameraId = deviceId;
    sessionStorage.setItem("camera", deviceId);
    this.camera?.stop();
    await this.#openAlone("video");
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Takes another microphone.
   *
   * @param {string} deviceId
   */
  async chooseMicrophone(deviceId) {
    this.microphoneId = deviceId;
    sessionStorage.setItem("microphone", deviceId);
    this.microphone?.stop();
    await this.#openAlone("audio");
    this.dispatchEvent(new Event("change"));
  }

  /** @param {boolean} on */
  setCameraOn(on) {
    this.cameraOn = on;
    if (this.camera) this.camera.enabled = on;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {boolean} on */
  setMicrophoneOn(on) {
    this.microphoneOn = on;
    if (this.microphone) this.microphone.enabled = on;
    this.dispatchEvent(new Event("change"));
  }

  /** A stream for the self view, without sound; null without a camera. */
  selfView() {
    return this.camera ? new MediaStream([this.camera]) : null;
  }

  /** @returns {Outcome} */
  outcome() {
    if (this.camera && this.microphone) return "ok";
    if (this.cameraFault === "denied" && this.microphoneFault === "denied") return "denied";
    if (!this.camera && !this.microphone) return "no-devices";
    return this.camera ? "no-microphone" : "no-camera";
  }

  /** Switches camera and microphone off; their lights go out. */
  stop() {
    this.camera?.stop();
    this.microphone?.stop();
    this.camera = this.microphone = null;
    this.cameraFault = this.microphoneFault = "";
  }

  #video() {
    return { ...VIDEO, ...(this.cameraId ? { deviceId: { ideal: this.cameraId } } : { facingMode: "user" }) };
  }

  #audio() {
    return { ...AUDIO, ...(this.microphoneId ? { deviceId: { ideal: this.microphoneId } } : {}) };
  }

  /** @param {"video" | "audio"} kind */
  async #openAlone(kind) {
    try {
      const wanted = kind === "video" ? { video: this.#video() } : { audio: this.#audio() };
      this.#take(await navigator.mediaDevices.getUserMedia(wanted));
    } catch (error) {
      const fault = faultOf(error);
      if (kind === "video") [this.camera, this.cameraFault] = [null, fault];
      else [this.microphone, this.microphoneFault] = [null, fault];
    }
  }

  /** @param {MediaStream} stream */
  #take(stream) {
    for (const track of stream.getTracks()) {
      if (track.kind === "video") {
        [this.camera, this.cameraFault] = [track, ""];
        track.contentHint = "motion";
        track.enabled = this.cameraOn;
      } else {
        [this.microphone, this.microphoneFault] = [track, ""];
        track.enabled = this.microphoneOn;
      }
      track.addEventListener("ended", () => this.#unplugged(track));
    }
  }

  /** A device was pulled out in the middle. @param {MediaStreamTrack} track */
  #unplugged(track) {
    if (track === this.camera) [this.camera, this.cameraFault] = [null, "missing"];
    else if (track === this.microphone) [this.microphone, this.microphoneFault] = [null, "missing"];
    else return;
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * The cameras and microphones that can be chosen.
 *
 * @returns {Promise<{cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[]}>}
 */
export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const usable = all.filter((device) => device.deviceId);
  return {
    cameras: usable.filter((device) => device.kind === "videoinput"),
    microphones: usable.filter((device) => device.kind === "audioinput"),
  };
}

/** @param {unknown} error */
function faultOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "missing";
}
