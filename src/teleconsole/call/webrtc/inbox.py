"""Frames of the gateway about one visit, handled one after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from teleconsole.host.limits import CALL_SIGNAL_OUTBOX

_log = logging.getLogger(__name__)


class Inbox:
    """Takes them at once and hands them on in order.

    Args:
        handle: handles one; the next waits for it.

    Thread: the event loop's.
    """

    def __init__(self, handle: Callable[[Any], Awaitable[None]]) -> None:
        self._handle = handle
        self._frames: asyncio.Queue[Any] = asyncio.Queue(CALL_SIGNAL_OUTBOX)

    def take(self, frame: Any) -> None:
        """Take a frame; returns at once."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            _log.warning("the gateway sends faster than frames can be handled")

    async def run(self) -> None:
        """Hand on what comes, for good."""
        while True:
            frame = await self._frames.get()
            try:
                await self._handle(frame)
            except Exception as error:  # noqa: BLE001 -- a frame from outside must never end a visit; it is logged
                _log.error("%s while a %s was handled", type(error).__name__, type(frame).__name__)
