// Put into every page before its own scripts: a camera that shows the clip, and notes of what was captured and painted.
// Works in the real patient's page and in pair.html alike; all moments are Unix time in milliseconds.
(config) => {
  const now = () => performance.timeOrigin + performance.now();
  const probe = { captured: [], painted: [], counters: [], states: [], veiled: [], peers: [], firstPaint: 0 };
  window.probe = probe;
  if (!navigator.mediaDevices) return;

  let clip = null;
  const load = async () => {
    clip ??= new Uint8Array(await (await fetch(config.clipUrl)).arrayBuffer());
    return clip;
  };
  const at = (number) => config.headerBytes + number * (config.frameBytes + config.frameHeaderBytes) + config.frameHeaderBytes;

  async function camera() {
    const pictures = await load();
    const track = new MediaStreamTrackGenerator({ kind: "video" });
    const writer = track.writable.getWriter();
    (async () => {
      const begun = performance.now();
      for (let count = 0; track.readyState === "live"; count += 1) {
        const due = begun + (count * 1000) / config.framesPerS;
        const wait = due - performance.now();
        if (wait > 0) await new Promise((next) => setTimeout(next, wait));
        else if (wait < -200) count += Math.floor((-wait * config.framesPerS) / 1000);
        const number = count % config.frames;
        const picture = new VideoFrame(pictures.subarray(at(number), at(number) + config.frameBytes), {
          format: "I420", codedWidth: config.width, codedHeight: config.height, timestamp: Math.round(performance.now() * 1000),
        });
        probe.captured.push([now(), number]);
        try {
          await writer.write(picture);
        } catch {
          return; // the track was stopped
        }
      }
    })();
    return track;
  }

  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = new MediaStream();
    if (wanted.audio) for (const track of (await real({ audio: wanted.audio })).getAudioTracks()) stream.addTrack(track);
    if (wanted.video) stream.addTrack(await camera());
    return stream;
  };

  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...args) {
      super(...args);
      const number = probe.peers.push(this) - 1;
      this.addEventListener("connectionstatechange", () => probe.states.push([now(), number, this.connectionState]));
      this.addEventListener("iceconnectionstatechange", () => probe.states.push([now(), number, this.iceConnectionState]));
    }
  };

  const CRC = (bytes) => {
    let crc = 0x5a;
    for (const byte of bytes) {
      crc ^= byte;
      for (let k = 0; k < 8; k += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
    }
    return crc;
  };

  function readNumber(luma, width, row, stride) {
    const cell = (config.cellPx * width) / config.width;
    const levels = [];
    for (let k = 0; k < 24; k += 1) levels.push(luma[row * stride + Math.floor((k + 0.5) * cell)]);
    const [darkest, brightest] = [Math.min(...levels), Math.max(...levels)];
    if (brightest - darkest < 60) return -1;
    const word = levels.reduce((sum, level) => sum * 2 + (2 * level > darkest + brightest ? 1 : 0), 0);
    const body = word >> 8;
    if (body >> 12 !== 0b1010 || CRC([body >> 8, body & 0xff]) !== (word & 0xff)) return -1;
    return body & 0xfff;
  }

  /** PSNR of luma on a grid of every fourth pixel, the received picture scaled up to the clip's size. */
  function psnr(luma, width, height, stride, number) {
    const start = at(number);
    let squares = 0, count = 0;
    for (let y = 34; y < config.height; y += 4) {
      const ry = Math.min(Math.max(((y + 0.5) * height) / config.height - 0.5, 0), height - 1.001);
      const y0 = Math.floor(ry), fy = ry - y0;
      for (let x = 2; x < config.width; x += 4) {
        const rx = Math.min(Math.max(((x + 0.5) * width) / config.width - 0.5, 0), width - 1.001);
        const x0 = Math.floor(rx), fx = rx - x0, o = y0 * stride + x0;
        const value = (luma[o] * (1 - fx) + luma[o + 1] * fx) * (1 - fy) + (luma[o + stride] * (1 - fx) + luma[o + stride + 1] * fx) * fy;
        const off = value - clip[start + y * config.width + x];
        squares += off * off;
        count += 1;
      }
    }
    return 10 * Math.log10((65025 * count) / Math.max(squares, 1));
  }

  const buffer = new Uint8Array(config.frameBytes * 2);
  let busy = false, judged = 0;
  async function look(video, submitted, shown) {
    if (!probe.firstPaint) probe.firstPaint = submitted;
    if (busy) return probe.painted.push([submitted, shown, -1, 0, 0, 0]);
    let picture;
    try {
      picture = new VideoFrame(video);
    } catch {
      return undefined;
    }
    busy = true;
    try {
      const { width, height } = picture.visibleRect;
      const whole = submitted - judged > 1000;
      const rect = whole ? { x: 0, y: 0, width, height } : {
        x: 0, y: Math.floor((config.cellPx * height) / config.height / 2 / 2) * 2, width: Math.ceil((width * 24 * config.cellPx) / config.width / 2) * 2, height: 2,
      };
      const row = whole ? Math.floor((config.cellPx * height) / config.height / 2) : 0;
      const [{ offset, stride }] = await picture.copyTo(buffer, { rect });
      const luma = buffer.subarray(offset);
      const number = readNumber(luma, width, row, stride);
      let quality = 0;
      if (whole && number >= 0 && clip) {
        quality = psnr(luma, width, height, stride, number);
        judged = submitted;
      }
      probe.painted.push([submitted, shown, number, width, height, quality]);
    } finally {
      picture.close();
      busy = false;
    }
    return undefined;
  }

  let watched = null;
  setInterval(() => {
    const video = document.querySelector("video.remote");
    if (video && video !== watched) {
      watched = video;
      const step = (_, { presentationTime, expectedDisplayTime }) => {
        if (video !== watched) return;
        video.requestVideoFrameCallback(step);
        look(video, performance.timeOrigin + presentationTime, performance.timeOrigin + expectedDisplayTime);
      };
      video.requestVideoFrameCallback(step);
    }
    const veil = document.querySelector(".veil");
    const veiled = veil ? !veil.hidden : false;
    if (veiled !== (probe.veiled.at(-1)?.[1] ?? false)) probe.veiled.push([now(), veiled]);
  }, 25);

  setInterval(async () => {
    for (const [number, peer] of probe.peers.entries()) {
      if (peer.connectionState === "closed" || peer.connectionState === "new") continue;
      const noted = { at: now(), peer: number };
      for (const report of (await peer.getStats()).values()) {
        if (report.type === "inbound-rtp" || report.type === "outbound-rtp") noted[`${report.type}-${report.kind}`] = report;
        if (report.type === "candidate-pair" && report.nominated) noted.pair = report;
      }
      probe.counters.push(noted);
    }
  }, 500);

  probe.take = () => {
    const taken = { captured: probe.captured, painted: probe.painted, counters: probe.counters, states: probe.states, veiled: probe.veiled };
    return { ...taken, firstPaint: probe.firstPaint };
  };
}
