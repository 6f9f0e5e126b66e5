/**
 * What each step of the ladder lets this page send: the picture's size, rate and pace, and how the voice is packed.
 */

/** @typedef {{height: number, frames_per_s: number, bits_per_s: number}} Picture the most that is sent */

/** @type {Record<string, Picture>} */
const PICTURES = {
  "720p": { height: 720, frames_per_s: 30, bits_per_s: 2_500_000 },
  "360p": { height: 360, frames_per_s: 30, bits_per_s: 800_000 },
  "180p": { height: 180, frames_per_s: 15, bits_per_s: 220_000 },
};
/** Steps on which the voice is 16 kbit/s in packets of 60 ms: the headers of small packets would cost more than the voice. */
export const THIN = new Set(["voice-and-stills", "case"]);
const THIN_BITS_PER_S = 16_000;
const THIN_PACKET_MS = 60;

/** @param {string} step @returns {boolean} whether moving pictures are sent */
export function hasPicture(step) {
  return step in PICTURES;
}

/**
 * Obeys a step. What the browser cannot do is left as it is: the voice goes on in any case.
 *
 * @param {RTCPeerConnection} peer
 * @param {string} step of the ladder
 */
export async function applyStep(peer, step) {
  for (const { receiver, sender } of peer.getTransceivers()) {
    if (receiver.track.kind === "video") await change(sender, pictureParameters(step, sender.track));
    else await change(sender, { maxBitrate: THIN.has(step) ? THIN_BITS_PER_S : undefined });
  }
  await packVoice(peer, THIN.has(step) ? THIN_PACKET_MS : 0);
}

/** @param {string} step @param {MediaStreamTrack | null} track @returns {Partial<RTCRtpEncodingParameters>} */
function pictureParameters(step, track) {
  const picture = PICTURES[step];
  if (!picture) return { active: false };
  const { width = 0, height = 0 } = track?.getSettings() ?? {};
  const lines = Math.min(width, height) || picture.height; // a telephone held upright sends 720 by 1280
  return {
    active: true,
    scaleResolutionDownBy: Math.max(1, lines / picture.height),
    maxFramerate: picture.frames_per_s,
    maxBitrate: picture.bits_per_s,
  };
}

/** @param {RTCRtpSender} sender @param {Partial<RTCRtpEncodingParameters>} wanted */
async function change(sender, wanted) {
  const parameters = sender.getParameters();
  const encoding = parameters.encodings?.[0];
  if (!encoding) return;
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined) delete encoding[/** @type {keyof RTCRtpEncodingParameters} */ (name)];
    else Object.assign(encoding, { [name]: value });
  }
  await sender.setParameters(parameters).catch(() => undefined);
}

/**
 * Asks the browser for longer packets by taking the console's offer once more with `a=ptime` (RFC 8866 section 6.4); the
 * console is not asked: each packet of Opus says by itself how long it is.
 *
 * @param {RTCPeerConnection} peer
 * @param {number} packet_ms 0 = as usual
 */
async function packVoice(peer, packet_ms) {
  const offer = peer.remoteDescription;
  if (peer.signalingState !== "stable" || offer?.type !== "offer") return;
  const sdp = withPacketTime(offer.sdp, packet_ms);
  if (sdp === offer.sdp) return;
  try {
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription(await peer.createAnswer());
  } catch {
    if (/** @type {string} */ (peer.signalingState) === "have-remote-offer") await peer.setLocalDescription().catch(() => undefined);
  }
}

/** @param {string} sdp @param {number} packet_ms @returns {string} */
export function withPacketTime(sdp, packet_ms) {
  const parts = sdp.split(/^(?=m=)/m).map((part) => {
    const plain = part.replace(/^a=ptime:.*\r\n/gm, "");
    return part.startsWith("m=audio") && packet_ms ? `${plain}a=ptime:${packet_ms}\r\n` : plain;
  });
  return parts.join("");
}
