"""Frames that were read and are not yet handled: bounded, and handed over in slices."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable

from teleconsole.host.limits import IPC_INTAKE_BYTES, IPC_INTAKE_FRAMES, IPC_SLICE_FRAMES


class Intake:
    """Takes frames in from any thread and hands them over in the thread of the event loop, in order.

    At most `IPC_SLICE_FRAMES` in one turn of the loop: a window that stood still for a while takes in what has
    come in slices and stays alive. Whoever reads has to stop while it is `full`.

    Args:
        loop: the event loop of the receiver.
        on_frame: called with each body; returns whether it woke somebody who has to go on before the next one.
        on_end: called once, after the last body, with the reason of the end.
        on_space: called when there is room again after it was full; in the loop's thread.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_frame: Callable[[bytes], bool],
        on_end: Callable[[str], None],
        on_space: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._on_frame = on_frame
        self._on_end = on_end
        self._on_space = on_space
        self._lock = threading.Lock()
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._full = False
        self._scheduled = False
        self._end: str | None = None

    def put(self, bodies: list[bytes]) -> bool:
        """Take bodies in and tell whether there is room for more.

        Thread: any.
        """
        with self._lock:
            if self._end is not None:
                return True
            self._frames.extend(bodies)
            self._bytes += sum(map(len, bodies))
            if len(self._frames) >= IPC_INTAKE_FRAMES or self._bytes >= IPC_INTAKE_BYTES:
                self._full = True
            room = not self._full
        if bodies:
            self._schedule()
        return room

    def end(self, reason: str) -> None:
        """Say that nothing more comes, and why. The first reason stays.

        Thread: any.
        """
        with self._lock:
            if self._end is None:
                self._end = reason
        self._schedule()

    @property
    def full(self) -> bool:
        """Tell whether to stop reading."""
        return self._full

    def _schedule(self) -> None:
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
        # The loop may have been closed before a reader thread saw the end of its pipe: nobody listens then.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._turn)

    def _turn(self) -> None:
        for _ in range(IPC_SLICE_FRAMES):
            with self._lock:
                if not self._frames:
                    break
                body = self._frames.popleft()
                self._bytes -= len(body)
            if self._on_frame(body):
                break
        with self._lock:
            more = bool(self._frames)
            self._scheduled = more
            end = None if more else self._end
            space = self._full and len(self._frames) <= IPC_INTAKE_FRAMES // 2
            space = space and self._bytes <= IPC_INTAKE_BYTES // 2
            if space:
                self._full = False
        if space:
            self._on_space()
        if more:
            self._loop.call_soon(self._turn)
        elif end is not None:
            # A reader thread that still has to end may hold the last reference to us. It must not be the one that
            # lets go of what belongs to the loop's thread (a window, behind these two).
            on_end, self._on_frame, self._on_end = self._on_end, _no_more, _nobody
            on_end(end)


def _no_more(_: bytes) -> bool:
    """Take what comes after the end."""
    return False


def _nobody(_: str) -> None:
    """Take another end."""
