"""The waiting room: a card for each patient who has a visit now, with what has to be known before admitting."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX, SPACE_XS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import Waiting, is_here
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, Hairline, IconLabel, Label, Tone
from teleconsole.console.words import birth_date, clock_time, span
from teleconsole.contracts.signal import DeviceResult, PatientStage
from teleconsole.contracts.visits import AppointmentRow
from teleconsole.host.limits import WAITING_LONG_S

_CLOCK_PX = 168
_MINUTE_S = 60
_BUTTONS_IN_A_ROW = 2
_DEVICES: dict[DeviceResult, tuple[str, Tone, str]] = {
    "unchecked": ("Devices not checked yet", "secondary", "clock"),
    "ok": ("Camera, sound and link good", "good", "circle-check"),
    "no-camera": ("No camera, wants to talk by voice", "warn", "triangle-alert"),
    "no-microphone": ("No microphone, can write", "warn", "triangle-alert"),
    "denied": ("Camera and microphone not allowed, can write", "warn", "triangle-alert"),
    "no-devices": ("Neither camera nor microphone, can write", "warn", "triangle-alert"),
    "slow-network": ("Link weak", "warn", "triangle-alert"),
}
_CONSENT: dict[bool, tuple[str, Tone, str]] = {
    True: ("Agreed to the visit", "good", "circle-check"),
    False: ("Has not agreed to the visit yet", "secondary", "clock"),
}
_STAGES: dict[PatientStage, str] = {
    "expected": "Not here yet",
    "checking": "On the way, checking devices",
    "waiting": "Waiting",
    "in-call": "In call",
    "interrupted": "Connection interrupted",
    "left": "Left the waiting room",
    "ended": "Ended",
}


def waited(item: Waiting, now_ms: int) -> tuple[str, Tone]:
    """Return how long somebody waits in words ("4 min"), and warn after five minutes."""
    if not _waits(item):
        return _STAGES[item.card.stage], "secondary"
    seconds = max(0, now_ms - item.card.since_ms) / 1000
    words = span(seconds) if seconds >= _MINUTE_S else "under 1 min"
    return words, "warn" if seconds >= WAITING_LONG_S else ""


def _waits(item: Waiting) -> bool:
    return item.card.stage == "waiting" and item.card.since_ms > 0


class MessageField(QWidget):
    """A line to a waiting patient, opened in the card.

    Signals:
        sent: the text.
        closed: nothing is to be sent.
    """

    sent = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setMaxLength(500)
        self.field.setPlaceholderText("Appears on the patient's page")
        self.field.setAccessibleName(f"Message to {name}")
        send = Button(theme, "Send", icon="send", name=f"Send message to {name}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S_PX)
        row.addWidget(self.field, 1)
        row.addWidget(send)
        self.field.returnPressed.connect(self._on_send)
        send.clicked.connect(self._on_send)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close without sending by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.field.clear()
            self.hide()
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _on_send(self) -> None:
        text = self.field.text().strip()
        if text:
            self.field.clear()
            self.hide()
            self.sent.emit(text)


class WaitingCard(QFrame):
    """One patient: name, reason, time waited, devices, consent; Admit and Message. The first one is shown large.

    Args:
        booking: the appointment, None when the visit was made from a case.
        large: the next visit, with its time at the left.

    Signals:
        admitted, opened: pressed.
        message: a line for them.
    """

    admitted = Signal()
    opened = Signal()
    message = Signal(str)

    def __init__(
        self, theme: Theme, item: Waiting, booking: AppointmentRow | None, now_ms: Callable[[], int], *, large: bool
    ) -> None:
        super().__init__()
        self.item, self.booking, self.large = item, booking, large
        self.admit: Button | None = None
        self._now_ms = now_ms
        patient, here = item.patient, is_here(item)
        self.setProperty("kind", "card" if here or large else "card-away")
        self.setAccessibleName(f"Visit of {patient.name}")
        self._time = Label(title="Waiting" if _waits(item) else "Visit", step="name" if _waits(item) else "title")
        self._time.setWordWrap(not _waits(item))
        self._word = Label("waiting", tone="secondary")
        self.told = Label(step="small", tone="secondary", wrap=True)
        self.told.hide()
        self._field = MessageField(theme, patient.name)
        self._field.sent.connect(self.message)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        if large:
            row.addWidget(self._clock_column())
            row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addLayout(self._facts(theme), 1)
        self.show_time()

    def show_time(self) -> None:
        """Show how long they wait now."""
        words, tone = waited(self.item, self._now_ms())
        self._time.setText(words)
        self._time.set_tone(tone)
        self._word.setText("waiting long" if tone == "warn" else "waiting")  # colour alone says nothing

    def write(self) -> None:
        """Open the field for a message."""
        self._field.show()
        self._field.field.setFocus()

    def resume(self, text: str) -> None:
        """Show what was being written, without taking the keyboard."""
        self._field.field.setText(text)
        self._field.show()

    @property
    def is_writing(self) -> bool:
        """Whether a message is being written."""
        return not self._field.isHidden()

    @property
    def written(self) -> str:
        """What is being written."""
        return self._field.field.text()

    def say(self, words: str) -> None:
        """Say how a message fares."""
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _clock_column(self) -> QWidget:
        booking = self.booking
        holder = QWidget()
        holder.setMinimumWidth(_CLOCK_PX)
        column = QVBoxLayout(holder)
        column.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_L_PX, SPACE_L_PX)
        column.setSpacing(SPACE_XS_PX)
        column.addWidget(Label("Next visit", tone="secondary"))
        column.addWidget(Label(clock_time(booking.start_ms) if booking is not None else "now", step="hero", weight=600))
        column.addLayout(self._time_line())
        column.addStretch(1)
        return holder

    def _time_line(self) -> QHBoxLayout:
        """The minutes, and beside them the word for what they are."""
        row = QHBoxLayout()
        row.setSpacing(SPACE_S_PX)
        row.addWidget(self._time, 0 if _waits(self.item) else 1)
        if _waits(self.item):
            row.addWidget(self._word, 1)
        return row

    def _facts(self, theme: Theme) -> QVBoxLayout:
        patient, booking, card = self.item.patient, self.booking, self.item.card
        column = QVBoxLayout()
        column.setContentsMargins(*((SPACE_XL_PX, SPACE_L_PX) * 2 if self.large else (SPACE_L_PX, SPACE_M_PX) * 2))
        column.setSpacing(SPACE_XS_PX)
        column.addWidget(ElidedLabel(patient.name, title="Name", step="name" if self.large else "title", weight=600))
        born = f"Born {birth_date(patient.birth_date)}" if patient.birth_date else ""
        booked = f"booked {clock_time(booking.start_ms)}" if booking is not None else "called from a case"
        if not patient.patient_id:
            booked = "The name comes with the next synchronisation"
        column.addWidget(ElidedLabel(" · ".join(part for part in (born, booked) if part), tone="secondary"))
        if patient.reason:
            column.addWidget(ElidedLabel(patient.reason, weight=500 if self.large else 400))
        if not self.large:
            column.addLayout(self._time_line())
        column.addSpacing(SPACE_XS_PX)
        column.addLayout(_fact(theme, *_DEVICES[card.devices]))
        column.addLayout(_fact(theme, *_CONSENT[card.consented]))
        column.addWidget(self._field)
        column.addWidget(self.told)
        column.addStretch(1)
        column.addSpacing(SPACE_S_PX)
        self._add_buttons(theme, column)
        return column

    def _add_buttons(self, theme: Theme, column: QVBoxLayout) -> None:
        """In one row; in a small card with all three, Message under the others, so that no word is cut."""
        name = self.item.patient.name
        row = QHBoxLayout()
        row.setSpacing(SPACE_S_PX)
        if self.item.card.stage in ("waiting", "interrupted"):
            self.admit = Button(
                theme, "Admit", icon="video", keycap="A" if self.large else "",
                kind="primary" if self.large else "normal", name=f"Admit {name}",
            )  # fmt: skip
            self.admit.clicked.connect(self.admitted)
            row.addWidget(self.admit)
        if self.item.patient.case_id:
            case = Button(theme, "Open case", icon="inbox", name=f"Open case of {name}")
            case.clicked.connect(self.opened)
            row.addWidget(case)
        if is_here(self.item):
            message = Button(theme, "Message", icon="message-square", name=f"Write to {name}")
            message.clicked.connect(self.write)
            if row.count() == _BUTTONS_IN_A_ROW and not self.large:
                row.addStretch(1)
                column.addLayout(row)
                row = QHBoxLayout()
            row.addWidget(message)
        row.addStretch(1)
        column.addLayout(row)


def _fact(theme: Theme, words: str, tone: Tone, icon: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE_S_PX)
    row.addWidget(IconLabel(theme, icon, tone or "text"), 0, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(Label(words, wrap=True), 1)
    return row
