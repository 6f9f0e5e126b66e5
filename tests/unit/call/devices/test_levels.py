"""Levels, and speech into a microphone that is off: told after enough of it, never for noise, gone after a while."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from tests.bench.call.speech import speech

from teleconsole.call.media.levels import Meter, MicrophoneHearer, MutedSpeech
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.host.media_limits import MUTED_SPEECH_SHOWN_S


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def feed(speech: MutedSpeech, clock: Clock, seconds: float, *, level: float = 0.1, probability: float = 0.95) -> None:
    for number in range(round(seconds * 100)):
        clock.now_s += 0.01
        speech.note(level if number % 20 < 14 else level / 4, probability, 0.01)


def test_speech_is_told_and_gone_after_a_while() -> None:
    clock = Clock()
    speech = MutedSpeech(clock)
    feed(speech, clock, 0.35)
    assert not speech.told
    feed(speech, clock, 0.1)
    assert speech.told
    clock.now_s += MUTED_SPEECH_SHOWN_S - 0.2
    assert speech.told
    clock.now_s += 0.3
    assert not speech.told


def test_it_is_told_as_long_as_somebody_goes_on() -> None:
    clock = Clock()
    speech = MutedSpeech(clock)
    feed(speech, clock, 30)
    assert speech.told


def test_noise_and_whispering_from_afar_are_not_told() -> None:
    clock = Clock()
    speech = MutedSpeech(clock)
    feed(speech, clock, 10, probability=0.5)
    feed(speech, clock, 10, level=0.002)
    assert not speech.told


def test_what_is_as_loud_all_the_time_is_no_speech() -> None:
    clock = Clock()
    speech = MutedSpeech(clock)
    for _ in range(300):
        clock.now_s += 0.01
        speech.note(0.1, 0.95, 0.01)
    assert not speech.told


def test_single_knocks_are_not_told() -> None:
    clock = Clock()
    speech = MutedSpeech(clock)
    for _ in range(20):
        feed(speech, clock, 0.15)
        feed(speech, clock, 0.8, probability=0.1)
    assert not speech.told


def test_it_is_forgotten_when_the_microphone_is_on_again() -> None:
    clock = Clock()
    speech = MutedSpeech(clock)
    feed(speech, clock, 1)
    speech.forget()
    assert not speech.told


def test_a_hearer_listens_for_speech_only_while_nothing_is_sent() -> None:
    hearer = MicrophoneHearer(Clock())
    loud, quiet = np.full(480, 3_277, np.int16), np.full(480, 819, np.int16)
    for number in range(100):
        hearer.heard(loud if number % 20 < 14 else quiet, 1.0)
    assert not hearer.muted_speech.told
    hearer.is_muted = True
    for number in range(100):
        hearer.heard(loud if number % 20 < 14 else quiet, 1.0)
    assert hearer.muted_speech.told
    assert abs(hearer.meter.take() - 0.1) < 0.001


def test_a_meter_gives_the_loudest_since_it_was_read() -> None:
    meter = Meter()
    for level in (0.1, 0.7, 0.2):
        meter.note(level)
    assert meter.take() == 0.7
    assert meter.take() == 0.0


SECONDS = 6
COUNT = SECONDS * 48_000


def told_after_s(sound: npt.NDArray[np.float64]) -> float | None:
    """When a sound into a muted microphone is told, through the real voice processing; None = never."""
    clock, processing = Clock(), VoiceProcessing()
    hearer = MicrophoneHearer(clock)
    hearer.is_muted = True
    samples = np.clip(sound * 32_767, -32_768, 32_767).astype(np.int16)
    for at in range(0, COUNT, 480):
        clock.now_s += 0.01
        hearer.heard(processing.process(samples[at : at + 480]), processing.speech_probability)
        if hearer.muted_speech.told:
            return clock.now_s - 100.0
    return None


def typing() -> npt.NDArray[np.float64]:
    chance = np.random.default_rng(2)
    sound = chance.normal(0, 0.001, COUNT)
    for at in range(10_000, COUNT - 3_000, 11_000):
        sound[at : at + 2_400] += chance.normal(0, 0.3, 2_400) * np.exp(-np.arange(2_400) / 400)
    return sound


def fan() -> npt.NDArray[np.float64]:
    sound = np.random.default_rng(3).normal(0, 0.03, COUNT)
    sound[: 2 * 48_000] *= 0.05
    return sound


@pytest.mark.parametrize("loudness", [0.1, 0.5])
def test_real_speech_is_told_within_seconds(loudness: float) -> None:
    heard_s = told_after_s(speech(SECONDS, 5).astype(np.float64) * loudness)
    assert heard_s is not None
    assert heard_s < 4


@pytest.mark.parametrize("noise", [typing, fan, lambda: np.random.default_rng(1).normal(0, 0.03, COUNT)])
def test_real_noise_is_not_told(noise: Callable[[], npt.NDArray[np.float64]]) -> None:
    assert told_after_s(noise()) is None
