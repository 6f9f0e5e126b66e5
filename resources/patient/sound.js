/**
 * Sound that the page makes and measures itself: the level of the microphone, a test tone, a chime.
 */

/** One audio context for the page; browsers start it on the first button press. */
export class Sound {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
  }

  /** Call it in a button's handler too: a page may make no sound before one was pressed. */
  start() {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") this.context.resume().catch(() => undefined);
    return this.context;
  }

  /**
   * Plays two soft notes.
   *
   * @param {number[]} pitches_hz
   */
  play(pitches_hz = [523, 659, 784]) {
    const context = this.start();
    let at = context.currentTime + 0.02;
    for (const pitch_hz of pitches_hz) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch_hz;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.25, at + 0.04);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.42);
      at += 0.3;
    }
  }

  /**
   * Measures the loudness of a microphone about ten times a second.
   *
   * @param {MediaStreamTrack} track
   * @param {(level: number) => void} told 0 (silence) to 1 (loud)
   * @returns {() => void} ends the measurement
   */
  measure(track, told) {
    const context = this.start();
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
      const level_db = 10 * Math.log10(power + 1e-10);
      told(Math.min(1, Math.max(0, (level_db + 60) / 50)));
    }, 100);
    return () => {
      clearInterval(timer);
      source.disconnect();
    };
  }
}
