"""Small pictures of evidence, made by the render process and kept in memory only."""

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtGui import QImage, QPixmap

from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.errors import sentence_of
from teleconsole.console.ports import RenderPort, VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.contracts.cases import EvidenceItem, ReadEvidence
from teleconsole.contracts.render import Begin, Feed, Finish, MakeThumbnail, Thumbnail
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.limits import EVIDENCE_SLICE_BYTES, THUMBNAIL_PX, THUMBNAILS

OnPicture = Callable[[QPixmap | None, str], None]


class Thumbnails:
    """Hands out thumbnails, one file at a time through the render process.

    Args:
        vault: has the files.
        render: parses them.
        scope: runs the loading; its owner's end cancels it.
        turn: shared with all who use render.
    """

    def __init__(self, vault: VaultPort, render: RenderPort, scope: TaskScope, turn: RenderTurn) -> None:
        self._vault = vault
        self._render = render
        self._scope = scope
        self._turn = turn
        self._pictures: OrderedDict[str, QPixmap] = OrderedDict()
        self._waiting: list[tuple[EvidenceItem, OnPicture]] = []
        self._working = False

    @property
    def is_working(self) -> bool:
        """Whether something that was asked for is not there yet."""
        return self._working

    def ask(self, item: EvidenceItem, on_picture: OnPicture) -> None:
        """Call back with the picture, or with None and one sentence; at once when it is here."""
        if item.evidence_id in self._pictures:
            self._pictures.move_to_end(item.evidence_id)
            on_picture(self._pictures[item.evidence_id], "")
            return
        self._waiting.append((item, on_picture))
        if not self._working:
            self._working = True
            self._scope.start(self._work())

    def beside(self, scope: TaskScope) -> "Thumbnails":
        """Return another queue over the same pictures, for another part of the screen."""
        other = Thumbnails(self._vault, self._render, scope, self._turn)
        other._pictures = self._pictures
        return other

    def forget_waiting(self) -> None:
        """What was asked for is no longer on the screen."""
        self._waiting.clear()

    def clear(self) -> None:
        """Drop all pictures: the screen is locked."""
        self._waiting.clear()
        self._pictures.clear()

    async def _work(self) -> None:
        try:
            while self._waiting:
                item, on_picture = self._waiting.pop(0)
                await self._make(item, on_picture)
        finally:
            self._working = False

    async def _make(self, item: EvidenceItem, on_picture: OnPicture) -> None:
        try:
            async with self._turn.hold():
                thumbnail = await self._thumbnail(item)
        except TeleconsoleError as error:
            on_picture(None, sentence_of(error))
            return
        size = thumbnail.width * 4 * thumbnail.height
        if not 0 < size <= len(thumbnail.pixels):
            on_picture(None, "This file cannot be shown. The original is kept.")
            return
        image = QImage(
            thumbnail.pixels, thumbnail.width, thumbnail.height, thumbnail.width * 4, QImage.Format.Format_RGB32
        )
        self._pictures[item.evidence_id] = QPixmap.fromImage(image)
        while len(self._pictures) > THUMBNAILS:
            self._pictures.popitem(last=False)
        on_picture(self._pictures[item.evidence_id], "")

    async def _thumbnail(self, item: EvidenceItem) -> Thumbnail:
        file_id = self._turn.file_id = f"thumbnail-{item.evidence_id}"
        await self._render.ask(Begin(file_id, item.content_type, item.size_bytes))
        offset_bytes = 0
        while offset_bytes < item.size_bytes:
            data = await self._vault.ask(ReadEvidence(item.evidence_id, offset_bytes, EVIDENCE_SLICE_BYTES))
            if not data:
                break
            await self._render.ask(Feed(file_id, data))
            offset_bytes += len(data)
        await self._render.ask(Finish(file_id))
        return await self._render.ask(MakeThumbnail(file_id, THUMBNAIL_PX, THUMBNAIL_PX))
