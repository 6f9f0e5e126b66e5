/**
 * Camera and microphone of this computer: opened as far as the person and the hardware allow.
 */

/**
 * @typedef {"ok" | "no-camera" | "no-microphone" | "denied" | "no-devices"} Outcome what the clinician's waiting room shows
 */

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
/** For heart and lung sounds: all of the above takes them for noise. */
const UNPROCESSED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

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
    this.unprocessed = false;
    /** The microphone as it is processed, while another track of it is sent unprocessed. @type {MediaStreamTrack | null} */
    this.processed = null;
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

  /**
   * Leaves the microphone's sound as it is, or processes it again. Where the browser refuses, the microphone goes on as before.
   *
   * @param {boolean} unprocessed
   * @returns {Promise<boolean>} whether it is so now
   */
  async setUnprocessed(unprocessed) {
    const microphone = this.microphone;
    if (!microphone) return !unprocessed;
    if (unprocessed === this.unprocessed) return true;
    this.unprocessed = unprocessed;
    if ((await this.#takeBack(unprocessed)) || (await reconfigure(microphone, unprocessed)) || (await this.#openAgain(microphone))) return true;
    this.unprocessed = !unprocessed;
    return false;
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
    this.processed?.stop();
    this.camera = this.microphone = this.processed = null;
    this.unprocessed = false;
    this.cameraFault = this.microphoneFault = "";
  }

  #video() {
    return { ...VIDEO, ...(this.cameraId ? { deviceId: { ideal: this.cameraId } } : { facingMode: "user" }) };
  }

  #audio() {
    return { ...(this.unprocessed ? UNPROCESSED : AUDIO), ...(this.microphoneId ? { deviceId: { ideal: this.microphoneId } } : {}) };
  }

  /** The track that was kept is sent again: nothing is asked of the browser. @param {boolean} unprocessed */
  async #takeBack(unprocessed) {
    const kept = this.processed;
    if (unprocessed || !kept || kept.readyState !== "live" || kept.muted) return false;
    this.processed = null;
    this.#exchange(kept)?.stop();
    return true;
  }

  /**
   * Browsers that do not change an open track open the same microphone a second time.
   *
   * @param {MediaStreamTrack} microphone
   */
  async #openAgain(microphone) {
    try {
      const deviceId = microphone.getSettings().deviceId;
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...this.#audio(), ...(deviceId ? { deviceId: { ideal: deviceId } } : {}) } });
      const [track] = stream.getAudioTracks();
      if (!obeys(track, this.unprocessed) || this.microphone !== microphone) {
        track.stop();
        return false;
      }
      track.addEventListener("ended", () => this.#unplugged(track));
      const old = this.#exchange(track);
      if (this.unprocessed) this.processed = old;
      else old?.stop();
      return true;
    } catch {
      return false;
    }
  }

  /** @param {MediaStreamTrack} track @returns {MediaStreamTrack | null} the one before it, which goes on */
  #exchange(track) {
    const old = this.microphone;
    track.enabled = this.microphoneOn;
    [this.microphone, this.microphoneFault] = [track, ""];
    this.dispatchEvent(new Event("change"));
    return old;
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

/** @param {MediaStreamTrack} track @param {boolean} unprocessed @returns {Promise<boolean>} whether the open track obeys */
async function reconfigure(track, unprocessed) {
  try {
    await track.applyConstraints(unprocessed ? UNPROCESSED : AUDIO);
    if (obeys(track, unprocessed)) return true;
    await track.applyConstraints(unprocessed ? AUDIO : UNPROCESSED);
  } catch {
    return false;
  }
  return false;
}

/** A browser does not tell each of them, and not every microphone has a gain. @param {MediaStreamTrack} track @param {boolean} unprocessed */
function obeys(track, unprocessed) {
  const settings = /** @type {Record<string, unknown>} */ (track.getSettings());
  if (!unprocessed) return settings.echoCancellation === undefined || Boolean(settings.echoCancellation);
  return Object.keys(UNPROCESSED).every((name) => !settings[name]);
}
