"""How long nothing has arrived. aiortc itself notices a dead link only after half a minute."""

import time

import msgspec

from teleconsole.call.webrtc.peer import Peer
from teleconsole.contracts.signal import Ping
from teleconsole.host.limits import CALL_CHANNEL_PING_S, CALL_STATS_S


class Liveness:
    """Watches the bytes that arrive, and pings on the data channel, so that a patient without devices is alive too."""

    def __init__(self) -> None:
        self._generation = 0
        self._bytes = 0
        self._heard_s = time.monotonic()
        self._looked_s = time.monotonic()
        self._pinged_s = 0.0
        self._number = 0

    def restart(self) -> None:
        """Another connection carries the call now."""
        self._heard_s = self._looked_s = time.monotonic()

    def look(self, peer: Peer, bytes_received: int) -> float:
        """Return for how many seconds nothing has arrived."""
        now_s = time.monotonic()
        if now_s - self._looked_s > CALL_STATS_S:
            self._heard_s += now_s - self._looked_s  # we stood still ourselves, not the other side
        self._looked_s = now_s
        if peer.generation != self._generation or bytes_received != self._bytes:
            self._generation, self._bytes, self._heard_s = peer.generation, bytes_received, now_s
        if now_s - self._pinged_s >= CALL_CHANNEL_PING_S:
            self._pinged_s = now_s
            self._number += 1
            peer.send(msgspec.json.encode(Ping(self._number)).decode())
        return now_s - self._heard_s
