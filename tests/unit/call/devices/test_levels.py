"""Levels, and speech into a microphone that is off: told after enough of it, never for noise, gone after a while."""

from __future__ import annotations

import numpy as np

from teleconsole.call.media.levels import Meter, MicrophoneHearer, MutedSpeech
from teleconsole.host.media_limits import MUTED_SPEECH_SHOWN_S


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def feed(speech: MutedSpeech, clock: Clock, seconds: float, *, level: float = 0.1, probability: float = 0.95) -> None:
    for _ in range(round(seconds * 100)):
        clock.now_s += 0.01
        speech.note(level, probability, 0.01)


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
    block = np.full(480, 3_277, np.int16)
    for _ in range(100):
        hearer.heard(block, 1.0)
    assert not hearer.muted_speech.told
    hearer.is_muted = True
    for _ in range(100):
        hearer.heard(block, 1.0)
    assert hearer.muted_speech.told
    assert abs(hearer.meter.take() - 0.1) < 0.001


def test_a_meter_gives_the_loudest_since_it_was_read() -> None:
    meter = Meter()
    for level in (0.1, 0.7, 0.2):
        meter.note(level)
    assert meter.take() == 0.7
    assert meter.take() == 0.0
