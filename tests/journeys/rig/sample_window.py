"""A small window with named controls, on which the rig tries itself: `python sample_window.py`."""

from __future__ import annotations

import sys
from typing import TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

ROWS, COLUMNS = 200_000, 6
AnyIndex = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
W = TypeVar("W", bound=QWidget)


class Numbers(QAbstractTableModel):
    """200,000 rows whose cells tell their own place."""

    def rowCount(self, parent: AnyIndex = NO_INDEX) -> int:
        """Rows of the table."""
        return 0 if parent.isValid() else ROWS

    def columnCount(self, parent: AnyIndex = NO_INDEX) -> int:
        """Columns of the table."""
        return 0 if parent.isValid() else COLUMNS

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """The text of a cell."""
        return f"r{index.row()} c{index.column()}" if role == Qt.ItemDataRole.DisplayRole else None


class Window(QWidget):
    """One of each kind of control, and a label that tells what happened."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Sample")
        layout = QVBoxLayout(self)
        self._status = QLabel("Status: ready")
        self._button = QPushButton("Count")
        self._count = 0
        self._button.clicked.connect(self._on_count)
        self._late = QLabel("Late: here")
        self._late.hide()
        slow = QPushButton("Appear later")
        slow.clicked.connect(lambda: QTimer.singleShot(400, self._late.show))
        self._check = QCheckBox("Agree")
        self._check.toggled.connect(self._button.setDisabled)
        self._edit = _named(QLineEdit(), "Search")
        self._edit.textChanged.connect(lambda text: self._tell(f"search {text}"))
        self._note = _named(QPlainTextEdit(), "Note")
        self._list = _named(QListWidget(), "Panes")
        self._list.addItems(["Today", "Queue", "Case"])
        self._list.itemSelectionChanged.connect(self._on_pane)
        self._choice = QComboBox()
        theme = QLabel("Theme")
        theme.setBuddy(self._choice)
        self._choice.addItems(["Light", "Dark", "High contrast"])
        self._choice.currentTextChanged.connect(lambda text: self._tell(f"theme {text}"))
        self._table = _named(QTableView(), "Numbers")
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._model = Numbers(self)
        self._table.setModel(self._model)
        self._table.selectionModel().selectionChanged.connect(self._on_selection)
        QShortcut(QKeySequence("Ctrl+K"), self, lambda: self._tell("shortcut"))
        shown: list[QWidget] = [self._status, self._button, slow, self._late, self._check, self._edit, self._note]
        for widget in (*shown, self._list, theme, self._choice, self._table):
            layout.addWidget(widget)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the program with the window."""
        QApplication.quit()
        super().closeEvent(event)

    def _on_count(self) -> None:
        self._count += 1
        self._tell(f"counted {self._count}")

    def _on_pane(self) -> None:
        self._tell(f"pane {[item.text() for item in self._list.selectedItems()]}")

    def _on_selection(self) -> None:
        rows = [index.row() for index in self._table.selectionModel().selectedRows()]
        self._tell(f"rows {rows}")

    def _tell(self, what: str) -> None:
        self._status.setText(f"Status: {what}")


def _named(widget: W, name: str) -> W:
    widget.setAccessibleName(name)
    return widget


def main() -> int:
    """Show the window until it is closed."""
    application = QApplication(sys.argv)
    application.setApplicationName("rig-sample")
    window = Window()
    window.resize(800, 900)
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
