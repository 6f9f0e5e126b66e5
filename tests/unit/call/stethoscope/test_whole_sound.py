"""Heart and lung sounds go through the stethoscope mode as they are; through the voice's way they do not."""

import ctypes

import numpy as np
import pytest
from tests.unit.call.neteq.voices import Network, encode, listen, tone

from teleconsole.call.media.libopus import OpusDecoder, load_libopus
from teleconsole.call.media.neteq.hold import Hold
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import Samples
from teleconsole.call.webrtc.sending.opus import OpusVoice
from teleconsole.call.webrtc.sending.voice_policy import VoicePolicy, reserved_bps

HZ = 48_000
CLEAN_BPS = 2e6
PIECE = 960


def through(sound: Samples, *, whole: bool, loss: float = 0.0) -> tuple[Samples, list[bytes]]:
    """Return what the other side hears, and the packets: processing, policy, Opus and back."""
    processing, policy, encoder, decoder = VoiceProcessing(), VoicePolicy(), OpusVoice(), OpusDecoder()
    processing.bypassed = whole
    settings = policy.settings("full", loss, CLEAN_BPS, 0.0, whole=whole)
    packets = []
    for at in range(0, len(sound), PIECE):
        halves = [processing.process(sound[start : start + 480]) for start in (at, at + 480)]
        packets.append(encoder.encode(np.concatenate(halves), settings))
    encoder.close()
    return np.concatenate([decoder.decode(packet) for packet in packets]), packets


def change_db(before: Samples, after: Samples, frequency_hz: int) -> float:
    """Return by how much a tone is louder after than before, over the last two seconds."""
    levels = []
    for sound in (before, after):
        last = sound[-2 * HZ :].astype(np.float64) * np.hanning(2 * HZ)
        levels.append(abs(np.sum(last * np.exp(-2j * np.pi * frequency_hz * np.arange(2 * HZ) / HZ))))
    return float(20 * np.log10(levels[1] / levels[0]))


@pytest.mark.parametrize("level", [300.0, 3000.0])
@pytest.mark.parametrize("frequency_hz", [30, 60, 150, 8_000, 12_000])
def test_a_tone_comes_through_the_mode_unchanged_and_not_without_it(frequency_hz: int, level: float) -> None:
    sound = tone(4, frequency_hz, level)
    whole, _ = through(sound, whole=True)
    assert abs(change_db(sound, whole, frequency_hz)) < 1.0
    voice, _ = through(sound, whole=False)
    assert change_db(sound, voice, frequency_hz) < -3.0


def test_a_beating_heart_keeps_its_shape() -> None:
    time_s = np.arange(4 * HZ) / HZ
    beats = np.exp(-(((time_s % 0.8) - 0.1) ** 2) / 0.0008) + 0.6 * np.exp(-(((time_s % 0.8) - 0.4) ** 2) / 0.0005)
    heart = (2500 * beats * np.sin(2 * np.pi * 55 * time_s)).astype(np.int16)
    alike = {}
    for whole in (True, False):
        heard, _ = through(heart, whole=whole)
        late = max(
            range(600), key=lambda by: float(np.dot(heart[HZ : 2 * HZ].astype(float), heard[HZ + by : 2 * HZ + by]))
        )
        alike[whole] = float(np.corrcoef(heart[2 * HZ : 3 * HZ], heard[2 * HZ + late : 3 * HZ + late])[0, 1])
    assert alike[True] > 0.99
    assert alike[False] < 0.97


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_the_mode_sends_ninety_six_kilobits_in_the_whole_band_also_where_packets_are_lost(loss: float) -> None:
    noise = np.random.default_rng(1).normal(0, 1000, 2 * HZ).astype(np.int16)
    _, packets = through(noise, whole=True, loss=loss)
    assert sum(map(len, packets)) * 8 / 2 == pytest.approx(96_000, rel=0.1)
    assert {packet[0] >> 3 for packet in packets} == {31}, "CELT, full band, 20 ms (RFC 6716 section 3.1)"


def in_two_channels(sound: Samples) -> list[bytes]:
    """Encode as a browser does that was asked for sound as it is: the same on both sides."""
    library = load_libopus()
    library.opus_encoder_create.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(library.opus_encoder_create(HZ, 2, 2049, None))
    assert library.opus_encoder_ctl(encoder, 4002, ctypes.c_int32(96_000)) == 0
    room, packets = ctypes.create_string_buffer(1500), []
    for at in range(0, len(sound), PIECE):
        both = np.repeat(sound[at : at + PIECE], 2)
        length = library.opus_encode(encoder, ctypes.c_void_p(both.ctypes.data), PIECE, room, len(room))
        packets.append(room.raw[:length])
    library.opus_encoder_destroy(encoder)
    return packets


@pytest.mark.parametrize("frequency_hz", [30, 150, 8_000, 12_000])
def test_a_browsers_two_channels_are_heard_as_one_unchanged(frequency_hz: int) -> None:
    sound = tone(4, frequency_hz, 3000.0)
    heard = listen(in_two_channels(sound), Network(), holds=always).sound
    assert abs(change_db(sound, heard, frequency_hz)) < 1.0


def test_silence_is_sent_in_the_mode_too() -> None:
    _, packets = through(np.zeros(2 * HZ, np.int16), whole=True)
    assert min(map(len, packets)) > 2
    assert not VoicePolicy().settings("full", 0.0, CLEAN_BPS, 0.0, whole=True).is_silence_left_out


def test_the_encoder_goes_there_and_back() -> None:
    encoder, policy = OpusVoice(), VoicePolicy()
    kinds = []
    for whole in (False, True, False):
        settings = policy.settings("full", 0.0, CLEAN_BPS, 0.0, whole=whole)
        pieces = [tone(1, 200)[at : at + PIECE] for at in range(0, 20 * PIECE, PIECE)]
        kinds.append({encoder.encode(piece, settings)[0] >> 3 for piece in pieces}.pop())
    encoder.close()
    assert kinds[1] == 31
    assert kinds[0] == kinds[2] < 16, "a voice's model: SILK or hybrid"


def test_the_step_and_the_link_decide_whether_it_is_afforded() -> None:
    policy = VoicePolicy()
    estimates = [(180_000, False), (210_000, True), (160_000, True), (140_000, False), (180_000, False), (2e6, True)]
    for at, (estimate_bps, is_whole) in enumerate(estimates):
        settings = policy.settings("full", 0.0, estimate_bps, float(at), whole=True)
        assert settings.is_whole is is_whole
        assert reserved_bps(settings, has_red=True) < estimate_bps
    thin = policy.settings("thin", 0.0, 2e6, 10.0, whole=True)
    assert (thin.is_whole, thin.bitrate_bps) == (False, 16_000)
    assert not policy.settings("full", 0.0, 2e6, 11.0).is_whole


def test_processing_hears_no_speech_while_it_is_bypassed_and_cleans_again_after_it() -> None:
    processing = VoiceProcessing()
    block = tone(0.01, 1000)
    processing.bypassed = True
    assert processing.process(block) is block
    assert processing.speech_probability == 0.0
    processing.bypassed = False
    assert processing.process(block) is not block


def always(at_s: float) -> bool:
    """From the beginning to the end."""
    return True


def late(number: int) -> float:
    """A network that is slow at first."""
    return 80.0 if number < 100 else 0.0


def test_playout_leaves_the_sound_unbent_and_waits_longer() -> None:
    packets = encode(tone(20, 60))
    plain = listen(packets, Network(delay_ms=late))
    assert plain.counters.accelerated_samples > 2000
    held = listen(packets, Network(delay_ms=late), holds=always)
    assert held.counters.accelerated_samples == 0
    assert held.counters.concealed_samples == 0
    assert min(held.targets_ms[50:]) >= 120
    assert max(held.targets_ms) <= 200


def test_playout_bends_nothing_more_once_it_waits_long_enough() -> None:
    packets = encode(tone(20, 60))
    short = listen(packets[:300], Network(jitter_ms=30), holds=always)
    whole = listen(packets, Network(jitter_ms=30), holds=always)
    assert whole.counters.expanded_samples == short.counters.expanded_samples
    assert whole.counters.accelerated_samples == 0
    assert whole.percent(whole.counters.concealed_samples) < 0.1


def test_playout_goes_there_at_the_beginning_of_the_mode_and_back_at_its_end() -> None:
    heard = listen(encode(tone(20, 200)), Network(jitter_ms=5), holds=lambda at_s: 5 <= at_s < 12)
    assert heard.delays_ms[490] < 60
    assert heard.delays_ms[700] == pytest.approx(120, abs=15)
    assert heard.delays_ms[1190] == pytest.approx(heard.delays_ms[700], abs=6)
    assert heard.delays_ms[1900] < 70
    assert heard.counters.concealed_samples == 0


def test_hold_mends_all_the_way_once_something_is_far_off() -> None:
    hold = Hold()
    assert [hold.may_stretch(delay_ms, 40) for delay_ms in (50, 100, 118, 60, 190)] == [True, True, False, False, False]
    assert [hold.may_stretch(delay_ms, 40) for delay_ms in (201, 150, 125, 150)] == [True, True, False, False]
    assert [hold.may_stretch(delay_ms, 100) for delay_ms in (95, 91, 110, 121)] == [False, True, True, False]
    assert hold.may_stretch(255, 200) is False
    assert hold.may_stretch(261, 200) is True
