"""The head of the call: with whom, how well, how long; and under it one line for what changes."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.call.bars import Bars, bars_for
from teleconsole.console.call.numbers import QualityLabel
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX, SPACE_XS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import IN_VISIT, Visits
from teleconsole.console.widgets.label import ElidedLabel, Hairline, IconLabel, Label, Tone
from teleconsole.console.widgets.stethoscope_state import StethoscopeState
from teleconsole.console.words import birth_date, duration
from teleconsole.contracts.call import CallSnapshot, CallStats, Quality
from teleconsole.contracts.signal import EndReason

QUALITY: dict[Quality, tuple[str, Tone]] = {
    "unknown": ("Connecting", "secondary"),
    "good": ("Good", "good"),
    "fair": ("Fair", "secondary"),
    "poor": ("Weak", "warn"),
    "lost": ("Interrupted", "danger"),
}
_ENDED: tuple[str, Tone] = ("Ended", "secondary")
_HEIGHT_PX = 56
_NOTICE_PX = 36
_SMALL_ICON_PX = 14
_STEP_WIDTH_PX, _STEP_HEIGHT_PX, _STEP_GAP_PX = 18, 8, 4
_STEPS = ("720p", "360p", "180p", "audio-only", "voice-and-stills", "case")


_SAFE = "Chat and stills are saved. Finish your note, then press Close."
NO_RELAY = (
    "The clinic's relay does not answer, and calls may go over it only. It is tried again by itself; "
    "what you write is kept. If this stays, tell IT."
)
MUTED = "You are muted: the patient does not hear you. Press M to be heard."
_LEFT: dict[EndReason | None, str] = {
    None: f"The visit has ended. {_SAFE}",
    "ended-by-patient": f"The patient has left the visit. {_SAFE}",
    "ended-by-clinician": f"The visit was ended elsewhere. {_SAFE}",
    "link-revoked": f"The patient's link was withdrawn, so the visit has ended. {_SAFE}",
    "link-expired": f"The patient's link has run out, so the visit has ended. {_SAFE}",
    "opened-elsewhere": f"The patient opened the visit in another window. {_SAFE}",
}


class CallHead(QFrame):
    """56 px: who and why at the left; not recorded, safety code, quality and duration at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setMinimumHeight(_HEIGHT_PX)
        self.name = ElidedLabel(title="Patient", step="title", weight=600)
        self.born = Label(title="Born", step="small", tone="secondary")
        self.reason = ElidedLabel(step="small", tone="secondary")
        self.stethoscope = StethoscopeState(theme)
        self.recorded = Label("Not recorded", step="small", tone="secondary")
        self.code = Label(title="Safety code", step="small", tone="good")
        self.quality = QualityLabel()
        self.time = Label(title="In call", step="name", weight=600)
        self._code_icon = IconLabel(theme, "shield-check", "good", _SMALL_ICON_PX)
        self.bars = Bars(theme)
        self._stats = CallStats()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, SPACE_XS_PX, SPACE_XL_PX, SPACE_XS_PX)
        row.setSpacing(SPACE_L_PX)
        row.addLayout(self._who(), 1)
        row.addLayout(self._safety())
        row.addWidget(_parting())
        row.addWidget(self.bars)
        row.addWidget(self.quality)
        row.addWidget(_parting())
        row.addWidget(Label("in call", step="small", tone="secondary"))
        row.addWidget(self.time)

    def _who(self) -> QVBoxLayout:
        under = QHBoxLayout()
        under.setSpacing(SPACE_M_PX)
        under.addWidget(self.born)
        under.addWidget(self.reason, 1)
        return _two_lines(self.name, under)

    def _safety(self) -> QVBoxLayout:
        over, under = QHBoxLayout(), QHBoxLayout()
        for line in (over, under):
            line.setSpacing(SPACE_XS_PX)
            line.addStretch(1)
        over.addWidget(self.stethoscope)
        over.addSpacing(SPACE_S_PX)
        over.addWidget(self.recorded)
        under.addWidget(self._code_icon)
        under.addWidget(self.code)
        return _two_lines(over, under)

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
        self.stethoscope.show_call(snapshot, in_visit=visits.in_visit)
        word, tone = _ENDED if visits.is_over else QUALITY[snapshot.quality]
        self.quality.setText(word)
        self.quality.set_tone(tone)
        if not visits.in_visit:
            self.forget_stats()
        shown = "lost" if visits.is_over else snapshot.quality
        self.bars.show_bars(bars_for(shown, self._stats.r_factor), tone)
        if not visits.is_over:
            self.show_time(snapshot, now_ms)

    def show_time(self, snapshot: CallSnapshot, now_ms: int) -> None:
        """Show how long the call lasts."""
        running = snapshot.phase in IN_VISIT and snapshot.started_ms
        self.time.setText(duration(max(0, now_ms - snapshot.started_ms) // 1000) if running else "00:00")

    def forget_stats(self) -> None:
        """Show no numbers of a call that is over."""
        self._stats = CallStats()
        self.quality.forget()

    def show_stats(self, stats: CallStats) -> None:
        """Put the numbers behind the word."""
        self._stats = stats
        self.quality.show_numbers(stats)


class Ladder(QWidget):
    """Six steps, the one that holds is filled: how far the call has gone down to keep the voice."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._number = 1
        self.setFixedSize(len(_STEPS) * (_STEP_WIDTH_PX + _STEP_GAP_PX), _STEP_HEIGHT_PX)
        theme.changed.connect(self.update)

    def show_step(self, number: int) -> None:
        """Fill this one, counted from 1."""
        self._number = number
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the steps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(len(_STEPS)):
            here = index + 1 == self._number
            painter.setPen(QPen(self._theme.color("warn" if here else "border"), 1))
            painter.setBrush(self._theme.color("warn") if here else Qt.BrushStyle.NoBrush)
            area = QRectF(index * (_STEP_WIDTH_PX + _STEP_GAP_PX), 0, _STEP_WIDTH_PX, _STEP_HEIGHT_PX)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)


class NoticeLine(QFrame):
    """36 px under the head: what changed and why, hidden while there is nothing to say.

    Attributes:
        speaks_muted: whether the clinician speaks and the microphone is off.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner-warn")
        self.setMinimumHeight(_NOTICE_PX)
        self.text = Label(title="Notice", wrap=True)
        self.step = Label(step="small", tone="secondary")
        self.ladder = Ladder(theme)
        self.speaks_muted = False
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX - 3, SPACE_S_PX, SPACE_XL_PX, SPACE_S_PX)
        row.setSpacing(SPACE_M_PX)
        row.addWidget(IconLabel(theme, "info", "warn"))
        row.addWidget(self.text, 1)
        row.addWidget(self.ladder)
        row.addWidget(self.step)
        self.hide()

    def show_visit(self, visits: Visits) -> None:
        """Say what has to be said of the call now."""
        words = self._words(visits)
        self.text.setText(words)
        number = 1 if visits.is_over else _STEPS.index(visits.snapshot.step) + 1
        self.step.setText(f"step {number} of {len(_STEPS)}" if number > 1 else "")
        self.ladder.show_step(number)
        self.ladder.setVisible(number > 1)
        self.setVisible(bool(words))

    def _words(self, visits: Visits) -> str:
        snapshot = visits.snapshot
        if visits.is_over:
            return _LEFT[visits.left_reason]
        if self.speaks_muted and not snapshot.microphone_on:
            return MUTED
        if snapshot.relay_away and snapshot.phase in ("connecting", "reconnecting"):
            return NO_RELAY
        if snapshot.sentence and not (snapshot.phase == "reconnecting" and snapshot.step == "case"):
            return snapshot.sentence
        if snapshot.phase == "admitting":
            return "Calling. The patient's page asks them to join."
        if snapshot.phase == "reconnecting" and snapshot.step == "case":
            return snapshot.step_why
        if snapshot.phase == "reconnecting":
            return "The connection to the patient is interrupted. It is tried again; chat and notes are kept."
        if snapshot.phase == "connected" and (snapshot.stethoscope_words or snapshot.step_why):
            return " ".join(filter(None, (snapshot.stethoscope_words, snapshot.step_why)))
        if snapshot.phase == "connected" and not snapshot.patient_microphone_on:
            return "The patient's microphone is off."
        if snapshot.phase == "connected" and not snapshot.patient_camera_on:
            return "The patient's camera is off. You hear each other."
        if visits.gateway == "lost" and snapshot.phase in IN_VISIT:
            return "The clinic's gateway cannot be reached. The call goes on; new patients cannot arrive."
        return ""


def _parting() -> Hairline:
    line = Hairline(Qt.Orientation.Vertical)
    line.setFixedHeight(_HEIGHT_PX // 2)
    return line


def _two_lines(over: QWidget | QHBoxLayout, under: QHBoxLayout) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addStretch(1)
    if isinstance(over, QWidget):
        column.addWidget(over)
    else:
        column.addLayout(over)
    column.addLayout(under)
    column.addStretch(1)
    return column


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
