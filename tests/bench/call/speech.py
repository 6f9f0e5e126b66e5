"""Something like speech, made by calculation: syllables of gliding vowels with hisses before them, and short pauses.

No two seconds are alike, so that what is heard can be found in what was said to a millisecond (`hearing`). There are
about four syllables a second, and pauses of at most 0.25 s, as in a person who talks on. Two persons take turns:
when both talk at once an echo canceller takes something away, which is not the network's doing.
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

TURN_S = 2.5
REST_S = 0.7
"""At the end of each turn nobody speaks, so that the other's voice has arrived everywhere before one's own begins."""

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


def turns(samples: Samples, *, first: bool) -> Samples:
    """The same, silent in every second turn of `TURN_S`; it has to be an even number of turns long to be looped."""
    t = np.arange(len(samples)) / RATE_HZ
    own = (t // TURN_S).astype(int) % 2 == (0 if first else 1)
    return np.where(own & (t % TURN_S < TURN_S - REST_S), samples, 0).astype(np.float32)


def write_wav(path: Path, samples: Samples) -> Path:
    """Write 16-bit mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def _syllable(chance: np.random.Generator, base_hz: float) -> Samples:
    voiced = _voiced(chance, base_hz * float(chance.uniform(0.75, 1.35)), float(chance.uniform(0.11, 0.22)))
    hiss = _hiss(chance, float(chance.uniform(0.02, 0.06)))
    pause_s = float(chance.choice([0.03, 0.05, 0.06, 0.08, 0.25]))
    level = float(chance.uniform(0.5, 1.0))
    return np.concatenate([hiss, voiced, np.zeros(int(pause_s * RATE_HZ), np.float32)]) * np.float32(level)


def _voiced(chance: np.random.Generator, base_hz: float, seconds: float) -> Samples:
    """A vowel that glides into another while the pitch rises or falls: what stays the same is noise to a suppressor."""
    t = np.linspace(0, 1, int(seconds * RATE_HZ))
    pitch_hz = base_hz * (1 + float(chance.uniform(-0.25, 0.25)) * t)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    first, last = (_FORMANTS_HZ[int(at)] for at in chance.integers(len(_FORMANTS_HZ), size=2))
    sound = np.zeros(len(t))
    for harmonic in range(1, int(4_000 / base_hz)):
        at_hz = harmonic * pitch_hz
        gain = np.full(len(t), 0.02)
        for begin_hz, end_hz, width_hz in zip(first, last, _BANDWIDTHS_HZ, strict=True):
            gain += 1 / (1 + ((at_hz - (begin_hz + (end_hz - begin_hz) * t)) / width_hz) ** 2)
        sound += gain / harmonic**0.3 * np.sin(harmonic * phase)
    return np.asarray(sound * np.sin(np.pi * t) ** 0.7, np.float32)


def _hiss(chance: np.random.Generator, seconds: float) -> Samples:
    noise = chance.normal(0, 0.08, int(seconds * RATE_HZ))
    return _shaped(np.diff(noise, prepend=0.0), 0.01)


def _shaped(sound: npt.NDArray[np.float64], edge_s: float) -> Samples:
    edge = np.minimum(1, np.arange(len(sound)) / (edge_s * RATE_HZ))
    return np.asarray(sound * edge * edge[::-1], np.float32)
