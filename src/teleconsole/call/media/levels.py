"""How loud it is at the microphone, and whether somebody speaks into one that is off."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from teleconsole.call.media.ring import Samples, level_of
from teleconsole.host.limits import CALL_AUDIO_HZ
from teleconsole.host.media_limits import (
    MUTED_SPEECH_LEAST_S,
    MUTED_SPEECH_LEVEL,
    MUTED_SPEECH_PROBABILITY,
    MUTED_SPEECH_RANGE,
    MUTED_SPEECH_SHOWN_S,
    MUTED_SPEECH_WITHIN_S,
)


class Hearer(Protocol):
    """Is told what the microphone gives."""

    def heard(self, samples: Samples, speech_probability: float) -> None:
        """Take a piece after the voice processing. Thread: the microphone's; returns at once."""
        ...


class Meter:
    """The loudest piece since it was read last.

    Thread: any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level = 0.0

    def note(self, level: float) -> None:
        """Take a level, root mean square, full scale 1.0."""
        with self._lock:
            self._level = max(self._level, level)

    def take(self) -> float:
        """Return the loudest since the last call."""
        with self._lock:
            level, self._level = self._level, 0.0
            return level


class MutedSpeech:
    """Tells speech from noise while the microphone is off: enough of it, loud enough, within a short time.

    A cough or a door is too short, and a fan is no speech; one that is switched on now is taken for speech by the
    suppressor for a second or two, but it is as loud all the time, which no syllables are. What was told is true for a
    while and then no more.

    Args:
        clock_s: monotonic seconds.

    Thread: any; what is read is a moment's.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._speech_s = 0.0
        self._levels: list[float] = []
        self._told_until_s = float("-inf")

    @property
    def told(self) -> bool:
        """Whether the person should be told now."""
        return self._clock_s() < self._told_until_s

    def note(self, level: float, speech_probability: float, length_s: float) -> None:
        """Take a piece of `length_s` seconds that is not sent."""
        if speech_probability >= MUTED_SPEECH_PROBABILITY and level >= MUTED_SPEECH_LEVEL:
            self._speech_s += length_s
            self._levels.append(level)
        else:
            leak = MUTED_SPEECH_LEAST_S / (MUTED_SPEECH_WITHIN_S - MUTED_SPEECH_LEAST_S)
            self._speech_s = max(0.0, self._speech_s - leak * length_s)
        if self._speech_s >= MUTED_SPEECH_LEAST_S:
            if self._has_syllables():
                self._told_until_s = self._clock_s() + MUTED_SPEECH_SHOWN_S
            self._speech_s = 0.0
        if not self._speech_s:
            self._levels.clear()

    def _has_syllables(self) -> bool:
        quiet, loud = np.percentile(self._levels, [10, 90])
        return bool(loud >= MUTED_SPEECH_RANGE * quiet)

    def forget(self) -> None:
        """The microphone is on again."""
        self._speech_s = 0.0
        self._levels.clear()
        self._told_until_s = float("-inf")


class MicrophoneHearer:
    """A `Hearer` with a meter and an ear for speech that is not sent.

    Attributes:
        meter: of the microphone, also while it is off: that it works is worth seeing.
        muted_speech: see there.
        is_muted: whether nothing is sent now.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.meter = Meter()
        self.muted_speech = MutedSpeech(clock_s)
        self.is_muted = False

    def heard(self, samples: Samples, speech_probability: float) -> None:
        """Take a piece after the voice processing."""
        level = level_of(samples)
        self.meter.note(level)
        if self.is_muted:
            self.muted_speech.note(level, speech_probability, len(samples) / CALL_AUDIO_HZ)
