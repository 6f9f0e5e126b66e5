// A console in a second Chromium page: it offers, reveals its nonce, chats, and counts what it sees.
const { token } = JSON.parse(document.getElementById("settings").textContent);
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const state = { room: [], lines: [], acks: [], photos: [], media: null, reports: [], stills: [], stethoscope: [], heard: new Audio(), words: [], frames: 0, generation: 0, offers: 0, acknowledge: true };
window.double = state;

const socket = new WebSocket(`ws://${location.host}/signal`);
const say = (frame) => socket.send(JSON.stringify(frame));
const video = document.querySelector("video");
let peer = null;
let nonce = null;
let photo = null;

socket.onopen = () => say({ type: "clinician-hello", version: 1, token });
socket.onmessage = async ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.type === "waiting-room") state.room = frame.patients;
  else if (frame.type === "admitted") state.visitId = frame.visitId;
  else if (frame.type === "request-offer") await offer(frame.visitId);
  else if (frame.type === "answer" && frame.generation === state.generation) await answered(frame);
  else if (frame.type === "candidate" && frame.generation === state.generation && frame.candidate) await peer.addIceCandidate(frame);
  else if (frame.type === "visit-ended") state.ended = frame.reason;
};

async function picture() {
  const canvas = document.querySelector("canvas");
  const paint = canvas.getContext("2d");
  let count = 0;
  setInterval(() => {
    paint.fillStyle = `hsl(${(count += 7) % 360} 80% 50%)`;
    paint.fillRect(0, 0, 320, 240);
  }, 60);
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  return [canvas.captureStream(15).getVideoTracks()[0], out.stream.getAudioTracks()[0]];
}
const tracks = picture();

async function offer(visitId) {
  state.offers += 1;
  state.generation += 1;
  const old = peer;
  peer = new RTCPeerConnection();
  nonce = crypto.getRandomValues(new Uint8Array(32));
  const [image, tone] = await tracks;
  peer.addTransceiver(tone, { direction: "sendrecv" });
  peer.addTransceiver(image, { direction: "sendrecv" });
  const mine = peer;
  mine.ontrack = ({ track }) => {
    if (track.kind === "video") video.srcObject = new MediaStream([track]);
    else state.heard.srcObject = new MediaStream([track]);
    track.onunmute = () => { if (old && old !== mine) old.close(); };
  };
  use(peer.createDataChannel("chat"));
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    const look = () => peer.iceGatheringState === "complete" && resolve();
    peer.onicegatheringstatechange = look;
    look();
  });
  const commitment = state.cheat ? "0".repeat(64) : hex(await crypto.subtle.digest("SHA-256", nonce));
  const { sdp } = peer.localDescription;
  say({ type: "offer", visitId, generation: state.generation, sdp: state.rewrite ? state.rewrite(sdp) : sdp, commitment });
}

async function answered(frame) {
  state.answer = frame.sdp;
  await peer.setRemoteDescription({ type: "answer", sdp: frame.sdp });
  say({ type: "reveal", visitId: frame.visitId, generation: frame.generation, nonce: hex(nonce) });
  const print = (sdp) => /a=fingerprint:sha-256 ([0-9A-F:]+)/i.exec(sdp)[1].toUpperCase();
  const text = `teleconsole-safety-code|${print(peer.localDescription.sdp)}|${print(frame.sdp)}|${hex(nonce)}|${frame.nonce}`;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const words = await (await fetch("/pages/words.json")).json();
  state.words = [...digest.slice(0, 4)].map((byte) => words[byte]);
}

function use(channel) {
  channel.binaryType = "arraybuffer";
  state.send = (frame) => channel.send(JSON.stringify(frame));
  channel.onmessage = async ({ data }) => {
    if (typeof data !== "string") return photo.pieces.push(new Uint8Array(data));
    const frame = JSON.parse(data);
    if (frame.type === "chat-line") {
      if (!state.lines.some(({ id }) => id === frame.id)) state.lines.push(frame);
      if (state.acknowledge) state.send({ type: "chat-ack", id: frame.id });
    } else if (frame.type === "chat-ack") state.acks.push(frame.id);
    else if (frame.type === "media-state") state.media = frame;
    else if (frame.type === "link-report") state.reports.push(frame);
    else if (frame.type === "stethoscope-state") state.stethoscope.push(frame.state);
    else if (frame.type === "link-still") {
      state.pieces = frame.part ? [...state.pieces, frame] : [frame];
      if (frame.part === frame.parts - 1) state.stills.push(state.pieces.map(({ jpeg }) => jpeg).join(""));
    }
    else if (frame.type === "photo-start") photo = { ...frame, pieces: [] };
    else if (frame.type === "photo-end") {
      const bytes = await new Blob(photo.pieces).arrayBuffer();
      const whole = bytes.byteLength === photo.sizeBytes && hex(await crypto.subtle.digest("SHA-256", bytes)) === frame.sha256;
      state.photos.push({ id: frame.id, bytes: bytes.byteLength, whole, type: photo.contentType });
      if (state.acknowledge) state.send({ type: "chat-ack", id: frame.id });
    }
  };
}

state.admit = (visitId) => say({ type: "admit", visitId });
state.frame = say;
state.received = async (kind) => {
  const report = [...(await peer.getStats()).values()].find((each) => each.type === "inbound-rtp" && each.kind === kind);
  const { packetsReceived = 0, bytesReceived = 0, frameWidth = 0, frameHeight = 0, framesReceived = 0, totalAudioEnergy = 0 } = report ?? {};
  return { energy: totalAudioEnergy, packets: packetsReceived, bytes: bytesReceived, width: frameWidth, height: frameHeight, frames: framesReceived, at_ms: report?.timestamp ?? 0 };
};
state.breakLink = () => peer.close();
const count = () => { state.frames += 1; video.requestVideoFrameCallback(count); };
video.requestVideoFrameCallback(count);
