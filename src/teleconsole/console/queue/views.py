"""The column of views: what of the queue is shown, each with its count."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from teleconsole.console.theme.measures import CORNER_PX, SPACE_L_PX, SPACE_S_PX, VIEW_ROW_PX, VIEWS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.cases import CaseCounts, CaseType, CaseView


@dataclass(frozen=True)
class ViewChoice:
    """One line of the column."""

    title: str
    view: CaseView = "open"
    case_type: CaseType | None = None
    pane: str = ""  # leads to another pane instead


_GROUPS: tuple[tuple[str, tuple[ViewChoice, ...]], ...] = (
    (
        "",
        (
            ViewChoice("All open"),
            ViewChoice("Mine", "mine"),
            ViewChoice("Unclaimed", "unclaimed"),
            ViewChoice("Due today", "due-today"),
            ViewChoice("Awaiting patient", "awaiting-patient"),
            ViewChoice("Awaiting results", "awaiting-results"),
            ViewChoice("Closed", "closed"),
        ),
    ),
    (
        "By kind",
        (
            ViewChoice("Skin", case_type="skin"),
            ViewChoice("Wound care", case_type="wound"),
            ViewChoice("Blood pressure", case_type="blood-pressure"),
            ViewChoice("Mood", case_type="mood"),
            ViewChoice("General", case_type="general"),
        ),
    ),
    (
        "On this computer",
        (
            ViewChoice("Drafts", "drafts"),
            ViewChoice("Waiting to send", pane="to-send"),
            ViewChoice("Incomplete here", "incomplete"),
        ),
    ),
)


class ViewButton(QAbstractButton):
    """A line of 32 px with a title and a count; its accessible name carries both: "Mine: 4"."""

    def __init__(self, theme: Theme, choice: ViewChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self._theme = theme
        self._count = 0
        self.setText(choice.title)
        self.setCheckable(not choice.pane)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_count(0)
        theme.changed.connect(self.updateGeometry)

    def set_count(self, count: int) -> None:
        """Show and say the count."""
        self._count = count
        self.setAccessibleName(f"{self.choice.title}: {count}")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the column."""
        return QSize(VIEWS_PX - 16, self._theme.scaled_px(VIEW_ROW_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, title and count."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            if self.isChecked() and theme.tokens.frames_selection:
                painter.setPen(theme.color("accent"))
            painter.setBrush(theme.color("selection" if self.isChecked() else "hover"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), CORNER_PX, CORNER_PX)
        area: QRect = self.rect().adjusted(8, 0, -8, 0)
        weight = 600 if self.isChecked() else 400
        painter.setFont(theme.font("base", weight))
        painter.setPen(theme.color("text"))
        number = str(self._count)
        number_px = theme.metrics("base", weight).horizontalAdvance(number)
        title_px = area.width() - number_px - 8
        title = theme.metrics("base", weight).elidedText(self.text(), Qt.TextElideMode.ElideRight, title_px)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        painter.setPen(theme.color("text" if self.isChecked() else "secondary"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), number)


class Views(QFrame):
    """The column.

    Signals:
        chosen: another `ViewChoice` was made.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "background")
        self._theme = theme
        self.setAccessibleName("Views")
        self._group = QButtonGroup(self)
        self._buttons: list[ViewButton] = []
        page = QFrame(self)
        page.setProperty("kind", "background")
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_S_PX, SPACE_L_PX - 4, SPACE_S_PX, SPACE_S_PX)
        column.setSpacing(0)
        title = Label("Cases", step="title", weight=600)
        title.setContentsMargins(8, 2, 0, 14)
        column.addWidget(title)
        for heading, choices in _GROUPS:
            if heading:
                head = Label(heading, step="small", tone="secondary")
                head.setContentsMargins(8, 14, 0, 6)
                column.addWidget(head)
            for choice in choices:
                column.addWidget(self._button(theme, choice))
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._buttons[0].setChecked(True)
        theme.changed.connect(self._fit_words)
        self._fit_words()

    def fill(self, menu: QMenu) -> None:
        """Offer the same choices in a menu, for a window that has no room for the column."""
        menu.clear()
        for button in self._buttons:
            item = menu.addAction(button.accessibleName())
            item.setCheckable(button.isCheckable())
            item.setChecked(button.isChecked())
            item.triggered.connect(button.click)

    def _fit_words(self) -> None:
        """Be wide enough for every title and a number of three digits."""
        metrics = self._theme.metrics("base", 600)
        words_px = max(metrics.horizontalAdvance(f"{button.text()}000") for button in self._buttons)
        self.setFixedWidth(max(VIEWS_PX, words_px + 8 + 2 * SPACE_L_PX))

    def show_counts(self, counts: CaseCounts) -> None:
        """Show the numbers."""
        views = {entry.view: entry.count for entry in counts.views}
        types = {entry.case_type: entry.count for entry in counts.case_types}
        for button in self._buttons:
            choice = button.choice
            if choice.pane:
                button.set_count(counts.to_send + counts.could_not_send)
            elif choice.case_type is not None:
                button.set_count(types.get(choice.case_type, 0))
            else:
                button.set_count(views.get(choice.view, 0))

    def choose(self, view: CaseView) -> None:
        """Choose a view as a click does."""
        for button in self._buttons:
            if button.choice.view == view and button.choice.case_type is None and not button.choice.pane:
                button.setChecked(True)
                self.chosen.emit(button.choice)

    def _button(self, theme: Theme, choice: ViewChoice) -> ViewButton:
        button = ViewButton(theme, choice, self)
        if not choice.pane:
            self._group.addButton(button)
        button.clicked.connect(lambda: self.chosen.emit(choice))
        self._buttons.append(button)
        return button
