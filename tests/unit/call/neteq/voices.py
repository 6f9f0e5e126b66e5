"""A sender of real Opus, a network that loses and delays by a seed, a clock of its own: partners of the playout."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from teleconsole.call.media.libopus import load_libopus
from teleconsole.call.media.neteq.counters import Counters
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.media.playout import Playout
from teleconsole.call.media.ring import Samples

HZ = 48_000
BLOCK = 480
NOISE_RMS = 30.0
OPUS = 96
_VOIP, _BITRATE, _FEC, _LOSS_PERCENT, _DTX = 2048, 4002, 4012, 4014, 4016
"""Of opus_defines.h."""


def speech(seconds: float, seed: int = 0) -> Samples:
    """Something like a voice in a room: a pitch that moves, syllables, and a background that never ends."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * HZ)) / HZ
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * time_s)) / HZ
    voice = sum(np.sin(k * phase) / k for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * time_s) + 0.3, 0, 1)
    return np.asarray(voice * syllables * 4000 + rng.normal(0, NOISE_RMS, len(time_s)), np.int16)


def tone(seconds: float, frequency_hz: float = 440.0, level: float = 8000.0) -> Samples:
    """A steady sine."""
    return np.asarray(level * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * HZ)) / HZ), np.int16)


def encode(samples: Samples, *, fec: bool = True, dtx: bool = False, packet_ms: int = 20) -> list[bytes]:
    """Return the packets of a sound, mono at 32 kbit/s, as a browser makes them."""
    library = load_libopus()
    library.opus_encoder_create.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(library.opus_encoder_create(HZ, 1, _VOIP, None))
    for request, value in ((_BITRATE, 32_000), (_FEC, fec), (_LOSS_PERCENT, 10 if fec else 0), (_DTX, dtx)):
        assert library.opus_encoder_ctl(encoder, request, ctypes.c_int32(value)) == 0
    size = HZ // 1000 * packet_ms
    room = ctypes.create_string_buffer(1500)
    packets = []
    for at in range(0, len(samples) - size + 1, size):
        piece = np.ascontiguousarray(samples[at : at + size])
        length = library.opus_encode(encoder, ctypes.c_void_p(piece.ctypes.data), size, room, len(room))
        assert length > 0
        packets.append(room.raw[:length])
    library.opus_encoder_destroy(encoder)
    return packets


def red(packets: list[bytes], at: int, step: int = 960, copies: int = 1) -> bytes:
    """Return an audio/red payload of packet `at` with copies of those before it (RFC 2198)."""
    earlier = [n for n in range(at - copies, at) if n >= 0 and len(packets[n]) < 1024]
    headers = b"".join((1 << 31 | OPUS << 24 | (at - n) * step << 10 | len(packets[n])).to_bytes(4) for n in earlier)
    return headers + bytes([OPUS]) + b"".join(packets[n] for n in earlier) + packets[at]


@dataclass
class Network:
    """Loses, delays, reorders and repeats by a seed.

    Attributes:
        loss: part of the packets.
        jitter_ms: each packet is later by up to so much.
        burst: packets in a row that a loss takes.
        twice: part of the packets that come again later.
        delay_ms: of a packet, on top; by its number.
    """

    loss: float = 0.0
    jitter_ms: float = 0.0
    burst: int = 1
    twice: float = 0.0
    delay_ms: Callable[[int], float] = lambda number: 0.0
    seed: int = 1
    lost: set[int] = field(default_factory=set)

    def arrivals(self, count: int, every_s: float) -> Iterator[tuple[float, int]]:
        """Yield when which packet comes, in seconds after the first was sent."""
        chance, events, losing = np.random.default_rng(self.seed), [], 0
        for number in range(count):
            if losing == 0 and chance.random() < self.loss / self.burst:
                losing = self.burst
            if losing:
                losing -= 1
                self.lost.add(number)
                continue
            came_s = number * every_s + (50 + chance.random() * self.jitter_ms + self.delay_ms(number)) / 1000
            events.append((came_s, number))
            if chance.random() < self.twice:
                events.append((came_s + 0.07, number))
        yield from sorted(events)


@dataclass
class Heard:
    """What came out of the playout.

    Attributes:
        sound: all of it.
        delays_ms: after each block.
        targets_ms: after each block.
        playout: itself.
    """

    sound: Samples
    delays_ms: list[float]
    targets_ms: list[int]
    playout: Playout

    @property
    def counters(self) -> Counters:
        """At the end."""
        return self.playout.hearing().counters

    def percent(self, samples: int) -> float:
        """Return a number of samples as a part of all that was expected."""
        return 100.0 * samples / self.counters.samples

    def quietest_rms(self, after_s: float = 0.5) -> float:
        """Return the level of the quietest 10 ms."""
        blocks = self.sound[round(after_s * HZ) :].reshape(-1, BLOCK).astype(np.float64)
        return float(np.sqrt(np.mean(np.square(blocks), axis=1)).min())

    def steepest(self, after_s: float = 0.2) -> int:
        """Return the largest step from one sample to the next."""
        return int(np.abs(np.diff(self.sound[round(after_s * HZ) :].astype(np.int32))).max())


def listen(
    packets: list[bytes],
    network: Network,
    *,
    copies: int = 0,
    packet_ms: int = 20,
    skew: float = 0.0,
    sequence: int = 65_500,
    timestamp: int = (1 << 32) - 100_000,
    pauses: Callable[[bytes], bool] = lambda packet: False,
    after_s: float = 0.0,
    holds: Callable[[float], bool] = lambda at_s: False,
) -> Heard:
    """Send packets over a network into a playout and pull until their sound is over; numbers wrap on the way.

    Args:
        packets: Opus.
        network: what happens to them.
        copies: of earlier packets in each, as audio/red.
        packet_ms: how long each is.
        skew: by how much slower the sender's clock is.
        sequence: of the first.
        timestamp: of the first.
        pauses: which packets the sender keeps to itself (DTX); they have no sequence number.
        after_s: how long to go on after the end.
        holds: as the playout's, by the seconds since the beginning.
    """
    now_s = [100.0]
    playout = Playout(lambda: now_s[0])
    step = HZ // 1000 * packet_ms
    sent = [at for at, packet in enumerate(packets) if not pauses(packet)]
    numbers = {at: sequence + n for n, at in enumerate(sent)}
    arrivals = [
        (100.0 + came_s, at)
        for came_s, at in network.arrivals(len(packets), packet_ms / 1000 * (1 + skew))
        if at in numbers
    ]
    arrivals.reverse()
    blocks, delays, targets = [], [], []
    for number in range(round((len(packets) * packet_ms / 1000 + after_s) * 100)):
        now_s[0] = 100.0 + number / 100
        playout.holds = holds(number / 100)
        while arrivals and arrivals[-1][0] <= now_s[0]:
            came_s, at = arrivals.pop()
            payload = red(packets, at, step, copies) if copies else packets[at]
            playout.insert(
                SoundPacket(
                    source=(1, 7),
                    sequence=numbers[at] % (1 << 16),
                    timestamp=(timestamp + at * step) % (1 << 32),
                    payload=payload,
                    arrival_s=came_s,
                    redundant=copies > 0,
                )
            )
        blocks.append(playout.pull())
        delays.append(playout.delay_ms)
        targets.append(playout.target_ms)
    return Heard(np.concatenate(blocks), delays, targets, playout)
