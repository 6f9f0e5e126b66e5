"""The day as a list: appointments in order, with a line for now."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import ROW_PX, SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.widgets.label import ElidedLabel, Hairline, Label
from teleconsole.console.words import clock_time
from teleconsole.contracts.visits import AppointmentRow

_NOW_PX = 24
_STATUS = {"booked": "", "arrived": "waiting", "fulfilled": "done", "noshow": "did not come", "cancelled": "cancelled"}


class DayList(QScrollArea):
    """Rows of at least 52 px; names in the order of the clock."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Appointments of the day")

    def show_day(self, rows: tuple[AppointmentRow, ...], now_ms: int) -> None:
        """Show these appointments."""
        page = QWidget()
        page.setProperty("kind", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        now_shown = False
        for row in rows:
            if not now_shown and row.start_ms > now_ms:
                column.addWidget(_now_line(now_ms))
                now_shown = True
            column.addWidget(_row(row))
            column.addWidget(Hairline())
        if not rows:
            column.addWidget(Label("No appointments today.", tone="secondary"))
            column.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, 0)
        elif not now_shown:
            column.addWidget(_now_line(now_ms))
        column.addStretch(1)
        place = self.verticalScrollBar().value()
        self.setWidget(page)
        self.verticalScrollBar().setValue(place)


def _row(row: AppointmentRow) -> QFrame:
    frame = QFrame()
    frame.setMinimumHeight(ROW_PX)
    frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    status = _STATUS.get(row.status, row.status)
    frame.setAccessibleName(" ".join(part for part in (clock_time(row.start_ms), row.patient_name, status) if part))
    done = row.status in ("fulfilled", "noshow", "cancelled")
    line = QHBoxLayout(frame)
    line.setContentsMargins(SPACE_XL_PX, 0, SPACE_XL_PX, 0)
    line.setSpacing(SPACE_L_PX)
    line.addWidget(Label(clock_time(row.start_ms), tone="secondary" if done else "", weight=400 if done else 600))
    text = QVBoxLayout()
    text.setSpacing(0)
    text.addStretch(1)
    text.addWidget(ElidedLabel(row.patient_name, tone="secondary" if done else ""))
    text.addWidget(ElidedLabel(row.reason, step="small", tone="secondary"))
    text.addStretch(1)
    line.addLayout(text, 1)
    if status:
        line.addWidget(Label(status, tone="secondary"))
    return frame


def _now_line(now_ms: int) -> QFrame:
    frame = QFrame()
    frame.setMinimumHeight(_NOW_PX)
    frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    line = QHBoxLayout(frame)
    line.setContentsMargins(SPACE_XL_PX, 0, SPACE_XL_PX, 0)
    line.setSpacing(SPACE_L_PX)
    line.addWidget(Label(clock_time(now_ms), title="Now", tone="accent", weight=600))
    bar = QFrame()
    bar.setProperty("kind", "accent-line")
    bar.setFixedHeight(2)
    line.addWidget(bar, 1)
    return frame
