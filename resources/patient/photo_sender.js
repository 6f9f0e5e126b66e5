/**
 * A photo over the data channel: start, pieces of 16 KiB, end with the digest.
 */

const PIECE_BYTES = 16_384;
const HIGH_BYTES = 1 << 20;
export const PHOTO_BYTES = 16_777_216;
const LONGEST_PX = 4_096;

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
  channel.send(JSON.stringify({ type: "photo-start", id, contentType: photo.type, sizeBytes: bytes.length }));
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

/**
 * The photo as it can be sent: JPEG and PNG of a bearable size stay untouched, others become JPEG.
 *
 * @param {File} file
 * @returns {Promise<Blob | null>} null when it is not a picture this browser can read
 */
export async function readablePhoto(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const fits = (file.type === "image/jpeg" || file.type === "image/png") && file.size <= PHOTO_BYTES;
    if (fits) {
      bitmap.close();
      return file;
    }
    const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  } catch {
    return null;
  }
}
