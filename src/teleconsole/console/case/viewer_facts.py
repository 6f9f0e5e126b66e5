"""One line of facts under the picture: what it is, when it was taken, how large it is, and that it is unchanged."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from teleconsole.console.case.evidence import KINDS
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Hairline, IconLabel, Label
from teleconsole.console.words import moment, size
from teleconsole.contracts.cases import EvidenceItem
from teleconsole.contracts.render import Opened

_LINE_PX = 40


class FactsLine(QFrame):
    """What the record says of the file, and, once it is open, what the file says of itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setAccessibleName("About the file")
        self.setFixedHeight(theme.scaled_px(_LINE_PX))
        self._kind = Label(title="Kind", step="small", weight=600)
        self._taken = Label(title="Taken", step="small")
        self._size = Label(title="Size", step="small")
        self._kept = Label("Original kept unchanged", step="small")
        self._shield = IconLabel(theme, "shield-check", "good")
        self._last = Hairline(Qt.Orientation.Vertical)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, 0, SPACE_L_PX, 0)
        row.setSpacing(SPACE_M_PX)
        for label, line in (
            (self._kind, Hairline(Qt.Orientation.Vertical)),
            (self._taken, Hairline(Qt.Orientation.Vertical)),
            (self._size, self._last),
        ):
            row.addWidget(label)
            row.addWidget(line)
        row.addWidget(self._shield)
        row.addSpacing(SPACE_S_PX - SPACE_M_PX)
        row.addWidget(self._kept)
        row.addStretch(1)

    def show_item(self, item: EvidenceItem, now_ms: int, opened: Opened | None = None) -> None:
        """Show a file's facts."""
        self._kind.setText(KINDS[item.kind])
        taken = f"Taken {moment(item.taken_ms, now_ms)}" if item.taken_ms else "Time not recorded"
        self._taken.setText(taken)
        self._taken.setAccessibleName(taken)
        self._size.setText(f"{_extent(opened)}{size(item.size_bytes)}")
        here = item.here_bytes >= item.size_bytes
        for part in (self._last, self._shield, self._kept):
            part.setVisible(here)  # of what is not here nothing is promised

    def clear(self) -> None:
        """Forget the file."""
        for label in (self._kind, self._taken, self._size):
            label.setText("")


def _extent(opened: Opened | None) -> str:
    if opened is None:
        return ""
    if opened.kind == "pdf":
        return f"{opened.page_count} {'page' if opened.page_count == 1 else 'pages'}, "
    return f"{opened.width} \u00d7 {opened.height}, " if opened.width else ""
