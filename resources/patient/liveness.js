/**
 * How long nothing has arrived on a connection. `connectionState` notices a dead link only after many seconds, if at all.
 *
 * Every byte counts: sound, picture, their reports, and the console's pings on the data channel.
 */

const LOOK_MS = 250;
/** A pause of our own this long (sleep, a frozen tab) says nothing about the other side. */
const PAUSE_MS = 1_500;

export class Liveness {
  /** @param {number} now_ms of a clock that never goes back */
  constructor(now_ms) {
    this.bytes = -1;
    this.heard_ms = now_ms;
    this.looked_ms = now_ms;
  }

  /**
   * @param {number} bytes received since the connection began
   * @param {number} now_ms
   * @returns {number} milliseconds since something arrived
   */
  look(bytes, now_ms) {
    const pause_ms = now_ms - this.looked_ms;
    if (pause_ms > PAUSE_MS) this.heard_ms += pause_ms;
    this.looked_ms = now_ms;
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.heard_ms = now_ms;
    }
    return now_ms - this.heard_ms;
  }
}

/**
 * Calls back with the milliseconds of silence, a few times a second, until the function that it returns is called.
 *
 * @param {RTCPeerConnection} peer
 * @param {(silent_ms: number) => void} told
 * @returns {() => void}
 */
export function watchSilence(peer, told) {
  const liveness = new Liveness(performance.now());
  const timer = setInterval(async () => {
    const bytes = await bytesReceived(peer);
    told(liveness.look(bytes, performance.now()));
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** @param {RTCPeerConnection} peer @returns {Promise<number>} bytes of media and data; checks of the way do not count */
async function bytesReceived(peer) {
  let bytes = 0;
  for (const entry of (await peer.getStats()).values()) if (entry.type === "candidate-pair") bytes += entry.bytesReceived ?? 0;
  return bytes;
}
