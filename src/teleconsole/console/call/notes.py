"""Notes beside the video: saved as a draft of the case while one types, written into the record with the visit."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from teleconsole.console.ports import VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Label
from teleconsole.console.words import clock_time
from teleconsole.contracts.cases import OpenCase, SaveDraft, WriteNote

_PAUSE_MS = 800


class NotesView(QWidget):
    """One field; its draft survives a crash and a lock.

    Signals:
        written: the note is in the outbox.
    """

    written = Signal()

    def __init__(self, theme: Theme, vault: VaultPort, scope: TaskScope, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vault = vault
        self._scope = scope
        self._case_id = self._visit_id = ""
        self._dirty = False
        self.saved = Label(title="Note", step="small", tone="secondary")
        self.field = QPlainTextEdit()
        self.field.setAccessibleName("Visit note")
        self.field.setTabChangesFocus(True)
        self.field.setPlaceholderText("Notes for the record. The patient does not see them.")
        self.field.textChanged.connect(self._on_typed)
        self.write = Button(theme, "Write into the record", icon="check", name="Write note")
        self.write.clicked.connect(lambda: self._scope.start(self.finish()))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(lambda: self._scope.start(self.save()))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        column.setSpacing(SPACE_S_PX)
        column.addWidget(self.field, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.saved, 1)
        foot.addWidget(self.write)
        column.addLayout(foot)

    def show_visit(self, case_id: str, visit_id: str) -> None:
        """Write for this visit from now on."""
        if (case_id, visit_id) != (self._case_id, self._visit_id):
            if self._dirty and self._case_id:
                # what was typed within the last moment belongs to the visit before
                self._scope.start(self._keep(self._case_id, self.field.toPlainText()))
            self._case_id, self._visit_id = case_id, visit_id
            self._set_text("")
            self.saved.setText("")
            if case_id:
                self._scope.latest("draft", self._load())

    async def save(self) -> None:
        """Keep what is written as a draft. Raises what the vault raises."""
        if self._dirty and self._case_id:
            self._dirty = False
            try:
                draft = await self._vault.ask(SaveDraft(self._case_id, "note", self.field.toPlainText()))
            except BaseException:
                self._dirty = True
                raise
            self.saved.setText(f"Saved {clock_time(draft.saved_ms)}")

    async def finish(self) -> None:
        """Write the note into the record, with its visit; the field is empty afterwards."""
        self._pause.stop()
        text = self.field.toPlainText().strip()
        if not text or not self._case_id or self.field.isReadOnly():
            return
        self.field.setReadOnly(True)  # a second press writes no second note
        try:
            await self._vault.ask(WriteNote(self._case_id, text, self._visit_id))
        except BaseException:
            self._pause.start()
            raise
        finally:
            self.field.setReadOnly(False)
        self._set_text("")
        self.saved.setText("In the record")
        self.written.emit()

    async def _keep(self, case_id: str, text: str) -> None:
        await self._vault.ask(SaveDraft(case_id, "note", text))

    def clear(self) -> None:
        """Forget the text; what was saved is in the vault."""
        self._pause.stop()
        self._case_id = self._visit_id = ""
        self._set_text("")
        self.saved.setText("")

    async def _load(self) -> None:
        """Take up the draft that an earlier life, or a lock, left."""
        detail = await self._vault.ask(OpenCase(self._case_id, mark_read=False))
        draft = next((draft for draft in detail.drafts if draft.kind == "note"), None)
        if draft is not None and not self._dirty and detail.row.case_id == self._case_id:
            self._set_text(draft.text)
            self.saved.setText(f"Saved {clock_time(draft.saved_ms)}")

    def _set_text(self, text: str) -> None:
        self.field.blockSignals(True)
        self.field.setPlainText(text)
        self.field.blockSignals(False)
        self._dirty = False

    def _on_typed(self) -> None:
        self._dirty = True
        self.saved.setText("Not saved yet")
        self._pause.start()
