/**
 * A photo, or a spoken or filmed message, over the data channel: start, pieces of 16 KiB, end with the digest.
 */

const PIECE_BYTES = 16_384;
/** Little waits on the channel: what is written meanwhile stands behind it. */
const HIGH_BYTES = 1 << 16;
export const PHOTO_BYTES = 16_777_216;

/**
 * Sends all of a photo; ends when the last byte is with the network.
 *
 * @param {RTCDataChannel} channel
 * @param {string} id
 * @param {Blob} photo
 * @throws {Error} when the channel closes
 */
export async function sendPhoto(channel, id, photo) {
  const bytes = new Uint8Array(await photo.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  channel.bufferedAmountLowThreshold = HIGH_BYTES / 4;
  channel.send(JSON.stringify({ type: "photo-start", id, contentType: photo.type.split(";")[0], sizeBytes: bytes.length }));
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (channel.bufferedAmount > HIGH_BYTES) await drained(channel);
    channel.send(bytes.subarray(at, at + PIECE_BYTES));
  }
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  channel.send(JSON.stringify({ type: "photo-end", id, sha256 }));
}

/** @param {RTCDataChannel} channel @returns {Promise<void>} */
function drained(channel) {
  return new Promise((resolve, reject) => {
    channel.addEventListener("bufferedamountlow", () => resolve(), { once: true });
    channel.addEventListener("close", () => reject(new Error("the channel closed")), { once: true });
  });
}
