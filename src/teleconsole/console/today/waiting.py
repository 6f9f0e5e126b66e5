"""The waiting room: a card for each patient who has a visit now, with what has to be known before admitting."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX, SPACE_XS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import Waiting, is_here
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, IconLabel, Label, Tone
from teleconsole.console.words import birth_date, clock_time
from teleconsole.contracts.signal import DeviceResult, PatientStage
from teleconsole.contracts.visits import AppointmentRow
from teleconsole.host.limits import WAITING_LONG_S

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
    "waiting": "waiting",
    "in-call": "in call",
    "interrupted": "Connection interrupted",
    "left": "Left the waiting room",
    "ended": "Ended",
}


def waited(item: Waiting, now_ms: int) -> tuple[str, Tone]:
    """Return how long somebody waits in words ("4 min"), and warn after five minutes."""
    if item.card.stage != "waiting" or not item.card.since_ms:
        return _STAGES[item.card.stage], "secondary"
    seconds = max(0, now_ms - item.card.since_ms) / 1000
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes else "under 1 min", "warn" if seconds >= WAITING_LONG_S else ""


class MessageField(QWidget):
    """A line to a waiting patient, opened in the card.

    Signals:
        sent: the text.
    """

    sent = Signal(str)

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

    def _on_send(self) -> None:
        text = self.field.text().strip()
        if text:
            self.field.clear()
            self.hide()
            self.sent.emit(text)


class WaitingCard(QFrame):
    """One patient: name, reason, time waited, devices, consent; Admit and Message. The first one is shown large.

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
        self.item = item
        self.admit: Button | None = None
        self._now_ms = now_ms
        patient, here = item.patient, is_here(item)
        self.setProperty("kind", "card" if here or large else "card-away")
        self.setAccessibleName(f"Visit of {patient.name}")
        self._time = Label(title="Waiting" if item.card.stage == "waiting" else "Visit", step="name", weight=600)
        self.told = Label(step="small", tone="secondary", wrap=True)
        self._field = MessageField(theme, patient.name)
        self._field.sent.connect(self.message)
        text = QVBoxLayout()
        text.setSpacing(SPACE_XS_PX)
        text.addWidget(Label(patient.name, title="Name", step="name" if large else "title", weight=600))
        born = f"Born {birth_date(patient.birth_date)}" if patient.birth_date else ""
        booked = f"booked {clock_time(booking.start_ms)}" if booking is not None else "called from a case"
        text.addWidget(Label(" · ".join(part for part in (born, booked) if part), tone="secondary"))
        text.addWidget(ElidedLabel(patient.reason))
        if not large:
            text.addWidget(self._time)
        text.addLayout(_fact(theme, *_DEVICES[item.card.devices]))
        text.addLayout(_fact(theme, *_CONSENT[item.card.consented]))
        text.addWidget(self._field)
        text.addWidget(self.told)
        text.addStretch(1)
        text.addLayout(self._buttons(theme, large=large))
        row = QHBoxLayout(self)
        row.setContentsMargins(*((SPACE_XL_PX, SPACE_L_PX) * 2 if large else (SPACE_L_PX, SPACE_M_PX) * 2))
        row.setSpacing(SPACE_XL_PX)
        if large:
            row.addLayout(self._clock_column(booking))
        row.addLayout(text, 1)
        self.show_time()

    def show_time(self) -> None:
        """Show how long they wait now."""
        words, tone = waited(self.item, self._now_ms())
        self._time.setText(words)
        self._time.set_tone(tone)

    def write(self) -> None:
        """Open the field for a message."""
        self._field.show()
        self._field.field.setFocus()

    @property
    def is_writing(self) -> bool:
        """Whether a message is being written."""
        return self._field.isVisible()

    def say(self, words: str) -> None:
        """Say how a message fares."""
        self.told.setText(words)

    def _clock_column(self, booking: AppointmentRow | None) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE_XS_PX)
        column.addWidget(Label("Next visit", tone="secondary"))
        column.addWidget(Label(clock_time(booking.start_ms) if booking is not None else "now", step="hero", weight=600))
        column.addWidget(self._time)
        column.addStretch(1)
        holder = QWidget()
        holder.setFixedWidth(144)
        holder.setLayout(column)
        outer = QVBoxLayout()
        outer.addWidget(holder)
        return outer

    def _buttons(self, theme: Theme, *, large: bool) -> QHBoxLayout:
        name = self.item.patient.name
        row = QHBoxLayout()
        row.setSpacing(SPACE_S_PX)
        if self.item.card.stage in ("waiting", "interrupted"):
            keycap = "A" if large else ""
            self.admit = Button(
                theme, "Admit", icon="video", keycap=keycap, kind="primary" if large else "normal",
                name=f"Admit {name}",
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
            row.addWidget(message)
        row.addStretch(1)
        return row


def _fact(theme: Theme, words: str, tone: Tone, icon: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE_S_PX)
    row.addWidget(IconLabel(theme, icon, tone or "text"), 0, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(Label(words), 1)
    return row
