"""Which packets are missing, and when each is to be asked for (RFC 4585 section 6.2.1, RFC 4588)."""

from collections import deque
from dataclasses import dataclass

from teleconsole.host.media_limits import (
    VIDEO_NACK_AGE_MS,
    VIDEO_NACK_FLOOD_LEAST,
    VIDEO_NACK_FLOOD_MS,
    VIDEO_NACK_LEAST_MS,
    VIDEO_NACK_MARGIN_MS,
    VIDEO_NACK_MISSING,
    VIDEO_NACK_PARITY_MS,
    VIDEO_NACK_ROUNDS,
    VIDEO_PARITY_SEEN_MS,
    VIDEO_REORDER_MOST_MS,
    VIDEO_ROUND_TRIP_MOST_MS,
    VIDEO_ROUND_TRIP_START_MS,
)

_SMOOTHING = 0.125
_REORDER_MARGIN = 1.25
_REORDER_FORGET = 0.98


@dataclass
class _Missing:
    since_ms: float
    due_ms: float
    rounds: int = 0
    asked_ms: float = 0.0
    is_echo_due: bool = False


class NackList:
    """Asks for what is missing once a round trip, and each time twice, 20 ms apart.

    The echo costs a few bytes and halves the harm of a lost request. A browser answers only one of the two: it sends
    no packet again within a round trip. All numbers are counted on; all times are milliseconds of one clock.

    Attributes:
        round_trip_ms: from a request to the packet, smoothed, as the answers show it.
        tolerance_ms: how long a packet is taken for one that was overtaken; 0 until that was seen.
        asked: requests so far.
        repaired: packets that came after they were asked for.
    """

    def __init__(self) -> None:
        self.round_trip_ms = VIDEO_ROUND_TRIP_START_MS
        self.tolerance_ms = 0.0
        self.asked = 0
        self.repaired = 0
        self._missing: dict[int, _Missing] = {}
        self._highest: int | None = None
        self._has_sample = False
        self._parity_ms: float | None = None
        self._came: deque[float] = deque()

    @property
    def highest(self) -> int | None:
        """The highest number that came."""
        return self._highest

    @property
    def missing(self) -> list[int]:
        """The numbers that are waited for."""
        return list(self._missing)

    @property
    def overflows(self) -> bool:
        """Whether more is missing than is asked for: only a key frame helps."""
        return len(self._missing) > VIDEO_NACK_MISSING

    def add(self, number: int, now_ms: float, *, is_retransmission: bool = False) -> bool:
        """Take the number of a packet that came. Returns: whether it had been asked for."""
        self._came.append(now_ms)
        if self._highest is None:
            self._highest = number
        if number > self._highest:
            self.tolerance_ms *= _REORDER_FORGET
            for lost in range(max(self._highest + 1, number - VIDEO_NACK_MISSING - 1), number):
                self._missing[lost] = _Missing(now_ms, now_ms + self._wait_ms(now_ms))
            self._highest = number
            return False
        if (missing := self._missing.pop(number, None)) is None:
            return False
        if not is_retransmission:
            late_ms = (now_ms - missing.since_ms) * _REORDER_MARGIN
            self.tolerance_ms = min(VIDEO_REORDER_MOST_MS, max(self.tolerance_ms, late_ms))
        elif missing.rounds == 1:
            self._measure(now_ms - missing.asked_ms)
        self.repaired += missing.rounds > 0
        return missing.rounds > 0

    def note_parity(self, now_ms: float) -> None:
        """Let what is missed from now on wait a little before it is asked for: a parity may repair it."""
        self._parity_ms = now_ms

    def settle(self, number: int) -> None:
        """Wait no longer for this one: it was computed. That tells nothing of the way."""
        self._missing.pop(number, None)

    def due(self, now_ms: float) -> list[int]:
        """Return the numbers to ask for now, in order; what is too old is given up.

        While more is missing than came lately, nothing is asked for: it would be sent on a link that is too narrow
        already, in place of what is new.
        """
        asked = []
        is_flood = self._is_flood(now_ms)
        for number, missing in list(self._missing.items()):
            if now_ms - missing.since_ms > VIDEO_NACK_AGE_MS:
                del self._missing[number]
            elif missing.due_ms <= now_ms and is_flood:
                missing.due_ms = now_ms + VIDEO_NACK_LEAST_MS
            elif missing.due_ms <= now_ms:
                self._ask(missing, now_ms)
                asked.append(number)
                if missing.rounds >= VIDEO_NACK_ROUNDS and not missing.is_echo_due:
                    missing.due_ms = now_ms + VIDEO_NACK_AGE_MS
        self.asked += len(asked)
        return asked

    def next_due_ms(self) -> float | None:
        """Return when `due` is to be called next, None if nothing is missing."""
        return min((missing.due_ms for missing in self._missing.values()), default=None)

    def forget_before(self, number: int) -> None:
        """Wait no longer for what is before this one."""
        for lost in [n for n in self._missing if n < number]:
            del self._missing[lost]

    def restart(self, number: int) -> None:
        """Begin anew at this packet: all before it is given up."""
        self._missing.clear()
        self._highest = number

    def _is_flood(self, now_ms: float) -> bool:
        while self._came and now_ms - self._came[0] > VIDEO_NACK_FLOOD_MS:
            self._came.popleft()
        return len(self._missing) > max(VIDEO_NACK_FLOOD_LEAST, len(self._came))

    def _ask(self, missing: _Missing, now_ms: float) -> None:
        if missing.is_echo_due:
            missing.is_echo_due = False
            missing.due_ms = max(now_ms + VIDEO_NACK_LEAST_MS, missing.asked_ms + self._again_ms())
            return
        missing.rounds += 1
        missing.asked_ms, missing.is_echo_due = now_ms, self._again_ms() > 2 * VIDEO_NACK_LEAST_MS
        missing.due_ms = now_ms + (VIDEO_NACK_LEAST_MS if missing.is_echo_due else self._again_ms())

    def _again_ms(self) -> float:
        return max(VIDEO_NACK_LEAST_MS, self.round_trip_ms + VIDEO_NACK_MARGIN_MS)

    def _wait_ms(self, now_ms: float) -> float:
        wait_ms = self.tolerance_ms if self.tolerance_ms >= 1.0 else 0.0
        if self._parity_ms is not None and now_ms - self._parity_ms <= VIDEO_PARITY_SEEN_MS:
            wait_ms = max(wait_ms, VIDEO_NACK_PARITY_MS)
        return wait_ms

    def _measure(self, sample_ms: float) -> None:
        sample_ms = min(VIDEO_ROUND_TRIP_MOST_MS, sample_ms)
        share = _SMOOTHING if self._has_sample else 1.0
        self.round_trip_ms += share * (sample_ms - self.round_trip_ms)
        self._has_sample = True
