"""Whose turn it is at the render process, which holds one file at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from teleconsole.console.ports import RenderPort


class RenderTurn:
    """A lock that serves the viewer before thumbnails, and remembers what render holds.

    Args:
        render: its new lives hold no file.

    Attributes:
        file_id: of the file that was begun last; empty = none.

    Thread: Qt's.
    """

    def __init__(self, render: RenderPort) -> None:
        self.file_id = ""
        self._held = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()
        render.on_restarted(self._forget)

    @asynccontextmanager
    async def hold(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Run the body while nobody else uses render.

        Args:
            urgent: before all who are not; the others keep their order.
        """
        await self._take(self._urgent if urgent else self._patient)
        try:
            yield
        finally:
            self._give()

    async def _take(self, waiting: deque[asyncio.Future[None]]) -> None:
        if not self._held:
            self._held = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in waiting:
                waiting.remove(turn)
            elif not turn.cancelled():
                self._give()  # it was ours already when the asker went away
            raise

    def _give(self) -> None:
        for waiting in (self._urgent, self._patient):
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._held = False

    def _forget(self) -> None:
        self.file_id = ""
