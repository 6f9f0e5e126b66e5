"""What stands beside the video, one of three: words with a line under the one that is shown."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme

_HEIGHT_PX = 56
_LINE_PX = 3
_WORDS = (("Case", "Case tab"), ("Chat", "Chat tab"), ("Notes", "Notes tab"))


class Tab(QPushButton):
    """One word, a count of what is new beside it, and a line under it while it is the one that is shown.

    Args:
        word: what is shown.
        name: accessible name.
    """

    def __init__(self, theme: Theme, word: str, name: str) -> None:
        super().__init__(word)
        self._theme = theme
        self._count_words = ""
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.updateGeometry)

    @property
    def count_words(self) -> str:
        """What is new, in words; empty for nothing."""
        return self._count_words

    def set_count(self, number: int) -> None:
        """Show how much is new; the words are also its description."""
        self._count_words = f"{number} new" if number else ""
        self.setAccessibleDescription(self._count_words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its words in the bold that they have while shown, so that nothing moves."""
        width = self._theme.metrics("base", 600).horizontalAdvance(self.text())
        if self._count_words:
            width += SPACE_S_PX + self._theme.metrics("base", 600).horizontalAdvance(self._count_words)
        return QSize(max(44, width + 2 * SPACE_S_PX), _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Words are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word, the count, and the line."""
        painter = QPainter(self)
        theme, chosen = self._theme, self.isChecked()
        painter.setFont(theme.font("base", 600 if chosen else 500))
        painter.setPen(theme.color("text" if chosen or self.underMouse() else "secondary"))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        area = QRectF(self.rect()).adjusted(SPACE_S_PX, 0, 0, 0)
        painter.drawText(area, flags, self.text())
        if self._count_words:
            left = painter.fontMetrics().horizontalAdvance(self.text()) + SPACE_S_PX
            painter.setFont(theme.font("base", 600))
            painter.setPen(theme.color("accent"))
            painter.drawText(area.adjusted(left, 0, 0, 0), flags, self._count_words)
        if chosen:
            line = QRectF(SPACE_S_PX, self.height() - _LINE_PX, self.width() - 2 * SPACE_S_PX, _LINE_PX)
            painter.fillRect(line, theme.color("accent"))


class TabRow(QFrame):
    """Case, Chat and Notes.

    Signals:
        chosen: number of the one that was pressed.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT_PX)
        self.tabs = [Tab(theme, word, name) for word, name in _WORDS]
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L_PX - SPACE_S_PX, 0, SPACE_L_PX, 0)
        row.setSpacing(SPACE_XL_PX - SPACE_S_PX)
        for index, tab in enumerate(self.tabs):
            # toggled and not clicked: a screen reader toggles, and a click does so too
            tab.toggled.connect(lambda on, index=index: self.chosen.emit(index) if on else None)
            row.addWidget(tab)
        row.addStretch(1)
        self.tabs[0].setChecked(True)

    def show_tab(self, index: int) -> None:
        """Mark the one that is shown."""
        self.tabs[index].setChecked(True)
