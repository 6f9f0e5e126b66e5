"""One choice of how much is sent: a radio button of two lines, large enough for a call."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from teleconsole.console.theme.measures import BUTTON_TALL_PX, CORNER_PX, LINE_PX, SPACE_L_PX, SPACE_M_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme

_MARK_PX = 16
_DOT_PX = 3.0
_TAKEN_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}


class StepRow(QAbstractButton):
    """A title, and under it in small what it means. The title is its accessible name, the rest its description.

    The arrow keys go on without choosing (each press would change the patient's picture); Space and Enter choose.

    Args:
        title: what is chosen.

    Signals:
        moved: an arrow key was pressed; 1 = to the next one, -1 = to the one before.
    """

    moved = Signal(int)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hint = ""
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    @property
    def hint(self) -> str:
        """The second line."""
        return self._hint

    def show_hint(self, hint: str, *, why: str = "") -> None:
        """Show the second line; a screen reader also hears why."""
        self._hint = hint
        self.setAccessibleDescription(f"{hint}. {why}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """44 px, or what two lines need at a larger text size."""
        theme = self._theme
        words_px = max(
            theme.metrics("base", 600).horizontalAdvance(self.text()),
            theme.metrics("small").horizontalAdvance(self._hint),
        )
        lines_px = theme.scaled_px(LINE_PX["base"] + LINE_PX["small"])
        return QSize(self._left_px() + words_px + SPACE_M_PX, max(BUTTON_TALL_PX, lines_px + SPACE_S_PX))

    def minimumSizeHint(self) -> QSize:
        """Words are never cut."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on by the arrow keys, choose by Enter; Space is every button's."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key in _TAKEN_KEYS:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, mark, title and hint."""
        theme, checked = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if checked or self.underMouse():
            painter.setPen(theme.color("accent") if checked and theme.tokens.frames_selection else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection" if checked else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER_PX, CORNER_PX)
        self._draw_mark(painter)
        title_px, hint_px = theme.scaled_px(LINE_PX["base"]), theme.scaled_px(LINE_PX["small"])
        top, left, width = (self.height() - title_px - hint_px) / 2, self._left_px(), self.width() - self._left_px()
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(theme.font("base", 600 if checked else 500))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(left, top, width, title_px), flags, self.text())
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("secondary"))
        painter.drawText(QRectF(left, top + title_px, width, hint_px), flags, self._hint)

    def _draw_mark(self, painter: QPainter) -> None:
        theme, checked = self._theme, self.isChecked()
        middle = QPointF(SPACE_M_PX + _MARK_PX / 2, self.height() / 2)
        # `secondary`, as `border` is too faint on the ground of what is chosen or under the mouse
        painter.setPen(QPen(theme.color("accent" if checked else "secondary"), 1))
        painter.setBrush(theme.color("accent" if checked else "surface"))
        painter.drawEllipse(middle, _MARK_PX / 2 - 0.5, _MARK_PX / 2 - 0.5)
        if checked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("on_accent"))
            painter.drawEllipse(middle, _DOT_PX, _DOT_PX)

    def _left_px(self) -> int:
        return SPACE_M_PX + _MARK_PX + SPACE_L_PX - SPACE_M_PX // 2
