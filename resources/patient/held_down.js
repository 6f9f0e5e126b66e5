/**
 * Whether the link holds this page's picture down, where the browser does not say so: Firefox tells neither an estimate of
 * the link nor what limits its picture. It counts the bytes that its encoder aimed at, and that aim follows its estimate.
 */

/** A picture that aims at less than this part of what the step allows is held down by the link. */
const HELD_PART = 0.6;
/** From this part lost on, the link is full: parities and packets sent again, beside the aim, only take room on it. */
const FULL_LOSS = 0.1;
/** While the picture rests nothing can be seen; what was seen last holds for so many reports, so that the console learns it. */
const REMEMBERED_REPORTS = 3;

export class HeldDown {
  constructor() {
    /** @type {any} */
    this.picture = null;
    /** @type {any} */
    this.voice = null;
    this.seen_bps = 0;
    this.left = 0;
  }

  /**
   * @param {any[]} entries of `getStats`, about a second after the last ones
   * @param {RTCRtpEncodingParameters | undefined} allowed what the step allows the picture
   * @returns {{estimateBps?: number, limitedBy?: "bandwidth"}} nothing where the browser says it itself, or the link holds nothing down
   */
  look(entries, allowed) {
    const [picture, voice] = ["video", "audio"].map((wanted) => entries.find(({ type, kind }) => type === "outbound-rtp" && kind === wanted));
    const [pictureBefore, voiceBefore] = [this.picture, this.voice];
    [this.picture, this.voice] = [picture, voice];
    if (picture?.totalEncodedBytesTarget === undefined || picture.qualityLimitationReason !== undefined) return {};
    const frames = pictureBefore ? picture.framesEncoded - pictureBefore.framesEncoded : 0;
    if (frames > 0) {
      const source = entries.find(({ type, kind }) => type === "media-source" && kind === "video");
      const frames_per_s = Math.min(source?.framesPerSecond || Infinity, allowed?.maxFramerate ?? 30);
      const aim_bps = (8 * frames_per_s * (picture.totalEncodedBytesTarget - pictureBefore.totalEncodedBytesTarget)) / frames;
      const isHeld = aim_bps < HELD_PART * (allowed?.maxBitrate ?? 0);
      const loss = entries.find(({ type, kind }) => type === "remote-inbound-rtp" && kind === "video")?.fractionLost ?? 0;
      const picture_bps = loss < FULL_LOSS ? Math.max(aim_bps, bitsPerSecond(pictureBefore, picture)) : aim_bps;
      this.seen_bps = Math.round(picture_bps + bitsPerSecond(voiceBefore, voice));
      this.left = isHeld ? REMEMBERED_REPORTS : 0;
    } else this.left -= 1;
    return this.left > 0 ? { estimateBps: this.seen_bps, limitedBy: "bandwidth" } : {};
  }
}

/** @param {any} before @param {any} after counts of one stream */
function bitsPerSecond(before, after) {
  if (!before || !(after?.timestamp > before.timestamp)) return 0;
  const bytes = after.bytesSent + after.headerBytesSent - before.bytesSent - before.headerBytesSent;
  return (8_000 * bytes) / (after.timestamp - before.timestamp);
}
