"""When sound is stretched: seldom, and where no seam is heard; the more boldly the further off the delay is."""

from teleconsole.call.media.neteq.stretch import find_period, lengthen, shorten
from teleconsole.call.media.ring import Samples
from teleconsole.host.media_limits import (
    NETEQ_FAST_OVER_MS,
    NETEQ_FAST_UNDER_MS,
    NETEQ_OVER_MS,
    NETEQ_STRETCH_EVERY_MS,
    NETEQ_UNDER_MS,
)

_AGAIN_MS = 20.0
_LIKE, _LESS_LIKE = 0.9, 0.01
"""How alike two periods must be at the edge of the target, and how much less each further millisecond."""


class Mender:
    """Brings the delay nearer to its target by a period at a time."""

    def __init__(self) -> None:
        self._next_ms = 0.0

    def wanted(self, over_ms: float, now_ms: float) -> bool:
        """Tell whether to stretch now; `over_ms` is the delay less its target."""
        if -NETEQ_UNDER_MS <= over_ms <= NETEQ_OVER_MS:
            return False
        return now_ms >= self._next_ms or not -NETEQ_FAST_UNDER_MS < over_ms < NETEQ_FAST_OVER_MS

    def mend(self, samples: Samples, over_ms: float, now_ms: float) -> Samples:
        """Return the samples, at least `stretch.WINDOW`, with one period less or more, or as they are."""
        period = find_period(samples)
        if period.likeness < _LIKE - _LESS_LIKE * (abs(over_ms) - NETEQ_UNDER_MS):
            self._next_ms = now_ms + _AGAIN_MS
            return samples
        self._next_ms = now_ms + NETEQ_STRETCH_EVERY_MS
        return shorten(samples, period) if over_ms > 0 else lengthen(samples, period)
