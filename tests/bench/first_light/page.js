// Runs before the patient's page: remembers its connections, and the moment at which their video first shows a picture.
(() => {
  const Native = window.RTCPeerConnection;
  const bench = { peers: [], firstPicture_ms: 0 };
  window.bench = bench;
  window.RTCPeerConnection = class extends Native {
    constructor(...options) {
      super(...options);
      bench.peers.push(this);
    }
  };
  const watch = () => {
    const video = document.querySelector("video.remote");
    if (video) video.requestVideoFrameCallback(() => { bench.firstPicture_ms = Date.now(); });
    else setTimeout(watch, 5);
  };
  document.addEventListener("DOMContentLoaded", watch);

  /** The video counters of the connection that works, named as in W3C's webrtc-stats. */
  bench.counters = async () => {
    const peer = bench.peers.findLast((each) => each.connectionState === "connected");
    if (!peer) return null;
    const found = { at_ms: performance.now(), inbound: {}, outbound: {}, link: {} };
    for (const entry of (await peer.getStats()).values()) {
      if (entry.type === "candidate-pair" && entry.nominated) found.link = entry;
      if (entry.kind !== "video") continue;
      if (entry.type === "inbound-rtp") found.inbound = entry;
      if (entry.type === "outbound-rtp") found.outbound = entry;
    }
    return found;
  };
})();
