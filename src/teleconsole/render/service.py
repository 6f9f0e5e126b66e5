"""The render process: takes bytes, gives pixels, text and sound; holds one file at a time, in a sandbox."""

import asyncio
from dataclasses import dataclass

import msgspec
import numpy as np

from teleconsole.contracts.render import (
    RENDER,
    Begin,
    Feed,
    Finish,
    Forget,
    MakeThumbnail,
    Opened,
    PageText,
    Pause,
    Play,
    Shown,
    ShowPage,
    Thumbnail,
)
from teleconsole.contracts.wire import Done
from teleconsole.domain.errors import EvidenceRefused
from teleconsole.host.limits import RENDER_FILE_BYTES, RENDER_SLICE_BYTES, RENDER_THUMBNAIL_SIDE_PX
from teleconsole.host.logs import log_to_stderr
from teleconsole.ipc.child_args import ChildArgs, SlotArg
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.serve import serve
from teleconsole.ipc.slot import SLOTS, FrameWriter
from teleconsole.render.document import Document, Pixels, fit
from teleconsole.render.image import ImageDocument
from teleconsole.render.pdf import PdfDocument
from teleconsole.render.player import Player
from teleconsole.render.rehearsal import rehearse
from teleconsole.render.sandbox import enter_sandbox
from teleconsole.render.sniff import check_kind
from teleconsole.render.video import VideoDocument

SLOT = "picture"


@dataclass
class _File:
    """The one file that is here: its bytes until `Finish`, then the opened document."""

    file_id: str
    content_type: str
    size_bytes: int
    data: bytearray
    document: Document | None = None


class Renderer:
    """Answers the asks of the contract `render`.

    Args:
        peer: the console.
        slot: where pixels go.
        sandbox: the walls that stand around this process, for the report.
    """

    def __init__(self, peer: Peer, slot: SlotArg, sandbox: str) -> None:
        self._peer = peer
        self._writer = FrameWriter(slot.fd, slot.capacity_bytes)
        self._capacity_bytes = slot.capacity_bytes
        self._sandbox = sandbox
        self._file: _File | None = None
        self._player: Player | None = None
        self._shown = 0
        self._most_bytes = 0
        self._drawing = asyncio.Lock()

    def handlers(self) -> Handlers:
        """Return what answers each ask."""
        return {
            Begin: self.begin,
            Feed: self.feed,
            Finish: self.finish,
            MakeThumbnail: self.make_thumbnail,
            ShowPage: self.show_page,
            PageText: self.page_text,
            Play: self.play,
            Pause: self.pause,
            Forget: self.forget,
        }

    async def begin(self, ask: Begin) -> Done:
        """Drop what was open and make room.

        Raises:
            EvidenceRefused: larger than the bound.
        """
        await self._drop()
        if not 0 < ask.size_bytes <= RENDER_FILE_BYTES:
            raise EvidenceRefused("This file is empty or too large to open here. The original is kept.")
        self._file = _File(ask.file_id, ask.content_type, ask.size_bytes, bytearray())
        return Done()

    async def feed(self, ask: Feed) -> Done:
        """Take the next slice.

        Raises:
            EvidenceRefused: more than was announced.
        """
        file = self._named(ask.file_id)
        if len(ask.data) > RENDER_SLICE_BYTES or len(file.data) + len(ask.data) > file.size_bytes:
            raise EvidenceRefused("This file is longer than its record says. The original is kept.")
        file.data += ask.data
        return Done()

    async def finish(self, ask: Finish) -> Opened:
        """Open the file.

        Raises:
            EvidenceRefused: cut off, not what was declared, damaged, or out of bounds.
        """
        file = self._named(ask.file_id)
        if len(file.data) != file.size_bytes:
            raise EvidenceRefused("This file is shorter than its record says. The original is kept.")
        kind = check_kind(bytes(file.data[:64]), file.content_type)
        data, file.data = bytes(file.data), bytearray()
        async with self._drawing:
            if kind.media == "image":
                file.document = await asyncio.to_thread(ImageDocument, data, kind)
            elif kind.media == "pdf":
                file.document = await asyncio.to_thread(PdfDocument, data)
            else:
                file.document = await asyncio.to_thread(VideoDocument, data, kind)
        return msgspec.structs.replace(file.document.opened, sandbox=self._sandbox)

    async def make_thumbnail(self, ask: MakeThumbnail) -> Thumbnail:
        """Draw a small picture into the answer."""
        side = RENDER_THUMBNAIL_SIDE_PX
        pixels = await self._draw(ask.file_id, 0, min(ask.max_width, side), min(ask.max_height, side))
        return Thumbnail(pixels.shape[1], pixels.shape[0], pixels.tobytes())

    async def show_page(self, ask: ShowPage) -> Shown:
        """Draw a page into the slot."""
        pixels = await self._draw(ask.file_id, ask.page, *self._box(ask.max_width, ask.max_height))
        number = await asyncio.to_thread(self._show, pixels)
        return Shown(pixels.shape[1], pixels.shape[0], number)

    async def page_text(self, ask: PageText) -> str:
        """Read the text of a page."""
        async with self._drawing:
            return await asyncio.to_thread(self._document(ask.file_id).text, ask.page)

    async def play(self, ask: Play) -> Done:
        """Play the recording from a position.

        Raises:
            EvidenceRefused: the file is not a recording.
        """
        document = self._document(ask.file_id)
        if not isinstance(document, VideoDocument):
            raise EvidenceRefused("This file cannot be played: it is not a recording.")
        await self._stop_playing()
        self._player = Player(self._peer, ask.file_id, document, self._show, self._box(1920, 1080))
        self._player.play(max(0, ask.from_ms))
        return Done()

    async def pause(self, ask: Pause) -> int:
        """Stop playing and tell where."""
        self._named(ask.file_id)
        return await self._stop_playing()

    async def forget(self, ask: Forget) -> Done:
        """Drop what is open, and its pixels from the shared memory."""
        del ask
        await self._drop()
        async with self._drawing:
            await asyncio.to_thread(self._wipe)
        return Done()

    async def close(self) -> None:
        """Let go of everything."""
        await self._drop()
        self._writer.close()

    def _named(self, file_id: str) -> _File:
        if self._file is None or self._file.file_id != file_id:
            raise EvidenceRefused("Another file was opened in the meantime. Open this one again.")
        return self._file

    def _document(self, file_id: str) -> Document:
        document = self._named(file_id).document
        if document is None:
            raise EvidenceRefused("This file is not open yet.")
        return document

    async def _draw(self, file_id: str, page: int, max_width: int, max_height: int) -> Pixels:
        async with self._drawing:
            document = self._document(file_id)
            return await asyncio.to_thread(document.draw, page, max(1, max_width), max(1, max_height))

    def _box(self, max_width: int, max_height: int) -> tuple[int, int]:
        """Return the box, made smaller where the slot cannot hold it."""
        wide, high = max(1, max_width), max(1, max_height)
        room_px = self._capacity_bytes // 4
        if wide * high <= room_px:
            return wide, high
        scale = (room_px / (wide * high)) ** 0.5
        return fit(wide, high, max(1, int(wide * scale)), max(1, int(high * scale)))

    def _show(self, pixels: Pixels) -> int:
        height, width = pixels.shape[:2]
        room = self._writer.begin()
        np.frombuffer(room, np.uint8)[: pixels.size] = pixels.ravel()
        self._most_bytes = max(self._most_bytes, pixels.size)
        self._shown += 1
        self._writer.commit(self._shown, width, height, width * 4)
        return self._shown

    def _wipe(self) -> None:
        """Overwrite all that was drawn: the memory is shared and outlives the file."""
        blank, self._most_bytes = bytes(self._most_bytes), 0
        for _ in range(SLOTS if blank else 0):
            self._writer.begin()[: len(blank)] = blank
            self._shown += 1
            self._writer.commit(self._shown, 1, 1, 4)

    async def _stop_playing(self) -> int:
        if self._player is None:
            return 0
        player, self._player = self._player, None
        return await player.stop()

    async def _drop(self) -> None:
        await self._stop_playing()
        async with self._drawing:
            if self._file is not None and self._file.document is not None:
                self._file.document.close()
            self._file = None


def main(args: ChildArgs) -> int:
    """Run the render process and return its exit status.

    Raises:
        ValueError: started without the slot for pixels.
    """
    if SLOT not in args.slots:
        raise ValueError("render needs the slot named picture")
    log_to_stderr()
    rehearse()
    sandbox = enter_sandbox()
    renderers: list[Renderer] = []

    def make_handlers(peer: Peer) -> Handlers:
        renderers.append(Renderer(peer, args.slots[SLOT], sandbox))
        return renderers[0].handlers()

    async def closing() -> None:
        for renderer in renderers:
            await renderer.close()

    return serve(RENDER, make_handlers, argv=args, closing=closing)
