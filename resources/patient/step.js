/**
 * What each step of the ladder lets this page send: the picture's size, rate and pace, and how the voice is packed.
 *
 * `codec` of an encoding (W3C webrtc-extensions) is obeyed by browsers that know it, without a negotiation.
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
/** Steps on which each packet of the voice may repeat earlier ones (RFC 2198): below, that would be half of the link. */
const REPEATS = new Set(["720p", "360p"]);
const THIN_PACKET_MS = 60;
/** What is added to the console's offer while the sound goes out as it is; the encoder's own high-pass is for one channel only. */
const WHOLE = ["stereo=1", "usedtx=0"];
const OF_WHOLE = /^(stereo|usedtx|maxaveragebitrate)=/;

/** @param {string} step @returns {boolean} whether moving pictures are sent */
export function hasPicture(step) {
  return step in PICTURES;
}

/**
 * Obeys a step. What the browser cannot do is left as it is: the voice goes on in any case.
 *
 * @param {RTCPeerConnection} peer
 * @param {string} step of the ladder
 * @param {number} whole_bits_per_s of sound that goes out as it is, for heart and lung sounds; 0 = a voice
 */
export async function applyStep(peer, step, whole_bits_per_s = 0) {
  const whole = THIN.has(step) ? 0 : whole_bits_per_s;
  for (const { receiver, sender } of peer.getTransceivers()) {
    if (receiver.track.kind === "video") await change(sender, pictureParameters(step, sender.track));
    else {
      await change(sender, { maxBitrate: THIN.has(step) ? THIN_BITS_PER_S : whole || undefined });
      await change(sender, { codec: REPEATS.has(step) ? undefined : plainVoice(sender) });
    }
  }
  await packVoice(peer, THIN.has(step) ? THIN_PACKET_MS : 0, whole);
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

/** @param {RTCRtpSender} sender @returns {RTCRtpCodec | undefined} Opus without repetitions, if it was agreed on */
function plainVoice(sender) {
  return sender.getParameters().codecs?.find(({ mimeType }) => mimeType.toLowerCase() === "audio/opus");
}

/** @param {RTCRtpSender} sender @param {Partial<RTCRtpEncodingParameters> & {codec?: RTCRtpCodec}} wanted */
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
 * Asks the browser for longer packets by taking the console's offer once more with `a=ptime` (RFC 8866 section 6.4), and for
 * sound as it is by parameters of Opus (RFC 7587 section 6.1); the console is not asked: each packet of Opus says by itself
 * how long it is and of how many channels.
 *
 * @param {RTCPeerConnection} peer
 * @param {number} packet_ms 0 = as usual
 * @param {number} whole_bits_per_s 0 = a voice
 */
async function packVoice(peer, packet_ms, whole_bits_per_s) {
  const offer = peer.remoteDescription;
  if (peer.signalingState !== "stable" || offer?.type !== "offer") return;
  const before = withoutUnsaid(offer.sdp);
  const sdp = withWholeSound(withPacketTime(before, packet_ms), whole_bits_per_s);
  if (sdp === before) return;
  try {
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription(await peer.createAnswer());
  } catch {
    if (/** @type {string} */ (peer.signalingState) === "have-remote-offer") await peer.setLocalDescription().catch(() => undefined);
  }
}

/**
 * Leaves out what Firefox writes of Opus into the offer that it holds where the console said nothing. Read once more,
 * `maxplaybackrate=0` would void the whole line, and the voice's in-band FEC with it.
 *
 * @param {string} sdp @returns {string}
 */
export function withoutUnsaid(sdp) {
  return sdp.replace(/^a=fmtp:.*/gm, (line) => line.replace(/\b(?:maxplaybackrate|stereo)=0;/g, ""));
}

/** @param {string} sdp @param {number} packet_ms @returns {string} */
export function withPacketTime(sdp, packet_ms) {
  const parts = sdp.split(/^(?=m=)/m).map((part) => {
    const plain = part.replace(/^a=ptime:.*\r\n/gm, "");
    return part.startsWith("m=audio") && packet_ms ? `${plain}a=ptime:${packet_ms}\r\n` : plain;
  });
  return parts.join("");
}

/** @param {string} sdp @param {number} bits_per_s 0 = a voice @returns {string} */
export function withWholeSound(sdp, bits_per_s) {
  const type = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (!type) return sdp;
  const line = new RegExp(`^a=fmtp:${type} (.*)\\r\\n`, "m");
  const before = line.exec(sdp)?.[1].split(";").map((each) => each.trim()) ?? [];
  const wanted = before.filter((each) => !OF_WHOLE.test(each));
  if (bits_per_s) wanted.push(...WHOLE, `maxaveragebitrate=${bits_per_s}`);
  if (wanted.length === before.length && wanted.every((each) => before.includes(each))) return sdp;
  const parameters = wanted.length ? `a=fmtp:${type} ${wanted.join(";")}\r\n` : "";
  if (before.length) return sdp.replace(line, parameters);
  return sdp.replace(new RegExp(`^a=rtpmap:${type} .*\\r\\n`, "m"), (map) => map + parameters);
}
