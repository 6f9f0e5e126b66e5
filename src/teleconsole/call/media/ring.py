"""Samples between two threads: bounded, the oldest go first."""

import threading

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Mono, 48 kHz, signed 16 bit."""


class SampleRing:
    """A bounded buffer of samples. It never blocks and never grows.

    Args:
        capacity: in samples.
        prime: after it ran empty, so many samples have to be there before any are given out.

    Thread: any.
    """

    def __init__(self, capacity: int, prime: int = 0) -> None:
        self._store: Samples = np.zeros(capacity, np.int16)
        self._start = 0
        self._level = 0
        self._prime = prime
        self._primed = prime == 0
        self._lock = threading.Lock()

    @property
    def level(self) -> int:
        """Samples inside."""
        return self._level

    @property
    def room(self) -> int:
        """Samples that fit before the oldest go."""
        return len(self._store) - self._level

    def write(self, samples: Samples) -> int:
        """Append; return how many of the oldest were dropped for it."""
        capacity = len(self._store)
        newest = samples[-capacity:]
        with self._lock:
            dropped = max(0, self._level + len(newest) - capacity)
            self._start = (self._start + dropped) % capacity
            self._level -= dropped
            at = (self._start + self._level) % capacity
            first = min(len(newest), capacity - at)
            self._store[at : at + first] = newest[:first]
            self._store[: len(newest) - first] = newest[first:]
            self._level += len(newest)
        return dropped + len(samples) - len(newest)

    def read(self, count: int) -> Samples:
        """Take at most `count` samples: fewer when there are not so many, none while it fills up again."""
        with self._lock:
            if not self._primed:
                if self._level < self._prime:
                    return np.zeros(0, np.int16)
                self._primed = True
            taken = self._take(min(count, self._level))
            if len(taken) < count and self._prime:
                self._primed = False
            return taken

    def drop(self, count: int) -> None:
        """Throw away the oldest `count` samples."""
        with self._lock:
            self._take(min(count, self._level))

    def clear(self) -> None:
        """Throw away everything."""
        with self._lock:
            self._level = 0
            self._primed = self._prime == 0

    def _take(self, count: int) -> Samples:
        capacity = len(self._store)
        taken = np.empty(count, np.int16)
        first = min(count, capacity - self._start)
        taken[:first] = self._store[self._start : self._start + first]
        taken[first:] = self._store[: count - first]
        self._start = (self._start + count) % capacity
        self._level -= count
        return taken


def padded(samples: Samples, count: int) -> Samples:
    """Return exactly `count` samples: these, and silence after them."""
    if len(samples) == count:
        return samples
    whole = np.zeros(count, np.int16)
    whole[: len(samples)] = samples[:count]
    return whole


def level_of(samples: Samples) -> float:
    """Return the root mean square, full scale 1.0."""
    if not len(samples):
        return 0.0
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float32)))) / 32768.0
