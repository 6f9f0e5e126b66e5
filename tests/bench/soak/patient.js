// Put into the patient's page before its own scripts: a drawn camera, the real microphone, and its connections' figures.
(() => {
  window.soakPeers = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...args) {
      super(...args);
      window.soakPeers.push(this);
    }
  };
  if (!navigator.mediaDevices) return;
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const camera = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 360];
    const pen = canvas.getContext("2d");
    let count = 0;
    setInterval(() => {
      count += 1;
      pen.fillStyle = `hsl(${(count * 2) % 360} 40% 40%)`;
      pen.fillRect(0, 0, 640, 360);
      pen.fillStyle = "#fff";
      pen.fillRect((count * 7) % 600, 120, 40, 120);
    }, 1000 / 15);
    return canvas.captureStream(15).getVideoTracks()[0];
  };
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = new MediaStream();
    if (wanted.audio) for (const track of (await real({ audio: wanted.audio })).getAudioTracks()) stream.addTrack(track);
    if (wanted.video) stream.addTrack(camera());
    return stream;
  };
  window.soakCounters = async () => {
    const found = {};
    for (const peer of window.soakPeers) {
      if (peer.connectionState !== "connected") continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type === "inbound-rtp") found[report.kind] = report;
      }
    }
    return found;
  };
})();
