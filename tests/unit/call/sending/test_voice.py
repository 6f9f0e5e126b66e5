"""The voice on its way out: real libopus, protection by loss, earlier sound by RFC 2198, thin where it must be."""

import numpy as np
import pytest

from teleconsole.call.media.libopus import OpusDecoder, carries_previous, packet_samples
from teleconsole.call.media.ring import Samples
from teleconsole.call.webrtc.sending.opus import OpusVoice, VoiceSettings
from teleconsole.call.webrtc.sending.redundancy import Redundancy
from teleconsole.call.webrtc.sending.voice_policy import VoicePolicy, reserved_bps

FULL = VoiceSettings(40_000, 20, 10, False, True, 0)
THIN = VoiceSettings(16_000, 60, 10, True, False, 0)


def voiced(count: int, start: int = 0) -> Samples:
    """Something like a vowel: a buzz with formants that move."""
    t = (np.arange(count) + start) / 48_000
    wave = sum(np.sin(2 * np.pi * 140 * k * t + 3 * np.sin(2 * np.pi * 3 * t)) / k for k in range(1, 20))
    return (
        np.asarray(wave * 5000 * (1 + 0.5 * np.sin(2 * np.pi * 4 * t)), np.float64).clip(-32000, 32000).astype(np.int16)
    )


def encoded(voice: OpusVoice, settings: VoiceSettings, pieces: int) -> list[bytes]:
    size = settings.packet_ms * 48
    return [voice.encode(voiced(size, size * at), settings) for at in range(pieces)]


def test_opus_makes_20_ms_with_the_sound_before_in_it_and_60_ms_when_thin() -> None:
    voice = OpusVoice()
    full = encoded(voice, FULL, 50)
    assert all(packet_samples(packet) == 960 for packet in full)
    assert sum(map(len, full)) * 8 == pytest.approx(40_000, rel=0.25)
    assert sum(carries_previous(packet) for packet in full) > 25
    thin = encoded(voice, THIN, 17)
    assert all(packet_samples(packet) == 2880 for packet in thin)
    assert sum(map(len, thin[1:])) * 8 / (16 * 0.06) == pytest.approx(16_000, rel=0.3)
    voice.close()
    assert voice.encode(voiced(960), FULL) == b""


def test_opus_lost_packet_comes_back_out_of_the_next_one() -> None:
    voice, decoder = OpusVoice(), OpusDecoder()
    packets = encoded(voice, FULL, 20)
    for packet in packets[:10]:
        decoder.decode(packet)
    recovered = decoder.recover(packets[11], 960)
    assert np.abs(recovered.astype(int)).mean() > 500
    voice.close()


def test_opus_leaves_silence_out_only_where_it_is_told_to() -> None:
    voice = OpusVoice()
    silence = np.zeros(2880, np.int16)
    thin = [voice.encode(silence, THIN) for _ in range(30)]
    first = next(at for at, packet in enumerate(thin) if len(packet) <= 2)
    assert len(thin[first]) in (1, 2), "the first says that a silence begins"
    assert thin[first + 1 : first + 4] == [b"", b"", b""]
    assert b"" not in [voice.encode(silence[:960], FULL) for _ in range(30)]
    voice.close()


def test_redundancy_puts_earlier_packets_first() -> None:
    red = Redundancy()
    assert red.wrap(1000, b"one", 96, 2) == bytes([96]) + b"one"
    assert red.wrap(1960, b"two", 96, 2) == bytes([0x80 | 96, 960 >> 6, (960 << 2 & 0xFF), 3, 96]) + b"onetwo"
    third = red.wrap(2920, b"three", 96, 2)
    assert third[8:] == bytes([96]) + b"onetwothree"
    assert red.wrap(3880, b"four", 96, 1)[4:] == bytes([96]) + b"threefour"
    assert red.wrap(4840, b"five", 96, 0) == bytes([96]) + b"five"


def test_redundancy_never_reaches_further_than_its_header_can_say() -> None:
    red = Redundancy()
    red.remember(0, b"old")
    red.remember(100, b"x" * 1024)
    assert red.wrap(20_000, b"new", 96, 2) == bytes([96]) + b"new"


def test_policy_rises_at_once_with_loss_and_falls_after_quiet_seconds() -> None:
    policy = VoicePolicy()
    assert policy.settings("full", 0.0, 2e6, 0.0).redundancy == 0
    lossy = policy.settings("full", 0.06, 2e6, 100.0)
    assert (lossy.expected_loss_percent, lossy.redundancy) == (15, 1)
    assert policy.settings("full", 0.0, 2e6, 200.0).redundancy == 1
    assert policy.settings("full", 0.0, 2e6, 5100.0).expected_loss_percent == 15
    calm = [policy.settings("full", 0.0, 2e6, 5300.0 + 5100 * step) for step in range(3)]
    assert (calm[-1].redundancy, calm[-1].expected_loss_percent) == (0, 5)


def test_policy_redundancy_keeps_to_the_voices_part_of_the_link() -> None:
    policy = VoicePolicy()
    assert policy.settings("full", 0.2, 3e6, 0.0).redundancy == 2
    assert policy.settings("full", 0.2, 420_000, 1.0).redundancy == 0
    for estimate_bps in (300_000, 600_000, 900_000, 2_000_000):
        settings = VoicePolicy().settings("full", 0.2, estimate_bps, 0.0)
        if settings.redundancy:
            assert reserved_bps(settings, has_red=True) <= 0.2 * estimate_bps


def test_policy_thin_by_step_or_by_a_narrow_link_fits_60_kilobits() -> None:
    policy = VoicePolicy()
    by_step = policy.settings("thin", 0.2, 2e6, 0.0)
    assert (by_step.packet_ms, by_step.bitrate_bps, by_step.redundancy) == (60, 16_000, 0)
    assert reserved_bps(by_step, has_red=True) < 30_000
    assert policy.settings("full", 0.0, 60_000, 1.0).packet_ms == 60
    assert policy.settings("full", 0.0, 100_000, 2.0).packet_ms == 60
    assert policy.settings("full", 0.0, 130_000, 3.0).packet_ms == 20
