/**
 * How sending and hearing go on this side, once a second: the console's ladder decides by both sides' measures.
 */
import { HeldDown } from "/pages/held_down.js";

const EVERY_MS = 1_000;

/**
 * Measures a connection until it is stopped.
 *
 * @param {RTCPeerConnection} peer
 * @param {(frame: Record<string, unknown>) => void} tell
 * @returns {() => void} stops
 */
export function reportLink(peer, tell) {
  let before = { made: 0, all: 0 };
  const heldDown = new HeldDown();
  const timer = setInterval(async () => {
    if (peer.connectionState !== "connected") return;
    const entries = /** @type {any[]} */ ([...(await peer.getStats()).values()]);
    const heard = entries.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
    const all = heard?.totalSamplesReceived ?? 0;
    const made = (heard?.concealedSamples ?? 0) - (heard?.silentConcealedSamples ?? 0);
    const concealed = all > before.all ? (made - before.made) / (all - before.all) : 0;
    before = { made, all };
    const allowed = peer.getSenders().find(({ track }) => track?.kind === "video")?.getParameters().encodings[0];
    tell({ type: "link-report", ...measured(entries), ...heldDown.look(entries, allowed), concealedFraction: fraction(concealed) });
  }, EVERY_MS);
  return () => clearInterval(timer);
}

/** @param {any[]} entries of `getStats` */
function measured(entries) {
  const transport = entries.find(({ type }) => type === "transport");
  const pair = entries.find(({ id, type, nominated, state }) =>
    type === "candidate-pair" && (transport?.selectedCandidatePairId ? id === transport.selectedCandidatePairId : nominated && state === "succeeded"));
  const picture = entries.find(({ type, kind, active }) => type === "outbound-rtp" && kind === "video" && active !== false);
  const remote = entries.filter(({ type }) => type === "remote-inbound-rtp");
  return {
    estimateBps: Math.max(0, Math.min(1e9, Math.round(pair?.availableOutgoingBitrate ?? 0))),
    limitedBy: picture?.qualityLimitationReason ?? "none",
    lossFraction: fraction(Math.max(0, ...remote.map(({ fractionLost }) => fractionLost ?? 0))),
    roundTripMs: Math.max(0, Math.min(600_000, (pair?.currentRoundTripTime ?? 0) * 1_000)),
  };
}

/** @param {number} value */
function fraction(value) {
  return Number.isFinite(value) ? Math.max(0, Math.min(1, value)) : 0;
}
