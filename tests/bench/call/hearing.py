"""Mouth to ear and what is missing, from two recordings of one clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from tests.bench.call.speech import RATE_HZ

_DOWN = 3
_HZ = RATE_HZ // _DOWN
_WINDOW_S = 1.0
_STEP_S = 0.5
_SEARCH_S = 3.0
_MIN_LIKENESS = 0.25
_BLOCK = RATE_HZ // 50
_ACTIVE = 0.02
"""Root mean square of a block of 20 ms that someone speaks in."""
_MOSTLY = 0.3
"""Of the samples of a window: so many are loud when someone speaks through it."""
_SILENT = 0.05
"""Of what would be expected: less is silence."""

Samples = npt.NDArray[np.float32]


@dataclass
class Hearing:
    """What an ear got of a mouth.

    Attributes:
        delays: (moment in s of the recording, mouth to ear in ms), twice a second where the voice was found.
        windows: how many had a voice in them when it was said; those without a delay had nothing like it at the ear.
        silent_percent: of blocks of 20 ms in which someone spoke, those that are silent at the ear.
        blocks: (moment in s of the recording, level at the ear, level at the mouth that belongs to it).
    """

    delays: list[tuple[float, float]] = field(default_factory=list)
    windows: int = 0
    silent_percent: float = 0.0
    blocks: list[tuple[float, float, float]] = field(default_factory=list)

    def between(self, from_s: float, to_s: float) -> list[float]:
        """The delays of a time, in ms."""
        return [delay_ms for at_s, delay_ms in self.delays if from_s <= at_s < to_s]


def hear(mouth: Samples, ear: Samples, from_s: float, to_s: float) -> Hearing:
    """Compare from a moment of the recording to another."""
    hearing = Hearing()
    low_mouth, low_ear = _down(mouth), _down(ear)
    at_s = from_s
    while at_s + _WINDOW_S <= to_s:
        delay_s = _delay_s(low_mouth, low_ear, at_s)
        if delay_s is not None:
            hearing.delays.append((at_s, delay_s * 1e3))
        at_s += _STEP_S
    hearing.windows = len(hearing.delays) + _lost_windows(hearing, low_mouth, from_s, to_s)
    _levels(hearing, mouth, ear, from_s, to_s)
    return hearing


def first_sound_s(samples: Samples, from_s: float) -> float | None:
    """The first moment from which 40 ms are as loud as speech, or None."""
    levels = _rms(samples[max(0, int(from_s * RATE_HZ)) :])
    loud = levels > _ACTIVE
    both = np.flatnonzero(loud[:-1] & loud[1:])
    return from_s + float(both[0]) * _BLOCK / RATE_HZ if both.size else None


def sound_late_s(mouth: Samples, ear: Samples, from_s: float, usual_s: float) -> float | None:
    """How much later than it would be with the usual delay the first sound after a moment is heard; None: never."""
    said_s = first_sound_s(mouth, from_s - usual_s)
    heard_s = first_sound_s(ear, from_s)
    if said_s is None or heard_s is None:
        return None
    return max(0.0, heard_s - max(from_s, said_s + usual_s))


def _lost_windows(hearing: Hearing, mouth: Samples, from_s: float, to_s: float) -> int:
    """Windows at which a voice should have been heard by the usual delay, and none like it was."""
    usual_s = float(np.median([ms for _, ms in hearing.delays])) / 1e3 if hearing.delays else 0.0
    found = {at_s for at_s, _ in hearing.delays}
    lost = 0
    for at_s in np.arange(from_s, to_s - _WINDOW_S, _STEP_S):
        said = mouth[max(0, int((at_s - usual_s) * _HZ)) : max(0, int((at_s + _WINDOW_S - usual_s) * _HZ))]
        spoken = len(said) > 0 and float((np.abs(said) > _ACTIVE).mean()) > _MOSTLY
        lost += spoken and not any(abs(at_s - other) < 1e-6 for other in found)
    return lost


def _down(samples: Samples) -> Samples:
    usable = samples[: len(samples) // _DOWN * _DOWN]
    return np.asarray(usable.reshape(-1, _DOWN).mean(1), np.float32)


def _delay_s(mouth: Samples, ear: Samples, at_s: float) -> float | None:
    """How long before the window at the ear its content was said; None when nothing said is like it."""
    window = ear[int(at_s * _HZ) : int((at_s + _WINDOW_S) * _HZ)]
    begin = max(0, int((at_s - _SEARCH_S) * _HZ))
    said = mouth[begin : int((at_s + _WINDOW_S) * _HZ)]
    energy = float(np.dot(window, window))
    if len(said) < len(window) or energy < 1e-4 * len(window):
        return None
    size = 1 << int(np.ceil(np.log2(len(said) + len(window))))
    product = np.fft.rfft(said, size) * np.conj(np.fft.rfft(window, size))
    likeness = np.fft.irfft(product, size)[: len(said) - len(window) + 1]
    squares = np.concatenate([[0.0], np.cumsum(said.astype(np.float64) ** 2)])
    norms = np.sqrt(np.maximum(squares[len(window) :] - squares[: -len(window)], 1e-9) * energy)
    likeness = np.abs(likeness / norms[: len(likeness)])
    best = int(np.argmax(likeness))
    if likeness[best] < _MIN_LIKENESS:
        return None
    return at_s - (begin + best) / _HZ


def _rms(samples: Samples) -> npt.NDArray[np.float32]:
    usable = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    return np.asarray(np.sqrt((usable**2).mean(1)), np.float32)


def _levels(hearing: Hearing, mouth: Samples, ear: Samples, from_s: float, to_s: float) -> None:
    """Which blocks are silent although someone spoke; each block is compared with the mouth's at its delay."""
    times = np.arange(from_s, to_s - 0.02, _BLOCK / RATE_HZ)
    if not hearing.delays:
        hearing.silent_percent = 100.0
        return
    known_s, known_ms = np.array(hearing.delays).T
    delays_s = np.interp(times, known_s + _WINDOW_S / 2, known_ms) / 1e3
    gains = []
    pairs = []
    for at_s, delay_s in zip(times, delays_s, strict=True):
        heard = ear[int(at_s * RATE_HZ) : int(at_s * RATE_HZ) + _BLOCK]
        # A stretched or squeezed block is up to 20 ms off its place: the quietest of what it can belong to counts.
        middle = int((at_s - delay_s) * RATE_HZ)
        said = [mouth[max(0, middle + off) : max(0, middle + off) + _BLOCK] for off in (-_BLOCK, 0, _BLOCK)]
        if min(len(heard), *map(len, said)) < _BLOCK:
            continue
        level, spoken = float(np.sqrt((heard**2).mean())), min(float(np.sqrt((part**2).mean())) for part in said)
        pairs.append((float(at_s), level, spoken))
        if spoken > _ACTIVE:
            gains.append(level / spoken)
    hearing.blocks = pairs
    usual = float(np.median(gains)) if gains else 0.0
    silent = sum(gain < _SILENT * max(usual, 0.05) for gain in gains)
    hearing.silent_percent = 100 * silent / len(gains) if gains else 100.0
