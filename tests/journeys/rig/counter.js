// The page's twin of counter.py: one expression, whose value is {draw, read, stream}.
(() => {
  const COLUMNS = 8, ROWS = 4, GRID = [0.2, 0.2, 0.8, 0.8];
  const MARK = 0b1010, NUMBER_BITS = 20, MIN_CONTRAST = 60;

  /** @param {number[]} bytes */
  function crc8(bytes) {
    let crc = 0x5a;
    for (const byte of bytes) {
      crc ^= byte;
      for (let i = 0; i < 8; i++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
    }
    return crc;
  }

  /** @param {number} body 24 bits */
  const checksum = (body) => crc8([body >> 16 & 0xff, body >> 8 & 0xff, body & 0xff]);

  /** Draw a number over the whole of a 2D context. @param {CanvasRenderingContext2D} context @param {number} number */
  function draw(context, number) {
    const {width, height} = context.canvas;
    number %= 1 << NUMBER_BITS;
    const shade = context.createLinearGradient(0, 0, width, height);
    shade.addColorStop(0, `rgb(${64 + number * 4 % 128}, 64, 128)`);
    shade.addColorStop(1, `rgb(${191 - number * 4 % 128}, 191, 128)`);
    context.fillStyle = shade;
    context.fillRect(0, 0, width, height);
    const body = MARK << NUMBER_BITS | number;
    const bits = body.toString(2).padStart(24, "0") + checksum(body).toString(2).padStart(8, "0");
    const [left, top, right, bottom] = GRID;
    for (let i = 0; i < COLUMNS * ROWS; i++) {
      const row = Math.floor(i / COLUMNS), column = i % COLUMNS;
      const x = (k) => Math.round(width * (left + (right - left) * (column + k) / COLUMNS));
      const y = (k) => Math.round(height * (top + (bottom - top) * (row + k) / ROWS));
      context.fillStyle = bits[i] === "1" ? "rgb(235,235,235)" : "rgb(16,16,16)";
      context.fillRect(x(0), y(0), x(1) - x(0), y(1) - y(0));
    }
  }

  /** The number in a <video>, <img>, <canvas> or VideoFrame, or null. Looks at the picture itself, not at its box. */
  function read(source) {
    const width = 640, height = 360;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(source, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height).data;
    const [left, top, right, bottom] = GRID;
    const cellW = width * (right - left) / COLUMNS, cellH = height * (bottom - top) / ROWS;
    const levels = [];
    for (let i = 0; i < COLUMNS * ROWS; i++) {
      const cx = width * left + (i % COLUMNS + 0.5) * cellW, cy = height * top + (Math.floor(i / COLUMNS) + 0.5) * cellH;
      let sum = 0, count = 0;
      for (let y = Math.floor(cy - cellH / 4); y <= cy + cellH / 4; y++) {
        for (let x = Math.floor(cx - cellW / 4); x <= cx + cellW / 4; x++) {
          const at = 4 * (y * width + x);
          sum += 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
          count += 1;
        }
      }
      levels.push(sum / count);
    }
    const darkest = Math.min(...levels), brightest = Math.max(...levels);
    if (brightest - darkest < MIN_CONTRAST) return null;
    const bits = levels.map((level) => level > (darkest + brightest) / 2 ? "1" : "0").join("");
    const body = parseInt(bits.slice(0, 24), 2), crc = parseInt(bits.slice(24), 2);
    if (body >> NUMBER_BITS !== MARK || checksum(body) !== crc) return null;
    return body & (1 << NUMBER_BITS) - 1;
  }

  /** A live MediaStream whose pictures count up from 0. @returns {MediaStream} */
  function stream(width = 640, height = 360, framesPerSecond = 15) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    let number = 0;
    draw(context, number);
    const media = canvas.captureStream(framesPerSecond);
    const timer = setInterval(() => draw(context, ++number), 1000 / framesPerSecond);
    media.getVideoTracks()[0].addEventListener("ended", () => clearInterval(timer));
    return media;
  }

  return {draw, read, stream};
})()
