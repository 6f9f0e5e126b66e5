"""From the microphone to whoever sends it, at the device's own pace.

A timer beside the device's clock needs a buffer between the two, 20 to 30 ms more from mouth to ear, and loses or lacks
10 ms now and then, for no two clocks agree. So what the device gives goes on as soon as a packet of it is there; the
other side follows its clock, as it does with every browser's.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from teleconsole.call.media.ring import SampleRing, Samples
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_MICROPHONE_RING_SAMPLES
from teleconsole.host.media_limits import MICROPHONE_PATIENCE_S

Pull = Callable[[int], Samples]
"""Gives exactly so many samples whenever it is asked."""


@dataclass(frozen=True)
class Piece:
    """What a reader gets.

    Attributes:
        samples: as many as were asked for.
        skipped: so many samples' time passed before them for which there are none.
    """

    samples: Samples
    skipped: int


class MicrophoneFeed:
    """Hands what the microphone gives to every reader; one device at a time gives.

    Thread: `write` from the device's, the rest from the event loop's.
    """

    def __init__(self) -> None:
        self._readers: tuple[MicrophoneReader, ...] = ()
        self._pull: Pull | None = None

    @property
    def pull(self) -> Pull | None:
        """Of a source without a clock of its own: it is asked by ours. None = a device writes, or there is none."""
        return self._pull

    @pull.setter
    def pull(self, pull: Pull | None) -> None:
        self._pull = pull
        for reader in self._readers:
            reader.wake()

    def reader(self) -> "MicrophoneReader":
        """Return one that hears everything from now on, until it is closed."""
        reader = MicrophoneReader(self, asyncio.get_running_loop())
        self._readers = (*self._readers, reader)
        return reader

    def write(self, samples: Samples) -> None:
        """Take a block of the device's."""
        for reader in self._readers:
            reader.take_in(samples)

    def forget(self, reader: "MicrophoneReader") -> None:
        """Give this one nothing any more."""
        self._readers = tuple(one for one in self._readers if one is not reader)


class MicrophoneReader:
    """One place in the microphone's sound.

    While the device gives nothing for `MICROPHONE_PATIENCE_S`, or there is none, silence comes by our clock; what is
    late by less is worth waiting for.

    Thread: `take_in` from the device's, the rest from the event loop's.
    """

    def __init__(self, feed: MicrophoneFeed, loop: asyncio.AbstractEventLoop) -> None:
        self._feed = feed
        self._loop = loop
        self._ring = SampleRing(CALL_MICROPHONE_RING_SAMPLES)
        self._came = asyncio.Event()
        self._wanted = 0
        self._dropped = 0
        self._last_s: float | None = None
        self._is_silent = False

    @property
    def waiting_s(self) -> float:
        """How much sound waits here."""
        return self._ring.level / CALL_AUDIO_HZ

    def take_in(self, samples: Samples) -> None:
        """Take a block; the oldest go when nobody reads."""
        self._dropped += self._ring.write(samples)
        if self._wanted and self._ring.level >= self._wanted:
            self._wanted = 0
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._came.set)

    def wake(self) -> None:
        """Look again at where the sound comes from."""
        self._came.set()

    async def next(self, count: int) -> Piece:
        """Return exactly `count` samples when they are there, or silence when there was nothing for too long."""
        piece_s = count / CALL_AUDIO_HZ
        if self._last_s is None:
            self._last_s = self._loop.time() - piece_s
        await self._until_there(count, self._last_s, piece_s)
        now_s, due_s = self._loop.time(), self._last_s + piece_s
        skipped, self._dropped = self._dropped, 0
        is_late = now_s - self._last_s > MICROPHONE_PATIENCE_S
        if is_late:
            skipped = round((now_s - due_s) * CALL_AUDIO_HZ)
            self._ring.drop(max(0, self._ring.level - count))
        samples, has_own_clock = self._taken(count)
        self._last_s = now_s if is_late or has_own_clock else due_s
        return Piece(samples, skipped)

    def close(self) -> None:
        """Hear nothing any more."""
        self._feed.forget(self)

    async def _until_there(self, count: int, last_s: float, piece_s: float) -> None:
        while True:
            by_our_clock = self._is_silent or self._feed.pull is not None
            left_s = last_s + (piece_s if by_our_clock else MICROPHONE_PATIENCE_S) - self._loop.time()
            self._came.clear()
            self._wanted = count
            is_there = self._feed.pull is None and self._ring.level >= count
            if left_s <= 0 or is_there:
                self._wanted = 0
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._came.wait()

    def _taken(self, count: int) -> tuple[Samples, bool]:
        """Return the samples, and whether they came by the device's clock."""
        if self._feed.pull is not None:
            self._is_silent = False
            return self._feed.pull(count), False
        self._is_silent = self._ring.level < count
        if self._is_silent:
            return np.zeros(count, np.int16), False
        return self._ring.read(count), True
