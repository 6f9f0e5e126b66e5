"""Whether there is any echo to cancel: with a headset there is none."""

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_BLOCK_SAMPLES
from teleconsole.host.media_limits import (
    ECHO_AGAIN_BLOCKS,
    ECHO_DOUBT_BLOCKS,
    ECHO_FAR_DBFS,
    ECHO_FLOOR_BLOCKS,
    ECHO_FLOOR_LEAST_BLOCKS,
    ECHO_HEARD_DB,
    ECHO_LAG_BLOCKS,
    ECHO_LIKENESS,
    ECHO_LIKENESS_BLOCKS,
    ECHO_LOUD_DB,
    ECHO_LOUDER_DB,
    ECHO_LOUDEST_FADES_DB,
    ECHO_NONE_BLOCKS,
    ECHO_SAME_LAG_MS,
    ECHO_TAIL_BLOCKS,
)

_DOWN = 8
_PER_BLOCK = CALL_BLOCK_SAMPLES // _DOWN
_PER_MS = 48 / _DOWN
_SILENCE_DBFS = -90.0
_LEARN_EACH = 25

Reduced = npt.NDArray[np.float32]


class EchoWatch:
    """Listens to both sides and says whether the microphone hears the loudspeaker.

    A canceller that has found no echo yet expects one as loud as the loudspeaker, and cuts whoever speaks while the
    other side does or has just done: the first word of an answer. With a headset it never finds one. So it is left
    out once the loudspeaker was heard loudly for a while, the microphone was no louder than in a pause, and nothing in
    it is like what was played; and is back when what the microphone hears is what the loudspeaker played, at the same
    distance twice in a row.

    Both sounds are compared without their lowest parts: hum, rumble and a constant hide an echo.

    Attributes:
        is_needed: whether to cancel. True until it is known.

    Thread: the microphone's; `begin_anew` any.
    """

    def __init__(self) -> None:
        self._forget()

    def begin_anew(self) -> None:
        """Another microphone or loudspeaker: nothing is known."""
        self._is_another = True

    def _forget(self) -> None:
        self.is_needed = True
        self._is_another = False
        self._quiet_blocks = 0
        self._since_far = 0
        self._loudest_dbfs = _SILENCE_DBFS
        self._levels: deque[float] = deque(maxlen=ECHO_FLOOR_BLOCKS)
        self._learnt = 0
        self._floor_dbfs = _SILENCE_DBFS
        self._far: deque[Reduced] = deque(maxlen=ECHO_LIKENESS_BLOCKS + ECHO_LAG_BLOCKS)
        self._near: deque[Reduced] = deque(maxlen=ECHO_LIKENESS_BLOCKS)
        self._ends = [0.0, 0.0]
        self._until_look = ECHO_AGAIN_BLOCKS
        self._lag: int | None = None

    def hear(self, near: Samples, far: Samples) -> None:
        """Take 10 ms of the microphone, and of the loudspeaker beside it."""
        if self._is_another:
            self._forget()
        self._near.append(self._reduced(near, 0))
        self._far.append(self._reduced(far, 1))
        near_dbfs, far_dbfs = _dbfs(self._near[-1]), _dbfs(self._far[-1])
        self._loudest_dbfs = max(far_dbfs, self._loudest_dbfs - ECHO_LOUDEST_FADES_DB)
        is_heard = far_dbfs > max(ECHO_FAR_DBFS, self._loudest_dbfs - ECHO_HEARD_DB)
        self._since_far = 0 if is_heard else self._since_far + 1
        if self._since_far >= ECHO_TAIL_BLOCKS:
            self._learn_floor(near_dbfs)  # nothing of the loudspeaker can be in it
        is_loud = is_heard and far_dbfs > self._loudest_dbfs - ECHO_LOUD_DB
        if self.is_needed:
            self._look_for_none(is_loud=is_loud, is_louder=near_dbfs > self._floor_dbfs + ECHO_LOUDER_DB)
        else:
            self._look_for_echo(is_loud=is_loud)

    def _learn_floor(self, near_dbfs: float) -> None:
        """Learn how loud the microphone is when nobody speaks: whoever does pauses now and then."""
        self._levels.append(near_dbfs)
        self._learnt += 1
        if self._learnt % _LEARN_EACH == 0 and len(self._levels) >= ECHO_FLOOR_LEAST_BLOCKS:
            self._floor_dbfs = sorted(self._levels)[len(self._levels) // 20]

    def _look_for_none(self, *, is_loud: bool, is_louder: bool) -> None:
        if is_louder and self._since_far < ECHO_TAIL_BLOCKS:
            self._quiet_blocks = max(0, self._quiet_blocks - ECHO_DOUBT_BLOCKS)
        elif is_loud:
            self._quiet_blocks += 1
        if self._quiet_blocks < ECHO_NONE_BLOCKS:
            return
        self._quiet_blocks = 0
        if self._likeness()[1] < ECHO_LIKENESS:
            self.is_needed, self._lag = False, None

    def _look_for_echo(self, *, is_loud: bool) -> None:
        self._until_look -= is_loud
        if self._until_look > 0:
            return
        self._until_look = ECHO_AGAIN_BLOCKS
        lag, likeness = self._likeness()
        if likeness < ECHO_LIKENESS:
            self._lag = None
            return
        self.is_needed = self._lag is not None and abs(lag - self._lag) <= ECHO_SAME_LAG_MS * _PER_MS
        self._lag = lag

    def _likeness(self) -> tuple[int, float]:
        """Return where the microphone's sound fits best into the loudspeaker's, and how well: 1 = it is the same."""
        if len(self._far) <= len(self._near):
            return 0, 0.0
        near, far = np.concatenate(self._near), np.concatenate(self._far)
        size = 1 << (len(far) + len(near) - 1).bit_length()
        spectrum = np.fft.rfft(far, size) * np.conj(np.fft.rfft(near, size))
        fits = np.fft.irfft(spectrum, size)[: len(far) - len(near) + 1]
        squares = np.concatenate(([0.0], np.cumsum(np.square(far, dtype=np.float64))))
        energies = (squares[len(near) :] - squares[: -len(near)]) * float(np.sum(np.square(near, dtype=np.float64)))
        fits = np.abs(fits) / np.sqrt(np.maximum(energies, 1e-3 * energies.max() + 1e-9))
        best = int(np.argmax(fits))
        return best, float(fits[best])

    def _reduced(self, samples: Samples, side: int) -> Reduced:
        """Return 10 ms at 6 kHz without what is below some 300 Hz."""
        coarse = samples.reshape(_PER_BLOCK, _DOWN).mean(1, dtype=np.float32)
        end, self._ends[side] = self._ends[side], float(coarse[-1])
        return np.asarray(np.diff(coarse, prepend=np.float32(end)), np.float32)


def _dbfs(samples: Reduced) -> float:
    power = float(samples @ samples) / len(samples)
    return 10 * math.log10(power) - 90.3 if power > 1.0 else _SILENCE_DBFS
