"""One entry of the timeline: time, icon on the axis, who and what, and whether it has gone out."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from teleconsole.console.case.answers import Answers
from teleconsole.console.case.evidence import EvidenceGrid
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.case.vitals import VitalsPanel
from teleconsole.console.case.vitals_chart import summary
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_S_PX, SPACE_XL_PX, TEXT_MAX_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, IconLabel, Label
from teleconsole.console.words import clock_time, count, duration
from teleconsole.contracts.cases import EntryKind, EvidenceKind, TimelineEntry

_TIME_PX, _AXIS_PX = 44, 36
_ICONS: dict[EntryKind, str] = {
    "intake": "clipboard-list",
    "message": "message-square",
    "follow-up-question": "circle-question-mark",
    "follow-up-answer": "message-square",
    "evidence": "image",
    "vitals": "activity",
    "visit": "video",
    "note": "notebook-pen",
    "decision": "check",
}
_OFFLINE = "Stored on this computer, goes out when the network is back."
_ONLINE = "Stored on this computer, goes out now."


def heading(entry: TimelineEntry) -> tuple[str, str]:
    """Return the bold and the quiet words of an entry's first line."""
    who = "You" if entry.from_me else entry.author
    role = entry.author if entry.from_me else "patient" if entry.from_patient else ""
    match entry.kind:
        case "intake":
            answered = sum(bool(answer.answer) for answer in entry.answers)
            return entry.title or "Intake", f"{answered} of {len(entry.answers)} answered" if entry.answers else ""
        case "evidence":
            return evidence_words(entry), f"from {entry.author}" if entry.author else ""
        case "vitals":
            series = entry.vitals[0] if entry.vitals else None
            return (series.title, f"{len(series.points)} readings") if series is not None else ("Measurements", "")
        case "visit":
            lasted = f"lasted {duration(entry.duration_s)}" if entry.duration_s else ""
            return entry.title or "Video visit", lasted
        case "note":
            return "Note", f"{role or who}, for the record only"
        case "decision":
            return f"Decision: {entry.title}" if entry.title else "Decision", role or who
        case "follow-up-question":
            return f"{who} asked", role
        case "message" if entry.title and not entry.in_visit:
            return who, f"{role}, {entry.title}"
        case _:
            return who, role


def evidence_words(entry: TimelineEntry) -> str:
    """Return "3 photos, 1 video"."""
    kinds: tuple[EvidenceKind, ...] = ("photo", "still", "video", "audio", "document")
    numbers = [(sum(item.kind == kind for item in entry.evidence), kind) for kind in kinds]
    return ", ".join(count(number, kind) for number, kind in numbers if number)


class EntryView(QFrame):
    """Shows one entry.

    Signals:
        evidence_opened: id of the evidence.
        taken_back: id of the change; bool: it shall be edited.
        tried_again: id of the change.
        compared: id of the change in conflict.
    """

    evidence_opened = Signal(str)
    taken_back = Signal(str, bool)
    tried_again = Signal(str)
    compared = Signal(str)

    def __init__(
        self,
        theme: Theme,
        entry: TimelineEntry,
        thumbnails: Thumbnails,
        *,
        online: bool,
        narrow: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._narrow = narrow
        self.entry = entry
        self._state = Label(wrap=True)
        title, quiet = heading(entry)
        self.setAccessibleName(f"{title}, {clock_time(entry.at_ms)}")
        body = QFrame()
        body.setMaximumWidth(theme.scaled_px(TEXT_MAX_PX))
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_S_PX // 2)
        row = QHBoxLayout(self)
        edge_px = SPACE_L_PX if narrow else SPACE_XL_PX
        self._time_px = max(_TIME_PX, theme.metrics().horizontalAdvance("00:00") + SPACE_S_PX)
        row.setContentsMargins(edge_px if narrow else edge_px + self._time_px + _AXIS_PX, 0, edge_px, 12)
        row.addWidget(body, 1)
        row.addStretch(0)
        self._column.addLayout(self._head(title, quiet))
        if entry.answers:
            self._column.addWidget(Answers(entry.answers, narrow=narrow))
        if entry.text:
            text = Label(entry.text, wrap=True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.addWidget(text)
        if entry.evidence:
            grid = EvidenceGrid(theme, entry.evidence, thumbnails)
            grid.opened.connect(self.evidence_opened)
            self._column.addWidget(grid)
        if entry.vitals and narrow:
            for series in entry.vitals:
                self._column.addWidget(Label(f"{series.title}: {summary(series)}", wrap=True))
        elif entry.vitals:
            self._column.addWidget(VitalsPanel(theme, entry.vitals))
        if entry.send_state != "sent":
            self._column.addLayout(self._unsent())
        self.set_online(online=online)
        theme.changed.connect(self.update)

    def set_online(self, *, online: bool) -> None:
        """Say when what waits goes out."""
        if self.entry.send_state == "waiting":
            self._state.setText(_ONLINE if online else _OFFLINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw time, icon and axis."""
        super().paintEvent(event)
        if self._narrow:
            return
        painter = QPainter(self)
        painter.setFont(self._theme.font("base"))
        painter.setPen(self._theme.color("secondary"))
        line_px = self._theme.scaled_px(18)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(SPACE_XL_PX, 0, self._time_px, line_px, flags, clock_time(self.entry.at_ms))
        icon = "reply" if self.entry.kind == "message" and self.entry.from_me else _ICONS[self.entry.kind]
        pixmap = self._theme.pixmap(icon, "secondary", 16, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(SPACE_XL_PX + self._time_px + 6, (line_px - 16) / 2), pixmap)
        painter.setPen(self._theme.color("hairline"))
        middle = SPACE_XL_PX + self._time_px + 14
        if self.height() > line_px + 16:
            painter.drawLine(middle, line_px + 6, middle, self.height() - 4)

    def _head(self, title: str, quiet: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_S_PX)
        if self._narrow:
            row.addWidget(Label(clock_time(self.entry.at_ms), tone="secondary"))
        bold = ElidedLabel(title, weight=600)
        bold.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.addWidget(bold)
        row.addWidget(ElidedLabel(quiet, tone="secondary"), 1)
        if self.entry.unread:
            row.addWidget(Label("new", step="small", tone="accent", weight=500))
        if self.entry.kind == "vitals" and self.entry.vitals and not self._narrow:
            row.addWidget(Label(_latest_words(self.entry), step="small", tone="secondary"))
        if self.entry.from_me and self.entry.send_state == "sent" and self.entry.kind != "visit":
            row.addWidget(IconLabel(self._theme, "circle-check", "secondary", 14))
            row.addWidget(Label(f"Sent {clock_time(self.entry.at_ms)}", step="small", tone="secondary"))
        return row

    def _unsent(self) -> QHBoxLayout:
        entry = self.entry
        row = QHBoxLayout()
        row.setSpacing(SPACE_S_PX)
        tone = "warn" if entry.send_state in ("waiting", "sending", "conflict") else "danger"
        icons = {"waiting": "monitor", "sending": "send", "conflict": "columns-2", "refused": "circle-alert"}
        row.addWidget(IconLabel(self._theme, icons[entry.send_state], tone, 16), 0, Qt.AlignmentFlag.AlignTop)
        words = {
            "sending": "Going out now.",
            "conflict": entry.send_problem or "Somebody else changed this case. Your text is safe; look at both.",
            "refused": entry.send_problem or "The server refused this. Your text is safe.",
        }
        self._state.setText(words.get(entry.send_state, ""))
        self._state.set_tone("danger" if tone == "danger" else "warn")
        row.addWidget(self._state, 1)
        if entry.send_state == "conflict":
            self._add_link(row, "Compare", lambda: self.compared.emit(entry.change_id))
        if entry.send_state == "refused":
            self._add_link(row, "Try again", lambda: self.tried_again.emit(entry.change_id))
        if entry.send_state != "sending":
            self._add_link(row, "Edit", lambda: self.taken_back.emit(entry.change_id, True))
            self._add_link(row, "Take back", lambda: self.taken_back.emit(entry.change_id, False))
        return row

    def _add_link(self, row: QHBoxLayout, words: str, pressed: Callable[[], None]) -> None:
        button = Button(self._theme, words, kind="link", height_px=20)
        button.clicked.connect(pressed)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)


def _latest_words(entry: TimelineEntry) -> str:
    series = entry.vitals[0]
    if not series.points:
        return ""
    last = series.points[-1]
    value = f"{last.value:.0f}/{last.second:.0f}" if last.second else f"{last.value:g}"
    return f"latest {value} {series.unit}"
