"""Plays one recording in real time: frames to the slot when they are due, sound to the call a little ahead."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

from teleconsole.contracts.render import Pcm, Position
from teleconsole.host.limits import RENDER_SOUND_AHEAD_MS
from teleconsole.ipc.peer import Peer
from teleconsole.render.document import Pixels, fit
from teleconsole.render.video import VideoDocument, to_pixels

T = TypeVar("T")
_POSITION_EVERY_MS = 250


class Player:
    """Plays a recording until its end or until it is stopped.

    Args:
        peer: gets `Pcm` and `Position`.
        file_id: of the recording.
        document: the recording.
        show: writes pixels into the slot.
        box: width and height in pixels that a frame may fill.

    Thread: the event loop's; decoding runs beside it.
    """

    def __init__(
        self, peer: Peer, file_id: str, document: VideoDocument, show: Callable[[Pixels], int], box: tuple[int, int]
    ) -> None:
        self._peer = peer
        self._file_id = file_id
        self._document = document
        self._show = show
        self._box = box
        self._begun_s = 0.0
        self._from_ms = 0
        self._task: asyncio.Task[None] | None = None

    def play(self, from_ms: int) -> None:
        """Begin at a position in milliseconds."""
        self._from_ms = from_ms
        self._begun_s = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._run())

    def position_ms(self) -> int:
        """Return where playing is now."""
        elapsed_ms = round((asyncio.get_running_loop().time() - self._begun_s) * 1000)
        return min(self._document.opened.duration_ms, self._from_ms + max(0, elapsed_ms))

    async def stop(self) -> int:
        """Stop and return the position in milliseconds."""
        position_ms = self.position_ms()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return position_ms

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._play_pictures())
            group.create_task(self._play_sound())
            ticker = group.create_task(self._tell_position())
            await self._wait_until(self._document.opened.duration_ms)
            ticker.cancel()
        await self._peer.tell(Position(self._file_id, self._document.opened.duration_ms, ended=True))

    async def _play_pictures(self) -> None:
        pictures = self._document.pictures(self._from_ms)
        while (picture := await asyncio.to_thread(_next, pictures)) is not None:
            await self._wait_until(picture.at_ms)
            if self.position_ms() - picture.at_ms < 100:  # late frames are left out, never collected
                frame = picture.frame
                await asyncio.to_thread(lambda f: self._show(to_pixels(f, *fit(f.width, f.height, *self._box))), frame)

    async def _play_sound(self) -> None:
        sounds = self._document.sound(self._from_ms)
        begin = True
        while (sound := await asyncio.to_thread(_next, sounds)) is not None:
            await self._wait_until(sound.at_ms - RENDER_SOUND_AHEAD_MS)
            await self._peer.tell(Pcm(self._file_id, sound.samples, begin=begin))
            begin = False

    async def _tell_position(self) -> None:
        while True:
            await self._peer.tell(Position(self._file_id, self.position_ms()))
            await asyncio.sleep(_POSITION_EVERY_MS / 1000)

    async def _wait_until(self, at_ms: int) -> None:
        due_s = self._begun_s + (at_ms - self._from_ms) / 1000
        await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))


def _next(items: Iterator[T]) -> T | None:
    return next(items, None)
