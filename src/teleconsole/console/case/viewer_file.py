"""One file of a case through the render process: opened, drawn, read, played; opened again when others came between."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from PySide6.QtGui import QImage

from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.ports import RenderPort, VaultPort
from teleconsole.contracts.cases import EvidenceItem, ReadEvidence
from teleconsole.contracts.render import Begin, Feed, Finish, Forget, Opened, PageText, Pause, Play, Shown, ShowPage
from teleconsole.domain.errors import EvidenceRefused, TeleconsoleError
from teleconsole.host.limits import EVIDENCE_SLICE_BYTES, RENDER_OPEN_S

SLOT = "picture"
_UNKNOWN = "?"
"""Render may hold a part of a file: it is handed over again before it is used."""
OnProgress = Callable[[int], None]


class ViewerFile:
    """The file that the viewer shows.

    Args:
        vault: has the originals.
        render: parses them.
        turn: shared with all who use render.

    Attributes:
        opened: what the file is; None until `open` has answered.
        paused_ms: where playing stopped last.

    Thread: Qt's. Raises everywhere: what the vault and render raise, as sentences.
    """

    def __init__(self, vault: VaultPort, render: RenderPort, turn: RenderTurn) -> None:
        self._vault = vault
        self._render = render
        self._turn = turn
        self._item: EvidenceItem | None = None
        self.opened: Opened | None = None
        self.paused_ms = 0

    @property
    def file_id(self) -> str:
        """Under which render knows it; news of its playing carry it."""
        return _file_id(self._item) if self._item is not None else ""

    async def open(self, item: EvidenceItem, on_progress: OnProgress) -> Opened:
        """Hand the whole file to render and return what it is.

        Args:
            item: is wholly on this computer.
            on_progress: told how many bytes have been handed on.
        """
        self._item, self.opened = item, None
        async with self._turn.hold(urgent=True):
            opened = await self._hand_over(item, on_progress)
        self.opened = opened
        return opened

    async def picture(self, page: int, max_width_px: int, max_height_px: int) -> QImage | None:
        """Return a page (0 for pictures and the first frame) within the box; None when it did not arrive."""
        async with self._holding() as file_id:
            before = self._render.frame(SLOT, -1)
            shown = await self._render.ask(
                ShowPage(file_id, page, max_width_px, max_height_px), deadline_s=RENDER_OPEN_S
            )  # fmt: skip
            return self._taken(shown, before[0] if before is not None else -1)

    async def text(self, page: int) -> str:
        """Return the text of a page."""
        async with self._holding() as file_id:
            return await self._render.ask(PageText(file_id, page), deadline_s=RENDER_OPEN_S)

    @asynccontextmanager
    async def playing(self, from_ms: int) -> AsyncIterator[None]:
        """Play while the body runs, then stop."""
        async with self._holding() as file_id:
            await self._render.ask(Play(file_id, from_ms))
            try:
                yield
            finally:
                await self._stop(file_id)

    async def forget(self) -> None:
        """Let render drop whatever it holds."""
        self._item, self.opened = None, None
        async with self._turn.hold(urgent=True):
            try:
                if self._turn.file_id:
                    self._turn.file_id = ""
                    await self._render.ask(Forget())
            except TeleconsoleError:
                return  # the process is gone, and the file with it
            finally:
                self._render.forget(SLOT)

    async def _stop(self, file_id: str) -> None:
        try:
            self.paused_ms = await self._render.ask(Pause(file_id))
        except TeleconsoleError:
            self._turn.file_id = _UNKNOWN  # it does not play any more, whatever else is the matter with it

    @asynccontextmanager
    async def _holding(self) -> AsyncIterator[str]:
        """Hold the turn with our file open in render."""
        item = self._item
        if item is None:
            raise EvidenceRefused("No file is open.")
        async with self._turn.hold(urgent=True):
            if self._turn.file_id != _file_id(item):
                await self._hand_over(item, lambda count_bytes: None)
            yield _file_id(item)

    async def _hand_over(self, item: EvidenceItem, on_progress: OnProgress) -> Opened:
        file_id = _file_id(item)
        self._turn.file_id = file_id
        done = False
        try:
            await self._render.ask(Begin(file_id, item.content_type, item.size_bytes))
            offset_bytes = 0
            while offset_bytes < item.size_bytes:
                data = await self._vault.ask(ReadEvidence(item.evidence_id, offset_bytes, EVIDENCE_SLICE_BYTES))
                if not data:
                    break
                await self._render.ask(Feed(file_id, data))
                offset_bytes += len(data)
                on_progress(offset_bytes)
            opened = await self._render.ask(Finish(file_id), deadline_s=RENDER_OPEN_S)
            done = True
        finally:
            if not done:
                self._turn.file_id = _UNKNOWN
        return opened

    def _taken(self, shown: Shown, before: int) -> QImage | None:
        """Return a copy of what lies in the slot: the next picture overwrites it."""
        newest = self._render.frame(SLOT, before)
        if newest is None or (newest[1].width(), newest[1].height()) != (shown.width, shown.height):
            return None
        return newest[1].copy()


def _file_id(item: EvidenceItem) -> str:
    return f"viewer-{item.evidence_id}"
