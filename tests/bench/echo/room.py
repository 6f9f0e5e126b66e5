"""A room with a loudspeaker and a microphone, made by calculation; two people who talk in turns and at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tests.bench.call.speech import RATE_HZ, speech

FAR_ONLY_S = (0, 15)
NEAR_ONLY_S = (15, 20)
BOTH_S = (20, 30)
FAR_AGAIN_S = (30, 45)
LENGTH_S = 45

Signal = npt.NDArray[np.float64]
_REVERBERATION_S, _DECAY_S = 0.12, 0.022
_ECHO, _NEAR, _FAR = 0.5, 0.5, 0.7
_DRIVE = 1.5
_NOISE_DB = -62.0


@dataclass(frozen=True)
class Scene:
    """What is played, what the microphone gets, and what of it is the near voice.

    Attributes:
        name: for the table.
        far: handed to the loudspeaker.
        near: of the person at the microphone.
        microphone: echo, near voice and noise together.
        has_echo: False with a headset.
    """

    name: str
    far: Signal
    near: Signal
    microphone: Signal
    has_echo: bool = True


def scene(name: str, *, delay_ms: float, drift_ppm: float = 0.0, echo: float = _ECHO) -> Scene:
    """Return 45 s: far voice alone, near voice alone, both, far voice alone again.

    Args:
        name: of the scene.
        delay_ms: from the loudspeaker's samples to the microphone's, before the room's own.
        drift_ppm: how much faster the microphone's clock is.
        echo: how loud it is, 0 = a headset.
    """
    chance = np.random.default_rng(3)
    count = LENGTH_S * RATE_HZ
    far = speech(LENGTH_S, 11).astype(np.float64) * _FAR
    far[_samples(NEAR_ONLY_S)] = 0.0
    near = speech(LENGTH_S, 12).astype(np.float64) * _NEAR
    near[: NEAR_ONLY_S[0] * RATE_HZ] = 0.0
    near[BOTH_S[1] * RATE_HZ :] = 0.0
    loud = np.tanh(far * _DRIVE) / _DRIVE  # a small loudspeaker is not linear
    heard = _convolved(loud, _room(chance)) * echo
    heard = np.concatenate([np.zeros(round(delay_ms * RATE_HZ / 1000)), heard])[:count]
    if drift_ppm:
        heard = np.interp(np.arange(count) * (1 + drift_ppm * 1e-6), np.arange(count), heard)
    noise = chance.normal(0, 10 ** (_NOISE_DB / 20), count)
    return Scene(name, far, near, heard + near + noise, echo > 0)


def part(signal: Signal, span_s: tuple[float, float]) -> Signal:
    """Return what lies between two moments."""
    return signal[_samples(span_s)]


def _samples(span_s: tuple[float, float]) -> slice:
    return slice(round(span_s[0] * RATE_HZ), round(span_s[1] * RATE_HZ))


def _room(chance: np.random.Generator) -> Signal:
    length = round(_REVERBERATION_S * RATE_HZ)
    room = chance.normal(0, 1, length) * np.exp(-np.arange(length) / (_DECAY_S * RATE_HZ))
    room[0] = 4.0
    return np.asarray(room / np.sqrt(np.sum(room**2)), np.float64)


def _convolved(signal: Signal, room: Signal) -> Signal:
    size = 1 << int(np.ceil(np.log2(len(signal) + len(room))))
    return np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(room, size), size)[: len(signal)]
