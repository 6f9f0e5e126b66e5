"""How long pictures are held back so that the late ones are not seen to be late.

On a clean link: not at all. Where packets are lost, one of them comes a round trip late; libwebrtc then holds about a
round trip and a half. Here it is the lateness that most pictures keep, and at least what keeps a repaired picture
from freezing the screen for 200 ms.
"""

from collections import deque
from dataclasses import dataclass

from teleconsole.host.media_limits import (
    VIDEO_DELAY_FALL,
    VIDEO_DELAY_FASTEST_MS,
    VIDEO_DELAY_FREEZE_MS,
    VIDEO_DELAY_HISTORY_MS,
    VIDEO_DELAY_IGNORED_MS,
    VIDEO_DELAY_MOST_MS,
    VIDEO_DELAY_QUANTILE,
    VIDEO_DELAY_RESYNC_MS,
    VIDEO_DELAY_RISE,
    VIDEO_DELAY_SAMPLES,
    VIDEO_DELAY_SAMPLES_LEAST,
    VIDEO_HOLE_MOST_MS,
)

_RTP_TICKS_PER_MS = 90


@dataclass(frozen=True)
class _Sample:
    at_ms: float
    late_ms: float
    was_repaired: bool


class PlayoutDelay:
    """Says when a frame is due.

    Attributes:
        target_ms: what should be held back.
        current_ms: what is held back now; it follows the target smoothly.
        least_ms: asked for from outside (lip sync); 0 = nothing.
        newest_timestamp: of the newest frame, counted on; None before the first.
    """

    def __init__(self) -> None:
        self.target_ms = 0.0
        self.current_ms = 0.0
        self.least_ms = 0.0
        self.newest_timestamp: int | None = None
        self._transits: deque[tuple[float, float]] = deque()
        self._samples: deque[_Sample] = deque(maxlen=VIDEO_DELAY_SAMPLES)
        self._moved_ms: float | None = None

    @property
    def fastest_ms(self) -> float | None:
        """The smallest way from a frame's timestamp to now; only differences of it mean something."""
        return self._transits[0][1] if self._transits else None

    def add(self, timestamp: int, now_ms: float, *, was_repaired: bool) -> None:
        """Take a frame that became whole: its timestamp counted on, 90 kHz."""
        self.newest_timestamp = timestamp
        transit_ms = now_ms - timestamp / _RTP_TICKS_PER_MS
        if self._transits and abs(transit_ms - self._transits[0][1]) > VIDEO_DELAY_RESYNC_MS:
            self._transits.clear()
            self._samples.clear()
        self._remember(transit_ms, now_ms)
        late_ms = transit_ms - self._transits[0][1]
        if late_ms <= VIDEO_HOLE_MOST_MS:
            self._samples.append(_Sample(now_ms, late_ms, was_repaired))
        while self._samples and now_ms - self._samples[0].at_ms > VIDEO_DELAY_HISTORY_MS:
            self._samples.popleft()
        self._aim()
        self._move(now_ms, late_ms)

    def due_ms(self, timestamp: int) -> float:
        """Return when a frame of this timestamp is to be decoded; before the first frame: at once."""
        if not self._transits:
            return 0.0
        return timestamp / _RTP_TICKS_PER_MS + self._transits[0][1] + self.current_ms

    def _remember(self, transit_ms: float, now_ms: float) -> None:
        while self._transits and self._transits[-1][1] >= transit_ms:
            self._transits.pop()
        self._transits.append((now_ms, transit_ms))
        while now_ms - self._transits[0][0] > VIDEO_DELAY_FASTEST_MS:
            self._transits.popleft()

    def _aim(self) -> None:
        wanted_ms = 0.0
        if len(self._samples) >= VIDEO_DELAY_SAMPLES_LEAST:
            late = sorted(sample.late_ms for sample in self._samples)
            most_ms = late[int(VIDEO_DELAY_QUANTILE * (len(late) - 1))]
            # From nothing to all of it over a short way, so that a link at the limit does not flap.
            wanted_ms = min(most_ms, max(0.0, 2 * (most_ms - VIDEO_DELAY_IGNORED_MS)))
            repaired_ms = max((s.late_ms for s in self._samples if s.was_repaired), default=0.0)
            wanted_ms = max(wanted_ms, repaired_ms - VIDEO_DELAY_FREEZE_MS)
        self.target_ms = min(VIDEO_DELAY_MOST_MS, max(wanted_ms, self.least_ms))

    def _move(self, now_ms: float, late_ms: float) -> None:
        passed_ms = now_ms - self._moved_ms if self._moved_ms is not None else 0.0
        self._moved_ms = now_ms
        if self.current_ms < self.target_ms:
            # A late frame has cost its time already: the next ones may keep its distance without another halt.
            risen_ms = max(self.current_ms + VIDEO_DELAY_RISE * passed_ms, late_ms)
            self.current_ms = min(self.target_ms, risen_ms)
        else:
            self.current_ms = max(self.target_ms, self.current_ms - VIDEO_DELAY_FALL * passed_ms)
