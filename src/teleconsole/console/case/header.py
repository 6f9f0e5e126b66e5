"""Who the case is about and what it wants: name, identity, reason; priority, due time and claim at the right."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.case_row import draw_priority, priority_width_px
from teleconsole.console.widgets.label import ElidedLabel, Label
from teleconsole.console.words import birth_date, due, moment, span
from teleconsole.contracts.cases import CaseDetail, CaseRow, PatientHeader, Priority

_GENDERS = {"female": "F", "male": "M", "other": "X", "unknown": ""}


def identity(patient: PatientHeader) -> str:
    """Return "F 58 · 3 Jul 1968 · MRN 004 417 208", of what is known."""
    gender = _GENDERS.get(patient.gender, "")
    age = str(patient.age_years) if patient.age_years >= 0 else ""
    parts = [f"{gender} {age}".strip(), birth_date(patient.birth_date), f"MRN {patient.mrn}" if patient.mrn else ""]
    return " · ".join(part for part in parts if part)


class PriorityMark(QWidget):
    """Shape and word of a priority. Accessible name: "Priority: urgent"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._priority: Priority = "routine"
        theme.changed.connect(self.update)

    def show_priority(self, priority: Priority) -> None:
        """Show another one."""
        self._priority = priority
        self.setAccessibleName(f"Priority: {priority}")
        self.setFixedWidth(priority_width_px(self._theme, priority) + 2)
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(80, self._theme.scaled_px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        draw_priority(QPainter(self), self._theme, self._priority, 0, self.height() / 2)


class CaseHeader(QFrame):
    """Two lines of 72 px."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = Label(title="Patient", step="name")
        self._identity = Label(tone="secondary", wrap=True)
        self._reason = ElidedLabel(title="Reason", step="title", weight=500)
        self._priority = PriorityMark(theme)
        self._due = Label(title="Due")
        self._claim = Label(step="small", tone="secondary")
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(SPACE_M_PX)
        self._who = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._who.setSpacing(SPACE_M_PX)
        self._who.addWidget(self._name)
        self._who.addWidget(self._identity, 1)
        first.addLayout(self._who, 1)
        first.addWidget(self._priority)
        first.addWidget(self._due)
        second.addWidget(self._reason, 1)
        second.addWidget(self._claim)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_S_PX)
        column.setSpacing(2)
        column.addLayout(first)
        column.addLayout(second)

    def show_case(self, detail: CaseDetail, now_ms: int, *, online: bool) -> None:
        """Show a case."""
        self._name.setText(detail.patient.name)
        self._identity.setText(identity(detail.patient))
        self._reason.setText(detail.row.reason)
        self._priority.show_priority(detail.row.priority)
        self._show_due(detail.row, now_ms)
        self._claim.setText(_claim_words(detail, now_ms, online=online))

        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The identity is never cut: without room beside the name it stands under it."""
        identity_px = self._identity.fontMetrics().horizontalAdvance(self._identity.text())
        others = (self._name, self._priority, self._due)
        needed_px = identity_px + sum(part.sizeHint().width() + SPACE_M_PX for part in others) + 2 * SPACE_XL_PX
        beside = needed_px <= self.width()
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._who.setDirection(way)
        self._who.setSpacing(SPACE_M_PX if beside else 0)

    def clear(self) -> None:
        """Forget the patient."""
        for label in (self._name, self._identity, self._reason, self._due, self._claim):
            label.setText("")

    def _show_due(self, row: CaseRow, now_ms: int) -> None:
        words, late = due(row.due_ms, now_ms)
        hours = (row.due_ms - now_ms) / 1000
        if words and not late:
            words = f"due {words}" + (f", in {span(hours)}" if hours < 12 * 3600 else "")
        self._due.setText(words)
        self._due.set_tone("danger" if late else "")


def _claim_words(detail: CaseDetail, now_ms: int, *, online: bool) -> str:
    claim = detail.row.claim
    if claim == "mine":
        until = f" until {moment(detail.claimed_until_ms, now_ms)}" if detail.claimed_until_ms else ""
        return f"Claimed by you{until}" + ("" if online else ", cannot be renewed offline")
    if claim == "asked-for":
        return "Claim asked for; it holds when the server agrees"
    if claim == "other":
        return f"Claimed by {detail.row.claimed_by}"
    return "Unclaimed"
