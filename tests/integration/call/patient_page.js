// A patient's side as small as it can be: answers an offer with a counted picture and a tone, and tells what it gets.
(counter) => {
  const state = { numbers: [], channel: null, lines: [], peer: null };
  window.patient = state;
  const remote = document.createElement("video");
  remote.autoplay = true;
  remote.muted = true;
  document.body.append(remote);

  function tone(frequency) {
    const context = new AudioContext({ sampleRate: 48000 });
    const oscillator = new OscillatorNode(context, { frequency });
    const destination = context.createMediaStreamDestination();
    oscillator.connect(destination);
    oscillator.start();
    return destination.stream.getAudioTracks()[0];
  }

  function listen(stream) {
    const element = new Audio(); // without an element Chromium decodes nothing of a remote stream
    element.srcObject = stream;
    element.muted = true;
    element.play();
    state.element = element;
    const context = new AudioContext({ sampleRate: 48000 });
    const analyser = new AnalyserNode(context, { fftSize: 8192 });
    context.createMediaStreamSource(stream).connect(analyser);
    state.spectrum = () => {
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      return Array.from(bins, (value) => Math.max(value, -200));
    };
  }

  state.answer = async (sdp, width, height, framesPerSecond, frequency) => {
    const peer = state.peer = new RTCPeerConnection({ iceServers: [] });
    state.connectionStates = [];
    peer.addEventListener("connectionstatechange", () => state.connectionStates.push(peer.connectionState));
    peer.addEventListener("datachannel", ({ channel }) => {
      state.channel = channel;
      channel.addEventListener("message", ({ data }) => state.lines.push(data));
    });
    const stream = new MediaStream();
    peer.addEventListener("track", ({ track }) => {
      stream.addTrack(track);
      if (track.kind === "video") remote.srcObject = new MediaStream([track]);
      else listen(new MediaStream([track]));
    });
    await peer.setRemoteDescription({ type: "offer", sdp });
    const camera = counter.stream(width, height, framesPerSecond).getVideoTracks()[0];
    for (const transceiver of peer.getTransceivers()) {
      transceiver.direction = "sendrecv";
      await transceiver.sender.replaceTrack(transceiver.receiver.track.kind === "video" ? camera : tone(frequency));
    }
    await peer.setLocalDescription(await peer.createAnswer());
    await new Promise((resolve) => {
      const look = () => peer.iceGatheringState === "complete" && resolve();
      peer.addEventListener("icegatheringstatechange", look);
      look();
    });
    return peer.localDescription.sdp;
  };

  state.number = () => (remote.readyState < 2 ? null : counter.read(remote));
  state.received = async () => {
    const found = {};
    for (const report of (await state.peer.getStats()).values()) {
      if (report.type === "inbound-rtp") found[report.kind] = report;
      if (report.type === "outbound-rtp") found[`out-${report.kind}`] = report;
    }
    return found;
  };
}
