"""The background of the other side's room, learned while nobody speaks, and noise that sounds like it.

numpy loads `fft` and `random` when they are first used; here that would be in the loudspeaker's callback.
"""

import numpy as np
import numpy.typing as npt
from numpy.fft import irfft, rfft
from numpy.random import default_rng

from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_BLOCK_SAMPLES

_SIZE = CALL_BLOCK_SAMPLES
_HOP = _SIZE // 2
_BINS = _SIZE // 2 + 1
_LEAST_RMS = 2.5
"""-82 dB of full scale: a line that is alive, even when no background was heard yet."""
_MOST_RMS = 330.0
"""-40 dB: louder is no background."""
_RISE = 1.004
"""Per frame: the floor may grow by 1.7 dB a second."""
_NEAR = 2.0
_LEARN = 0.12


class Background:
    """Learns level and spectrum of the quietest sound.

    Attributes:
        level: root mean square, of 32768.
        seed: of the noise, so that tests see the same twice.
    """

    def __init__(self, seed: int = 1) -> None:
        self.level = _LEAST_RMS
        self.seed = seed
        self._floor: float | None = None
        self._window = np.sqrt(np.hanning(_SIZE + 1)[:_SIZE]).astype(np.float32)
        self._power: npt.NDArray[np.float32] = np.full(_BINS, _LEAST_RMS**2 * _SIZE / 2, np.float32)

    def learn(self, samples: Samples) -> None:
        """Take decoded sound; its first 10 ms are looked at."""
        if len(samples) < _SIZE:
            return
        piece = samples[:_SIZE].astype(np.float32)
        level = max(_LEAST_RMS, float(np.sqrt(np.mean(np.square(piece)))))
        self._floor = level if self._floor is None else min(level, self._floor * _RISE)
        if level > min(_NEAR * self._floor, _MOST_RMS):
            return
        power = np.square(np.abs(rfft(piece * self._window))).astype(np.float32)
        self._power += _LEARN * (power - self._power)
        self.level += _LEARN * (level - self.level)

    def magnitudes(self) -> npt.NDArray[np.float32]:
        """Return the spectrum to be given random phases, never less than a line that is alive."""
        least = _LEAST_RMS**2 * _SIZE / 2
        return np.asarray(np.sqrt(2.0 * np.maximum(self._power, least)), np.float32)

    @property
    def window(self) -> npt.NDArray[np.float32]:
        """Of one frame; its square adds up to one at half overlap."""
        return self._window


class ComfortNoise:
    """Noise without end that sounds like a background."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._random = default_rng(background.seed)
        self._tail: npt.NDArray[np.float32] = np.zeros(_HOP, np.float32)
        self._half()  # the first half has nothing to overlap with

    def block(self) -> Samples:
        """Return the next 10 ms."""
        return np.concatenate((self._half(), self._half()))

    def _half(self) -> Samples:
        magnitudes = self._background.magnitudes()
        phases = self._random.random(_BINS, np.float32) * np.float32(2 * np.pi)
        spectrum = magnitudes * (np.cos(phases) + 1j * np.sin(phases))
        frame = irfft(spectrum, _SIZE).astype(np.float32) * self._background.window
        made = self._tail + frame[:_HOP]
        self._tail = frame[_HOP:]
        return np.asarray(np.clip(np.rint(made), -32768, 32767), np.int16)
