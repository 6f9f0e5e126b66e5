"""The table of cases: single selection, rows that never show a cell's edge, keys that move."""

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from teleconsole.console.queue.delegate import QueueDelegate
from teleconsole.console.queue.model import QueueModel
from teleconsole.console.theme.measures import GROUP_HEAD_PX, ROW_PX
from teleconsole.console.theme.theme import Theme


class CaseList(QTableView):
    """Shows a `QueueModel`. Accessible as the table "Cases" with one column.

    Signals:
        case_selected: id of the case that is selected now.
        case_opened: id of the case that was opened by Enter or a double click.
    """

    case_selected = Signal(str)
    case_opened = Signal(str)

    def __init__(self, theme: Theme, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cases = model
        self._delegate = QueueDelegate(theme, model)
        self.setAccessibleName("Cases")
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        model.modelReset.connect(self.measure)
        model.rowsInserted.connect(self.measure)
        theme.changed.connect(self.measure)
        self.measure()

    def measure(self) -> None:
        """Give rows and heads their heights."""
        header = self.verticalHeader()
        header.setMinimumSectionSize(self._theme.scaled_px(GROUP_HEAD_PX))
        header.setDefaultSectionSize(self._theme.scaled_px(ROW_PX))
        for row in self._cases.head_rows():
            self.setRowHeight(row, self._theme.scaled_px(GROUP_HEAD_PX))
        self.viewport().update()

    @property
    def case_id(self) -> str:
        """The selected case, empty when none is."""
        case = self._cases.case_at(self.currentIndex().row()) if self.currentIndex().isValid() else None
        return case.case_id if case is not None and self.selectionModel().hasSelection() else ""

    def select(self, case_id: str) -> bool:
        """Select a case that is here."""
        row = self._cases.row_of(case_id)
        if row < 0:
            return False
        self.setCurrentIndex(self._cases.index(row, 0))
        return True

    def step(self, step: int) -> None:
        """Select the next (+1) or previous (-1) case, over heads."""
        row = self.currentIndex().row() + step if self.currentIndex().isValid() else 0
        while 0 <= row < self._cases.rowCount() and self._cases.case_at(row) is None:
            row += step or 1
        if self._cases.case_at(row) is not None:
            self.setCurrentIndex(self._cases.index(row, 0))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell which case is selected; a screen reader selects without moving the current row."""
        super().selectionChanged(selected, deselected)
        indexes = selected.indexes()
        case = self._cases.case_at(indexes[0].row()) if indexes else None
        if case is not None:
            self.case_selected.emit(case.case_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; all else as every table does it, without searching by letters."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        if event.key() == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts here."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens."""
        self._open(self.indexAt(event.position().toPoint()))

    def _open(self, index: QModelIndex) -> None:
        case = self._cases.case_at(index.row()) if index.isValid() else None
        if case is not None:
            self.case_opened.emit(case.case_id)
