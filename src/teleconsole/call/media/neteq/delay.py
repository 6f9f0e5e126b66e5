"""How long to wait: learned from how late packets come, quick to grow and slow to shrink.

As libwebrtc's DelayManager: the lateness of a packet against the fastest of the last two seconds goes into a
histogram that forgets; the target covers nearly all of it.
"""

from collections import deque

from teleconsole.host.limits import CALL_AUDIO_HZ
from teleconsole.host.media_limits import (
    NETEQ_FORGET_MS,
    NETEQ_HISTORY_MS,
    NETEQ_LATE_WEIGHT,
    NETEQ_MARGIN_MS,
    NETEQ_QUANTILE,
    NETEQ_REPAIR_MS,
    NETEQ_RESYNC_MS,
    NETEQ_TARGET_MAX_MS,
    NETEQ_TARGET_MIN_MS,
)

_PER_MS = CALL_AUDIO_HZ / 1000
_BUCKET_MS = 10
_BUCKETS = NETEQ_TARGET_MAX_MS // _BUCKET_MS + 1


class DelayTracker:
    """Learns from arrivals and says the target.

    Attributes:
        target_ms: how long after the fastest packet's arrival sound is to be played.
    """

    def __init__(self) -> None:
        self.target_ms = NETEQ_TARGET_MIN_MS
        self._fastest: deque[tuple[float, float]] = deque()
        self._weights = [0.0] * _BUCKETS
        self._weights[0] = 1.0
        self._last_ms: float | None = None
        self._packet_ms = 20.0
        self._repair_until_ms = 0.0
        self._repair_ms = 0.0

    @property
    def base_ms(self) -> float:
        """Arrival minus timestamp of the fastest packet of the last two seconds, in milliseconds of our clock."""
        return self._fastest[0][1] if self._fastest else 0.0

    def jumped(self, arrival_ms: float, timestamp: int) -> bool:
        """Tell whether a timestamp has nothing to do with those before: the sender began anew."""
        offset_ms = arrival_ms - timestamp / _PER_MS
        return bool(self._fastest) and abs(offset_ms - self.base_ms) > NETEQ_RESYNC_MS

    def add(self, arrival_ms: float, timestamp: int, packet_samples: int, *, late: bool) -> None:
        """Learn from a packet.

        Args:
            arrival_ms: when it came, of a monotonic clock.
            timestamp: of it, unwrapped.
            packet_samples: how long its sound is.
            late: its time to be played was over.
        """
        offset_ms = arrival_ms - timestamp / _PER_MS
        before_ms = self.base_ms if self._fastest else offset_ms
        while self._fastest and self._fastest[-1][1] >= offset_ms:
            self._fastest.pop()
        self._fastest.append((arrival_ms, offset_ms))
        while self._fastest[0][0] < arrival_ms - NETEQ_HISTORY_MS:
            self._fastest.popleft()
        self._packet_ms = packet_samples / _PER_MS
        if self.base_ms - before_ms >= 2 * _BUCKET_MS:
            self._move_down(int((self.base_ms - before_ms) / _BUCKET_MS))
        self._count(offset_ms - self.base_ms, NETEQ_LATE_WEIGHT if late else 1.0)
        self._judge(arrival_ms)

    def repaired(self, now_ms: float, distance_ms: float) -> None:
        """A lost packet came back inside of a later one: leave time for that, for a while."""
        self._repair_ms = max(self._repair_ms, distance_ms) if now_ms < self._repair_until_ms else distance_ms
        self._repair_until_ms = now_ms + NETEQ_REPAIR_MS

    def delay_of(self, now_ms: float, timestamp: float) -> float:
        """Return how long after the fastest packet's arrival a timestamp is played when it is played now."""
        return now_ms - timestamp / _PER_MS - self.base_ms

    def _count(self, relative_ms: float, weight: float) -> None:
        keep = (1.0 - self._packet_ms / NETEQ_FORGET_MS) ** weight
        self._weights = [value * keep for value in self._weights]
        self._weights[min(_BUCKETS - 1, int(relative_ms / _BUCKET_MS))] += 1.0 - keep

    def _move_down(self, buckets: int) -> None:
        """The way became longer: what was late against the old one is less so against this one."""
        kept = min(buckets, _BUCKETS - 1)
        self._weights = [sum(self._weights[: kept + 1]), *self._weights[kept + 1 :], *[0.0] * kept]

    def _judge(self, now_ms: float) -> None:
        beyond = 0.0
        bucket = _BUCKETS - 1
        while bucket > 0 and beyond + self._weights[bucket] <= 1.0 - NETEQ_QUANTILE:
            beyond += self._weights[bucket]
            bucket -= 1
        repair_ms = self._repair_ms if now_ms < self._repair_until_ms else 0.0
        wanted_ms = (bucket + 1) * _BUCKET_MS + max(NETEQ_MARGIN_MS, repair_ms)
        least_ms = max(NETEQ_TARGET_MIN_MS, round(self._packet_ms) + _BUCKET_MS)
        self.target_ms = round(min(NETEQ_TARGET_MAX_MS, max(least_ms, wanted_ms)))
