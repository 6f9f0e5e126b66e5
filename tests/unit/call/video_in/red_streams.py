"""A sender of pictures in RED with parities, as a browser is one, and a link that loses packets; all made up."""

import functools
import heapq
import itertools
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket
from tests.unit.call.video_in.streams import DELTA_DATA, KEY_DATA, TICKS_PER_MS

from teleconsole.call.webrtc.fec.plan import positions
from teleconsole.call.webrtc.fec.ulpfec import parity_of, without_mutable
from teleconsole.call.webrtc.video_in.receiver import VideoReceiver
from teleconsole.call.webrtc.video_in.red_fec import PayloadTypes, RedFec

SSRC, PICTURE, RED, PARITY = 0x11223344, 97, 116, 117
TYPES = PayloadTypes(PICTURE, RED, PARITY)
MUTABLE = frozenset({3, 4})
FRAME_MS = 33.0


def rtp(number: int, time: int, payload: bytes, *, payload_type: int = RED, marker: int = 0, ssrc: int = SSRC) -> bytes:
    """A packet with abs-send-time (3) and a transport-wide number (4), which differ in each."""
    mutable = bytes((0x32,)) + struct.pack("!I", number * 77)[1:] + bytes((0x41,)) + struct.pack("!H", number % 65536)
    header = struct.pack("!BBHII", 0x90, marker << 7 | payload_type, number % 65536, time % (1 << 32), ssrc)
    return header + struct.pack("!HH", 0xBEDE, 2) + mutable + b"\0" + payload


def take(red_fec: RedFec, raw: bytes, *, is_again: bool = False) -> tuple[list[bytes], int]:
    """Give a packet to it; return the payloads of what comes out, repaired ones last, and how many those are."""
    taken = red_fec.take(parsed(raw), None if is_again else raw)
    found = [] if taken.packet is None else [taken.packet]
    return [one.payload for one in found + taken.repaired], len(taken.repaired)


class Parsed(RtpPacket):
    """As aiortc hands a packet on."""

    _data = b""


def parsed(raw: bytes) -> Parsed:
    """Parse as aiortc does."""
    packet = Parsed.parse(raw)
    assert isinstance(packet, Parsed)
    return packet


@dataclass
class RedStream:
    """Sends pictures of four to eight packets at 30 a second; answers requests within a round trip.

    Attributes:
        drops: says of a number, and whether it is a parity's, that the link loses it.
        sent: the pictures, encoded.
        shown: number of the picture, when, of those that came out as they were sent.
        lost: packets of pictures that the link lost.
        again: numbers that were sent again.
    """

    drops: Callable[[int, bool], bool]
    parities: float = 0.5
    in_red: bool = True
    picture_id: int | None = 32_760
    one_way_ms: float = 50.0
    first_number: int = 65_500
    red_fec: RedFec = field(default_factory=lambda: RedFec(TYPES, MUTABLE))
    receiver: VideoReceiver = field(default_factory=VideoReceiver)
    sent: list[bytes] = field(default_factory=list)
    shown: list[tuple[int, float]] = field(default_factory=list)
    lost: int = 0
    again: list[int] = field(default_factory=list)

    def run(self, pictures: int) -> None:
        """Send so many, and wait for what is sent again."""
        self._number = self.first_number
        self._kept: dict[int, bytes] = {}
        self._timer_ms: float | None = None
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        for index in range(pictures):
            self._send_picture(index)
        while self._events:
            at_ms, _, happens = heapq.heappop(self._events)
            happens(at_ms)

    def _send_picture(self, index: int) -> None:
        chance = random.Random(index)  # noqa: S311 -- has to be repeatable, not secret
        size = 4 + index % 5
        pieces = [KEY_DATA if index == 0 else DELTA_DATA]
        pieces += [chance.randbytes(20 + chance.randrange(30)) for _ in range(size - 1)]
        self.sent.append(b"".join(pieces))
        time, group = round(index * FRAME_MS * TICKS_PER_MS), []
        for at, piece in enumerate(pieces):
            identity = None if self.picture_id is None else (self.picture_id + index) % (1 << 15)
            descriptor = VpxPayloadDescriptor(partition_start=int(at == 0), partition_id=0, picture_id=identity)
            payload, marker = bytes(descriptor) + piece, int(at == size - 1)
            plain = rtp(self._number, time, payload, payload_type=PICTURE, marker=marker)
            group.append(without_mutable(plain, MUTABLE))
            inside = rtp(self._number, time, bytes((PICTURE,)) + payload, marker=marker)
            self._send(inside if self.in_red else plain, index * FRAME_MS + at * 0.3)
        for chosen in positions(size, round(size * self.parities)) if self.parities else ():
            parity = rtp(self._number, time, bytes((PARITY,)) + parity_of(group, chosen))
            self._send(parity, index * FRAME_MS + size * 0.3, is_parity=True)

    def _send(self, raw: bytes, at_ms: float, *, is_parity: bool = False) -> None:
        number, self._number = self._number, self._number + 1
        if not is_parity:
            self._kept[number % 65536] = raw
        if self.drops(number - self.first_number, is_parity):
            self.lost += not is_parity
        else:
            self._at(at_ms + self.one_way_ms, lambda now_ms: self._arrive(raw, now_ms))

    def _at(self, at_ms: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (at_ms, next(self._order), happens))

    def _arrive(self, raw: bytes, now_ms: float, *, is_again: bool = False) -> None:
        taken = self.red_fec.take(parsed(raw), None if is_again else raw)
        if taken.packet is not None:
            self.receiver.add(taken.packet, now_ms, is_retransmission=is_again, is_parity=taken.is_parity)
        for repaired in taken.repaired:
            self.receiver.add_repaired(repaired, now_ms)
        self._step(now_ms)

    def _step(self, now_ms: float) -> None:
        step = self.receiver.step(now_ms)
        for frame in step.frames:
            assert frame.payload_type == PICTURE
            self.shown.append((self.sent.index(frame.data), now_ms))
        for number in step.lost:
            if number in self._kept:
                self.again.append(number)
                arrive = functools.partial(self._arrive, self._kept[number], is_again=True)
                self._at(now_ms + 2 * self.one_way_ms, arrive)
        self._timer_ms = None if step.again_ms is None else max(step.again_ms, now_ms + 0.5)
        if self._timer_ms is not None and self._timer_ms < len(self.sent) * FRAME_MS + 1_000:
            self._at(self._timer_ms, self._tick)

    def _tick(self, now_ms: float) -> None:
        if self._timer_ms == now_ms:
            self._step(now_ms)

    def late_ms(self) -> list[float]:
        """How much later than without losses each picture was shown."""
        return [at_ms - index * FRAME_MS - self.one_way_ms - (3 + index % 5) * 0.3 for index, at_ms in self.shown]
