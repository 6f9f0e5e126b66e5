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
    ECHO_LAG_BLOCKS,
    ECHO_LIKENESS,
    ECHO_LIKENESS_BLOCKS,
    ECHO_LOUDER_DB,
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
    out once the loudspeaker was heard for a while and the microphone was no louder than in a pause; and is back when
    what the microphone hears is what the loudspeaker played, at the same distance twice in a row.

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
        self._since_far = ECHO_TAIL_BLOCKS
        self._levels: deque[float] = deque(maxlen=ECHO_FLOOR_BLOCKS)
        self._learnt = 0
        self._floor_dbfs = _SILENCE_DBFS
        self._far: deque[Reduced] = deque(maxlen=ECHO_LIKENESS_BLOCKS + ECHO_LAG_BLOCKS)
        self._near: deque[Reduced] = deque(maxlen=ECHO_LIKENESS_BLOCKS)
        self._until_look = ECHO_AGAIN_BLOCKS
        self._lag: int | None = None

    def hear(self, near: Samples, far: Samples) -> None:
        """Take 10 ms of the microphone, and of the loudspeaker beside it."""
        if self._is_another:
            self._forget()
        near_dbfs, is_far = _dbfs(near), _dbfs(far) > ECHO_FAR_DBFS
        self._since_far = 0 if is_far else self._since_far + 1
        if self._since_far >= ECHO_TAIL_BLOCKS:
            self._learn_floor(near_dbfs)  # nothing of the loudspeaker can be in it
        self._far.append(_reduced(far))
        self._near.append(_reduced(near))
        is_louder = near_dbfs > self._floor_dbfs + ECHO_LOUDER_DB
        if self.is_needed:
            self._look_for_none(is_far=is_far, is_louder=is_louder)
        else:
            self._look_for_echo(is_far=is_far, is_louder=is_louder)

    def _learn_floor(self, near_dbfs: float) -> None:
        """Learn how loud the microphone is in a pause of both."""
        self._levels.append(near_dbfs)
        self._learnt += 1
        if self._learnt % _LEARN_EACH == 1:
            self._floor_dbfs = sorted(self._levels)[len(self._levels) // 5]

    def _look_for_none(self, *, is_far: bool, is_louder: bool) -> None:
        if is_louder and self._since_far < ECHO_TAIL_BLOCKS:
            self._quiet_blocks = max(0, self._quiet_blocks - ECHO_DOUBT_BLOCKS)
        elif is_far:
            self._quiet_blocks += 1
        if self._quiet_blocks >= ECHO_NONE_BLOCKS:
            self.is_needed, self._quiet_blocks, self._lag = False, 0, None

    def _look_for_echo(self, *, is_far: bool, is_louder: bool) -> None:
        self._until_look -= is_far and is_louder
        if self._until_look > 0 or len(self._far) < ECHO_LIKENESS_BLOCKS + ECHO_LAG_BLOCKS:
            return
        self._until_look = ECHO_AGAIN_BLOCKS
        lag, likeness = _likeness(np.concatenate(self._near), np.concatenate(self._far))
        if likeness < ECHO_LIKENESS:
            self._lag = None
            return
        self.is_needed = self._lag is not None and abs(lag - self._lag) <= ECHO_SAME_LAG_MS * _PER_MS
        self._lag = lag


def _dbfs(samples: Samples) -> float:
    level = samples.astype(np.float32)
    power = float(level @ level) / len(level)
    return 10 * math.log10(power) - 90.3 if power > 1.0 else _SILENCE_DBFS


def _reduced(samples: Samples) -> Reduced:
    return np.asarray(samples.reshape(_PER_BLOCK, _DOWN).mean(1), np.float32)


def _likeness(near: Reduced, far: Reduced) -> tuple[int, float]:
    """Return where in the longer `far` `near` fits best, and how well: 1 = it is the same, 0 = it has nothing of it."""
    size = 1 << (len(far) + len(near) - 1).bit_length()
    spectrum = np.fft.rfft(far, size) * np.conj(np.fft.rfft(near, size))
    fits = np.fft.irfft(spectrum, size)[: len(far) - len(near) + 1]
    squares = np.concatenate(([0.0], np.cumsum(np.square(far, dtype=np.float64))))
    energies = (squares[len(near) :] - squares[: -len(near)]) * float(np.sum(np.square(near, dtype=np.float64)))
    fits = np.abs(fits) / np.sqrt(np.maximum(energies, 1e-3 * energies.max() + 1e-9))
    best = int(np.argmax(fits))
    return best, float(fits[best])
