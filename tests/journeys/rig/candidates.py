"""Over what a page's connections go, by the browser's own numbers."""

KEEP_CONNECTIONS = """(() => {
  const Real = RTCPeerConnection;
  window.made = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.made.push(this); }
  };
})()"""
"""Every connection that the page makes, to ask for its candidates."""
_SELECTED = """async () => {
  const pairs = [];
  for (const peer of made) {
    if (peer.connectionState !== "connected") continue;
    const report = await peer.getStats();
    for (const each of report.values()) {
      const pair = each.type === "transport" && report.get(each.selectedCandidatePairId);
      if (!pair) continue;
      const [local, remote] = [report.get(pair.localCandidateId), report.get(pair.remoteCandidateId)];
      pairs.push([%s]);
    }
  }
  return pairs;
}"""
SELECTED_PAIRS = _SELECTED % "local.candidateType, local.relayProtocol, remote.candidateType"
"""Local type, how its relay is reached, and remote type, of each connection that stands."""
SELECTED_ADDRESSES = _SELECTED % "local.address, remote.address"
"""Own and other address of each connection that stands."""
