"""A value that becomes known once: the reason of a closing, the exit status of a process."""

import asyncio
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Something that happens once, with a value. Waiting tasks can be cancelled without harm to the others.

    Thread: that of the event loop.
    """

    def __init__(self) -> None:
        self._values: list[T] = []
        self._waiting: set[asyncio.Future[T]] = set()
        self._callbacks: list[Callable[[T], None]] = []

    def is_set(self) -> bool:
        """Tell whether it has happened."""
        return bool(self._values)

    @property
    def value(self) -> T | None:
        """The value, None before it is known."""
        return self._values[0] if self._values else None

    def set(self, value: T) -> None:
        """Make the value known; the first one stays."""
        if self._values:
            return
        self._values.append(value)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(value)
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(value)

    def add_callback(self, callback: Callable[[T], None]) -> None:
        """Call back with the value: when it becomes known, or now if it is."""
        if self._values:
            callback(self._values[0])
        else:
            self._callbacks.append(callback)

    async def wait(self) -> T:
        """Return the value once it is known."""
        if self._values:
            return self._values[0]
        waiting: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            return await waiting
        finally:
            self._waiting.discard(waiting)

    def __await__(self) -> Generator[None, None, T]:
        """Wait: `await peer.closed` is `await peer.closed.wait()`."""
        return self.wait().__await__()
