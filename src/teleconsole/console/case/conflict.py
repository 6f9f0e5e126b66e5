"""Two texts to the same patient: both are shown, a person chooses, nothing is joined by machine."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import BUTTON_DECISION_PX, SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Hairline, IconLabel, Label
from teleconsole.console.words import clock_time
from teleconsole.contracts.cases import CaseDetail, TimelineEntry

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def only_in(text: str, other: str) -> list[tuple[int, int]]:
    """Return start and length of the sentences that stand in one text only; letters are compared, not meaning."""
    theirs = {match.group().strip() for match in _SENTENCE.finditer(other)}
    marks = []
    for match in _SENTENCE.finditer(text):
        words = match.group().strip()
        if words and words not in theirs:
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            marks.append((start, len(words)))
    return marks


def find_conflict(detail: CaseDetail, change_id: str) -> tuple[TimelineEntry, TimelineEntry | None] | None:
    """Return our unsent entry and the newest one of a colleague, None when there is no such change any more."""
    mine = next((entry for entry in detail.timeline if entry.change_id == change_id), None)
    if mine is None:
        return None
    kinds = ("message", "follow-up-question", "decision")
    theirs = [e for e in detail.timeline if e.kind in kinds and not e.from_me and not e.from_patient]
    return mine, theirs[-1] if theirs else None


class _Text(QFrame):
    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._who = Label(tone="secondary", step="small")
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("kind", "plain")
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        column.setSpacing(SPACE_S_PX)
        column.addWidget(Label(title, step="title", weight=600))
        column.addWidget(self._who)
        column.addWidget(self._text, 1)

    def show_text(self, who: str, text: str, other: str) -> None:
        """Show a text and mark what the other one does not say."""
        self._who.setText(who)
        self._text.setFont(self._theme.font("title"))
        self._text.setPlainText(text)
        mark = QTextCharFormat()
        mark.setBackground(QColor(self._theme.color("selection")))
        mark.setUnderlineColor(self._theme.color("accent"))
        mark.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        for start, length in only_in(text, other):
            cursor = QTextCursor(self._text.document())
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(mark)


class Conflict(QFrame):
    """Yours, theirs, and three decisions, each with its consequence.

    Signals:
        taken_back: id of the change; bool: it shall be edited.
        sent_again: id of the change.
        left: decide later.
    """

    taken_back = Signal(str, bool)
    sent_again = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._change_id = ""
        self._sentence = Label(wrap=True)
        self._mine, self._theirs = _Text(theme, "Yours"), _Text(theme, "Theirs")
        texts = QHBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._mine, 1)
        texts.addWidget(Hairline(Qt.Orientation.Vertical))
        texts.addWidget(self._theirs, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._banner())
        column.addLayout(texts, 1)
        column.addWidget(Hairline())
        column.addLayout(self._decisions())

    @property
    def change_id(self) -> str:
        """The change that is decided on, empty when none is."""
        return self._change_id

    def show_change(self, detail: CaseDetail, change_id: str) -> bool:
        """Show a change in conflict; False when there is none any more."""
        found = find_conflict(detail, change_id)
        if found is None:
            return False
        mine, theirs = found
        self._change_id = change_id
        self._sentence.setText(
            mine.send_problem or "Somebody else changed this case in the meantime. Both texts are safe."
        )
        their_text = theirs.text if theirs is not None else ""
        their_who = f"{theirs.author}, {clock_time(theirs.at_ms)}" if theirs is not None else "Look at the timeline."
        self._mine.show_text(f"{mine.author}, written {clock_time(mine.at_ms)}", mine.text, their_text)
        self._theirs.show_text(their_who, their_text, mine.text)
        return True

    def clear(self) -> None:
        """Forget both texts."""
        self._change_id = ""
        self._mine.show_text("", "", "")
        self._theirs.show_text("", "", "")

    def _banner(self) -> QFrame:
        banner = QFrame()
        banner.setProperty("kind", "banner-warn")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label("Yours has not been sent.", step="title", weight=600))
        words.addWidget(self._sentence)
        row = QHBoxLayout(banner)
        row.setContentsMargins(SPACE_XL_PX - 3, SPACE_S_PX, SPACE_XL_PX, SPACE_S_PX)
        row.setSpacing(SPACE_M_PX)
        row.addWidget(IconLabel(self._theme, "columns-2", "warn", 20))
        row.addLayout(words, 1)
        return banner

    def _decisions(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        grid.setHorizontalSpacing(SPACE_L_PX)
        grid.setVerticalSpacing(SPACE_S_PX)
        edit = self._decision("Edit mine, then send", primary=True)
        send = self._decision("Send mine as it is")
        keep = self._decision("Keep theirs")
        edit.clicked.connect(lambda: self.taken_back.emit(self._change_id, True))
        send.clicked.connect(lambda: self.sent_again.emit(self._change_id))
        keep.clicked.connect(lambda: self.taken_back.emit(self._change_id, False))
        consequences = (
            "Opens yours as a draft. The patient then reads both, yours last.",
            "The patient reads both, yours last.",
            "Nothing more is sent. Yours stays in Drafts.",
        )
        for row, (button, words) in enumerate(zip((edit, send, keep), consequences, strict=True)):
            grid.addWidget(button, row, 0)
            grid.addWidget(Label(words, wrap=True), row, 1)
        later = Button(self._theme, "Decide later", kind="quiet", keycap="Esc")
        later.clicked.connect(self.left)
        grid.addWidget(later, 0, 2)
        self.setFocusProxy(edit)
        grid.setColumnStretch(1, 1)
        return grid

    def _decision(self, words: str, *, primary: bool = False) -> Button:
        button = Button(
            self._theme, words, kind="primary" if primary else "normal", height_px=BUTTON_DECISION_PX, wide=True
        )
        button.setFixedWidth(256)
        return button
