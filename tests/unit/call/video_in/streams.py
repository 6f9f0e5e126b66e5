"""A sender of pictures, a bad link and a clock, all made up: the receiver's other half for tests."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from teleconsole.call.webrtc.video_in.receiver import VideoReceiver

TICKS_PER_MS = 90
KEY_DATA = b"\x10\x02\x00\x9d\x01\x2a\x00\x05\xd0\x02"
DELTA_DATA = b"\x11\x02\x00" + bytes(7)
FIRST, FURTHER = b"\x10", b"\x00"

Drops = Callable[[int, bool], bool]
"""Says of a packet (its place in the stream, whether it is sent again) that the link loses it."""


@dataclass
class FakePacket:
    sequence_number: int
    timestamp: int
    marker: int = 0
    payload_type: int = 97
    payload: bytes = FIRST + DELTA_DATA
    is_again: bool = False

    @property
    def _data(self) -> bytes:
        return self.payload[1:]


def packet(number: int, time: int = 0, *, marker: bool = True, key: bool = False, first: bool = True) -> FakePacket:
    data = KEY_DATA if key else DELTA_DATA
    return FakePacket(number % 65536, time, int(marker), payload=(FIRST + data) if first else FURTHER + b"more")


@dataclass
class Shown:
    """A frame that the receiver gave to the decoder."""

    index: int
    at_ms: float
    is_key: bool
    is_shown: bool


@dataclass
class FakeStream:
    """Sends `frames_per_s` pictures of `size` packets; answers NACKs within a round trip once, and PLIs.

    Like libwebrtc it sends no packet again while the last repetition is younger than a round trip.
    """

    one_way_ms: float = 50.0
    jitter_ms: float = 0.0
    frames_per_s: int = 30
    size: int = 10
    key_size: int = 20
    first_number: int = 65_000
    first_timestamp: int = 4_294_900_000
    drops: Drops = lambda place, again: False
    drops_feedback: Callable[[], bool] = lambda: False
    seed: int = 1
    receiver: VideoReceiver = field(default_factory=VideoReceiver)
    shown: list[Shown] = field(default_factory=list)
    key_frames: int = 0
    nacked: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    plis: list[float] = field(default_factory=list)
    silent: Callable[[float], bool] = lambda at_ms: False

    def run(self, for_ms: float) -> None:
        """Let it all happen from moment 0."""
        self._chance = random.Random(self.seed)  # noqa: S311 -- has to be repeatable, not secret
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._sent: dict[int, FakePacket] = {}
        self._again_ms: dict[int, float] = {}
        self._place = 0
        self._wants_key = True
        self._frame = 0
        self._timer_ms: float | None = None
        self._at(0.0, self._send_frame)
        while self._events and self._events[0][0] <= for_ms:
            at_ms, _, happens = heapq.heappop(self._events)
            happens(at_ms)

    def _at(self, at_ms: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (at_ms, next(self._order), happens))

    def _send_frame(self, now_ms: float) -> None:
        key, self._wants_key = self._wants_key, False
        self.key_frames += key
        time = (self.first_timestamp + round(now_ms * TICKS_PER_MS)) % (1 << 32)
        count = self.key_size if key else self.size
        for index in range(count):
            sent = packet(self.first_number + self._place, time, marker=index == count - 1, key=key, first=index == 0)
            self._sent[sent.sequence_number] = sent
            self._travel(sent, self._place, now_ms + index * 0.3)
            self._place += 1
        self._frame += 1
        self._at(self._frame * 1000 / self.frames_per_s, self._send_frame)

    def _travel(self, sent: FakePacket, place: int, at_ms: float, *, again: bool = False) -> None:
        if self.drops(place, again) or self.silent(at_ms):
            return
        arrival_ms = at_ms + self.one_way_ms + self._chance.random() * self.jitter_ms
        self._at(arrival_ms, lambda now_ms: self._arrive(sent, now_ms, again))

    def _arrive(self, sent: FakePacket, now_ms: float, again: bool) -> None:
        self.receiver.add(sent, now_ms, is_retransmission=again)
        self._step(now_ms)

    def _tick(self, now_ms: float) -> None:
        if self._timer_ms == now_ms:
            self._step(now_ms)

    def _step(self, now_ms: float) -> None:
        step = self.receiver.step(now_ms)
        for frame in step.frames:
            index = round(
                (frame.timestamp - (1 << 32) - self.first_timestamp) / TICKS_PER_MS * self.frames_per_s / 1000
            )
            self.shown.append(Shown(index, now_ms, frame.is_key, frame.is_shown))
        if step.lost:
            self.nacked.append((now_ms, tuple(step.lost)))
            if not self.drops_feedback():
                self._at(now_ms + self.one_way_ms, lambda at_ms: self._repeat(tuple(step.lost), at_ms))
        if step.wants_key_frame:
            self.plis.append(now_ms)
            if not self.drops_feedback() and not self.silent(now_ms):
                self._at(now_ms + self.one_way_ms, lambda at_ms: setattr(self, "_wants_key", True))
        self._timer_ms = None if step.again_ms is None else max(now_ms + 1, step.again_ms)
        if self._timer_ms is not None:
            self._at(self._timer_ms, self._tick)

    def _repeat(self, numbers: tuple[int, ...], now_ms: float) -> None:
        if self.silent(now_ms):
            return
        for number in numbers:
            if now_ms - self._again_ms.get(number, -1e9) < 2 * self.one_way_ms:
                continue
            self._again_ms[number] = now_ms
            place = (number - self.first_number) % 65536
            self._travel(self._sent[number], place, now_ms, again=True)

    def gaps_ms(self, after_ms: float = 3_000.0, over_ms: float = 200.0) -> list[float]:
        """Times between two shown pictures that are longer than `over_ms`."""
        times = [one.at_ms for one in self.shown if one.is_shown and one.at_ms >= after_ms]
        return [later - at for at, later in itertools.pairwise(times) if later - at > over_ms]

    def latencies_ms(self, after_ms: float = 3_000.0) -> list[float]:
        """From a picture's sending to its decoding, sorted."""
        return sorted(
            one.at_ms - one.index * 1000 / self.frames_per_s
            for one in self.shown
            if one.at_ms > after_ms and one.is_shown
        )


def random_loss(share: float, seed: int) -> Drops:
    """Independent losses."""
    chance = random.Random(seed)  # noqa: S311 -- has to be repeatable, not secret
    return lambda place, again: chance.random() < share


def burst_loss(share: float, mean_packets: float, seed: int) -> Drops:
    """Gilbert's model: bursts of a mean length."""
    chance = random.Random(seed)  # noqa: S311 -- has to be repeatable, not secret
    bad = [False]
    leave = 1 / mean_packets
    enter = share * leave / (1 - share)

    def drops(place: int, again: bool) -> bool:
        bad[0] = chance.random() >= leave if bad[0] else chance.random() < enter
        return bad[0]

    return drops
