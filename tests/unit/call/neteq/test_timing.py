"""Jitter, order, clocks: the delay follows what the network does, and nothing is lost by it."""

import numpy as np
import pytest
from tests.unit.call.neteq.voices import NOISE_RMS, Network, encode, listen, speech, tone

VOICE = encode(speech(30))


def test_delay_grows_with_jitter_at_once_and_shrinks_within_seconds() -> None:
    def late(number: int) -> float:
        return (number * 7919 % 100) * 0.9 if 250 <= number < 750 else 0.0

    heard = listen(VOICE, Network(delay_ms=late))
    assert max(heard.targets_ms[:490]) == 40
    assert heard.targets_ms[600] >= 90  # a second later
    assert heard.delays_ms[800] == pytest.approx(heard.targets_ms[800], abs=25)
    assert max(heard.targets_ms) <= 140
    assert heard.targets_ms[2600] <= 60
    assert heard.delays_ms[2600] < 80
    assert heard.percent(heard.counters.concealed_samples) < 1.0
    assert heard.quietest_rms() > NOISE_RMS / 4


def test_reordered_and_repeated_packets_are_put_right() -> None:
    heard = listen(VOICE[:600], Network(jitter_ms=45, twice=0.2, seed=6), copies=1)
    assert heard.counters.duplicates + heard.counters.late > 50
    assert heard.percent(heard.counters.concealed_samples) < 0.2


@pytest.mark.parametrize(("skew", "minutes"), [(1e-4, 10), (-1e-4, 4)])
def test_clock_skew_of_100_ppm_moves_the_delay_by_less_than_20_ms(skew: float, minutes: int) -> None:
    minute = encode(speech(60))
    heard = listen(minute * minutes, Network(jitter_ms=5), skew=skew)
    settled = heard.delays_ms[500:]
    assert max(settled) - min(settled) < 20
    assert heard.percent(heard.counters.concealed_samples) < 0.02


def test_pitch_stays_while_the_delay_shrinks() -> None:
    heard = listen(encode(tone(8, 440)), Network(delay_ms=lambda number: 80.0 if number < 100 else 0.0))
    assert heard.counters.accelerated_samples > 2000
    assert heard.delays_ms[-1] < 60
    spectrum = np.abs(np.fft.rfft(heard.sound[48_000 : 48_000 * 4] * np.hanning(48_000 * 3)))
    assert float(np.argmax(spectrum)) / 3 == pytest.approx(440, abs=2)
    assert heard.steepest() < 2 * 8000 * 2 * np.pi * 440 / 48_000


def test_stall_of_the_network_loses_nothing_and_its_delay_is_worked_off() -> None:
    def stalled(number: int) -> float:
        return (310 - number) * 20.0 if 303 <= number < 310 else 0.0  # seven packets come in one moment

    heard = listen(VOICE[:900], Network(delay_ms=stalled))
    assert heard.counters.missing_samples == 0
    assert heard.counters.late == 0
    assert heard.delays_ms[-1] < 60


def test_numbers_wrap_in_both_clocks() -> None:
    heard = listen(VOICE[:300], Network(), sequence=65_535, timestamp=(1 << 32) - 960)
    assert heard.counters.concealed_samples == 0
    assert heard.counters.resyncs == 0
    assert heard.counters.samples >= 290 * 960


def test_pause_of_the_sender_is_no_loss_and_is_filled_with_the_background() -> None:
    words = speech(9)
    words[3 * 48_000 : 6 * 48_000] = np.random.default_rng(3).normal(0, 2, 3 * 48_000).astype(np.int16)
    packets = encode(words, dtx=True)
    assert sum(len(packet) <= 2 for packet in packets) > 50
    pausing = [False]

    def unsent(packet: bytes) -> bool:
        """Only the first of a pause is sent, as libwebrtc does."""
        before, pausing[0] = pausing[0], len(packet) <= 2
        return before and pausing[0]

    heard = listen(packets, Network(), pauses=unsent)
    assert heard.counters.concealed_samples == heard.counters.missing_samples == 0
    assert heard.sound.reshape(-1, 480)[20:].any(axis=1).all()


def test_stalls_on_a_link_that_stalls_often_lose_no_words() -> None:
    """Also at the most delay, what comes late is played and the delay worked off, not thrown away."""

    def stalled(number: int) -> float:
        return max(0.0, 250.0 - number % 50 * 20.0)  # each second a quarter of one

    heard = listen(VOICE[:1000], Network(delay_ms=stalled))
    assert heard.counters.late <= 5
    assert heard.counters.missing_samples <= 5 * 960
    assert max(heard.delays_ms) < 350
