"""Samples from a device's clock to ours: two clocks never agree, so a period of the sound is left out or said twice.

A microphone of 100 ppm too much fills a plain ring within minutes and then loses 10 ms at a time, one of 100 ppm too
little runs it dry. Here what is left over after each reading, at the least in half a second, is kept in a band.
"""

import time
from collections.abc import Callable

import numpy as np

from teleconsole.call.media.neteq.stretch import WINDOW, find_period, lengthen, shorten
from teleconsole.call.media.ring import SampleRing, Samples, padded
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES
from teleconsole.host.media_limits import (
    STEADY_HELD_SPARE_MS,
    STEADY_LIKENESS,
    STEADY_PAUSE_S,
    STEADY_SPARE_MS,
    STEADY_WATCH_MS,
)

_PER_MS = CALL_AUDIO_HZ // 1000
_TAIL = WINDOW // 3
"""Of what was given out last: `lengthen` leaves it as it is, and looks at it."""
_LONGEST_PERIOD = WINDOW // 2
_LONG = 1 << 30
_WATCH = STEADY_WATCH_MS * _PER_MS
_Band = tuple[int, int]
_BAND: _Band = (STEADY_SPARE_MS[0] * _PER_MS, STEADY_SPARE_MS[1] * _PER_MS)
_HELD: _Band = (STEADY_HELD_SPARE_MS[0] * _PER_MS, STEADY_HELD_SPARE_MS[1] * _PER_MS)


class SteadyRing:
    """A bounded buffer that follows the writer's clock without a gap and without growing.

    Attributes:
        holds: heart or lung sounds are sent: they are bent only where they would break.
        dropped: samples that were lost because nobody read for too long.
        stretched: samples that were put in or taken out, in all.

    Args:
        capacity: in samples.
        prime: so many samples have to be there before the first are given out, also after it ran empty.
        clock_s: monotonic.

    Thread: `write` from the device's, the rest from the reader's.
    """

    def __init__(self, capacity: int, prime: int, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._written_s = self._read_s = 0.0
        self.holds = False
        self.dropped = 0
        self.stretched = 0
        self._ring = SampleRing(capacity, prime)
        self._ready: Samples = np.zeros(0, np.int16)
        self._tail: Samples = np.zeros(_TAIL, np.int16)
        self._watched = 0
        self._least_spare = _LONG

    @property
    def spare(self) -> int:
        """Samples that wait."""
        return self._ring.level + len(self._ready)

    def write(self, samples: Samples) -> None:
        """Append; beyond the capacity the oldest go."""
        self._written_s = self._clock_s()
        self.dropped += self._ring.write(samples)

    def read(self, count: int) -> Samples:
        """Return exactly `count` samples; silence where there are none."""
        now_s = self._clock_s()
        if now_s - self._read_s > STEADY_PAUSE_S:
            self._begin(count)
        self._read_s = now_s
        piece = self._stretched(count)
        taken, self._ready = piece[:count], piece[count:]
        if len(taken) < count:
            self._begin_watch()
            taken = padded(taken, count)
        else:
            self._watch(count, now_s)
        self._tail = np.concatenate((self._tail, taken))[-_TAIL:]
        return taken

    def _stretched(self, count: int) -> Samples:
        """Take at least `count` samples if they are there, one period shorter or longer when it is time for that."""
        if self._watched < _WATCH:
            return self._take(count)
        spare, (least, most) = self._least_spare, _HELD if self.holds else _BAND
        if spare > most:
            return self._shorter(self._take(max(WINDOW, count + _LONGEST_PERIOD)), count)
        if spare < least:
            return self._longer(self._take(max(WINDOW - _TAIL, count)))
        self._begin_watch()
        return self._take(count)

    def _take(self, count: int) -> Samples:
        more = self._ring.read(max(0, count - len(self._ready)))
        return np.concatenate((self._ready, more)) if len(self._ready) else more

    def _shorter(self, piece: Samples, count: int) -> Samples:
        if len(piece) < max(WINDOW, count + _LONGEST_PERIOD):
            return piece
        period = find_period(piece)
        if period.likeness < STEADY_LIKENESS:
            return piece
        return self._changed(piece, shorten(piece, period))

    def _longer(self, piece: Samples) -> Samples:
        if len(piece) < WINDOW - _TAIL:
            return piece
        whole = np.concatenate((self._tail, piece))
        period = find_period(whole)
        if period.likeness < STEADY_LIKENESS:
            return piece
        return self._changed(piece, lengthen(whole, period)[_TAIL:])

    def _changed(self, before: Samples, after: Samples) -> Samples:
        self.stretched += abs(len(after) - len(before))
        self._begin_watch()
        return after

    def _begin(self, count: int) -> None:
        """Nobody read for a while, or never: what is older than need be goes, and nobody hears a seam."""
        self._ready = self._ready[:0]
        self._ring.drop(max(0, self._ring.level - count - _BAND[0]))
        self._begin_watch()

    def _watch(self, count: int, now_s: float) -> None:
        # what came since the last block counts too: a device gives its sound in blocks, the time between has no steps
        since = max(0, min(CALL_BLOCK_SAMPLES, round((now_s - self._written_s) * CALL_AUDIO_HZ)))
        self._watched += count
        self._least_spare = min(self._least_spare, self.spare + since)

    def _begin_watch(self) -> None:
        self._watched = 0
        self._least_spare = _LONG
