"""The ring around whatever has the keyboard focus: 2 px, always visible, outside buttons, fields and pictures."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from teleconsole.console.theme.measures import CORNER_PX, FOCUS_PX
from teleconsole.console.theme.theme import Theme

_OUTSIDE_PX = 4
_MOVES = frozenset(
    {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest}
)
_RINGED = (QAbstractButton, QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSlider)


class FocusRing(QWidget):
    """Lies over a window, lets clicks through, and follows the focus. Rows draw their own, inset.

    A widget that is no button or field is ringed when its property `ringed` is true.
    """

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)
            app.installEventFilter(self)
        theme.changed.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow when something moves that may carry the focus."""
        target = self._target
        if target is None or event.type() not in _MOVES or watched is self:
            return False
        if watched is target or (isinstance(watched, QWidget) and watched.isAncestorOf(target)):
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring where the target is visible."""
        area = self._area()
        if area is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent"), FOCUS_PX))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = FOCUS_PX // 2
        painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), CORNER_PX + 2, CORNER_PX + 2)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        ringed = new is not None and (isinstance(new, _RINGED) or bool(new.property("ringed")))
        inside = new is not None and new.window() is self.parentWidget()
        self._target = new if ringed and inside else None
        if self._target is not None:
            self._target.destroyed.connect(self._forget)
        self._place()

    def _forget(self, gone: QObject) -> None:
        if self._target is gone:
            self._target = None

    def _place(self) -> None:
        if self._target is None or not self._target.isVisible():
            self.hide()
            return
        area = self._outside()
        self.setGeometry(area)
        self.setMask(QRegion(self.rect()) - QRegion(self._inner()))
        self.show()
        self.raise_()
        self.update()

    def _outside(self) -> QRect:
        window, target = self.window(), self._target
        if target is None:
            return QRect()
        place = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        return place.adjusted(-_OUTSIDE_PX, -_OUTSIDE_PX, _OUTSIDE_PX, _OUTSIDE_PX) & self._clip(target)

    def _inner(self) -> QRect:
        return self.rect().adjusted(_OUTSIDE_PX, _OUTSIDE_PX, -_OUTSIDE_PX, -_OUTSIDE_PX)

    def _area(self) -> QRect | None:
        window, target = self.window(), self._target
        if target is None:
            return None
        place = QRect(target.mapTo(window, QPoint(0, 0)) - self.pos(), target.size())
        return place.adjusted(-_OUTSIDE_PX, -_OUTSIDE_PX, _OUTSIDE_PX, _OUTSIDE_PX)

    def _clip(self, target: QWidget) -> QRect:
        window = self.window()
        clip = window.rect()
        above = target.parentWidget()
        while above is not None and above is not window:
            if isinstance(above.parentWidget(), QAbstractScrollArea):
                clip &= QRect(above.mapTo(window, QPoint(0, 0)), above.size())
            above = above.parentWidget()
        return clip
