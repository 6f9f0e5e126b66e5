"""The parts on their own: RED, buffer, numbers, delay, stretching, noise, libopus."""

import ctypes

import numpy as np
import pytest
from tests.unit.call.neteq.voices import OPUS, encode, red, speech, tone

from teleconsole.call.media import libopus
from teleconsole.call.media.libopus import (
    LibopusMissingError,
    OpusDecoder,
    OpusError,
    carries_previous,
    libopus_problem,
    load_libopus,
    packet_samples,
)
from teleconsole.call.media.neteq.delay import DelayTracker
from teleconsole.call.media.neteq.noise import Background, ComfortNoise
from teleconsole.call.media.neteq.packet import OpusPiece, SoundPacket, Unwrapper, opus_pieces
from teleconsole.call.media.neteq.packet_buffer import PacketBuffer
from teleconsole.call.media.neteq.red import RedError, split_red
from teleconsole.call.media.neteq.stretch import WINDOW, find_period, lengthen, shorten
from teleconsole.call.media.ring import Samples


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


def test_red_gives_copies_first_and_its_own_last() -> None:
    packets = [b"a" * 5, b"b" * 3, b"c" * 4]
    blocks = split_red(red(packets, 2, copies=2))
    assert [(block.offset, block.data) for block in blocks] == [(1920, b"aaaaa"), (960, b"bbb"), (0, b"cccc")]
    assert {block.payload_type for block in blocks} == {OPUS}


def test_red_leaves_out_blocks_of_another_codec() -> None:
    payload = (1 << 31 | 13 << 24 | 960 << 10 | 2).to_bytes(4) + bytes([OPUS]) + b"xx" + b"own"
    assert [block.data for block in split_red(payload)] == [b"own"]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes([OPUS]),
        b"\xe0",
        b"\xe0\x0f\x00\x05",
        (1 << 31 | OPUS << 24 | 960 << 10 | 9).to_bytes(4) + bytes([OPUS]) + b"short",
        (1 << 31 | OPUS << 24 | 0 << 10 | 1).to_bytes(4) + bytes([OPUS]) + b"xy",
        (1 << 31 | OPUS << 24 | 960 << 10 | 0).to_bytes(4) * 9 + bytes([OPUS]) + b"many",
    ],
)
def test_red_that_is_malformed_is_refused(payload: bytes) -> None:
    with pytest.raises(RedError):
        split_red(payload)


def test_pieces_have_the_place_of_the_sound_they_carry() -> None:
    packet = SoundPacket((1, 7), 5, 9600, red([b"a" * 5, b"b" * 3], 1), 0.0, redundant=True)
    assert opus_pieces(packet, 65_541, 9600) == [
        OpusPiece(8640, 65_540, b"aaaaa", behind=960),
        OpusPiece(9600, 65_541, b"bbb"),
    ]


def test_numbers_are_unwrapped_forwards_and_backwards() -> None:
    unwrapper = Unwrapper(16)
    first = unwrapper.unwrap(65_534)
    assert [unwrapper.unwrap(value) - first for value in (65_535, 0, 65_535, 2, 1, 32_768)] == [1, 2, 1, 4, 3, 32_770]


def test_buffer_gives_the_earliest_and_prefers_originals() -> None:
    buffer = PacketBuffer()
    assert buffer.insert(OpusPiece(20, 2, b"copy", behind=960))
    assert buffer.insert(OpusPiece(10, 1, b"first"))
    assert buffer.insert(OpusPiece(20, 2, b"own"))
    assert not buffer.insert(OpusPiece(20, 2, b"copy", behind=960))
    assert not buffer.insert(OpusPiece(20, 2, b"own"))
    assert [buffer.take_first().data for _ in range(2)] == [b"first", b"own"]
    assert buffer.first() is None
    with pytest.raises(KeyError):
        buffer.take_first()


def test_buffer_is_bounded() -> None:
    buffer = PacketBuffer()
    for number in range(5000):
        buffer.insert(OpusPiece(number * 960, number, b"x"))
        assert len(buffer) <= 200
    assert buffer.drop_before(5000 * 960) > 0
    assert len(buffer) == 0


def test_delay_covers_nearly_all_lateness_and_is_clamped() -> None:
    tracker = DelayTracker()
    lateness_ms = [0.0, 5.0, 72.0, 0.0, 31.0]
    for number in range(500):
        tracker.add(number * 20.0 + lateness_ms[number % 5], number * 960, 960, late=False)
    assert tracker.target_ms == 100
    for number in range(500, 1000):
        tracker.add(number * 20.0 + (number % 5) * 100.0, number * 960, 960, late=False)
    assert tracker.target_ms == 200
    for number in range(1000, 1750):
        tracker.add(number * 20.0, number * 960, 960, late=False)
    assert tracker.target_ms <= 50


def test_delay_follows_a_route_that_became_slower_within_two_seconds() -> None:
    tracker = DelayTracker()
    for number in range(600):
        tracker.add(number * 20.0 + (80.0 if number > 200 else 0.0), number * 960, 960, late=False)
    assert tracker.base_ms == pytest.approx(80.0)
    assert tracker.target_ms <= 50
    assert tracker.delay_of(600 * 20.0 + 80.0 + 40.0, 600 * 960) == pytest.approx(40.0)


@pytest.mark.parametrize("frequency_hz", [80, 110, 220, 350])
def test_period_of_a_tone_is_found_and_one_is_taken_out_or_put_in(frequency_hz: int) -> None:
    sound = tone(0.04, frequency_hz)
    period = find_period(sound)
    cycles = period.samples * frequency_hz / 48_000
    assert cycles == pytest.approx(round(cycles), abs=0.02)
    assert period.likeness > 0.98
    for stretched, change in ((shorten(sound, period), -period.samples), (lengthen(sound, period), period.samples)):
        assert len(stretched) == len(sound) + change
        assert np.abs(np.diff(stretched.astype(int))).max() < 1.3 * np.abs(np.diff(sound.astype(int))).max()
        assert stretched[0] == sound[0]
        assert stretched[-1] == sound[-1]


def test_noise_has_no_period_and_silence_any() -> None:
    loud = np.random.default_rng(1).normal(0, 3000, WINDOW).astype(np.int16)
    assert find_period(loud).likeness < 0.6
    assert find_period(np.zeros(WINDOW, np.int16)).likeness == 1.0


def test_comfort_noise_has_level_and_colour_of_the_background() -> None:
    rng = np.random.default_rng(5)
    low = np.convolve(rng.normal(0, 200, 48_000 * 3), np.ones(24) / 24, "same").astype(np.int16)
    background = Background()
    for at in range(0, len(low) - 960, 960):
        background.learn(low[at : at + 960])
        background.learn(tone(0.02))  # a voice teaches nothing
    noise = ComfortNoise(background)
    made = np.concatenate([noise.block() for _ in range(200)])
    assert rms(made) == pytest.approx(rms(low), rel=0.3)
    spectra = [np.abs(np.fft.rfft(part.astype(float))) ** 2 for part in (made[:48_000], low[:48_000])]
    shares = [spectrum[:2000].sum() / spectrum.sum() for spectrum in spectra]
    assert shares[0] == pytest.approx(shares[1], abs=0.1)
    assert not np.array_equal(made[:480], made[480:960])


def test_comfort_noise_is_never_digital_silence() -> None:
    background = Background()
    for _ in range(100):
        background.learn(np.zeros(960, np.int16))
    noise = ComfortNoise(background)
    assert all(noise.block().any() for _ in range(50))


def test_opus_packets_are_measured_and_refused() -> None:
    packet = encode(speech(0.2))[5]
    assert packet_samples(packet) == 960
    with pytest.raises(OpusError):
        packet_samples(b"")
    assert not carries_previous(b"\x78")
    decoder = OpusDecoder()
    with pytest.raises(OpusError):
        decoder.decode(b"\xff\xff\xff")
    assert len(decoder.decode(packet)) == 960


def test_lost_packet_is_recovered_from_the_next_better_than_made_up() -> None:
    sound = speech(3)
    packets = encode(sound)
    lost = next(
        n for n in range(60, 140) if carries_previous(packets[n + 1]) and rms(sound[n * 960 : n * 960 + 960]) > 2000
    )
    whole, recovering, concealing = OpusDecoder(), OpusDecoder(), OpusDecoder()
    for packet in packets[:lost]:
        for decoder in (whole, recovering, concealing):
            decoder.decode(packet)
    truth = whole.decode(packets[lost]).astype(float)
    errors = [
        float(np.mean(np.square(np.abs(np.fft.rfft(made.astype(float)))[:60] - np.abs(np.fft.rfft(truth))[:60])))
        for made in (recovering.recover(packets[lost + 1], 960), concealing.conceal(960))
    ]
    assert errors[0] < errors[1]


def test_missing_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        libopus, "_candidates", lambda: iter(["/nowhere/libopus.so", ctypes.util.find_library("c") or ""])
    )
    load_libopus.cache_clear()
    try:
        with pytest.raises(LibopusMissingError):
            load_libopus()
        assert "Opus" in libopus_problem()
    finally:
        load_libopus.cache_clear()
    monkeypatch.undo()
    assert libopus_problem() == ""
