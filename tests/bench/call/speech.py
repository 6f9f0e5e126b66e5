"""Something like speech, made by calculation: voiced syllables with formants, hisses between them, few and short pauses.

No two seconds are alike, so that what is heard can be found in what was said to a millisecond (`hearing`). Syllables
go from 3 to 5 a second, with pauses of up to 0.2 s, as in a person who talks on.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
_LEVEL = 0.22
_FORMANTS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240))
_BANDWIDTHS_HZ = (90, 110, 160)

Samples = npt.NDArray[np.float32]


def speech(seconds: float, seed: int) -> Samples:
    """That many seconds of one speaker, mono 48 kHz, full scale 1.0.

    Args:
        seconds: how long.
        seed: each is another speaker with another text.
    """
    chance = np.random.default_rng(seed)
    base_hz = float(chance.uniform(105, 190))
    parts: list[Samples] = []
    length = 0
    while length < seconds * RATE_HZ:
        syllable = _syllable(chance, base_hz)
        parts.append(syllable)
        length += len(syllable)
    whole = np.concatenate(parts)[: int(seconds * RATE_HZ)]
    return np.asarray(whole * (_LEVEL / np.abs(whole).max() * 3.0), np.float32).clip(-0.95, 0.95)


def write_wav(path: Path, samples: Samples) -> Path:
    """Write 16-bit mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def _syllable(chance: np.random.Generator, base_hz: float) -> Samples:
    voiced = _voiced(chance, base_hz, float(chance.uniform(0.12, 0.24)))
    hiss = _hiss(chance, float(chance.uniform(0.03, 0.09)))
    pause_s = float(chance.choice([0.0, 0.0, 0.0, 0.04, 0.08, 0.2]))
    return np.concatenate([hiss, voiced, np.zeros(int(pause_s * RATE_HZ), np.float32)])


def _voiced(chance: np.random.Generator, base_hz: float, seconds: float) -> Samples:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    pitch_hz = base_hz * (1 + 0.15 * np.sin(2 * np.pi * t * chance.uniform(1, 3) + chance.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    formants = _FORMANTS_HZ[int(chance.integers(len(_FORMANTS_HZ)))]
    sound = np.zeros(len(t))
    for harmonic in range(1, int(4_000 / base_hz)):
        at_hz = harmonic * base_hz
        gain = sum(1 / (1 + ((at_hz - f) / b) ** 2) for f, b in zip(formants, _BANDWIDTHS_HZ, strict=True))
        sound += (gain + 0.02) / harmonic**0.3 * np.sin(harmonic * phase)
    return _shaped(sound, 0.02)


def _hiss(chance: np.random.Generator, seconds: float) -> Samples:
    noise = chance.normal(0, 0.12, int(seconds * RATE_HZ))
    return _shaped(np.diff(noise, prepend=0.0), 0.01)


def _shaped(sound: npt.NDArray[np.float64], edge_s: float) -> Samples:
    edge = np.minimum(1, np.arange(len(sound)) / (edge_s * RATE_HZ))
    return np.asarray(sound * edge * edge[::-1], np.float32)
