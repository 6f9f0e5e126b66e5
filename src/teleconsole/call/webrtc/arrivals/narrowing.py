"""Notices that a link has become much narrower than what is sent on it, where the sender cannot hear of that.

When both directions narrow at once the feedback is lost in the same full queues as the media, for seconds. Whoever
receives knows better and sooner: what arrives is what the link carries. Pure: every call gets the time.
"""

from collections import deque
from itertools import pairwise
from typing import Literal

from teleconsole.host.media_limits import (
    NARROW_ASK_EVERY_MS,
    NARROW_ASKED_PART,
    NARROW_BEFORE_MS,
    NARROW_EVERY_MS,
    NARROW_HOLD_MS,
    NARROW_LEAST_ARRIVALS,
    NARROW_LEAST_GAPS,
    NARROW_LEAST_PACKETS,
    NARROW_LEAST_SPAN_MS,
    NARROW_LOST_PART,
    NARROW_RATE_PART,
    NARROW_RELEASES,
    NARROW_STILL_LOST_PART,
    NARROW_WINDOW_MOST_MS,
    NARROW_WINDOW_MS,
)

Width = Literal["", "narrowed", "overrun"]
"""What is new about the width of a link, see `Narrowing.add`."""
_Arrival = tuple[float, int, int]
"""When (ms), transport-wide number, bytes."""


class Narrowing:
    """Takes every packet's arrival; knows the width of a link that has just become narrow.

    Attributes:
        width_bps: what it carries, 0 = nothing speaks for a narrow link. It is told until nothing is lost any more for
            `NARROW_HOLD_MS`.
    """

    def __init__(self) -> None:
        self.width_bps = 0.0
        self._arrivals: deque[_Arrival] = deque()
        self._looked_ms = 0.0
        self._narrow_ms = 0.0

    def add(self, number: int, size_bytes: int, now_ms: float) -> Width:
        """Take a packet: its number, counted on, and its size.

        Returns:
            "narrowed" when the link has become narrow just now, "overrun" while more is sent on it than it carries, ""
            when there is nothing new to say.
        """
        self._arrivals.append((now_ms, number, size_bytes))
        while now_ms - self._arrivals[0][0] > NARROW_WINDOW_MS + NARROW_BEFORE_MS:
            self._arrivals.popleft()
        if now_ms - self._looked_ms < NARROW_EVERY_MS:
            return ""
        self._looked_ms = now_ms
        return self._look(now_ms)

    def _look(self, now_ms: float) -> Width:
        window = self._window(now_ms)
        span_ms = window[-1][0] - window[0][0]
        if span_ms < NARROW_LEAST_SPAN_MS:
            return ""
        rate_bps = sum(size for _, _, size in window[1:]) * 8000 / span_ms
        lost, gaps = _lost(window)
        was_narrow = self.width_bps > 0
        if was_narrow and lost >= NARROW_STILL_LOST_PART:
            self.width_bps, self._narrow_ms = rate_bps, now_ms
            return "overrun"
        if was_narrow and now_ms - self._narrow_ms > NARROW_HOLD_MS:
            self.width_bps = 0.0
        elif not was_narrow and self._is_narrow(window, lost, gaps) and rate_bps < self._before_bps(window[0][0]):
            self.width_bps, self._narrow_ms = rate_bps, now_ms
            return "narrowed"
        return ""

    def _window(self, now_ms: float) -> list[_Arrival]:
        """Return the newest arrivals; where few come, some more of them."""
        newest: list[_Arrival] = []
        for arrival in reversed(self._arrivals):
            age_ms = now_ms - arrival[0]
            if age_ms > NARROW_WINDOW_MS and (len(newest) >= NARROW_LEAST_ARRIVALS or age_ms > NARROW_WINDOW_MOST_MS):
                break
            newest.append(arrival)
        return newest[::-1]

    def _is_narrow(self, window: list[_Arrival], lost: float, gaps: int) -> bool:
        """Return whether much is lost at many places; what an outage or a burst takes is lost at one."""
        expected = max(number for _, number, _ in window) - min(number for _, number, _ in window)
        return expected >= NARROW_LEAST_PACKETS and lost >= NARROW_LOST_PART and gaps >= NARROW_LEAST_GAPS

    def _before_bps(self, since_ms: float) -> float:
        """Return what would be much less than that which arrived before the window."""
        before = [arrival for arrival in self._arrivals if arrival[0] < since_ms]
        if len(before) < 2 or before[-1][0] <= before[0][0]:
            return 0.0
        return NARROW_RATE_PART * sum(size for _, _, size in before) * 8000 / (before[-1][0] - before[0][0])


def _lost(window: list[_Arrival]) -> tuple[float, int]:
    """Return the lost part of the packets in a window, and at how many places they are missing."""
    numbers = sorted(number for _, number, _ in window)
    expected = numbers[-1] - numbers[0]
    gaps = sum(1 for number, following in pairwise(numbers) if following - number > 1)
    return (1 - (len(numbers) - 1) / expected if expected else 0.0), gaps


class RateRequests:
    """When the other side is asked for which rate: less while the link is narrow, then as much as it likes.

    Each one is said again and again, for requests get lost too (REMB, draft-alvestrand-rmcat-remb-03).

    Args:
        most_bps: what takes a request back.
    """

    def __init__(self, most_bps: int) -> None:
        self._most_bps = most_bps
        self._asked_ms = -NARROW_ASK_EVERY_MS
        self._releases = 0

    def due_bps(self, width_bps: float, now_ms: float) -> int | None:
        """Return the rate to ask for now, None = nothing is to be said.

        Args:
            width_bps: of the link, 0 = it is not narrow.
            now_ms: now.
        """
        if now_ms - self._asked_ms < NARROW_ASK_EVERY_MS or not (width_bps or self._releases):
            return None
        self._asked_ms = now_ms
        if width_bps:
            self._releases = NARROW_RELEASES
            return int(NARROW_ASKED_PART * width_bps)
        self._releases -= 1
        return self._most_bps
