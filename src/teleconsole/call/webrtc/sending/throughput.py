"""How many bits a second truly arrive at the other side, smoothed by how far each sample is off (as libwebrtc does)."""

from collections import deque

_FIRST_WINDOW_MS, _WINDOW_MS = 500.0, 150.0
_UNCERTAINTY, _UNCERTAINTY_SMALL, _SMALL_BYTES = 10.0, 20.0, 2000
_DRIFT = 5.0
_RECENT_MS, _RECENT_MOST_MS, _RECENT_LEAST_MS, _RECENT_PACKETS = 300.0, 1500.0, 150.0, 6


class Throughput:
    """Takes each arrived packet; `bps` is None before half a second is known."""

    def __init__(self) -> None:
        self._kbps = -1.0
        self._variance = 50.0
        self._bytes = 0
        self._window_ms = 0.0
        self._before_ms: float | None = None
        self._recent: deque[tuple[float, int]] = deque()

    @property
    def bps(self) -> float | None:
        """Bits per second that arrive."""
        return self._kbps * 1000 if self._kbps >= 0 else None

    @property
    def recent_bps(self) -> float | None:
        """Bits per second of the last 0.3 s alone: what to believe when the link has just become narrow.

        Where so few packets arrive that they say nothing, the time of the last six counts, 1.5 s at most.
        """
        newest_ms = self._recent[-1][0] if self._recent else 0.0
        arrived_bytes, packets, first_ms, first_bytes = 0, 0, newest_ms, 0
        for arrived_ms, size_bytes in reversed(self._recent):
            if packets >= _RECENT_PACKETS and newest_ms - arrived_ms > _RECENT_MS:
                break
            arrived_bytes, packets = arrived_bytes + size_bytes, packets + 1
            first_ms, first_bytes = arrived_ms, size_bytes
        span_ms = newest_ms - first_ms
        return (arrived_bytes - first_bytes) * 8000 / span_ms if span_ms >= _RECENT_LEAST_MS else None

    def add(self, arrived_ms: float, size_bytes: int) -> None:
        """Take a packet that arrived."""
        self._recent.append((arrived_ms, size_bytes))
        while arrived_ms - self._recent[0][0] > _RECENT_MOST_MS:
            self._recent.popleft()
        sample = self._sample(arrived_ms, size_bytes)
        if sample is None:
            return
        kbps, is_small = sample
        if self._kbps < 0:
            self._kbps = kbps
            return
        scale = _UNCERTAINTY_SMALL if is_small and kbps < self._kbps else _UNCERTAINTY
        uncertainty = scale * abs(self._kbps - kbps) / max(1.0, self._kbps)
        sample_variance = uncertainty * uncertainty
        predicted = self._variance + _DRIFT
        self._kbps = (sample_variance * self._kbps + predicted * kbps) / (sample_variance + predicted)
        self._variance = sample_variance * predicted / (sample_variance + predicted)

    def _sample(self, arrived_ms: float, size_bytes: int) -> tuple[float, bool] | None:
        window_ms = _FIRST_WINDOW_MS if self._kbps < 0 else _WINDOW_MS
        found: tuple[float, bool] | None = None
        if self._before_ms is not None and arrived_ms < self._before_ms:
            arrived_ms = self._before_ms
        if self._before_ms is not None:
            gap_ms = arrived_ms - self._before_ms
            self._window_ms += gap_ms
            if gap_ms > window_ms:
                self._bytes = 0
                self._window_ms %= window_ms
        self._before_ms = arrived_ms
        if self._window_ms >= window_ms:
            found = self._bytes * 8 / window_ms, self._bytes < _SMALL_BYTES
            self._window_ms -= window_ms
            self._bytes = 0
        self._bytes += size_bytes
        return found
