"""Coroutines that belong to a widget: they end with it, and what goes wrong in them is told in one place."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject

from teleconsole.console.errors import report


class TaskScope:
    """Runs coroutines for an owner and cancels them when it is destroyed.

    Args:
        owner: the widget.
        on_error: gets one sentence for each coroutine that failed.

    Thread: Qt's.
    """

    def __init__(self, owner: QObject, on_error: Callable[[str], None]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[None]] = set()
        self._latest: dict[str, asyncio.Task[None]] = {}
        owner.destroyed.connect(self.cancel)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine to its end. Nothing is begun any more once the loop has stopped: Qt's last timers may ask."""
        self._start(work)

    def latest(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine instead of the one that runs for the same key: the newest question wins."""
        earlier = self._latest.pop(key, None)
        if earlier is not None:
            earlier.cancel()
        task = self._start(work)
        if task is not None:
            self._latest[key] = task

    def stop(self, key: str) -> None:
        """Cancel what runs for that key."""
        task = self._latest.pop(key, None)
        if task is not None:
            task.cancel()

    def cancel(self) -> None:
        """Cancel everything that runs; new work may be started afterwards."""
        for task in tuple(self._tasks):
            task.cancel()
        self._latest.clear()

    async def settle(self) -> None:
        """Wait until everything that runs now has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            work.close()
            return None
        task = loop.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # one that was cancelled before its first step
        return task

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 -- the one handler of the console: told to the person and logged
            self._on_error(report(error))
