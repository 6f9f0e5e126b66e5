"""Where a clinician writes: a reply, a question, a decision or a note, with its draft always safe."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.case.drafts import DraftKeeper, DraftKind
from teleconsole.console.ports import VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Hairline, Label
from teleconsole.console.words import clock_time
from teleconsole.contracts.cases import (
    AskFollowUp,
    CaseDetail,
    ChangeMade,
    Decide,
    DecisionOutcome,
    Draft,
    Reply,
    WriteNote,
)
from teleconsole.contracts.wire import Ask
from teleconsole.ipc.errors import DeadlineExceeded, PeerLost

TITLES: dict[DraftKind, str] = {
    "reply": "Reply",
    "follow-up-question": "Ask for more",
    "decision": "Decision",
    "note": "Note",
}
_HINTS: dict[DraftKind, str] = {
    "reply": "The patient reads this.",
    "follow-up-question": "The patient can answer this on their page; the case then waits for them.",
    "decision": "The patient reads this text with the decision.",
    "note": "For the record; the patient does not read it.",
}
OUTCOMES: tuple[tuple[DecisionOutcome, str], ...] = (
    ("advice", "Advice"),
    ("prescription", "Prescription"),
    ("visit", "Visit needed"),
    ("referral", "Referral"),
    ("close", "Close the case"),
)


class _Editor(QPlainTextEdit):
    """Plain text; Tab moves on, Esc leaves."""

    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Esc is the editor's own key here, not a shortcut."""
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return super().event(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class Composer(QFrame):
    """One editor for four kinds of text.

    Signals:
        sent: kind and id of the change that is in the outbox now.
        left: Esc: back to the timeline; the draft stays.
    """

    sent = Signal(str, str)
    left = Signal()

    def __init__(
        self, theme: Theme, actions: Actions, vault: VaultPort, scope: TaskScope, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._vault = vault
        self._scope = scope
        self._case_id = ""
        self._kind: DraftKind = "reply"
        self._sending = False
        self._uncertain = False
        self.keeper = DraftKeeper(vault, scope, self._on_saved, self._on_save_failed, self)
        self._title = Label("Reply", step="title", weight=600)
        self._hint = Label(step="small", tone="secondary")
        self._saved = Label(step="small", tone="secondary")
        self._outcome = QComboBox()
        self._outcome.setAccessibleName("Outcome")
        for _, words in OUTCOMES:
            self._outcome.addItem(words)
        self._editor = _Editor()
        self._editor.setAccessibleName("Reply text")
        self._editor.setTabChangesFocus(True)
        self._editor.setFixedHeight(96)
        self._action = actions["case.send"]
        self._send = Button.of(theme, self._action, kind="primary")
        self._close = Button(theme, "Close", keycap="Esc", kind="quiet", name="Close the editor")
        self._lay_out()
        self._editor.textChanged.connect(self._on_typed)
        self._editor.left.connect(self.leave)
        self._close.clicked.connect(self.leave)
        self._action.triggered.connect(self.send)
        self.hide()

    @property
    def kind(self) -> DraftKind:
        """What is being written."""
        return self._kind

    @property
    def text(self) -> str:
        """As it stands."""
        return self._editor.toPlainText()

    def open(self, detail: CaseDetail, kind: DraftKind) -> None:
        """Write for this case, beginning with its draft of that kind."""
        draft = next((draft for draft in detail.drafts if draft.kind == kind), None)
        same = detail.row.case_id == self._case_id and kind == self._kind and not self.isHidden()
        if not same:
            self.keeper.save_soon()
            self._case_id, self._kind = detail.row.case_id, kind
            self._set_text(draft.text if draft is not None else "")
            self._show_saved(draft)
        self._title.setText(TITLES[kind])
        self._hint.setText(_HINTS[kind])
        self._editor.setAccessibleName(f"{TITLES[kind]} text")
        self._outcome.setVisible(kind == "decision")
        self._send.set_text({"note": "Save note", "decision": "Send decision"}.get(kind, "Send"))
        self.show()
        self._follow()
        self._editor.setFocus()

    def leave(self) -> None:
        """Close the editor; the draft is saved."""
        self.keeper.save_soon()
        self.hide()
        self._action.setEnabled(False)
        self.left.emit()

    def settle(self, detail: CaseDetail) -> None:
        """Find out whether a text was stored whose sending broke off: its draft goes in the same transaction."""
        if not self._uncertain or detail.row.case_id != self._case_id:
            return
        self._uncertain = False
        if all(draft.kind != self._kind for draft in detail.drafts):
            kind = self._kind
            self.clear()
            self.sent.emit(kind, "")

    def clear(self) -> None:
        """Forget the text, which is safe or was given up."""
        self.keeper.drop()
        self._case_id = ""
        self._set_text("")
        self._saved.setText("")
        self.hide()
        self._action.setEnabled(False)

    def send(self) -> None:
        """Put the text into the outbox."""
        if not self.isHidden() and self.text.strip() and not self._sending:
            self._scope.start(self._send_now())

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(SPACE_M_PX)
        head.addWidget(self._title)
        head.addWidget(self._hint, 1)
        head.addWidget(self._saved)
        foot.setSpacing(SPACE_S_PX)
        foot.addWidget(self._send)
        foot.addWidget(self._outcome)
        foot.addStretch(1)
        foot.addWidget(self._close)
        inner = QVBoxLayout()
        inner.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        inner.setSpacing(SPACE_S_PX)
        inner.addLayout(head)
        inner.addWidget(self._editor)
        inner.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Hairline())
        column.addLayout(inner)

    def _ask(self, text: str) -> Ask[ChangeMade]:
        if self._kind == "reply":
            return Reply(self._case_id, text)
        if self._kind == "follow-up-question":
            return AskFollowUp(self._case_id, text)
        if self._kind == "note":
            return WriteNote(self._case_id, text)
        return Decide(self._case_id, OUTCOMES[self._outcome.currentIndex()][0], text)

    async def _send_now(self) -> None:
        self._sending = True
        self._editor.setReadOnly(True)
        self._follow()
        try:
            await self.keeper.save()  # a save that came after the sending would bring the draft back
            kind = self._kind
            made = await self._vault.ask(self._ask(self.text.strip()))
            self.clear()
            self.sent.emit(kind, made.change_id)
        except (PeerLost, DeadlineExceeded):
            self._uncertain = True
            raise
        finally:
            self._sending = False
            self._editor.setReadOnly(False)
            self._follow()

    def _set_text(self, text: str) -> None:
        self._editor.blockSignals(True)
        self._editor.setPlainText(text)
        self._editor.blockSignals(False)

    def _on_typed(self) -> None:
        self._saved.setText("")
        self.keeper.changed(self._case_id, self._kind, self.text)
        self._follow()

    def _follow(self) -> None:
        self._action.setEnabled(not self.isHidden() and bool(self.text.strip()) and not self._sending)

    def _on_saved(self, draft: Draft) -> None:
        if draft.kind == self._kind and not self.keeper.is_dirty:
            self._show_saved(draft if draft.text else None)

    def _show_saved(self, draft: Draft | None) -> None:
        self._saved.set_tone("secondary")
        self._saved.setText(f"Saved {clock_time(draft.saved_ms)}" if draft is not None else "")

    def _on_save_failed(self, sentence: str) -> None:
        self._saved.set_tone("warn")
        self._saved.setText("Not saved yet, trying again")
        self._saved.setToolTip(sentence)
