"""Two ways to carry frames between a parent and a child: a pair of pipes with threads, or a socket pair.

The pipes are the portable way and the default; the socket pair costs a little less on Unix. Neither has a name
or a port: the ends are inherited by the child and by nobody else.
"""

import asyncio
import os
import socket
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import cast

from teleconsole.host.limits import IPC_DRAIN_HIGH_BYTES, IPC_DRAIN_LOW_BYTES, IPC_READ_BYTES
from teleconsole.ipc.errors import FrameRefused
from teleconsole.ipc.framing import Framer, frame
from teleconsole.ipc.intake import Intake

ENDED = "the other side closed the connection"
"""The reason of an orderly end."""
_CUT = "the connection ended in the middle of a message"
_CLOSED = "this side closed the connection"


class Transport(ABC):
    """Carries bodies of frames both ways.

    Thread: that of the event loop.
    """

    @abstractmethod
    async def start(self, on_frame: Callable[[bytes], bool], on_end: Callable[[str], None]) -> None:
        """Begin to read; `on_frame` gets each body (see `Intake`), `on_end` once the reason of the end."""

    @abstractmethod
    def send(self, body: bytes) -> None:
        """Queue a body.

        Raises:
            FrameRefused: it is too large; nothing was sent.
        """

    @property
    @abstractmethod
    def unsent_bytes(self) -> int:
        """How much was queued and not yet handed to the operating system."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait while more than `IPC_DRAIN_HIGH_BYTES` are unsent (back-pressure), or until the end."""

    @abstractmethod
    def close(self) -> None:
        """Send what is queued, then let the other side see the end. Returns at once."""


class PipeTransport(Transport):
    """Two anonymous pipes, one reader and one writer thread. Owns both descriptors from now on.

    A thread that waits for the other side ends when that side does, so whoever closes a connection to a process
    has to make sure that the process ends.

    Args:
        fd_in: read end of the pipe that comes in.
        fd_out: write end of the pipe that goes out.
    """

    def __init__(self, fd_in: int, fd_out: int) -> None:
        self._fd_in = fd_in
        self._fd_out = fd_out
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._space = threading.Event()
        self._ready = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._broken = False
        self._draining: list[asyncio.Future[None]] = []

    async def start(self, on_frame: Callable[[bytes], bool], on_end: Callable[[str], None]) -> None:
        """Begin to read and write, each in its thread."""
        self._intake = Intake(self._loop, on_frame, on_end, self._space.set)
        for work in (self._read, self._write):
            threading.Thread(target=work, name=f"ipc{work.__name__}", daemon=True).start()

    def send(self, body: bytes) -> None:
        """Queue a body for the writer thread."""
        data = frame(body)
        with self._ready:
            if self._closing or self._broken:
                return
            self._queue.append(data)
            self._unsent_bytes += len(data)
            self._ready.notify()

    @property
    def unsent_bytes(self) -> int:
        """How much was queued and not yet written into the pipe."""
        return self._unsent_bytes

    async def drain(self) -> None:
        """Wait while too much is unsent."""
        with self._ready:
            if self._unsent_bytes <= IPC_DRAIN_HIGH_BYTES or self._broken:
                return
            waiting: asyncio.Future[None] = self._loop.create_future()
            self._draining.append(waiting)
        await waiting

    def close(self) -> None:
        """Let the threads end: the writer after the last queued body, the reader with the next data or end."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._space.set()

    def _read(self) -> None:
        framer = Framer()
        reason = _CLOSED
        try:
            while not self._closing:
                data = os.read(self._fd_in, IPC_READ_BYTES)
                if not data:
                    reason = _CUT if framer.incomplete else ENDED
                    break
                self._space.clear()
                if not self._intake.put(framer.feed(data)) and not self._closing:
                    self._space.wait()
        except FrameRefused as refused:
            reason = refused.sentence
        except OSError as error:
            reason = f"reading failed ({type(error).__name__})"
        finally:
            os.close(self._fd_in)
            self._intake.end(reason)

    def _write(self) -> None:
        try:
            while data := self._next():
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._fd_out, rest) :]
                self._written(len(data))
        except OSError:
            # The other side reads no more. The reader thread still gets what it said before that, and the end.
            with self._ready:
                self._broken = True
                self._queue.clear()
            self._written(self._unsent_bytes)
        finally:
            os.close(self._fd_out)

    def _next(self) -> bytes:
        """Wait for something to write; several small frames go in one write. Empty: the end."""
        with self._ready:
            while not self._queue and not self._closing:
                self._ready.wait()
            parts = []
            size = 0
            while self._queue and size < IPC_READ_BYTES:
                parts.append(self._queue.popleft())
                size += len(parts[-1])
            return b"".join(parts)

    def _written(self, count: int) -> None:
        with self._ready:
            self._unsent_bytes -= count
            if self._unsent_bytes > IPC_DRAIN_LOW_BYTES or not self._draining:
                return
            woken, self._draining = self._draining, []
        try:
            self._loop.call_soon_threadsafe(_wake, woken)
        except RuntimeError:
            return  # the loop is closed, and with it everybody who waited


class SocketTransport(Transport, asyncio.Protocol):
    """One end of a Unix socket pair on the event loop itself. Owns the socket from now on."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._writable = True
        self._draining: list[asyncio.Future[None]] = []

    async def start(self, on_frame: Callable[[bytes], bool], on_end: Callable[[str], None]) -> None:
        """Begin to read."""
        # uvloop delivers the first bytes before the next line returns, so the intake stands before it.
        self._intake = Intake(self._loop, on_frame, on_end, self._resume_reading)
        await self._loop.connect_accepted_socket(lambda: self, self._sock)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        # uvloop's and qasync's transports do not inherit from asyncio.Transport; they do as it does.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=IPC_DRAIN_HIGH_BYTES, low=IPC_DRAIN_LOW_BYTES)
        early, self._early = self._early, []
        self._transport.writelines(early)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            room = self._intake.put(self._framer.feed(data))
        except FrameRefused as refused:
            self._intake.end(refused.sentence)
            self.close()
            return
        if not room and self._transport is not None:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if exc is not None:
            self._intake.end(f"the connection failed ({type(exc).__name__})")
        self._intake.end(_CUT if self._framer.incomplete else ENDED)
        self.resume_writing()

    def pause_writing(self) -> None:
        """Called by the loop."""
        self._writable = False

    def resume_writing(self) -> None:
        """Called by the loop."""
        self._writable = True
        woken, self._draining = self._draining, []
        _wake(woken)

    def send(self, body: bytes) -> None:
        """Queue a body in the loop's transport; before `start` it is kept."""
        data = frame(body)
        if self._transport is None:
            self._early.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    @property
    def unsent_bytes(self) -> int:
        """How much waits in the loop's transport."""
        if self._transport is None:
            return sum(map(len, self._early))
        return self._transport.get_write_buffer_size()

    async def drain(self) -> None:
        """Wait while too much is unsent."""
        if self._writable:
            return
        waiting: asyncio.Future[None] = self._loop.create_future()
        self._draining.append(waiting)
        await waiting

    def close(self) -> None:
        """Close after the last queued byte."""
        if self._transport is not None:
            self._transport.close()

    def _resume_reading(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None)
