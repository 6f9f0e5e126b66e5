"""Allergies, medicines, problems and flags: always on the screen while a case is open."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.widgets.label import ElidedLabel, Hairline, Label
from teleconsole.contracts.cases import PatientHeader, SafetyItem

_ALLERGIES_MOST = 0.5
"""Of the strip's width."""


class _Cell(QFrame):
    """A heading with its number, one value line and one line under it."""

    def __init__(self, title: str, left_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plain_title = title
        self._left_px = left_px
        self._head = Label(title, step="small", tone="secondary")
        self._value = ElidedLabel(title=title, weight=500)
        self._more = ElidedLabel(step="small", tone="secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(left_px, SPACE_S_PX, SPACE_M_PX, SPACE_S_PX)
        column.setSpacing(0)
        for line in (self._head, self._value, self._more):
            column.addWidget(line)

    def value_px(self) -> int:
        """Return how wide the first line has to be to be shown in full."""
        self._value.ensurePolished()
        words_px = self._value.fontMetrics().horizontalAdvance(self._value.text())
        return words_px + self._left_px + SPACE_M_PX + 2

    def show_items(self, items: tuple[SafetyItem, ...], *, none: str) -> None:
        """Show the first item in full and the others on the second line; severe ones come first, in danger."""
        ordered = sorted(items, key=lambda item: not item.severe)
        first = ordered[0] if ordered else None
        severe = first is not None and first.severe
        self._head.setText(f"{self._plain_title} · {len(items)}" if len(items) > 1 else self._plain_title)
        self._value.setText(none if first is None else f"◆ {first.text}" if severe else first.text)
        self._value.set_tone("danger" if severe else "" if first is not None else "secondary")
        self._more.setText(_rest(ordered))
        self.setToolTip("\n".join(f"{item.text} {item.detail}".strip() for item in items))


def _rest(items: list[SafetyItem]) -> str:
    if not items:
        return ""
    if len(items) == 1:
        return items[0].detail
    shown = [item.text for item in items[1:3]]
    more = [f"+{len(items) - 3}"] if len(items) > 3 else []
    return ", ".join(shown + more)


class SafetyStrip(QFrame):
    """Four cells of 67 px; it never scrolls away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "background")
        self._cells = {
            "allergies": _Cell("Allergies", SPACE_XL_PX),
            "medicines": _Cell("Medicines", SPACE_M_PX + 4),
            "problems": _Cell("Problems", SPACE_M_PX + 4),
            "flags": _Cell("Flags", SPACE_M_PX + 4),
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (name, stretch) in enumerate(
            (("allergies", 176), ("medicines", 224), ("problems", 252), ("flags", 132))
        ):
            if number:
                row.addWidget(Hairline(Qt.Orientation.Vertical))
            row.addWidget(self._cells[name], stretch)

    def show_patient(self, patient: PatientHeader) -> None:
        """Show what is known of a patient; "not known" is not "none"."""
        none = "None recorded" if patient.read_at_ms else "Not read from the server yet"
        self._cells["allergies"].show_items(patient.allergies, none=none)
        self._cells["medicines"].show_items(patient.medicines, none=none)
        self._cells["problems"].show_items(patient.problems, none=none)
        flags = patient.flags
        if patient.interpreter:
            flags = (SafetyItem("Interpreter", patient.language), *flags)
        elif patient.language:
            flags = (*flags, SafetyItem(f"Speaks {patient.language}"))
        self._cells["flags"].show_items(flags, none="None")
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The allergies keep their room in a narrow window."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """An allergy is shown in full, the other cells give way."""
        cell = self._cells["allergies"]
        cell.setMinimumWidth(min(cell.value_px(), int(self.width() * _ALLERGIES_MOST)))
