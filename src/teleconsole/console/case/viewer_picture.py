"""The picture of the viewer: fitted into its place, enlarged, moved; on the well in every theme."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from teleconsole.console.pauses import single_shot
from teleconsole.console.theme.measures import FOCUS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.host.limits import PICTURE_SLOT_BYTES

_STEP = 1.25
_LARGEST = 8.0
_FIT_LARGEST = 2.0
"""A small picture is not blown up beyond this by fitting: it would only look as if it had more in it."""
_TOO_FINE = 1.3
"""More pixels than that for one of the screen make a picture harsh; render reduces better than a paint can."""
_MOVE_PX = 64
_RESIZED_MS = 120
_WHEEL_NOTCH = 120
_ARROWS = {
    Qt.Key.Key_Left: QPoint(1, 0), Qt.Key.Key_Right: QPoint(-1, 0),
    Qt.Key.Key_Up: QPoint(0, 1), Qt.Key.Key_Down: QPoint(0, -1),
}  # fmt: skip


class PictureView(QWidget):
    """Shows one picture. Its natural size may be larger than the pixels that are here: more are asked for.

    Signals:
        zoomed: the scale has changed.
        more_wanted: width and height of the pixels that would make it sharp now.
    """

    zoomed = Signal()
    more_wanted = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: QImage | None = None
        self._natural = QSizeF()
        self._densest = 1.0
        self._scale = 0.0  # 0 = fitted
        self._offset = QPointF()
        self._dragged: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self._resized = single_shot(self, _RESIZED_MS)
        self._resized.timeout.connect(self._ask_for_more)
        theme.changed.connect(self.update)

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    @property
    def is_fitted(self) -> bool:
        """Whether the whole picture is seen."""
        return self._scale == 0.0

    @property
    def percent(self) -> int:
        """Pixels of the screen for a hundred of the picture."""
        return round(self.scale() * 100 * self.devicePixelRatioF())

    def wanted_px(self) -> tuple[int, int]:
        """Return how many pixels make it sharp now: those of its place, or all there are once it is enlarged."""
        ratio = self.devicePixelRatioF()
        if self._natural.isEmpty():
            return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        shown = self.scale() * ratio
        shown = min(shown if self.is_fitted else max(1.0, shown), self._densest)
        room_px = PICTURE_SLOT_BYTES / 4 / (self._natural.width() * self._natural.height())
        size = self._natural * min(shown, room_px**0.5)
        return max(1, round(size.width())), max(1, round(size.height()))

    def begin(self, natural: QSizeF, densest: float = 1.0) -> None:
        """Make room for another picture; fit it.

        Args:
            natural: its size at 100 %; empty = it fills its place.
            densest: pixels that can be had for one of the natural size; of pages more than one.
        """
        self._image = None
        self._natural, self._densest = natural, densest
        self._scale, self._offset = 0.0, QPointF()
        self.update()

    def show_image(self, image: QImage) -> None:
        """Show pixels of the picture; its scale stays, its shape is theirs."""
        self._image = image
        if not self._natural.isEmpty():
            self._natural.setHeight(self._natural.width() * image.height() / image.width())
        self.update()
        self.zoomed.emit()

    def clear(self) -> None:
        """Forget the picture."""
        self._resized.stop()
        self.begin(QSizeF())

    def scale(self) -> float:
        """Return pixels of the window for one of the picture."""
        return self._scale or self._fitting()

    def zoom(self, steps: int, at: QPointF | None = None) -> None:
        """Enlarge by steps of a quarter, or reduce by negative ones; the point `at` stays where it is."""
        if self._image is None:
            return
        before, fitting = self.scale(), self._fitting()
        largest = _LARGEST / self.devicePixelRatioF()
        after = min(max(largest, fitting), before * _STEP**steps)
        middle = QPointF(self.width() / 2, self.height() / 2)
        held = (at or middle) - middle
        self._offset = held - (held - self._offset) * (after / before)
        self._scale = after if after > fitting * 1.001 else 0.0
        self._settle()
        self._ask_for_more()

    def fit(self) -> None:
        """Show the whole picture."""
        self._scale, self._offset = 0.0, QPointF()
        self._settle()
        self._ask_for_more()

    def move_by(self, by: QPointF) -> None:
        """Move the picture by pixels of the window; its edge stays at the edge of the place."""
        self._offset += by
        self._settle()

    def area(self) -> QRectF:
        """Return where the picture lies."""
        size = self._natural * self.scale()
        left = (self.width() - size.width()) / 2 + self._offset.x()
        top = (self.height() - size.height()) / 2 + self._offset.y()
        return QRectF(QPointF(left, top), size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture on the well."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("well"))
        if self._image is not None:
            exact = self._image.width() == round(self.area().width() * self.devicePixelRatioF())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact and self.percent < 300)
            painter.drawImage(self.area(), self._image)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), FOCUS_PX))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the picture in its place, and have it drawn anew once the size has settled."""
        super().resizeEvent(event)
        self._settle()
        self._resized.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Enlarge and reduce around the pointer."""
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        if notches:
            self.zoom(round(notches) or (1 if notches > 0 else -1), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton and not self.is_fitted:
            self._dragged = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it along."""
        if self._dragged is not None:
            by, self._dragged = event.position() - self._dragged, event.position()
            self.move_by(by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._dragged = None
        self._settle()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go between the whole picture and its full size."""
        if not self.is_fitted:
            self.fit()
        elif self._image is not None:
            self._scale = max(1.0 / self.devicePixelRatioF(), self._fitting() * _STEP)
            middle = QPointF(self.width() / 2, self.height() / 2)
            self._offset = (middle - event.position()) * (self._scale / self._fitting())
            self._settle()
            self._ask_for_more()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move an enlarged picture by Shift and the arrow keys."""
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is None or not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
            return
        self.move_by(QPointF(arrow) * _MOVE_PX)

    def _fitting(self) -> float:
        if self._natural.isEmpty():
            return 1.0
        scale = min(self.width() / self._natural.width(), self.height() / self._natural.height())
        return min(scale, _FIT_LARGEST)

    def _settle(self) -> None:
        """Let no edge of the picture come inside the place that it could fill."""
        size = self._natural * self.scale()
        for_x, for_y = max(0.0, (size.width() - self.width()) / 2), max(0.0, (size.height() - self.height()) / 2)
        self._offset = QPointF(
            min(for_x, max(-for_x, self._offset.x())), min(for_y, max(-for_y, self._offset.y()))
        )  # fmt: skip
        shape = Qt.CursorShape.ArrowCursor if self.is_fitted else Qt.CursorShape.OpenHandCursor
        self.setCursor(Qt.CursorShape.ClosedHandCursor if self._dragged is not None else shape)
        self.update()
        self.zoomed.emit()

    def _ask_for_more(self) -> None:
        if self._image is None:
            return
        width, height = self.wanted_px()
        too_coarse = self._image.width() < width - 2 and self._image.height() < height - 2
        if too_coarse or (self.is_fitted and self._image.width() > width * _TOO_FINE):
            self.more_wanted.emit(width, height)
