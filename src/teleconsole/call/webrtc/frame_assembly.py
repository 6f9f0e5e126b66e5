"""From RTP packets to whole encoded frames, in place of aiortc's buffer: a picture is whole at its marker bit.

aiortc waits for the first packet of the next picture (33 ms more). Here a hole in the picture is given up after
450 ms or a jump of the sequence: then a key frame is asked for and shown as soon as it is whole. Sound goes another
way (`sound_tap`).
"""

import time
from collections import deque
from typing import Protocol

from teleconsole.host.limits import (
    CALL_KEY_FRAME_EVERY_S,
    CALL_VIDEO_GAP_PACKETS,
    CALL_VIDEO_HOLE_S,
    CALL_VIDEO_PENDING_PACKETS,
)

_MODULO = 1 << 16
_VP8_START_CODE = b"\x9d\x01\x2a"


class Packet(Protocol):
    """What is needed of an RTP packet; `_data` is its payload without the codec's descriptor."""

    sequence_number: int
    timestamp: int
    marker: int
    _data: bytes


class EncodedFrame:
    """One whole frame as the decoder takes it; `timestamp` is RTP's."""

    def __init__(self, data: bytes, timestamp: int) -> None:
        self.data = data
        self.timestamp = timestamp


class VideoAssembly:
    """A picture is whole when all packets up to one with the marker bit are there."""

    def __init__(self) -> None:
        self.whole: deque[EncodedFrame] = deque()
        self._packets: dict[int, Packet] = {}
        self._next: int | None = None
        self._highest = 0
        self._hole_since_s: float | None = None
        self._needs_key = False
        self._asked_s = 0.0

    def add(self, packet: Packet) -> bool:
        """Take a packet; frames that became whole are in `whole`. Returns: whether to ask for a key frame now."""
        number = packet.sequence_number
        if self._next is None:
            self._next = self._highest = number
        if (number - self._next) % _MODULO >= _MODULO // 2:
            return False
        ahead = (number - self._highest) % _MODULO
        newer = ahead < _MODULO // 2
        if (newer and ahead > CALL_VIDEO_GAP_PACKETS) or len(self._packets) >= CALL_VIDEO_PENDING_PACKETS:
            self._packets.clear()
            self._next, self._needs_key, self._hole_since_s = number, True, None
        if newer:
            self._highest = number
        self._packets[number] = packet
        before = len(self.whole)
        self._collect()
        return self._judge(progressed=len(self.whole) > before)

    def _judge(self, *, progressed: bool) -> bool:
        now_s = time.monotonic()
        if progressed or not self._packets:
            self._hole_since_s = None
        elif self._hole_since_s is None:
            self._hole_since_s = now_s
        elif now_s - self._hole_since_s > CALL_VIDEO_HOLE_S:
            if self._jump_to_key():
                self._hole_since_s = None
                self._collect()
                return False
            return self._ask(now_s)
        return self._needs_key and self._ask(now_s)

    def _ask(self, now_s: float) -> bool:
        if now_s - self._asked_s < CALL_KEY_FRAME_EVERY_S:
            return False
        self._asked_s = now_s
        return True

    def _collect(self) -> None:
        while packets := self._first_whole():
            for packet in packets:
                del self._packets[packet.sequence_number]
            self._next = (packets[-1].sequence_number + 1) % _MODULO
            if self._needs_key and not is_vp8_key_frame(packets[0]._data):
                continue
            self._needs_key = False
            if data := b"".join(packet._data for packet in packets):
                self.whole.append(EncodedFrame(data, packets[0].timestamp))

    def _first_whole(self, start: int | None = None) -> list[Packet]:
        number = self._next if start is None else start
        packets: list[Packet] = []
        while number is not None and (packet := self._packets.get(number)) is not None:
            packets.append(packet)
            if packet.marker:
                return packets
            number = (number + 1) % _MODULO
        return []

    def _jump_to_key(self) -> bool:
        base = self._next or 0
        for number in sorted(self._packets, key=lambda n: (n - base) % _MODULO):
            if is_vp8_key_frame(self._packets[number]._data) and self._first_whole(number):
                skipped = (number - base) % _MODULO
                self._packets = {n: p for n, p in self._packets.items() if (n - base) % _MODULO >= skipped}
                self._next = number
                return True
        return False


def is_vp8_key_frame(data: bytes) -> bool:
    """Tell whether a VP8 frame begins a new picture (RFC 6386 section 9.1)."""
    return len(data) > 6 and not data[0] & 1 and data[3:6] == _VP8_START_CODE
