"""Sound made a little shorter or longer without another pitch: one period is taken out or put in (WSOLA).

As libwebrtc's Accelerate and PreemptiveExpand: in 30 ms the period is looked for at 4 kHz, then exactly, and a
cross-fade over one whole period hides the seam.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from teleconsole.call.media.ring import Samples

WINDOW = 1_440
"""Samples that are needed: 30 ms."""
_MIDDLE = WINDOW // 2
_DOWN = 12
_LEAST_LAG, _MOST_LAG = 10, 60
"""At 4 kHz: 2.5 to 15 ms, 67 to 400 Hz."""
_COMPARED = 50
_QUIET_RMS = 40.0
"""Below -58 dB of full scale a seam is not heard, whatever the period."""

_Floats = npt.NDArray[np.float32]


class Period(NamedTuple):
    """The length at which sound repeats, in samples, and how alike it is then (1.0 = the same)."""

    samples: int
    likeness: float


def find_period(samples: Samples) -> Period:
    """Return the period around the middle of the first `WINDOW` samples."""
    window = samples[:WINDOW].astype(np.float32)
    coarse = window.reshape(-1, _DOWN).mean(axis=1)
    if float(np.sqrt(np.mean(np.square(coarse)))) < _QUIET_RMS and _rms(window) < _QUIET_RMS:
        return Period(_MOST_LAG * _DOWN, 1.0)
    middle = _MIDDLE // _DOWN
    reference = coarse[middle : middle + _COMPARED]
    earlier = coarse[middle - _MOST_LAG : middle - _LEAST_LAG + _COMPARED]
    likeness = _likeness(reference, earlier)
    lag = _MOST_LAG - int(np.argmax(likeness))
    return _refine(window, lag * _DOWN)


def _refine(window: _Floats, lag: int) -> Period:
    least = max(lag - _DOWN, _LEAST_LAG * _DOWN)
    most = min(lag + _DOWN, _MOST_LAG * _DOWN)
    length = _COMPARED * _DOWN
    reference = window[_MIDDLE : _MIDDLE + length]
    likeness = _likeness(reference, window[_MIDDLE - most : _MIDDLE - least + length])
    best = int(np.argmax(likeness))
    return Period(most - best, float(likeness[best]))


def _likeness(reference: _Floats, signal: _Floats) -> _Floats:
    products = np.correlate(signal, reference, "valid")
    sums = np.zeros(len(signal) + 1, np.float64)
    np.cumsum(np.square(signal), out=sums[1:])
    energies = sums[len(reference) :] - sums[: -len(reference)]
    scale = np.sqrt(energies * float(np.dot(reference, reference)))
    return np.asarray(products / np.maximum(scale, 1.0), np.float32)


def shorten(samples: Samples, period: Period) -> Samples:
    """Return the samples without one period."""
    count = period.samples
    seam = _cross_fade(samples[_MIDDLE - count : _MIDDLE], samples[_MIDDLE : _MIDDLE + count])
    return np.concatenate((samples[: _MIDDLE - count], seam, samples[_MIDDLE + count :]))


def lengthen(samples: Samples, period: Period) -> Samples:
    """Return the samples with one period twice."""
    count = period.samples
    seam = _cross_fade(samples[_MIDDLE : _MIDDLE + count], samples[_MIDDLE - count : _MIDDLE])
    return np.concatenate((samples[:_MIDDLE], seam, samples[_MIDDLE:]))


def cross_fade(before: Samples, after: Samples) -> Samples:
    """Return a mix that begins as `before` and ends as `after`; both have the same length."""
    return _cross_fade(before, after)


def _cross_fade(before: Samples, after: Samples) -> Samples:
    rise = np.linspace(0.0, 1.0, len(before), dtype=np.float32)
    return np.asarray(before + (after.astype(np.float32) - before) * rise, np.int16)


def _rms(samples: _Floats) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))
