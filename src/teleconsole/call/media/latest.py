"""The newest of something that one thread makes and coroutines wait for; never a queue."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Hands the newest value from any thread to any number of waiting coroutines.

    Args:
        loop: of the coroutines that wait.

    Thread: `put`, `end` and `listen` from any; the rest from that of the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._value: T | None = None
        self._version = 0
        self._ended = False
        self._waiting: set[asyncio.Future[None]] = set()
        self._listeners: list[Callable[[T], None]] = []

    @property
    def value(self) -> T | None:
        """The newest value, None before the first."""
        return self._value

    @property
    def version(self) -> int:
        """Counts the values."""
        return self._version

    def put(self, value: T) -> None:
        """Make this the newest."""
        self._value = value
        self._version += 1
        for listener in tuple(self._listeners):
            listener(value)
        self._wake_soon()

    def end(self) -> None:
        """There will be no more values."""
        self._ended = True
        self._wake_soon()

    def listen(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Call back in the putting thread with each value; the listener must return at once. Returns: unregisters."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    async def after(self, version: int) -> tuple[int, T]:
        """Return the newest value that is newer than `version`, and its version.

        Raises:
            EOFError: there will be none.
        """
        while self._version <= version or self._value is None:
            if self._ended:
                raise EOFError
            waiting: asyncio.Future[None] = self._loop.create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
        return self._version, self._value

    def _wake_soon(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended while a device thread was still running
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
