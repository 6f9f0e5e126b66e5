"""The sheet of all shortcuts, made from the list of actions."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

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
        grid = QGridLayout(page)
        grid.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_L_PX)
        grid.setHorizontalSpacing(SPACE_XL_PX)
        groups = list(dict.fromkeys(spec.group for spec in SPECS if spec.keys))
        for number, group in enumerate(groups):
            grid.addWidget(self._group(group), number // 2, number % 2, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(len(groups), 1)
        scroll = QScrollArea()
        scroll.setAccessibleName("List of shortcuts")
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        close = Button(theme, "Close", keycap="Esc")
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(scroll, 1)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
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
