/**
 * Where calls may go over the clinic's relay only: whether one answers this browser, asked while no connection stands.
 */

const ANSWER_MS = 5_000;

/**
 * Whether a relay gave this browser an address in time. Nothing is sent to anybody else, and the address is given back.
 *
 * @param {RTCIceServer[]} iceServers
 * @returns {Promise<boolean>}
 */
export async function relayAnswers(iceServers) {
  const peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
  try {
    const answer = new Promise((done) => {
      peer.addEventListener("icecandidate", ({ candidate }) => { if (candidate?.candidate) done(true); });
      peer.addEventListener("icegatheringstatechange", () => { if (peer.iceGatheringState === "complete") done(false); });
      setTimeout(() => done(false), ANSWER_MS);
    });
    peer.createDataChannel("relay");
    await peer.setLocalDescription(await peer.createOffer());
    return await answer;
  } finally {
    peer.close();
  }
}

export class RelayWatch {
  /** @param {(name: "relay-away" | "relay-back") => void} tell */
  constructor(tell) {
    this.tell = tell;
    this.away = false;
    this.looking = false;
  }

  /**
   * Looks once, and tells when none answers (each time) or when one does again.
   *
   * @param {{relayOnly: boolean, iceServers: RTCIceServer[], working: boolean, closed: boolean}} call
   */
  async look(call) {
    if (!call.relayOnly || call.working || this.looking) return;
    this.looking = true;
    const answers = await relayAnswers(call.iceServers).catch(() => true); // a list that can't be used says nothing
    this.looking = false;
    const was = this.away;
    this.away = !answers && !call.working;
    if (call.closed || call.working) return;
    if (this.away) this.tell("relay-away");
    else if (was) this.tell("relay-back");
  }
}
