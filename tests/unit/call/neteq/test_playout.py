"""The playout around it: two connections, recordings, hostile packets, counters that statistics read."""

import numpy as np
import pytest
from tests.unit.call.neteq.voices import BLOCK, encode, red, tone

from teleconsole.call.media.libopus import MISSING, LibopusMissingError, OpusDecoder
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.media.playout import Playout
from teleconsole.call.media.ring import Samples

TONE = encode(tone(9))
STEEPEST = 8000 * 2 * np.pi * 440 / 48_000


class Line:
    """A playout, its clock, and senders that send a packet every 20 ms."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.playout = Playout(lambda: self.now_s)
        self.heard: list[Samples] = []

    def packet(self, source: int, number: int, payload: bytes | None = None, *, redundant: bool = False) -> SoundPacket:
        return SoundPacket(
            (source, source * 11), number % 65_536, number * 960, payload or TONE[number], self.now_s, redundant
        )

    def run(self, milliseconds: int, *sources: tuple[int, int]) -> None:
        """Let time pass; `sources` are connections with the packet each begins with."""
        for at_ms in range(0, milliseconds, 10):
            for source, first in sources:
                if at_ms % 20 == 0:
                    self.playout.insert(self.packet(source, first + at_ms // 20))
            self.heard.append(self.playout.pull())
            self.now_s += 0.01

    @property
    def sound(self) -> Samples:
        return np.concatenate(self.heard)


def test_nothing_is_silence_that_is_not_counted() -> None:
    line = Line()
    line.run(100)
    assert not line.sound.any()
    assert (line.playout.blocks, line.playout.delay_ms, line.playout.hearing().source) == (0, 0.0, None)


def test_hearing_tells_which_moment_is_played() -> None:
    line = Line()
    line.run(1000, (1, 0))
    hearing = line.playout.hearing()
    assert hearing.source == (1, 11)
    assert hearing.timestamp == pytest.approx((990 - 40 + 10) * 48, abs=5 * 48 + 480)
    assert hearing.at_s == pytest.approx(50.99)
    assert hearing.delay_ms == pytest.approx(40, abs=6)
    assert line.playout.blocks == hearing.counters.samples // BLOCK


def test_new_connection_takes_over_without_a_click_or_a_hole() -> None:
    line = Line()
    line.run(1000, (1, 0))
    line.run(1000, (2, 50))
    hearing = line.playout.hearing()
    assert hearing.source == (2, 22)
    assert np.abs(np.diff(line.sound[20_000:].astype(int))).max() < 3 * STEEPEST
    levels = [np.abs(block).max() for block in line.heard[20:]]
    assert min(levels) > 1500


def test_packets_of_the_old_connection_do_not_disturb_the_new_one() -> None:
    line = Line()
    line.run(500, (1, 0))
    line.run(40, (1, 25), (2, 25))
    line.run(500, (2, 27))
    assert line.playout.hearing().source == (2, 22)
    assert line.playout.concealed_blocks <= 4


def test_reset_forgets_the_voice() -> None:
    line = Line()
    line.run(500, (1, 0))
    line.playout.reset()
    line.run(20)
    assert not line.heard[-1].any()
    assert line.playout.hearing().source is None


def test_conceals_are_counted_for_two_seconds_and_then_nobody_is_expected() -> None:
    line = Line()
    line.run(1000, (1, 0))
    before = line.playout.blocks
    line.run(6000)
    assert 180 <= line.playout.concealed_blocks <= 210
    assert line.playout.blocks - before <= 210
    assert line.heard[-1].any()


def test_recording_is_mixed_with_the_voice_and_clipped() -> None:
    line = Line()
    line.playout.play_pcm(np.full(BLOCK * 100, 32_000, np.int16))
    line.run(500, (1, 0))
    assert line.sound.max() == 32_767
    line.playout.stop_pcm()
    assert line.playout.pcm_waiting == 0


def test_hostile_packets_are_counted_and_the_voice_goes_on() -> None:
    line = Line()
    chance = np.random.default_rng(9)
    line.run(300, (1, 0))
    for number in range(15, 200):
        line.playout.insert(line.packet(1, number))
        junk = chance.bytes(int(chance.integers(0, 300)))
        line.playout.insert(line.packet(1, number, junk or b"\x00", redundant=bool(number % 2)))
        wild = int(chance.integers(0, 1 << 32))
        line.playout.insert(SoundPacket((1, 11), wild % 65_536, wild, junk, line.now_s, redundant=bool(number % 3)))
        for _ in range(2):
            line.heard.append(line.playout.pull())
            line.now_s += 0.01
    counters = line.playout.hearing().counters
    assert counters.malformed > 50
    line.playout.reset()
    line.run(1000, (3, 0))
    assert np.abs(line.sound[-4800:]).max() > 6000


@pytest.mark.parametrize("junk", [b"\x03", b"\x03\x00", b"\xff\xff\xff"])
def test_copies_that_are_not_opus_are_refused_with_their_packet(junk: bytes) -> None:
    line = Line()
    line.run(300, (1, 0))
    packets = list(TONE[:40])
    packets[15] = junk
    line.playout.insert(line.packet(1, 16, red(packets, 16), redundant=True))
    line.run(300, (1, 17))
    assert line.playout.hearing().counters.malformed == 1
    assert line.heard[-1].any()


def test_a_fault_in_a_stream_is_logged_and_the_next_packet_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(OpusDecoder):
        def decode(self, data: bytes) -> Samples:
            raise MemoryError

    decoders = [Broken, OpusDecoder]
    line = Line()
    line.playout = Playout(lambda: line.now_s, lambda: decoders.pop(0)())
    line.run(500, (1, 0))
    assert "MemoryError" in caplog.text
    assert line.heard[-1].any()


def test_a_flood_is_bounded() -> None:
    line = Line()
    for number in range(20_000):
        line.playout.insert(line.packet(number % 3, number % 250))
    line.run(500)
    assert line.playout.hearing().counters.received <= 256


def test_copies_alone_carry_the_voice() -> None:
    line = Line()
    for number in range(100):
        if number % 2:
            line.playout.insert(line.packet(1, number, red(TONE, number), redundant=True))
        for _ in range(2):
            line.heard.append(line.playout.pull())
            line.now_s += 0.01
    counters = line.playout.hearing().counters
    assert counters.red_samples >= 40 * 960
    assert counters.missing_samples == 0


def test_without_libopus_there_is_silence_and_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> OpusDecoder:
        raise LibopusMissingError(MISSING)

    playout = Playout(lambda: 1.0, refuse)
    playout.insert(SoundPacket((1, 1), 0, 0, TONE[0], 1.0))
    assert not playout.pull().any()
    assert "Opus" in caplog.text


@pytest.mark.parametrize("stand_ms", [100, 400, 3000])
def test_loudspeaker_that_stood_still_is_soon_near_to_the_sender_again(stand_ms: int) -> None:
    line = Line()
    line.run(1000, (1, 0))
    for number in range(50, 50 + stand_ms // 20):
        line.playout.insert(line.packet(1, number))
        line.now_s += 0.02
    line.run(3000, (1, 50 + stand_ms // 20))
    assert line.playout.delay_ms < 70
    assert np.abs(np.diff(line.sound[4800:].astype(int))).max() < 3 * STEEPEST
    assert line.playout.concealed_blocks <= 2


@pytest.mark.parametrize("seed", range(4))
def test_any_packets_at_any_time_give_ten_milliseconds_each_time(seed: int) -> None:
    chance = np.random.default_rng(seed)
    sizes = {packet_ms: encode(tone(2), packet_ms=packet_ms) for packet_ms in (10, 20, 40, 60)}
    line = Line()
    timestamp, sequence = int(chance.integers(0, 1 << 32)), int(chance.integers(0, 1 << 16))
    for _ in range(1500):
        for _ in range(int(chance.integers(0, 4))):
            packet_ms = int(chance.choice((10, 20, 40, 60)))
            payload = sizes[packet_ms][int(chance.integers(0, 30))]
            match int(chance.integers(0, 12)):
                case 0:
                    payload = payload[: int(chance.integers(0, len(payload)))]
                case 1:
                    payload = payload[:1]
                case 2:
                    timestamp += int(chance.integers(-100_000, 100_000))
                case 3:
                    sequence += int(chance.integers(-100, 100))
            jump = int(chance.choice((0, 0, 0, 7, 960, 48_000 * 20)))
            timestamp, sequence = timestamp + packet_ms * 48 + jump, sequence + 1
            line.playout.insert(SoundPacket((1, 11), sequence % (1 << 16), timestamp % (1 << 32), payload, line.now_s))
        block = line.playout.pull()
        assert len(block) == BLOCK
        assert block.dtype == np.dtype(np.int16)
        line.now_s += float(chance.choice((0.0, 0.01, 0.01, 0.01, 0.3)))


def test_packets_may_become_longer_and_shorter_in_mid_call() -> None:
    line = Line()
    sound = tone(9)
    pieces = [(20, 0, 100), (60, 2000, 50), (20, 5000, 100)]
    sequence = 0
    for packet_ms, from_ms, count in pieces:
        packets = encode(sound[from_ms * 48 : (from_ms + packet_ms * count) * 48], packet_ms=packet_ms)
        for number, payload in enumerate(packets):
            timestamp = (from_ms + number * packet_ms) * 48
            line.playout.insert(SoundPacket((1, 11), sequence, timestamp, payload, line.now_s))
            sequence += 1
            for _ in range(packet_ms // 10):
                line.heard.append(line.playout.pull())
                line.now_s += 0.01
    counters = line.playout.hearing().counters
    assert counters.missing_samples == 0
    assert counters.concealed_samples <= 480 * 10
    assert line.playout.delay_ms < 60
