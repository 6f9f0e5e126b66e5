"""One case: who, what is safe to know, what can be done, and all that happened."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.case.composer import Composer
from teleconsole.console.case.conflict import Conflict
from teleconsole.console.case.drafts import DraftKind
from teleconsole.console.case.header import CaseHeader
from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.case.safety_strip import SafetyStrip
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.case.timeline import Timeline
from teleconsole.console.pane import Pane
from teleconsole.console.pauses import single_shot
from teleconsole.console.ports import RenderPort, VaultPort
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.button_row import ButtonRow
from teleconsole.console.widgets.label import ElidedLabel, Hairline
from teleconsole.console.widgets.placeholder import EmptyState
from teleconsole.contracts.cases import CaseDetail, Claim, EvidenceItem, OpenCase, Release
from teleconsole.contracts.vault import CasesChanged, EvidenceArrived, SyncStatus, TakeBack, TryAgain

_NEWS_PAUSE_MS = 50
_WRITE: tuple[tuple[str, DraftKind], ...] = (
    ("case.reply", "reply"),
    ("case.ask", "follow-up-question"),
    ("case.decide", "decision"),
    ("case.note", "note"),
)


class CaseArea(Pane):
    """Shows the case that is open, kept true by news.

    Signals:
        call_requested: id of the case whose patient shall be called.
        evidence_opened: the `CaseDetail` and the id of one of its files: for the viewer.
        left: Esc: back to the list.
    """

    call_requested = Signal(str)
    evidence_opened = Signal(object, str)
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        vault: VaultPort,
        render: RenderPort,
        turn: RenderTurn,
        now_ms: Callable[[], int],
    ) -> None:
        super().__init__(theme, "Case")
        self._vault = vault
        self._actions = actions
        self._now_ms = now_ms
        self._detail: CaseDetail | None = None
        self._wanted_id = ""
        self._online = True
        self.thumbnails = Thumbnails(vault, render, self.scope, turn)
        self._header, self._safety = CaseHeader(theme), SafetyStrip()
        self.timeline = Timeline(theme, self.thumbnails)
        self.composer = Composer(theme, actions, vault, self.scope)
        self.conflict = Conflict(theme)
        self._reason = ElidedLabel(step="small", tone="secondary")
        self._case = QWidget()
        self._empty = EmptyState(theme, "inbox", "No case is open", "J and K move in the list, Enter opens.")
        self._stack = QStackedWidget(self)
        self._lay_out()
        self._news_pause = single_shot(self, _NEWS_PAUSE_MS)
        self._news_pause.timeout.connect(self.reload)
        self._connect()
        self._follow()

    @property
    def detail(self) -> CaseDetail | None:
        """The case on the screen."""
        return self._detail

    @property
    def case_id(self) -> str:
        """The case that is open or being opened; empty = none."""
        return self._wanted_id

    def open(self, case_id: str, *, focus: bool = False) -> None:
        """Show a case; what was being written for another one is saved first.

        Args:
            case_id: which.
            focus: the keyboard goes there.
        """
        if case_id != self._wanted_id:
            self.composer.keeper.save_soon()
            self.composer.hide()
            self._wanted_id = case_id
            self.banner.hide()
            self._show_page(self.timeline)
            self.scope.latest("open", self._open())
        if focus:
            self.timeline.setFocus()

    async def opened(self) -> None:
        """Return when everything that was begun here has ended, such as the opening of a case."""
        await self.scope.settle()

    def reload(self) -> None:
        """Read the case again."""
        if self._wanted_id:
            self.scope.latest("open", self._open())

    def show_sync(self, status: SyncStatus) -> None:
        """Follow the network: what needs it is disabled with its reason beside it."""
        self._online = status.phase not in ("offline", "error", "not-signed-in", "sign-in-needed")
        self.timeline.set_online(online=self._online)
        if self._detail is not None:
            self._header.show_case(self._detail, self._now_ms(), online=self._online)
        self._follow()

    async def save(self) -> None:
        """Keep what is being written."""
        await self.composer.keeper.save()

    def clear(self) -> None:
        """Forget the case, its texts and its pictures."""
        super().clear()
        self._news_pause.stop()
        self._detail, self._wanted_id = None, ""
        self.composer.clear()
        self.conflict.clear()
        self.timeline.clear()
        self.thumbnails.clear()
        self._header.clear()
        self._stack.setCurrentWidget(self._empty)
        self._follow()

    def write(self, kind: DraftKind) -> None:
        """Open the editor for a text of this kind."""
        if self._detail is not None:
            self.composer.open(self._detail, kind)

    def look(self) -> None:
        """Open the first file of the case in the viewer."""
        items = self.evidence()
        if items and self._detail is not None:
            self.evidence_opened.emit(self._detail, items[0].evidence_id)

    def evidence(self) -> list[EvidenceItem]:
        """All files of the case, in the order of the timeline."""
        return [item for entry in self._detail.timeline for item in entry.evidence] if self._detail else []

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.timeline)
        self._pages.addWidget(self.conflict)
        column = QVBoxLayout(self._case)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._header, Hairline(), self._safety, Hairline(), self._action_row(), Hairline()):
            column.addWidget(part)
        column.addWidget(self._pages, 1)
        column.addWidget(self.composer)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._case)
        self.body.addWidget(self._stack)

    def _action_row(self) -> ButtonRow:
        theme, actions = self.theme, self._actions
        left = [Button.of(theme, actions["case.reply"], kind="primary")]
        left += [Button.of(theme, actions[f"case.{name}"]) for name in ("call", "ask", "decide", "note")]
        self._claim = Button(theme, "Claim", kind="quiet")
        self._release = Button(theme, "Release", kind="quiet")
        self._claim.clicked.connect(actions["case.claim"].trigger)
        self._release.clicked.connect(actions["case.release"].trigger)
        return ButtonRow(theme, left, self._reason, [self._claim, self._release])

    def _connect(self) -> None:
        actions = self._actions
        for action_id, kind in _WRITE:
            actions[action_id].triggered.connect(lambda _=False, kind=kind: self.write(kind))
        actions["case.claim"].triggered.connect(lambda: self.scope.start(self._claim_now(claim=True)))
        actions["case.release"].triggered.connect(lambda: self.scope.start(self._claim_now(claim=False)))
        actions["case.call"].triggered.connect(self._on_call)
        actions["case.look"].triggered.connect(self.look)
        actions["case.leave"].triggered.connect(self._on_leave)
        self.composer.left.connect(lambda: self.timeline.setFocus(Qt.FocusReason.OtherFocusReason))
        self.composer.sent.connect(lambda kind, change_id: self.reload())
        self.timeline.evidence_opened.connect(self._on_evidence)
        for source in (self.timeline, self.conflict):
            source.taken_back.connect(lambda change_id, edit: self.scope.start(self._take_back(change_id, edit)))
        self.timeline.tried_again.connect(lambda change_id: self.scope.start(self._try_again(change_id)))
        self.conflict.sent_again.connect(lambda change_id: self.scope.start(self._try_again(change_id)))
        self.conflict.left.connect(lambda: self._show_page(self.timeline))
        self.timeline.compared.connect(self._on_compared)
        self._vault.on_news(CasesChanged, self._on_cases_changed)
        self._vault.on_news(EvidenceArrived, self._on_evidence_arrived)

    def _on_cases_changed(self, news: CasesChanged) -> None:
        if self._wanted_id and (not news.case_ids or self._wanted_id in news.case_ids):
            self._news_pause.start()

    def _on_evidence_arrived(self, news: EvidenceArrived) -> None:
        if news.case_id == self._wanted_id and not self._news_pause.isActive():
            self._news_pause.start()

    def _on_evidence(self, evidence_id: str) -> None:
        if self._detail is not None:
            self.evidence_opened.emit(self._detail, evidence_id)

    def _on_call(self) -> None:
        if self._detail is not None:
            self.call_requested.emit(self._detail.row.case_id)

    def _on_leave(self) -> None:
        if self._pages.currentWidget() is self.conflict:
            self._show_page(self.timeline)
        elif not self.composer.isHidden():
            self.composer.leave()
        else:
            self.left.emit()

    def _on_compared(self, change_id: str) -> None:
        if self._detail is not None and self.conflict.show_change(self._detail, change_id):
            self._show_page(self.conflict)
            self.conflict.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_page(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)

    async def _open(self) -> None:
        case_id = self._wanted_id
        detail = await self._vault.ask(OpenCase(case_id))
        self._detail = detail
        self.composer.settle(detail)
        self._header.show_case(detail, self._now_ms(), online=self._online)
        self._safety.show_patient(detail.patient)
        self._stack.setCurrentWidget(self._case)
        self._follow()
        await self.timeline.show_case(detail, self._now_ms())

    async def _claim_now(self, *, claim: bool) -> None:
        case_id = self._wanted_id
        await self._vault.ask(Claim(case_id) if claim else Release(case_id))
        self.reload()

    async def _take_back(self, change_id: str, edit: bool) -> None:
        draft = await self._vault.ask(TakeBack(change_id))
        self._show_page(self.timeline)
        await self._open()
        if edit:
            self.write(draft.kind)

    async def _try_again(self, change_id: str) -> None:
        await self._vault.ask(TryAgain(change_id))
        self._show_page(self.timeline)
        await self._open()

    def _follow(self) -> None:
        """Enable what can be done now; the reason for what cannot stands beside it."""
        here = self._detail is not None
        row = self._detail.row if self._detail is not None else None
        for action_id, _ in _WRITE:
            self._actions[action_id].setEnabled(here)
        self._actions["case.call"].setEnabled(here and self._online)
        self._reason.setText("" if self._online or not here else "No network.")
        self._actions["case.look"].setEnabled(bool(self.evidence()))
        mine = row is not None and row.claim in ("mine", "asked-for")
        self._actions["case.claim"].setEnabled(here and not mine)
        self._actions["case.release"].setEnabled(mine)
        self._claim.setVisible(not mine)
        self._release.setVisible(mine)
