"""Plays the recording that the viewer shows: pictures from the slot, sound to the call process, position to the bar."""

import asyncio
import contextlib

from PySide6.QtCore import QObject, Qt, QTimer

from teleconsole.console.case.viewer_bars import PlayerBar
from teleconsole.console.case.viewer_file import SLOT, ViewerFile
from teleconsole.console.case.viewer_picture import PictureView
from teleconsole.console.case.viewer_sound import ViewerSound
from teleconsole.console.ports import RenderPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.contracts.render import Opened, Pcm, Position

_TICK_MS = 16
_PEEK_S = 2.0
"""A place that was chosen while nothing plays shows its picture within so long, or the one before stays."""


class Playback(QObject):
    """Play, pause, seek.

    Args:
        render: gives frames and news.
        file: what is played.
        picture: shows the frames.
        sound: gets the sound.
        bar: shows where it is.
        scope: runs the playing.

    Attributes:
        is_playing: whether it plays, or is about to.
        position_ms: where it is.
    """

    def __init__(
        self, render: RenderPort, file: ViewerFile, picture: PictureView, sound: ViewerSound, bar: PlayerBar,
        scope: TaskScope, parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._render = render
        self._file = file
        self._picture = picture
        self._sound = sound
        self._bar = bar
        self._scope = scope
        self.is_playing = False
        self.position_ms = 0
        self._duration_ms = 0
        self._mute = False
        self._number = 0
        self._done = asyncio.Event()
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._look)
        bar.sought.connect(self.seek)
        render.on_news(Pcm, self._on_pcm)
        render.on_news(Position, self._on_position)
        render.on_restarted(self.pause)

    def begin(self, opened: Opened) -> None:
        """Another recording is open."""
        self._duration_ms = opened.duration_ms
        self.position_ms = 0
        self._bar.show_recording(opened.duration_ms, has_sound=opened.has_sound)

    def toggle(self) -> None:
        """Play, or pause."""
        if self.is_playing:
            self.pause()
            return
        at_end = self.position_ms >= self._duration_ms
        self._scope.latest("play", self._play(0 if at_end else self.position_ms))

    def pause(self) -> None:
        """Stop where it is; nothing when it does not play."""
        if self.is_playing:
            self._sound.stop()
            self._done.set()

    def seek(self, position_ms: int) -> None:
        """Go on from a position, or show its picture while nothing plays."""
        self.position_ms = position_ms
        self._bar.show_position(position_ms)
        playing = self.is_playing and not self._mute
        self._scope.latest("play", self._play(position_ms) if playing else self._peek(position_ms))

    def stop(self) -> None:
        """End it: another file is shown, or none."""
        self.pause()
        self._scope.stop("play")
        self._tick.stop()
        self.is_playing = False
        self._duration_ms = self.position_ms = 0

    async def _play(self, from_ms: int) -> None:
        await self._run(from_ms, mute=False)
        if self._duration_ms and not self.is_playing and self.position_ms < self._duration_ms:
            self.position_ms = self._file.paused_ms
            self._bar.show_position(self.position_ms)

    async def _peek(self, at_ms: int) -> None:
        """Play without sound until the first picture."""
        await self._run(at_ms, mute=True)
        self.position_ms = at_ms
        self._bar.show_position(at_ms)

    async def _run(self, from_ms: int, *, mute: bool) -> None:
        self._done = done = asyncio.Event()
        self.is_playing, self._mute = True, mute
        self._bar.show_playing(playing=not mute)
        newest = self._render.frame(SLOT, -1)
        self._number = newest[0] if newest is not None else 0
        try:
            async with self._file.playing(from_ms):
                self._tick.start()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PEEK_S if mute else None):
                        await done.wait()
        finally:
            if self._done is done:
                self._end()

    def _end(self) -> None:
        self._look()
        self._tick.stop()
        self.is_playing = self._mute = False
        self._sound.stop()
        self._bar.show_playing(playing=False)
        if self._picture.image is not None:
            self._picture.show_image(self._picture.image.copy())  # the next frame overwrites the slot's own

    def _look(self) -> None:
        newest = self._render.frame(SLOT, self._number) if self.is_playing else None
        if newest is None:
            return
        self._number, image = newest
        self._picture.show_image(image)
        if self._mute:
            self._done.set()

    def _on_pcm(self, news: Pcm) -> None:
        if self._is_ours(news.file_id) and not self._mute:
            self._sound.take(news)

    def _on_position(self, news: Position) -> None:
        if not self._is_ours(news.file_id) or self._mute:
            return
        self.position_ms = news.position_ms
        self._bar.show_position(news.position_ms)
        if news.ended:
            self._done.set()

    def _is_ours(self, file_id: str) -> bool:
        return self.is_playing and not self._done.is_set() and file_id == self._file.file_id
