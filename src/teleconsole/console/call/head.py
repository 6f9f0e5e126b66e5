"""The head of the call: with whom, how well, how long; and under it one line for what changes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import IN_VISIT, Visits
from teleconsole.console.widgets.label import ElidedLabel, Hairline, IconLabel, Label, Tone
from teleconsole.console.words import birth_date, duration
from teleconsole.contracts.call import CallSnapshot, CallStats, Quality

QUALITY: dict[Quality, tuple[str, Tone]] = {
    "unknown": ("Connecting", "secondary"),
    "good": ("Good", "good"),
    "fair": ("Fair", "secondary"),
    "poor": ("Weak", "warn"),
    "lost": ("Interrupted", "danger"),
}
_STEPS = ("720p", "360p", "180p", "audio-only", "voice-and-stills", "case")


class CallHead(QFrame):
    """56 px: name, reason; not recorded, safety code, quality, duration."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setMinimumHeight(56)
        self.name = Label(title="Patient", step="title", weight=600)
        self.born = Label(title="Born", tone="secondary")
        self.reason = ElidedLabel(tone="secondary")
        self.recorded = Label("Not recorded", tone="secondary")
        self.code = Label(title="Safety code", tone="good")
        self.quality = Label(title="Quality", weight=500)
        self.time = Label(title="In call", step="name", weight=600)
        self._code_icon = IconLabel(theme, "shield-check", "good")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, 0, SPACE_XL_PX, 0)
        row.setSpacing(SPACE_M_PX)
        row.addWidget(self.name)
        row.addWidget(self.born)
        row.addWidget(self.reason, 1)
        row.addWidget(self.recorded)
        row.addWidget(self._code_icon)
        row.addWidget(self.code)
        row.addWidget(IconLabel(theme, "signal", "secondary"))
        row.addWidget(self.quality)
        row.addWidget(Label("in call", step="small", tone="secondary"))
        row.addWidget(self.time)

    def show_visit(self, visits: Visits, now_ms: int) -> None:
        """Show with whom and how."""
        patient, snapshot = visits.patient, visits.snapshot
        self.name.setText(patient.name if patient is not None else "")
        self.born.setText(birth_date(patient.birth_date) if patient is not None else "")
        self.reason.setText(patient.reason if patient is not None else "")
        words = " ".join(snapshot.safety_words)
        self.code.setText(words)
        self.code.setToolTip("Read these words aloud: the patient's page shows the same." if words else "")
        self.code.setVisible(bool(words))
        self._code_icon.setVisible(bool(words))
        word, tone = QUALITY[snapshot.quality]
        self.quality.setText(word)
        self.quality.set_tone(tone)
        self.show_time(snapshot, now_ms)

    def show_time(self, snapshot: CallSnapshot, now_ms: int) -> None:
        """Show how long the call lasts."""
        running = snapshot.phase in IN_VISIT and snapshot.started_ms
        self.time.setText(duration(max(0, now_ms - snapshot.started_ms) // 1000) if running else "00:00")

    def show_stats(self, stats: CallStats) -> None:
        """Put the numbers behind the word."""
        words = (
            f"Picture {stats.frame_width} by {stats.frame_height}, {stats.received_fps:.0f} a second in, "
            f"{stats.sent_fps:.0f} out. {stats.received_kbps:.0f} kbit/s in, {stats.sent_kbps:.0f} out. "
            f"Round trip {stats.round_trip_ms:.0f} ms, loss {stats.loss_percent:.1f} %."
        )
        self.quality.setToolTip(words)
        self.quality.setAccessibleDescription(words)


class NoticeLine(QFrame):
    """36 px under the head: what changed and why, hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner-warn")
        self.text = Label(title="Notice")
        self.step = Label(step="small", tone="secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX - 3, SPACE_S_PX, SPACE_XL_PX, SPACE_S_PX)
        row.setSpacing(SPACE_L_PX)
        row.addWidget(IconLabel(theme, "info", "warn"))
        row.addWidget(self.text, 1)
        row.addWidget(self.step)
        self.hide()

    def show_visit(self, visits: Visits) -> None:
        """Say what has to be said of the call now."""
        words = self._words(visits)
        self.text.setText(words)
        step = visits.snapshot.step
        number = _STEPS.index(step) + 1
        self.step.setText(f"step {number} of {len(_STEPS)}" if number > 1 else "")
        self.setVisible(bool(words))

    def _words(self, visits: Visits) -> str:
        snapshot = visits.snapshot
        if snapshot.sentence:
            return snapshot.sentence
        if snapshot.phase == "admitting":
            return "Calling. The patient's page asks them to join."
        if snapshot.phase == "reconnecting":
            return "The connection to the patient is interrupted. It is tried again; chat and notes are kept."
        if snapshot.phase == "connected" and not snapshot.patient_microphone_on:
            return "The patient's microphone is off."
        if snapshot.phase == "connected" and not snapshot.patient_camera_on:
            return "The patient's camera is off. You hear each other."
        if visits.gateway == "lost" and snapshot.phase in IN_VISIT:
            return "The clinic's gateway cannot be reached. The call goes on; new patients cannot arrive."
        return ""


def head_and_notice(head: CallHead, notice: NoticeLine) -> QWidget:
    """Return both in one column, parted from what is under them by a hairline."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(head)
    column.addWidget(Hairline(Qt.Orientation.Horizontal))
    column.addWidget(notice)
    return both
