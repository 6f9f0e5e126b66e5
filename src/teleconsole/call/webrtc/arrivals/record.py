"""Which packets of a connection arrived when, until it was told; and when it is to be told."""

from collections import deque

from teleconsole.call.webrtc.arrivals.message import pack_message
from teleconsole.call.webrtc.video_in.counting import Unwrapper
from teleconsole.host.media_limits import (
    ARRIVAL_EVERY_LEAST_MS,
    ARRIVAL_EVERY_MOST_MS,
    ARRIVAL_GAP_PACKETS,
    ARRIVAL_IDLE_MS,
    ARRIVAL_KEPT_MS,
    ARRIVAL_KEPT_PACKETS,
    ARRIVAL_MESSAGE_PACKETS,
    ARRIVAL_SHARE,
    ARRIVAL_TAIL_MISSING,
)

_MESSAGE_BITS = 68 * 8
"""Of a usual message with its headers."""
_RATE_OVER_MS = 500.0


class ArrivalRecord:
    """Takes the transport-wide sequence numbers of all streams; all times are milliseconds of one clock."""

    def __init__(self) -> None:
        self._numbers = Unwrapper(16)
        self._arrived: dict[int, float] = {}
        self._next: int | None = None
        self._kept_from = 0
        self._highest = 0
        self._picture: int | None = None
        self._messages = 0
        self._is_new = False
        self._sizes: deque[tuple[float, int]] = deque()
        self._bytes = 0

    def add(self, number: int, size_bytes: int, now_ms: float, *, is_picture: bool = False) -> int:
        """Take a packet: its transport-wide sequence number (16 bits) and its size. Return the number, counted on."""
        self._sizes.append((now_ms, size_bytes))
        self._bytes += size_bytes
        self._forget(now_ms)
        whole = self._numbers.unwrap(number)
        if self._next is None or whole - self._highest > ARRIVAL_GAP_PACKETS:
            self._arrived.clear()
            self._next = self._highest = self._kept_from = whole
        if whole in self._arrived or whole < self._kept_from:
            return whole
        self._arrived[whole] = now_ms
        self._highest = max(self._highest, whole)
        # A late packet is told of by telling all again from it on.
        self._next = min(self._next, whole)
        self._is_new = True
        if is_picture:
            self._picture = whole if self._picture is None else max(self._picture, whole)
        return whole

    def messages(self, sender_ssrc: int, media_ssrc: int, *, is_narrow: bool = False) -> list[bytes]:
        """Return the RTCP packets that tell what is not told yet.

        A browser sends a lost packet again by itself when nothing of its stream is told that came after it; on a full
        link that takes the place of new pictures for seconds. So there, and where much is missing, only what came is
        told of what followed the last packet of a picture.

        Args:
            sender_ssrc: ours.
            media_ssrc: of a stream of the other side.
            is_narrow: more is sent than the link carries.
        """
        packets: list[bytes] = []
        if not self._is_new or self._next is None:
            return packets
        picture = self._picture if self._picture is not None and self._is_tail_lost(is_narrow=is_narrow) else None
        while self._next <= self._highest:
            last = self._last_told(self._next, picture)
            arrivals = [self._arrived.get(number) for number in range(self._next, last + 1)]
            if not any(arrival is not None for arrival in arrivals):
                self._next = last + 1  # the next message begins there: that these are missing is told by nothing else
                continue
            packet, reported = pack_message(sender_ssrc, media_ssrc, self._next, self._messages, arrivals)
            self._messages += 1
            self._next += reported
            packets.append(packet)
        self._is_new = False
        return packets

    def _is_tail_lost(self, *, is_narrow: bool) -> bool:
        """Return whether much is missing after the last packet of a picture."""
        if self._picture is None or self._next is None:
            return False
        tail = range(max(self._picture + 1, self._next), self._highest + 1)
        return is_narrow or sum(number not in self._arrived for number in tail) >= ARRIVAL_TAIL_MISSING

    def _last_told(self, first: int, picture: int | None) -> int:
        """Return the last packet of the message that begins with this one.

        Args:
            first: of the message.
            picture: after this one only what came is told of; None = all is told.
        """
        most = min(self._highest, first + ARRIVAL_MESSAGE_PACKETS - 1)
        if picture is None:
            return most
        if first <= picture:
            return min(most, picture)
        last = first
        while last < most and (last in self._arrived) is (last + 1 in self._arrived):
            last += 1
        return last

    def every_ms(self) -> float:
        """Return how long to wait until the next message: 50 ms where much arrives, more where little does."""
        rate_bits_per_ms = self._bytes * 8 / _RATE_OVER_MS
        if rate_bits_per_ms <= 0:
            return ARRIVAL_EVERY_MOST_MS
        wait_ms = _MESSAGE_BITS / (ARRIVAL_SHARE * rate_bits_per_ms)
        return min(ARRIVAL_EVERY_MOST_MS, max(ARRIVAL_EVERY_LEAST_MS, wait_ms))

    def is_idle(self, now_ms: float) -> bool:
        """Whether nothing has come for so long that there is nothing to tell."""
        return not self._sizes or now_ms - self._sizes[-1][0] > ARRIVAL_IDLE_MS

    def _forget(self, now_ms: float) -> None:
        while self._sizes and now_ms - self._sizes[0][0] > _RATE_OVER_MS:
            self._bytes -= self._sizes.popleft()[1]
        if self._next is None:
            return
        while self._arrived:
            number = next(iter(self._arrived))  # the dictionary is in the order of arrival
            is_kept = number >= self._next or now_ms - self._arrived[number] <= ARRIVAL_KEPT_MS
            if is_kept and len(self._arrived) <= ARRIVAL_KEPT_PACKETS:
                return
            del self._arrived[number]
            self._kept_from = max(self._kept_from, number + 1)
