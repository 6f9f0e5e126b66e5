"""From RTP packets to whole frames in their order: a frame is whole at its marker bit (RFC 7741 section 4.1).

aiortc waits for the first packet of the next frame, 33 ms more. No clock here: `receiver` says when a hole is given up.
"""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from teleconsole.call.webrtc.video_in.counting import Unwrapper
from teleconsole.call.webrtc.video_in.vp8 import begins_frame, is_key_frame, is_too_large, picture_id
from teleconsole.host.media_limits import VIDEO_PENDING_PACKETS


class Packet(Protocol):
    """What is needed of an RTP packet; `_data` is its payload without the codec's descriptor."""

    sequence_number: int
    timestamp: int
    marker: int
    payload_type: int
    payload: bytes

    @property
    def _data(self) -> bytes: ...


@dataclass
class Frame:
    """One whole frame, encoded.

    Attributes:
        data: as the decoder takes it.
        timestamp: RTP's, counted on without wrapping; 90 kHz.
        payload_type: of its codec.
        is_key: it can be decoded without others.
        was_repaired: a packet of it was lost and came again.
        whole_ms: when it and all before it were there.
        is_shown: False = decode it for what follows, a newer one is due already.
    """

    data: bytes
    timestamp: int
    payload_type: int
    is_key: bool
    was_repaired: bool
    whole_ms: float
    is_shown: bool = True


class Assembly:
    """Holds packets until their frame is whole and all before it are, or until a key frame makes them needless.

    Attributes:
        whole: frames in order, each can be decoded after the one before.
        needs_key: nothing is taken before the next key frame.
    """

    def __init__(self) -> None:
        self.whole: deque[Frame] = deque()
        self.needs_key = True
        self._packets: dict[int, Packet] = {}
        self._repaired: set[int] = set()
        self._key_starts: dict[int, float] = {}
        self._next: int | None = None
        self._highest = self._highest_of_picture = 0
        self._picture: tuple[int, int] | None = None
        self._timestamps = Unwrapper(32)

    @property
    def next_number(self) -> int | None:
        """The first sequence number that was not used yet, counted on; None before the first packet."""
        return self._next

    @property
    def hole(self) -> int | None:
        """The first number that is missing before others that are there; None if there is no such hole.

        With picture ids, what is missing between a whole picture and parities may be a parity: no hole.
        """
        if self._next is None or not self._packets:
            return None
        number = self._next
        while number in self._packets:
            number += 1
        is_between = self._picture is not None and number == self._next
        return number if number < (self._highest_of_picture if is_between else self._highest) else None

    @property
    def key_frame_began_ms(self) -> float | None:
        """When the newest key frame that is not whole yet began to arrive; None = none is coming."""
        return max(self._key_starts.values(), default=None)

    def add(self, packet: Packet, number: int, now_ms: float, *, was_repaired: bool = False) -> None:
        """Take a packet, `number` is its sequence number counted on; one that came too late or again is dropped."""
        if self._next is None:
            self._next = number
        if number < self._next or number in self._packets:
            return
        if len(self._packets) >= VIDEO_PENDING_PACKETS:
            self.give_up(number)
        self._packets[number] = packet
        self._highest = max(self._highest, number)
        if packet._data:
            self._highest_of_picture = max(self._highest_of_picture, number)
        if was_repaired:
            self._repaired.add(number)
        if begins_frame(packet.payload) and is_key_frame(packet._data):
            self._key_starts[number] = now_ms
        if number == self._next or self._next in self._packets or self._follows(packet):
            self._collect(now_ms)

    def give_up(self, number: int) -> None:
        """Forget all packets before this one; the next frame to be taken is a key frame."""
        self._packets = {n: p for n, p in self._packets.items() if n >= number}
        self._forget_marks(number)
        self._next, self.needs_key, self._picture = number, True, None

    def give_up_whole(self) -> None:
        """Forget the frames that are whole too: the decoder cannot follow."""
        self.whole.clear()
        self.needs_key = True

    def key_frame_behind(self) -> int | None:
        """Return the timestamp (counted on) of the first whole key frame behind the hole, None if there is none."""
        start = self._find_key()
        return None if start is None else self._timestamps.unwrap(self._packets[start].timestamp)

    def jump(self, now_ms: float) -> bool:
        """Give up what is before the key frame behind the hole. Returns: whether there was one."""
        start = self._find_key()
        if start is None:
            return False
        self.give_up(start)
        self._collect(now_ms)
        return True

    def _find_key(self) -> int | None:
        return next((number for number in sorted(self._key_starts) if self._run(number)), None)

    def _forget_marks(self, before: int) -> None:
        self._repaired = {n for n in self._repaired if n >= before}
        self._key_starts = {n: at_ms for n, at_ms in self._key_starts.items() if n >= before}

    def _collect(self, now_ms: float) -> None:
        self._skip_to_picture()
        while self._next is not None and (run := self._run(self._next)):
            packets = [self._packets.pop(number) for number in run]
            repaired = not self._repaired.isdisjoint(run)
            self._next = run[-1] + 1
            self._forget_marks(self._next)
            self._take(packets, repaired, now_ms)
            self._skip_to_picture()

    def _skip_to_picture(self) -> None:
        """Go on over padding, and over what was lost between two pictures that follow each other: parities."""
        while self._next in self._packets and not self._packets[self._next]._data:
            del self._packets[self._next]
            self._next += 1
        if self._next is None or self._next in self._packets or self._picture is None:
            return
        start = min((number for number, packet in self._packets.items() if packet._data), default=None)
        if start is not None and self._follows(self._packets[start]):
            self._packets = {n: p for n, p in self._packets.items() if n >= start}
            self._forget_marks(start)
            self._next = start

    def _follows(self, packet: Packet) -> bool:
        """Tell whether a packet begins the picture after the last one; only picture ids (RFC 7741) can say so."""
        if self._picture is None or not begins_frame(packet.payload):
            return False
        last, modulo = self._picture
        return picture_id(packet.payload) == ((last + 1) % modulo, modulo)

    def _run(self, start: int) -> list[int]:
        """Return the numbers of a whole frame from `start` on: to a marker bit, or to the next one's beginning."""
        run: list[int] = []
        number = start
        while (packet := self._packets.get(number)) is not None:
            if run and packet.timestamp != self._packets[start].timestamp and packet._data:
                return run
            run.append(number)
            if packet.marker:
                return run
            number += 1
        return []

    def _take(self, packets: list[Packet], was_repaired: bool, now_ms: float) -> None:
        data = b"".join(packet._data for packet in packets)
        is_key = is_key_frame(data)
        self._picture = picture_id(packets[0].payload)
        if not begins_frame(packets[0].payload) or (is_key and is_too_large(data)):
            self.needs_key = True
            return
        if self.needs_key and not is_key:
            return
        self.needs_key = False
        timestamp = self._timestamps.unwrap(packets[0].timestamp)
        self.whole.append(Frame(data, timestamp, packets[0].payload_type, is_key, was_repaired, now_ms))
