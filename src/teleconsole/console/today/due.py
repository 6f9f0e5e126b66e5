"""Under the waiting room: the cases that are due next, as the queue draws them."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import ROW_PX, SPACE_M_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.case_row import CaseRowPainter
from teleconsole.console.widgets.label import Hairline, Label
from teleconsole.console.words import row_in_words
from teleconsole.contracts.cases import CasePage, CaseRow

DUE_SHOWN = 4


class DueRow(QPushButton):
    """A row of the queue that opens its case."""

    def __init__(self, theme: Theme, row: CaseRow, now_ms: int) -> None:
        super().__init__()
        self._theme = theme
        self._row = row
        self._now_ms = now_ms
        self._painter = CaseRowPainter(theme)
        self.setAccessibleName(row_in_words(row, now_ms))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """As high as two lines of text."""
        return QSize(240, max(ROW_PX, self._theme.scaled_px(36) + 2 * SPACE_S_PX))

    def minimumSizeHint(self) -> QSize:
        """Narrower is cut with an ellipsis by the row itself."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect(), self._theme.color("hover"))
        self._painter.draw(painter, self.rect(), self._row, self._now_ms, self.devicePixelRatioF())


class DueNext(QWidget):
    """Cases due next, and the way to the first of them; hidden while nothing is due.

    Signals:
        case_wanted: id of a case to open.
    """

    case_wanted = Signal(str)

    def __init__(self, theme: Theme, action: QAction, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._theme = theme
        self._now_ms = now_ms
        self._action = action
        self._rows: tuple[CaseRow, ...] = ()
        self._count = Label(title="Cases due", tone="secondary")
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        self._list = QVBoxLayout(self._frame)
        self._list.setContentsMargins(1, 1, 1, 1)
        self._list.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(SPACE_M_PX)
        head.addWidget(Label("Cases due next", step="title", weight=600))
        head.addWidget(self._count, 1)
        head.addWidget(Button.of(theme, action))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_S_PX, 0, 0)
        column.setSpacing(SPACE_M_PX)
        column.addLayout(head)
        column.addWidget(self._frame)
        action.triggered.connect(self._on_first)
        self.clear()

    def show_cases(self, page: CasePage) -> None:
        """Show these cases, the first ones due."""
        if page.rows == self._rows and not self.isHidden():
            return
        self._empty()
        self._rows = page.rows[:DUE_SHOWN]
        self._count.setText(f"{page.total} due today")
        for index, row in enumerate(self._rows):
            if index:
                self._list.addWidget(Hairline())
            shown = DueRow(self._theme, row, self._now_ms())
            shown.clicked.connect(lambda _=False, case_id=row.case_id: self.case_wanted.emit(case_id))
            self._list.addWidget(shown)
        self._action.setEnabled(bool(self._rows))
        self.setVisible(bool(self._rows))

    def clear(self) -> None:
        """Forget every case."""
        self._empty()
        self._rows = ()
        self._action.setEnabled(False)
        self.hide()

    def _empty(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()

    def _on_first(self) -> None:
        if self._rows:
            self.case_wanted.emit(self._rows[0].case_id)
