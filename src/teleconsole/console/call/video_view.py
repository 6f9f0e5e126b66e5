"""Paints the newest frame of a slot: as large as it can be, never cropped, never queued."""

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from teleconsole.console.ports import FramesPort
from teleconsole.console.theme.measures import CORNER_PX
from teleconsole.console.theme.theme import Theme

_TICK_MS = 16
_HELD_OPACITY = 0.35


class VideoView(QWidget):
    """A picture that moves.

    Args:
        frames: gives the newest frame.
        slot: "remote" or "self".
        title: beginning of the accessible name; its size follows: "Patient's video: 1280 by 720".
        words: shown while there is no picture.
    """

    def __init__(
        self, theme: Theme, frames: FramesPort, slot: str, title: str, words: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._frames = frames
        self._slot = slot
        self._title = title
        self._words = words
        self._image: QImage | None = None
        self._number = 0
        self._framed = slot == "self"
        self._held = False
        self.frames_shown = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._look)
        self._say()

    def say(self, words: str) -> None:
        """Show these words while there is no picture."""
        if words != self._words:
            self._words = words
            self._say()
            self.update()

    def hold(self, *, on: bool) -> None:
        """Dim the picture, which stands still because nothing arrives: a person must not take it for live."""
        if on != self._held:
            self._held = on
            self.update()

    def clear(self) -> None:
        """Forget the picture, also the one that stands in the memory that is shared with the other process."""
        if self._image is not None:
            self._image = None
            self._frames.forget(self._slot)
            self._say()
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Look for frames while visible."""
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while hidden."""
        super().hideEvent(event)
        self._tick.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the newest frame on the well."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("well"))
        if self._image is None:
            painter.setPen(self._theme.color("well_secondary"))
            painter.setFont(self._theme.font("small" if self._framed else "title"))
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), _WORDS, self._words)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(_HELD_OPACITY if self._held else 1.0)
            painter.drawImage(self._area(self._image), self._image)
            painter.setOpacity(1.0)
        if self._framed:
            painter.setPen(QPen(self._theme.color("border"), 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER_PX, CORNER_PX)

    def _area(self, image: QImage) -> QRectF:
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _look(self) -> None:
        newest = self._frames.frame(self._slot, self._number)
        if newest is None:
            return
        self._number, image = newest
        changed = self._image is None or image.size() != self._image.size()
        self._image = image
        self.frames_shown += 1
        if changed:
            self._say()
        self.update()

    def _say(self) -> None:
        if self._image is None:
            self.setAccessibleName(f"{self._title}: {self._words}")
        else:
            self.setAccessibleName(f"{self._title}: {self._image.width()} by {self._image.height()}")


_WORDS = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
