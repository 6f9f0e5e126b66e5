"""Microphones: one that is open gives its sound to the feed, for whoever reads there.

Real ones go through the voice processing. "test:tone:440" plays a pulsed tone (0.5 s on, 0.25 s off: a steady one
is noise to a noise suppressor); "file:PATH" loops a sound file.
"""

import re
import threading
from collections.abc import Iterator
from typing import Protocol

import av
import numpy as np
from av import AudioResampler

from teleconsole.call.media.levels import Hearer
from teleconsole.call.media.microphone_feed import MicrophoneFeed
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import Samples
from teleconsole.call.media.slot import Openable
from teleconsole.call.media.sound_system import SoundSystem, Turn
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.limits import (
    CALL_AUDIO_HZ,
    CALL_DEVICE_OPEN_S,
    CALL_DEVICE_READ_S,
    CALL_FILE_AUDIO_S,
)
from teleconsole.host.media_limits import SOUND_FIRST_BLOCK_S, SOUND_WORK_MS

_TONE = re.compile(r"^test:tone:(\d{2,5})$")
_ON_S, _OFF_S, _FADE_S, _LEVEL = 0.5, 0.25, 0.01, 0.3


class Inlet:
    """The way in: the voice processing, and where its sound goes. One microphone at a time uses it."""

    def __init__(self, processing: VoiceProcessing, hearer: Hearer, feed: MicrophoneFeed) -> None:
        self.turn = Turn()
        self.hearer = hearer
        self.feed = feed
        self._processing = processing

    def give(self, who: object) -> None:
        """Let this microphone be heard from the next block on, and no other. Thread: any."""
        self.turn.give(who)
        self._processing.begin_anew()

    def clean(self, who: object, block: Samples) -> Samples | None:
        """Return 10 ms as they are to be sent, None for one whose turn it is not. Thread: the microphone's."""
        return self.turn.work(who, lambda: self._cleaned(block))

    def _cleaned(self, block: Samples) -> Samples:
        cleaned = self._processing.process(block)
        self.hearer.heard(cleaned, self._processing.speech_probability)
        return cleaned


class Microphone(Openable, Protocol):
    """Gives to the feed of its inlet while it is its turn."""

    @property
    def age_ms(self) -> float:
        """How long ago the sound was made that it gives now."""
        ...


def open_microphone(device_id: str, inlet: Inlet, sound: SoundSystem) -> Microphone:
    """Return the open microphone of an id; empty = the system's default.

    Raises:
        DeviceUnavailable: there is none, or it cannot be opened.
    """
    if match := _TONE.match(device_id):
        return LoopedMicrophone(device_id, pulsed_tone(int(match[1])), inlet)
    if device_id.startswith("file:"):
        return LoopedMicrophone(device_id, read_sound_file(device_id.removeprefix("file:")), inlet)
    if device_id.startswith("test:"):
        raise DeviceUnavailable
    return SystemMicrophone(device_id, inlet, sound)


class SystemMicrophone:
    """A real one: the sound's callback cleans each block and gives it to the feed."""

    def __init__(self, device_id: str, inlet: Inlet, sound: SoundSystem) -> None:
        self.device_id = device_id
        self._inlet = inlet
        self._runs = threading.Event()
        self._stream = sound.open("input", device_id, self._on_block)

    @property
    def failed(self) -> bool:
        """Whether the device went away."""
        return not self._stream.active

    def wait_until_runs(self) -> None:
        """Return when its first block was there, or after a moment."""
        self._runs.wait(SOUND_FIRST_BLOCK_S)

    def take_over(self) -> None:
        """Be heard from now, and no other."""
        self._inlet.give(self)
        self._inlet.feed.pull = None

    @property
    def age_ms(self) -> float:
        """How long ago the sound was made that it gives now."""
        return SOUND_WORK_MS + self._stream.latency_ms

    def close(self) -> None:
        """Give the device back."""
        self._stream.close()

    def _on_block(self, block: Samples | None) -> None:
        if block is None:
            return
        self._runs.set()
        cleaned = self._inlet.clean(self, block)
        if cleaned is not None:
            self._inlet.feed.write(cleaned)


class LoopedMicrophone:
    """Plays the same samples again and again."""

    failed = False
    age_ms = 0.0

    def __init__(self, device_id: str, samples: Samples, inlet: Inlet) -> None:
        self.device_id = device_id
        self._samples = samples
        self._inlet = inlet
        self._at = 0

    def wait_until_runs(self) -> None:
        """It runs."""

    def take_over(self) -> None:
        """Be heard from now, and no other."""
        self._inlet.give(self)
        self._inlet.feed.pull = self.read

    def read(self, count: int) -> Samples:
        """Return exactly `count` samples."""
        taken = np.take(self._samples, np.arange(self._at, self._at + count), mode="wrap")
        self._at = (self._at + count) % len(self._samples)
        self._inlet.hearer.heard(taken, 0.0)
        return taken

    def close(self) -> None:
        """Be heard no more."""
        if self._inlet.feed.pull == self.read:
            self._inlet.feed.pull = None


def pulsed_tone(frequency_hz: int) -> Samples:
    """Return three seconds of a tone that goes on and off; it can be looped without a click."""
    t = np.arange(3 * CALL_AUDIO_HZ) / CALL_AUDIO_HZ
    phase_s = t % (_ON_S + _OFF_S)
    envelope = np.clip(np.minimum(phase_s, _ON_S - phase_s) / _FADE_S, 0, 1)
    tone = _LEVEL * envelope * np.sin(2 * np.pi * frequency_hz * t)
    return (tone * 32767).astype(np.int16)


def read_sound_file(path: str) -> Samples:
    """Return a file's sound as mono 48 kHz, at most `CALL_FILE_AUDIO_S` of it.

    Raises:
        DeviceUnavailable: it cannot be read or holds no sound.
    """
    try:
        blocks = list(_decoded(path))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise DeviceUnavailable from error
    if not blocks:
        raise DeviceUnavailable("This file has no sound that can be used as a microphone. Choose another one.")
    return np.concatenate(blocks)


def _decoded(path: str) -> Iterator[Samples]:
    resampler = AudioResampler(format="s16", layout="mono", rate=CALL_AUDIO_HZ)
    total = 0
    with av.open(path, timeout=(CALL_DEVICE_OPEN_S, CALL_DEVICE_READ_S)) as container:
        if not container.streams.audio:
            return
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                total += part.samples
                yield np.array(part.to_ndarray()[0], np.int16)
            if total > CALL_FILE_AUDIO_S * CALL_AUDIO_HZ:
                return
