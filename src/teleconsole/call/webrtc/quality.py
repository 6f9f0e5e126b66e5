"""How good a call is, by published thresholds: the E-model's rating of the voice, and freezes of the picture.

Sources:
    ITU-T G.107 (06/2015): the transmission rating R and the opinion score (Annex B). Its delay term in the simple form
        of Cole and Rosenbluth, "Voice over IP performance monitoring" (2001), for a line without echo.
    ITU-T G.113 (11/2007) Appendix I: equipment impairment Ie and robustness Bpl. It has no entry for Opus; taken are
        those of G.711 with packet loss concealment (Ie 0, Bpl 25.1), so that a good Opus call is rather rated too low.
    ITU-T G.114 (05/2003): up to 150 ms mouth to ear suit everybody, above 400 ms suit nobody.
    ITU-T G.109 (09/1999): the classes of R: 80 high, 70 medium, 60 low, 50 poor.
    W3C webrtc-stats, `freezeCount`: a pause of three average intervals, and at least 150 ms longer than one.
"""

from collections import deque

from teleconsole.contracts.call import Quality

R_BEST = 93.2
"""R of a narrow-band line on which nothing is wrong (G.107 with all parameters at their defaults)."""
R_GOOD, R_FAIR = 80.0, 70.0
"""G.109: from here on users are satisfied; from here on only some are dissatisfied."""
ONE_WAY_LIMIT_MS = 400.0
_DELAY_KNEE_MS = 177.3
_BPL = 25.1
_DEVICES_MS = 60.0
"""Microphone, a packet of 20 ms, Opus' look-ahead and the loudspeaker, together on both sides."""
_INTERVALS = 30


def one_way_ms(round_trip_ms: float, playout_ms: float) -> float:
    """Return about how long the voice is under way from mouth to ear.

    Args:
        round_trip_ms: of the connection.
        playout_ms: how long sound waits in the jitter buffer.
    """
    return round_trip_ms / 2 + playout_ms + _DEVICES_MS


def rating(one_way_delay_ms: float, lost_percent: float) -> float:
    """Return R of the voice, 0 to 93.2.

    Args:
        one_way_delay_ms: mouth to ear.
        lost_percent: of the voice that was neither received nor repaired and had to be made up, 0 to 100.
    """
    late = 0.11 * max(0.0, one_way_delay_ms - _DELAY_KNEE_MS)
    delay_impairment = 0.024 * one_way_delay_ms + late
    loss_impairment = 95.0 * lost_percent / (lost_percent + _BPL)
    return max(0.0, min(R_BEST, R_BEST - delay_impairment - loss_impairment))


def opinion_score(r: float) -> float:
    """Return the mean opinion score that R stands for, 1 to 4.5 (G.107 Annex B)."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def word_of(r: float, one_way_delay_ms: float) -> Quality:
    """Return the word for a connection that works."""
    if r < R_FAIR or one_way_delay_ms > ONE_WAY_LIMIT_MS:
        return "poor"
    return "fair" if r < R_GOOD else "good"


class Freezes:
    """Counts the freezes of a picture, as `freezeCount` and `totalFreezesDuration` of W3C webrtc-stats.

    Attributes:
        count: so far.
        total_s: how long the picture stood still in them.

    Thread: one.
    """

    def __init__(self) -> None:
        self.count = 0
        self.total_s = 0.0
        self._last_s: float | None = None
        self._intervals: deque[float] = deque(maxlen=_INTERVALS)

    def shown(self, at_s: float) -> None:
        """A picture was shown."""
        if self._last_s is not None:
            interval_s = at_s - self._last_s
            if len(self._intervals) == _INTERVALS:
                average_s = sum(self._intervals) / _INTERVALS
                if interval_s >= max(3 * average_s, average_s + 0.15):
                    self.count += 1
                    self.total_s += interval_s
            self._intervals.append(interval_s)
        self._last_s = at_s

    def stopped(self) -> None:
        """No picture is expected now: the camera is off, or the step has none."""
        self._last_s = None
