"""The tools over the list: search as you type, filters, order."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QWidget

from teleconsole.console.queue.model import Order
from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.contracts.cases import CaseType, Priority

_ORDERS: tuple[tuple[Order, str], ...] = (("due", "Due first"), ("newest", "Newest first"), ("priority", "By priority"))
_TYPES: tuple[tuple[CaseType, str], ...] = (
    ("skin", "Skin"),
    ("wound", "Wound care"),
    ("blood-pressure", "Blood pressure"),
    ("mood", "Mood"),
    ("general", "General"),
)
_PRIORITIES: tuple[Priority, ...] = ("stat", "urgent", "asap", "routine")


class QueueTools(QFrame):
    """Search field, filter and order.

    Signals:
        search_changed: on every key.
        search_left: Esc, Enter or Down in the search: on to the list.
        choice_changed: filter or order.
        views_wanted: a `QMenu` shall be filled with the views before it opens.
    """

    search_changed = Signal()
    search_left = Signal()
    choice_changed = Signal()
    views_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Find a case")
        self._search.setAccessibleName("Search cases")
        self._search.setMaxLength(100)
        self._icon = self._search.addAction(theme.icon("search", "secondary"), QLineEdit.ActionPosition.LeadingPosition)
        self._search.textChanged.connect(self.search_changed)
        self._search.installEventFilter(self)
        self._filter_menu, self._types, self._priorities = self._make_filters()
        self._order_menu, self._orders = self._make_orders()
        self.views_menu = QMenu(self)
        self.views_menu.setAccessibleName("Views")
        self.views = Button(theme, "", icon="ellipsis", kind="quiet", name="Choose a view", parent=self)
        self.views.clicked.connect(self._on_views)
        self.views.hide()
        self._filter = Button(theme, "", icon="list-filter", kind="quiet", name="Filter", parent=self)
        self._filter.clicked.connect(lambda: self._open(self._filter_menu, self._filter))
        self._order = Button(theme, "Due first", icon="arrow-down-wide-narrow", kind="quiet", parent=self)
        self._order.set_name("Order: Due first")
        self._order.clicked.connect(lambda: self._open(self._order_menu, self._order))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M_PX, SPACE_S_PX, SPACE_S_PX, SPACE_S_PX)
        row.setSpacing(SPACE_S_PX // 2)
        row.addWidget(self.views)
        row.addWidget(self._search, 1)
        row.addWidget(self._filter)
        row.addWidget(self._order)
        theme.changed.connect(lambda: self._icon.setIcon(theme.icon("search", "secondary")))

    @property
    def search(self) -> str:
        """What is searched for."""
        return self._search.text()

    @property
    def case_types(self) -> tuple[CaseType, ...]:
        """Kinds that are shown; empty = all."""
        return tuple(case_type for case_type, action in self._types if action.isChecked())

    @property
    def priorities(self) -> tuple[Priority, ...]:
        """Priorities that are shown; empty = all."""
        return tuple(priority for priority, action in self._priorities if action.isChecked())

    @property
    def order(self) -> Order:
        """The order of the list."""
        return next(order for order, action in self._orders if action.isChecked())

    def _on_views(self) -> None:
        self.views_wanted.emit(self.views_menu)
        self._open(self.views_menu, self.views)

    def focus_search(self) -> None:
        """Put the cursor into the search and select what is there."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def clear_search(self) -> None:
        """Search for nothing."""
        self._search.clear()

    def set_case_types(self, case_types: tuple[CaseType, ...]) -> None:
        """Filter by these kinds, without a signal."""
        for case_type, action in self._types:
            action.blockSignals(True)
            action.setChecked(case_type in case_types)
            action.blockSignals(False)
        self._tell_filters()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc clears the search, then leaves it; Enter and Down go on to the list."""
        if watched is not self._search or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # Esc is this field's own here, not the shortcut that leaves the case
            return True
        if event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self._search.text():
                self._search.clear()
                return True
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self.search_left.emit()
                return True
        return False

    def _make_filters(
        self,
    ) -> tuple[QMenu, list[tuple[CaseType, QAction]], list[tuple[Priority, QAction]]]:
        menu = QMenu(self)
        menu.setAccessibleName("Filter")
        menu.addSection("Kind")
        types = [(case_type, self._checkable(menu, title)) for case_type, title in _TYPES]
        menu.addSection("Priority")
        priorities = [(priority, self._checkable(menu, priority)) for priority in _PRIORITIES]
        menu.addSeparator()
        menu.addAction("Show all").triggered.connect(self._show_all)
        return menu, types, priorities

    def _make_orders(self) -> tuple[QMenu, list[tuple[Order, QAction]]]:
        menu = QMenu(self)
        menu.setAccessibleName("Order")
        group = QActionGroup(menu)
        orders: list[tuple[Order, QAction]] = []
        for order, title in _ORDERS:
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(order == "due")
            group.addAction(action)
            orders.append((order, action))
        group.triggered.connect(self._on_order)
        return menu, orders

    def _checkable(self, menu: QMenu, title: str) -> QAction:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.toggled.connect(self._on_filter)
        return action

    def _open(self, menu: QMenu, button: Button) -> None:
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _on_order(self, action: QAction) -> None:
        self._order.set_text(action.text())
        self._order.set_name(f"Order: {action.text()}")
        self.choice_changed.emit()

    def _on_filter(self) -> None:
        self._tell_filters()
        self.choice_changed.emit()

    def _show_all(self) -> None:
        for _, action in (*self._types, *self._priorities):
            action.setChecked(False)

    def _tell_filters(self) -> None:
        count = len(self.case_types) + len(self.priorities)
        self._filter.set_text(str(count) if count else "")
        self._filter.set_name(f"Filter: {count} on" if count else "Filter")
        self._filter.set_tone("accent" if count else "")
