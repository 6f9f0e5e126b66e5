"""The sheet of all shortcuts, made from the list of actions."""

from collections import Counter

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from teleconsole.console.actions import SPECS, key_words
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.focus_ring import FocusRing
from teleconsole.console.widgets.label import Label


class ShortcutSheet(QDialog):
    """Opened by F1, closed by Esc. Show it with `open()`, never `exec()`: that would end coroutines."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("teleconsole: shortcuts")
        self.setAccessibleName("Shortcuts")
        room = parent.window().size() if parent is not None else QSize(1280, 800)
        self.resize(min(960, room.width() - 80), min(920, room.height() - 80))
        page = QFrame()
        page.setProperty("kind", "background")
        sides = QHBoxLayout(page)
        sides.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_L_PX)
        sides.setSpacing(SPACE_XL_PX)
        lengths = Counter(spec.group for spec in SPECS if spec.keys)
        columns = [(QVBoxLayout(), [0]) for _ in range(2)]
        for group, length in lengths.items():
            column, filled = min(columns, key=lambda one: one[1][0])
            column.addWidget(self._group(group))
            filled[0] += length + 2
        for column, _ in columns:
            column.addStretch(1)
            sides.addLayout(column, 1)
        scroll = QScrollArea()
        scroll.setAccessibleName("List of shortcuts")
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        close = Button(theme, "Close", keycap="Esc")
        close.clicked.connect(self.accept)
        outer = QVBoxLayout(self)
        outer.addWidget(scroll, 1)
        outer.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self._ring = FocusRing(theme, self)

    def _group(self, group: str) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "background")
        grid = QGridLayout(frame)
        grid.addWidget(Label(group, step="title", weight=600), 0, 0, 1, 2)
        for row, spec in enumerate((spec for spec in SPECS if spec.group == group and spec.keys), start=1):
            keys = "  or  ".join(key_words(keys) for keys in spec.keys)
            grid.addWidget(Label(keys, weight=500), row, 0)
            grid.addWidget(Label(spec.text), row, 1)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)
        return frame
