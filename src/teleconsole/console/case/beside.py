"""The case beside the video: who, what is safe to know, and the timeline in a narrow column."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.case.timeline import Timeline
from teleconsole.console.ports import RenderPort, VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import ElidedLabel, Hairline, Label
from teleconsole.contracts.cases import CaseDetail, OpenCase, SafetyItem
from teleconsole.contracts.vault import CasesChanged


class CaseBesideView(QFrame):
    """Shows one case to read, not to write.

    Signals:
        evidence_opened: the `CaseDetail` and the id of one of its files.
    """

    evidence_opened = Signal(object, str)

    def __init__(
        self,
        theme: Theme,
        vault: VaultPort,
        render: RenderPort,
        turn: RenderTurn,
        now_ms: Callable[[], int],
        on_error: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._vault = vault
        self._now_ms = now_ms
        self._case_id = ""
        self._detail: CaseDetail | None = None
        self.setProperty("kind", "surface")
        self.setAccessibleName("Case beside the call")
        self.scope = TaskScope(self, on_error)
        self._thumbnails = Thumbnails(vault, render, self.scope, turn)
        self._allergies = Label(weight=600, wrap=True)
        self._medicines = ElidedLabel()
        self._problems = ElidedLabel()
        self._reason = Label(step="title", weight=600, wrap=True)
        self.timeline = Timeline(theme, self._thumbnails, narrow=True)
        safety = QFrame()
        safety.setProperty("kind", "background")
        lines = QVBoxLayout(safety)
        lines.setContentsMargins(SPACE_L_PX, SPACE_S_PX, SPACE_L_PX, SPACE_S_PX)
        lines.setSpacing(2)
        for line in (self._allergies, self._medicines, self._problems):
            lines.addWidget(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(safety)
        column.addWidget(Hairline())
        self._reason.setContentsMargins(SPACE_L_PX, SPACE_S_PX, SPACE_L_PX, SPACE_S_PX)
        column.addWidget(self._reason)
        column.addWidget(self.timeline, 1)
        self.timeline.evidence_opened.connect(self._on_evidence)
        vault.on_news(CasesChanged, self._on_cases_changed)

    def open(self, case_id: str) -> None:
        """Show this case."""
        self._case_id = case_id
        if case_id:
            self.scope.latest("open", self._open())

    def clear(self) -> None:
        """Forget it."""
        self.scope.cancel()
        self._case_id, self._detail = "", None
        self.timeline.clear()
        self._thumbnails.clear()
        for label in (self._allergies, self._medicines, self._problems, self._reason):
            label.setText("")

    async def _open(self) -> None:
        detail = await self._vault.ask(OpenCase(self._case_id, mark_read=False))
        self._detail = detail
        patient = detail.patient
        severe = any(item.severe for item in patient.allergies)
        self._allergies.setText("Allergies: " + ("◆ " if severe else "") + _words(patient.allergies))
        self._allergies.set_tone("danger" if severe else "")
        self._medicines.setText(f"Medicines: {_words(patient.medicines)}")
        self._problems.setText(f"Problems: {_words(patient.problems)}")
        self._reason.setText(detail.row.reason)
        await self.timeline.show_case(detail, self._now_ms())

    def _on_cases_changed(self, news: CasesChanged) -> None:
        if self._case_id and (not news.case_ids or self._case_id in news.case_ids):
            self.scope.latest("open", self._open())

    def _on_evidence(self, evidence_id: str) -> None:
        if self._detail is not None:
            self.evidence_opened.emit(self._detail, evidence_id)


def _words(items: tuple[SafetyItem, ...]) -> str:
    return ", ".join(item.text for item in items) or "none recorded"
