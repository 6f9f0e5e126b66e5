"""To send: everything that waits on this computer, why, since when, and what can be done about it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.pane import Pane
from teleconsole.console.ports import VaultPort
from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, Hairline, IconLabel, Label, Tone
from teleconsole.console.widgets.placeholder import EmptyState
from teleconsole.console.words import clock_time, moment, span
from teleconsole.contracts.vault import (
    Change,
    ChangeKind,
    ChangesChanged,
    ListChanges,
    SyncNow,
    SyncStatus,
    TakeBack,
    TryAgain,
)
from teleconsole.host.limits import CHANGES_SHOWN

KIND_WORDS: dict[ChangeKind, str] = {
    "reply": "Reply",
    "follow-up-question": "Question",
    "decision": "Decision",
    "note": "Note",
    "claim": "Claim",
    "release": "Release",
    "visit": "Visit",
    "still": "Still",
    "chat": "Chat of a visit",
}
_ICONS: dict[ChangeKind, str] = {
    "reply": "reply",
    "follow-up-question": "circle-question-mark",
    "decision": "check",
    "note": "notebook-pen",
    "claim": "user-check",
    "release": "user",
    "visit": "video",
    "still": "camera",
    "chat": "message-square",
}
_TEXTS = frozenset({"reply", "follow-up-question", "decision", "note"})


def state_words(change: Change, now_ms: int, *, online: bool) -> tuple[str, Tone]:
    """Return why a change is still here, in one sentence, and its tone."""
    if change.state == "refused":
        return change.problem or "The server refused this. It is kept here.", "danger"
    if change.state == "conflict":
        return change.problem or "Somebody else changed this case. Open it and look at both.", "warn"
    if change.state == "sending":
        return "Going out now.", "secondary"
    if not online:
        return "Goes out when the network is back.", "warn"
    if change.problem:
        again = f" Next try in {span((change.next_try_ms - now_ms) / 1000)}." if change.next_try_ms > now_ms else ""
        return change.problem + again, "warn"
    return "Waits for its turn.", "secondary"


class _Row(QFrame):
    """One change: what, for whom, since when, why, and its buttons."""

    def __init__(self, theme: Theme, change: Change, now_ms: int, *, online: bool, actions: "ToSendPane") -> None:
        super().__init__()
        self.change = change
        what = (
            f"{KIND_WORDS[change.kind]} for {change.patient_name}" if change.patient_name else KIND_WORDS[change.kind]
        )
        self.setAccessibleName(what)
        words, tone = state_words(change, now_ms, online=online)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(SPACE_S_PX)
        first.addWidget(Label(what, weight=600))
        first.addWidget(Label(f"written {moment(change.made_ms, now_ms)}", step="small", tone="secondary"))
        first.addStretch(1)
        second.setSpacing(SPACE_S_PX)
        second.addWidget(Label(words, tone=tone, step="small", wrap=True), 1)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addLayout(first)
        if change.text:
            text.addWidget(ElidedLabel(change.text.replace("\n", " "), tone="secondary"))
        text.addLayout(second)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        row.setSpacing(SPACE_M_PX)
        row.addWidget(IconLabel(theme, _ICONS[change.kind], "secondary"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        for button in self._buttons(theme, change, what, actions):
            row.addWidget(button)

    def _buttons(self, theme: Theme, change: Change, what: str, actions: "ToSendPane") -> list[Button]:
        buttons = []
        if change.state in ("refused", "waiting"):
            again = Button(theme, "Try again", icon="refresh-cw", name=f"Try again: {what}")
            again.clicked.connect(lambda: actions.try_again(change.change_id))
            buttons.append(again)
        if change.kind in _TEXTS and change.state != "sending":
            back = Button(theme, "Take back", icon="undo-2", name=f"Take back: {what}")
            back.clicked.connect(lambda: actions.take_back(change.change_id))
            buttons.append(back)
        if change.case_id:
            case = Button(theme, "Open case", icon="inbox", name=f"Open case: {what}")
            case.clicked.connect(lambda: actions.case_wanted.emit(change.case_id))
            buttons.append(case)
        return buttons


class ToSendPane(Pane):
    """The outbox in words.

    Signals:
        case_wanted: id of a case to open.
    """

    case_wanted = Signal(str)

    def __init__(self, theme: Theme, vault: VaultPort, now_ms: Callable[[], int]) -> None:
        super().__init__(theme, "To send pane")
        self._vault = vault
        self._now_ms = now_ms
        self._online = True
        self._changes: tuple[Change, ...] = ()
        self._count = Label(tone="secondary")
        self._more = Label(tone="secondary")
        self._server = Label(title="Server", tone="warn", wrap=True)
        self._server.setContentsMargins(SPACE_XL_PX, SPACE_S_PX, SPACE_XL_PX, SPACE_S_PX)
        self._server.hide()
        self._sync = Button(theme, "Send now", icon="refresh-cw")
        self._sync.clicked.connect(lambda: self.scope.start(self._sync_now()))
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._empty = EmptyState(
            theme, "circle-check", "Everything has been sent", "What you write is stored here first."
        )
        self._stack = QStackedWidget()
        self._lay_out()
        vault.on_news(ChangesChanged, lambda news: self.reload())

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is shown."""
        return self._changes

    @property
    def is_empty(self) -> bool:
        """Whether the empty state is on the screen."""
        return self._stack.currentWidget() is self._empty

    def shown(self) -> None:
        """Read the outbox."""
        self.reload()

    def reload(self) -> None:
        """Read the outbox again."""
        self.scope.latest("list", self._load())

    def show_sync(self, status: SyncStatus) -> None:
        """Follow the network; what is wrong with the server is told in its one sentence."""
        self._server.setText(status.sentence)
        self._server.setVisible(bool(status.sentence))
        online = status.phase not in ("offline", "error")
        if online != self._online:
            self._online = online
            self._show(self._changes)

    def clear(self) -> None:
        """Forget names and texts."""
        super().clear()
        self._show(())

    def try_again(self, change_id: str) -> None:
        """Send a change again now."""
        self.scope.start(self._try_again(change_id))

    def take_back(self, change_id: str) -> None:
        """Make an unsent text a draft again."""
        self.scope.start(self._take_back(change_id))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        head.setSpacing(SPACE_M_PX)
        head.addWidget(Label("To send", step="name"))
        head.addWidget(self._count, 1)
        head.addWidget(self._sync)
        page = QFrame()
        page.setProperty("kind", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._list)
        self._more.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, 0, 0)
        column.addWidget(self._more)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setAccessibleName("Waiting to be sent")
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        self._scroll = scroll
        self._stack.addWidget(self._empty)
        self._stack.addWidget(scroll)
        self.body.addLayout(head)
        self.body.addWidget(Hairline())
        self.body.addWidget(self._server)
        self.body.addWidget(self._stack, 1)

    def _show(self, changes: tuple[Change, ...]) -> None:
        self._changes = changes
        while self._list.count():
            item = self._list.takeAt(0)
            widget: QWidget | None = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        now_ms = self._now_ms()
        for change in changes[:CHANGES_SHOWN]:
            self._list.addWidget(_Row(self.theme, change, now_ms, online=self._online, actions=self))
            self._list.addWidget(Hairline())
        rest = len(changes) - CHANGES_SHOWN
        self._more.setText(f"and {rest} more" if rest > 0 else "")
        since = f", the oldest since {clock_time(changes[0].made_ms)}" if changes else ""
        self._count.setText(f"{len(changes)} on this computer{since}" if changes else "")
        self._stack.setCurrentWidget(self._scroll if changes else self._empty)

    async def _load(self) -> None:
        self._show(await self._vault.ask(ListChanges()))

    async def _sync_now(self) -> None:
        await self._vault.ask(SyncNow())

    async def _try_again(self, change_id: str) -> None:
        await self._vault.ask(TryAgain(change_id))
        await self._load()

    async def _take_back(self, change_id: str) -> None:
        change = next((change for change in self._changes if change.change_id == change_id), None)
        await self._vault.ask(TakeBack(change_id))
        await self._load()
        if change is not None:
            self.case_wanted.emit(change.case_id)
