"""Sees from arrival times whether a queue grows somewhere on the way: the delay-based half of congestion control.

Groups of packets, the slope of the queueing delay by a linear fit, and an adaptive threshold. Sources:
draft-ietf-rmcat-gcc-02 sections 5.1 to 5.4, and the trendline filter with which libwebrtc replaced its Kalman filter.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

Usage = Literal["normal", "over", "under"]

_BURST_MS, _BURST_MOST_MS = 5.0, 100.0
_WINDOW, _SMOOTHING, _GAIN, _MOST_DELTAS = 20, 0.9, 4.0, 60
_THRESHOLD_MS, _LEAST_THRESHOLD, _MOST_THRESHOLD = 12.5, 6.0, 600.0
_RISE, _FALL, _OUTLIER_MS = 0.0087, 0.039, 15.0
_OVER_FOR_MS = 10.0
_NEAR_SMOOTHING, _FLOOR_RISE = 0.7, 0.002
_RESET_MS = 3000.0


@dataclass
class _Group:
    first_sent_ms: float
    sent_ms: float
    first_arrived_ms: float
    arrived_ms: float


class GroupDeltas:
    """Makes groups of packets that left together, and the differences between one group and the next."""

    def __init__(self) -> None:
        self._current: _Group | None = None
        self._before: _Group | None = None

    def add(self, sent_ms: float, arrived_ms: float) -> tuple[float, float, float] | None:
        """Return difference of sending, of arrival, and the arrival of the newest whole group; None inside a group."""
        group = self._current
        if group is None:
            self._current = _Group(sent_ms, sent_ms, arrived_ms, arrived_ms)
            return None
        if sent_ms < group.first_sent_ms:
            return None  # out of order
        if self._belongs(group, sent_ms, arrived_ms):
            group.sent_ms = max(group.sent_ms, sent_ms)
            group.arrived_ms = max(group.arrived_ms, arrived_ms)
            return None
        before, self._before = self._before, group
        self._current = _Group(sent_ms, sent_ms, arrived_ms, arrived_ms)
        if before is None:
            return None
        arrival = group.arrived_ms - before.arrived_ms
        if arrival < 0 or arrival > _RESET_MS:
            return None  # reordered groups, or an outage between them: nothing to learn about a queue
        return group.sent_ms - before.sent_ms, arrival, group.arrived_ms

    def _belongs(self, group: _Group, sent_ms: float, arrived_ms: float) -> bool:
        if sent_ms - group.first_sent_ms <= _BURST_MS:
            return True
        arrival = arrived_ms - group.arrived_ms
        faster = arrival - (sent_ms - group.sent_ms) < 0
        return faster and arrival <= _BURST_MS and arrived_ms - group.first_arrived_ms < _BURST_MOST_MS


class Trendline:
    """The slope of the queueing delay, and what it says about the use of the link.

    Attributes:
        usage: over = a queue grows; under = one empties.
    """

    def __init__(self) -> None:
        self.usage: Usage = "normal"
        self._points: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        self._deltas = 0
        self._delay_ms = 0.0
        self._smooth_ms = 0.0
        self._near_ms = 0.0
        self._first_ms: float | None = None
        self._trend_before = 0.0
        self._over_ms = -1.0
        self._over_count = 0
        self._threshold = _THRESHOLD_MS
        self._updated_ms: float | None = None
        self._slope = 0.0
        self._floor_ms = 0.0

    @property
    def queue_ms(self) -> float:
        """Delay above the least that was seen lately."""
        return max(0.0, self._near_ms - self._floor_ms)

    def add(self, sent_delta_ms: float, arrival_delta_ms: float, arrived_ms: float) -> None:
        """Take the differences between two groups."""
        if self._first_ms is None:
            self._first_ms = arrived_ms
        self._deltas = min(self._deltas + 1, 1000)
        self._delay_ms += arrival_delta_ms - sent_delta_ms
        self._smooth_ms = _SMOOTHING * self._smooth_ms + (1 - _SMOOTHING) * self._delay_ms
        self._near_ms = _NEAR_SMOOTHING * self._near_ms + (1 - _NEAR_SMOOTHING) * self._delay_ms
        # the floor rises slowly, so that a route that became longer is not a queue for ever
        self._floor_ms = min(self._near_ms, self._floor_ms + arrival_delta_ms * _FLOOR_RISE)
        self._points.append((arrived_ms - self._first_ms, self._smooth_ms))
        if len(self._points) == _WINDOW:
            self._slope = _fitted_slope(self._points)
        self._detect(self._slope, sent_delta_ms, arrived_ms)

    def _detect(self, slope: float, sent_delta_ms: float, arrived_ms: float) -> None:
        if self._deltas < 2:
            self.usage = "normal"
            return
        trend = min(self._deltas, _MOST_DELTAS) * slope * _GAIN
        if trend > self._threshold:
            self._over_ms = sent_delta_ms / 2 if self._over_ms < 0 else self._over_ms + sent_delta_ms
            self._over_count += 1
            if self._over_ms > _OVER_FOR_MS and self._over_count > 1 and slope >= self._trend_before:
                self._over_ms, self._over_count = 0.0, 0
                self.usage = "over"
        else:
            self._over_ms, self._over_count = -1.0, 0
            self.usage = "under" if trend < -self._threshold else "normal"
        self._trend_before = slope
        self._adapt(trend, arrived_ms)

    def _adapt(self, trend: float, arrived_ms: float) -> None:
        before_ms, self._updated_ms = self._updated_ms, arrived_ms
        size = abs(trend)
        if before_ms is None or size > self._threshold + _OUTLIER_MS:
            return
        step_ms = min(arrived_ms - before_ms, 100.0)
        gain = _FALL if size < self._threshold else _RISE
        threshold = self._threshold + gain * (size - self._threshold) * step_ms
        self._threshold = min(max(threshold, _LEAST_THRESHOLD), _MOST_THRESHOLD)


def _fitted_slope(points: deque[tuple[float, float]]) -> float:
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    over = sum((x - mean_x) * (y - mean_y) for x, y in points)
    under = sum((x - mean_x) ** 2 for x, _ in points)
    return over / under if under else 0.0
