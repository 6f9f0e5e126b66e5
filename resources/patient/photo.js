/**
 * Photos that a person takes or chooses: checked before they are sent.
 */

const PIXELS = 64_000_000;
const LONGEST_PX = 4_096;
const PNG_START = [0x89, 0x50, 0x4e, 0x47];

/**
 * The photo as it can be sent: JPEG and PNG that are small enough stay as they are, others become JPEG.
 *
 * @param {File} file
 * @param {number} longest_bytes
 * @returns {Promise<{photo: Blob | null, problem: string}>} a problem code when it can't be used
 */
export async function readablePhoto(file, longest_bytes) {
  if ((await pngPixels(file)) > PIXELS) return { photo: null, problem: "photo-too-many-pixels" };
  try {
    const bitmap = await createImageBitmap(file);
    const fits = (file.type === "image/jpeg" || file.type === "image/png") && file.size <= longest_bytes;
    const photo = fits ? file : await asJpeg(bitmap);
    bitmap.close();
    return { photo, problem: "" };
  } catch {
    return { photo: null, problem: "photo-damaged" };
  }
}

/** @param {ImageBitmap} bitmap @returns {Promise<Blob>} */
async function asJpeg(bitmap) {
  const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no JPEG"))), "image/jpeg", 0.92);
  });
}

/** Pixels of a PNG by its head, so that a huge one is never unpacked; 0 for other files. @param {File} file */
async function pngPixels(file) {
  const head = new DataView(await file.slice(0, 24).arrayBuffer());
  if (head.byteLength < 24 || PNG_START.some((byte, index) => head.getUint8(index) !== byte)) return 0;
  return head.getUint32(16) * head.getUint32(20);
}

/**
 * A hidden file field and the function that opens it.
 *
 * @param {{accept: string, many?: boolean, camera?: boolean}} wanted
 * @param {(files: File[]) => void} picked
 * @returns {{field: HTMLInputElement, open: () => void}}
 */
export function filePicker({ accept, many, camera }, picked) {
  const field = document.createElement("input");
  Object.assign(field, { type: "file", accept, multiple: Boolean(many), hidden: true });
  if (camera) field.setAttribute("capture", "environment");
  field.addEventListener("change", () => {
    const files = Array.from(field.files ?? []);
    field.value = "";
    if (files.length) picked(files);
  });
  return { field, open: () => field.click() };
}
