"""Raises the rate while no queue grows and cuts it when one does (draft-ietf-rmcat-gcc-02 section 5.5)."""

import math
from typing import Literal

from teleconsole.call.webrtc.sending.trendline import Usage

BETA = 0.85
"""Of what arrives: the rate after a cut."""
_PACKET_BITS = 1200 * 8
_FRAMES_PER_S = 30
_RAISE_A_SECOND, _RAISE_BACK_A_SECOND = 1.08, 1.25
_FAR_BELOW = 0.75
_LEAST_RAISE_BPS = 1_000.0
_LEAST_ADD_BPS = 4_000.0
_HEADROOM, _HEADROOM_BPS = 1.5, 10_000.0


class _Capacity:
    """What the link took whenever it was full: a mean and a deviation."""

    def __init__(self) -> None:
        self.bps: float | None = None
        self._deviation = 0.4

    def full_at(self, bps: float) -> None:
        kbps = bps / 1000
        if self.bps is None:
            self.bps = bps
            return
        mean = 0.95 * self.bps / 1000 + 0.05 * kbps
        norm = max(mean, 1.0)
        self._deviation = 0.95 * self._deviation + 0.05 * (mean - kbps) ** 2 / norm
        self._deviation = min(max(self._deviation, 0.4), 2.5)
        self.bps = mean * 1000

    @property
    def spread_bps(self) -> float:
        return 3000 * math.sqrt(self._deviation * (self.bps or 0.0) / 1000)


class RateControl:
    """The delay-based rate.

    Attributes:
        bps: the rate now.
        least_bps: see below; it may be changed.

    Args:
        start_bps: at the beginning.
        least_bps: never below.
        most_bps: never above.
    """

    def __init__(self, start_bps: float, least_bps: float, most_bps: float) -> None:
        self.bps = start_bps
        self.most_bps = most_bps
        self.least_bps = least_bps
        self._state: Literal["hold", "increase"] = "hold"
        self._changed_ms: float | None = None
        self._cut_ms: float | None = None
        self._capacity = _Capacity()

    def update(self, usage: Usage, throughput_bps: float | None, now_ms: float, round_trip_ms: float) -> bool:
        """Take what the detector says now; return whether the rate was cut."""
        if usage == "over":
            return self._cut(throughput_bps, now_ms, round_trip_ms)
        if usage == "under":
            self._state = "hold"
        elif self._state == "hold":
            self._state, self._changed_ms = "increase", now_ms
        else:
            self._raise(throughput_bps, now_ms, round_trip_ms)
        return False

    def set_rate(self, bps: float, now_ms: float) -> None:
        """Take a rate that a probe found."""
        self.bps = min(max(bps, self.least_bps), self.most_bps)
        self._changed_ms = now_ms

    def since_cut_ms(self, now_ms: float) -> float:
        """Milliseconds since the last cut; very long before the first."""
        return math.inf if self._cut_ms is None else now_ms - self._cut_ms

    def _raise(self, throughput_bps: float | None, now_ms: float, round_trip_ms: float) -> None:
        capacity = self._capacity
        if throughput_bps is not None and capacity.bps and throughput_bps > capacity.bps + capacity.spread_bps:
            self._capacity = capacity = _Capacity()
        before_ms = self._changed_ms if self._changed_ms is not None else now_ms
        span_s = min(1.0, (now_ms - before_ms) / 1000)
        limit = math.inf if throughput_bps is None else _HEADROOM * throughput_bps + _HEADROOM_BPS
        if self.bps < limit:
            if capacity.bps and self.bps > _FAR_BELOW * capacity.bps:
                raised = self.bps + self._near_full_bps(round_trip_ms) * span_s
            else:
                factor = _RAISE_BACK_A_SECOND if capacity.bps else _RAISE_A_SECOND
                raised = self.bps + max(_LEAST_RAISE_BPS * span_s, self.bps * (factor**span_s - 1))
            self.bps = min(max(self.bps, min(raised, limit)), self.most_bps)
        self._changed_ms = now_ms

    def _near_full_bps(self, round_trip_ms: float) -> float:
        frame_bits = self.bps / _FRAMES_PER_S
        packet_bits = frame_bits / math.ceil(frame_bits / _PACKET_BITS)
        return max(_LEAST_ADD_BPS, packet_bits * 1000 / (2 * (round_trip_ms + 100.0)))

    def _cut(self, throughput_bps: float | None, now_ms: float, round_trip_ms: float) -> bool:
        wait_ms = min(max(round_trip_ms, 10.0), 200.0)
        soon = self._cut_ms is not None and now_ms - self._cut_ms < wait_ms
        arrives = throughput_bps if throughput_bps is not None else self.bps / 2 / BETA
        if soon and arrives > 0.5 * self.bps:
            return False
        rate = BETA * arrives
        if rate > self.bps and self._capacity.bps:
            rate = BETA * self._capacity.bps
        if throughput_bps is not None:
            if self._capacity.bps and throughput_bps < self._capacity.bps - self._capacity.spread_bps:
                self._capacity = _Capacity()
            self._capacity.full_at(throughput_bps)
        self.bps = max(self.least_bps, min(self.bps, rate))
        self._state = "hold"
        self._changed_ms = self._cut_ms = now_ms
        return True
