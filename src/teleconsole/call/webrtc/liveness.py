"""How long nothing has arrived. `connectionState` notices a dead link only after half a minute, if at all.

What counts is every byte of the transport: RTP, RTCP and the data channel. A covered camera, a muted microphone and
Opus' pauses (DTX) are no outage, because a ping on the data channel is answered meanwhile.
"""

import time
from collections.abc import Callable

from teleconsole.host.limits import CALL_CHANNEL_PING_S, CALL_STATS_S


class Liveness:
    """Watches one connection at a time, the one that carries the call.

    Attributes:
        silent_s: for how long nothing has arrived, as of the last `look`.
        slept: whether this process itself stood still before the last `look`, so that silence proves nothing.

    Args:
        now_s: a clock that never goes back, in seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.silent_s = 0.0
        self.slept = False
        self._now_s = now_s
        self._generation = 0
        self._bytes = 0
        self._heard_s = self._looked_s = self._returned_s = now_s()
        self._pinged_s = 0.0
        self._number = 0
        self._open_pings: dict[int, float] = {}
        self._proved_s = 0.0

    def restart(self) -> None:
        """Another connection carries the call now."""
        self._heard_s = self._looked_s = self._returned_s = self._now_s()
        self.silent_s, self.slept, self._proved_s = 0.0, False, 0.0
        self._open_pings.clear()

    def look(self, generation: int, bytes_received: int) -> float:
        """Return for how many seconds nothing has arrived.

        Args:
            generation: of the connection.
            bytes_received: by it, since its beginning.
        """
        now_s = self._now_s()
        self.slept = now_s - self._looked_s > CALL_STATS_S
        if self.slept:
            self._heard_s += now_s - self._looked_s  # we stood still ourselves, not the other side
            self._returned_s = now_s
        self._looked_s = now_s
        if generation != self._generation or bytes_received != self._bytes:
            if now_s - self._heard_s >= CALL_STATS_S:
                self._returned_s = now_s
            self._generation, self._bytes, self._heard_s = generation, bytes_received, now_s
        self.silent_s = now_s - self._heard_s
        return self.silent_s

    def next_ping(self) -> int:
        """Return the number of a ping that is due now, 0 when none is. What is due while nothing arrives is one."""
        now_s = self._now_s()
        waits = self._open_pings and self.silent_s >= CALL_STATS_S
        if waits or now_s - self._pinged_s < CALL_CHANNEL_PING_S:
            return 0
        self._pinged_s = now_s
        self._number += 1
        self._open_pings[self._number] = now_s
        return self._number

    @property
    def last_ping(self) -> int:
        """The number of the newest ping, 0 before the first."""
        return self._number

    def answered(self, number: int) -> None:
        """The other side answered this ping, or acknowledged its packet: both directions work."""
        if number not in self._open_pings:
            return
        self._proved_s = self._now_s()
        for earlier in [each for each in self._open_pings if each <= number]:
            del self._open_pings[earlier]

    @property
    def proved(self) -> bool:
        """Whether a ping came back since the last silence: the connection carries both directions."""
        return self._proved_s >= self._returned_s

    @property
    def unanswered_s(self) -> float:
        """For how long the oldest ping has had no answer, in seconds; 0 when none is open.

        After a silence it counts from the return: what was lost is sent again late (RFC 9260 section 6.3).
        """
        now_s = self._now_s()
        return now_s - max(min(self._open_pings.values(), default=now_s), self._returned_s)
