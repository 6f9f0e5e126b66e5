"""The times in which people could talk in a visit: sealed when they begin and end, so that its gaps are known."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from typing import Literal

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.contracts.call import ItemSealed
from teleconsole.contracts.dropbox import SpanItem
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError

Why = Literal["connected", "lost", "ended-by-clinician", "ended-by-patient"]
Kind = Literal["visit-start", "visit-gap", "visit-end"]

_log = logging.getLogger(__name__)


class Spans:
    """Seals the spans of one visit; between two of them lies a gap.

    Args:
        visit_id: of the visit.
        drop_box: seals.
        tell: news to the console.
        say: shown when something could not be sealed.

    Thread: the event loop's; sealing is done in another one.
    """

    def __init__(
        self, visit_id: str, drop_box: DropBoxWriter, tell: Callable[[News], None], say: Callable[[str], None]
    ) -> None:
        self._visit_id = visit_id
        self._drop_box = drop_box
        self._tell = tell
        self._say = say
        self._from_ms = 0
        self._began = False
        self._order = asyncio.Lock()

    async def begin(self) -> None:
        """People can talk from now: the first time, or again after a gap."""
        now_ms = _now_ms()
        async with self._order:
            if self._from_ms:
                return
            kind: Kind = "visit-gap" if self._began else "visit-start"
            self._from_ms, self._began = now_ms, True
            await self._seal(SpanItem(now_ms, 0, "connected"), kind)

    async def interrupt(self) -> None:
        """Even the voice does not pass any more: a gap begins."""
        now_ms = _now_ms()
        async with self._order:
            if self._from_ms:
                from_ms, self._from_ms = self._from_ms, 0
                await self._seal(SpanItem(from_ms, now_ms, "lost"), "visit-gap")

    async def end(self, why: Why) -> None:
        """The visit is over; in a gap, that lasts until now. Nothing is sealed when nobody was ever connected."""
        now_ms = _now_ms()
        async with self._order:
            if self._began:
                from_ms, self._from_ms, self._began = self._from_ms or now_ms, 0, False
                await self._seal(SpanItem(from_ms, now_ms, why), "visit-end")

    async def _seal(self, span: SpanItem, kind: Kind) -> None:
        item_id = str(uuid.uuid4())
        try:
            await asyncio.to_thread(self._drop_box.seal, item_id, span)
        except CallError as error:
            _log.warning("a time of the visit was not sealed")
            self._say(error.sentence)
            return
        self._tell(ItemSealed(self._visit_id, item_id, kind))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
