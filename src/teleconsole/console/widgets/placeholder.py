"""What stands where content is not (yet): an empty state in words, or a skeleton while it loads."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from teleconsole.console.pauses import single_shot
from teleconsole.console.theme.measures import CORNER_SMALL_PX, ROW_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import IconLabel, Label

SKELETON_AFTER_MS = 150


class EmptyState(QWidget):
    """An icon, one line that says what is so, and one that says what can be done."""

    def __init__(self, theme: Theme, icon: str, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(SPACE_S_PX)
        column.addStretch(1)
        self._icon = IconLabel(theme, icon, "secondary", 32, self)
        self._title = Label(title, step="title", weight=600, parent=self)
        self._hint = Label(hint, tone="secondary", wrap=True, parent=self)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._hint)  # the whole width: an aligned label is made too low for its second line
        column.addStretch(2)

    @property
    def words(self) -> str:
        """Both lines."""
        return f"{self._title.text()} {self._hint.text()}".strip()

    def say(self, title: str, hint: str = "", icon: str = "") -> None:
        """Say something else."""
        self._title.setText(title)
        self._hint.setText(hint)
        if icon:
            self._icon.set_icon(icon, "secondary")


class Skeleton(QWidget):
    """Grey bars where rows will be; only drawn once loading has taken 150 ms. It does not move."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._late = False
        self.setAccessibleName("Loading")
        self._timer = single_shot(self, SKELETON_AFTER_MS)
        self._timer.timeout.connect(self._on_late)

    def begin(self) -> None:
        """Loading began."""
        self._late = False
        self._timer.start()
        self.update()

    def end(self) -> None:
        """Loading ended."""
        self._timer.stop()
        self._late = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        if not self._late:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("hairline"))
        for row in range(min(8, self.height() // ROW_PX)):
            top = row * ROW_PX
            widths = (140 - 20 * (row % 3), 240 - 30 * (row % 2))
            for line, width in enumerate(widths):
                bar = QRectF(88, top + 12 + 18 * line, width, 10)
                painter.drawRoundedRect(bar, CORNER_SMALL_PX, CORNER_SMALL_PX)
            painter.drawRoundedRect(QRectF(12, top + 12, 52, 10), CORNER_SMALL_PX, CORNER_SMALL_PX)

    def _on_late(self) -> None:
        self._late = True
        self.update()
