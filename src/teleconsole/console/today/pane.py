"""The pane Today: who comes next, who waits, and the day as a list."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.pane import Pane
from teleconsole.console.pauses import single_shot
from teleconsole.console.ports import CallPort, VaultPort
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.today.arrival import arrival_samples
from teleconsole.console.today.day import DayList
from teleconsole.console.today.due import DUE_SHOWN, DueNext
from teleconsole.console.today.waiting import WaitingCard
from teleconsole.console.visits import Visits, Waiting
from teleconsole.console.widgets.label import ElidedLabel, Hairline, Label
from teleconsole.console.widgets.placeholder import EmptyState
from teleconsole.console.words import day, local
from teleconsole.contracts.call import PlayPcm, SetState
from teleconsole.contracts.cases import ListCases
from teleconsole.contracts.signal import ClinicianState
from teleconsole.contracts.vault import AppointmentsChanged, CasesChanged
from teleconsole.contracts.visits import AppointmentRow, ListAppointments

_DAY_PX = 400
_NARROW = ((960, 272), (1_300, 320))
"""Below so many pixels of the pane, the day gets so many."""
_CARD_MIN_PX = 232
_COLUMNS = 3
_STATES: tuple[tuple[str, ClinicianState], ...] = (("Available", "available"), ("Away", "away"))


class TodayPane(Pane):
    """Appointments and waiting room.

    Signals:
        case_wanted: id of a case to open.
    """

    case_wanted = Signal(str)

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        vault: VaultPort,
        call: CallPort,
        visits: Visits,
        now_ms: Callable[[], int],
        *,
        sounds: Callable[[], bool],
    ) -> None:
        super().__init__(theme, "Today pane")
        self._actions = actions
        self._vault = vault
        self._call = call
        self._visits = visits
        self._now_ms = now_ms
        self._sounds = sounds
        self._rows: tuple[AppointmentRow, ...] = ()
        self._told: dict[str, tuple[str, str]] = {}
        self.cards: list[WaitingCard] = []
        self._title = Label(step="name", weight=600)
        self._count = ElidedLabel(title="Visits", tone="secondary")
        self.connection = ElidedLabel(title="Waiting room", tone="secondary")
        self._unseen = Label("Nobody is seen or heard before you admit them.", tone="secondary")
        self.state = QComboBox()
        self.day = DayList()
        self.due = DueNext(theme, actions["today.next-case"], now_ms)
        self._empty = EmptyState(theme, "calendar-clock", "Nobody waits", "Who opens their link appears here.")
        self._first = QVBoxLayout()
        self._rest = QGridLayout()
        self._page, self._side = QWidget(), QFrame()
        self._lay_out()
        self._later = single_shot(self, 0)
        self._later.timeout.connect(self._place_cards)
        theme.changed.connect(self._later.start)
        self._tick = QTimer(self)
        self._tick.setInterval(5_000)
        self._tick.timeout.connect(self._on_tick)
        actions.give(self, "Today")
        self._connect()
        self._show_waiting()

    def shown(self) -> None:
        """Read the day."""
        self._tick.start()
        self.reload()

    def hidden(self) -> None:
        """Rest."""
        self._tick.stop()

    def reload(self) -> None:
        """Read the appointments again."""
        self.scope.latest("day", self._load())
        self.scope.latest("due", self._load_due())

    def clear(self) -> None:
        """Forget every name."""
        super().clear()
        self._rows = ()
        self._told.clear()
        for card in self.cards:
            _drop(card)
        self.cards = []
        self.due.clear()
        self._count.setText("")
        self._follow()
        self.day.show_day((), self._now_ms())

    def _lay_out(self) -> None:
        for words, state in _STATES:
            self.state.addItem(words, state)
        self.state.setAccessibleName("Your state for waiting patients")
        state_label = Label("Your state for waiting patients", tone="secondary")
        state_label.setBuddy(self.state)  # on Linux a choice is named by its label
        head = QHBoxLayout()
        head.setSpacing(SPACE_M_PX)
        head.addWidget(self._title)
        head.addWidget(self._count, 1)
        head.addWidget(state_label)
        head.addWidget(self.state)
        room = QHBoxLayout()
        room.addWidget(Label("Waiting room", step="title", weight=600))
        room.addWidget(self.connection, 1)
        room.addWidget(self._unseen)
        self._first.setSpacing(0)
        self._rest.setSpacing(SPACE_M_PX)
        self._page.setProperty("kind", "background-page")
        column_of = QVBoxLayout(self._page)
        column_of.setContentsMargins(SPACE_XL_PX, SPACE_XL_PX, SPACE_XL_PX, SPACE_XL_PX)
        column_of.setSpacing(SPACE_L_PX)
        column_of.addLayout(head)
        column_of.addLayout(self._first)
        column_of.addLayout(room)
        column_of.addLayout(self._rest)
        column_of.addWidget(self._empty)
        column_of.addWidget(self.due)
        column_of.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self._page)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(scroll, 1)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(self._lay_out_day())
        self.body.addLayout(row)

    def _lay_out_day(self) -> QFrame:
        self._side.setProperty("kind", "surface")
        self._side.setFixedWidth(_DAY_PX)
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        title = Label("Day", step="title", weight=600)
        title.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_L_PX)
        column.addWidget(title)
        column.addWidget(Hairline())
        column.addWidget(self.day, 1)
        return self._side

    def _connect(self) -> None:
        self._visits.waiting_changed.connect(self._show_waiting)
        self._visits.visit_changed.connect(self._follow)
        self._visits.arrived.connect(self._on_arrived)
        self._vault.on_news(AppointmentsChanged, lambda news: self.reload())
        self._vault.on_news(CasesChanged, lambda news: self.reload() if self.isVisible() else None)
        self._call.on_restarted(self._send_state)
        self.state.activated.connect(lambda index: self._send_state())
        self.due.case_wanted.connect(self.case_wanted)
        self._actions["today.admit"].triggered.connect(lambda: self._on_first("admit"))
        self._actions["today.open"].triggered.connect(lambda: self._on_first("open"))
        self._actions["today.message"].triggered.connect(lambda: self._on_first("message"))

    async def _load(self) -> None:
        start = local(self._now_ms()).replace(hour=0, minute=0, second=0, microsecond=0)
        self._rows = await self._vault.ask(ListAppointments(_ms(start), _ms(start + timedelta(days=1))))
        now_ms = self._now_ms()
        self._title.setText(day(now_ms, now_ms).removeprefix("Today, "))
        done = sum(1 for row in self._rows if row.status == "fulfilled")
        self._count.setText(f"{len(self._rows)} visits, {done} done")
        self.day.show_day(self._rows, now_ms)
        self._show_waiting()

    async def _load_due(self) -> None:
        self.due.show_cases(await self._vault.ask(ListCases(view="due-today", order="due", limit=DUE_SHOWN)))

    def _show_waiting(self) -> None:
        """Show the cards: those that did not change stay, with the keyboard and what is being written in them."""
        before = {card.item.card.visit_id: card for card in self.cards}
        self.cards = []
        for index, item in enumerate(self._visits.waiting):
            old = before.pop(item.card.visit_id, None)
            card = self._card_of(item, old, large=index == 0)
            if old is not None and card is not old:
                self._take_over(card, old)
            self.cards.append(card)
            self._say_told(card)
        for card in before.values():
            _drop(card)
        self._place_cards()
        self._empty.setVisible(not self.cards)
        self._follow()

    def _card_of(self, item: Waiting, old: WaitingCard | None, *, large: bool) -> WaitingCard:
        visit_id = item.card.visit_id
        booking = next((row for row in self._rows if row.visit_id == visit_id), None)
        if old is not None and (old.item, old.booking, old.large) == (item, booking, large):
            return old
        card = WaitingCard(self.theme, item, booking, self._now_ms, large=large)
        card.admitted.connect(lambda: self._visits.admit(visit_id))
        card.opened.connect(lambda: self.case_wanted.emit(item.patient.case_id))
        card.message.connect(lambda text: self.scope.start(self._send_message(visit_id, text)))
        return card

    def _take_over(self, card: WaitingCard, old: WaitingCard) -> None:
        """Go on in the new card where one was in the old one."""
        focused = next((widget for widget in old.findChildren(QWidget) if widget.hasFocus()), None)
        if old.is_writing:
            card.resume(old.written)
        self._first.addWidget(card)
        if focused is not None:
            same = (found for found in card.findChildren(QWidget) if type(found) is type(focused))
            twin = next((found for found in same if found.accessibleName() == focused.accessibleName()), None)
            if twin is not None:
                twin.setFocus()
        _drop(old)

    def _say_told(self, card: WaitingCard) -> None:
        message_id, text = self._told.get(card.item.card.visit_id, ("", ""))
        words = f"{'Shown' if message_id in self._visits.delivered else 'Sent'}: {text}" if text else ""
        if card.told.text() != words:
            card.say(words)

    def _place_cards(self) -> None:
        """The first one large; the others in as many equal columns as there is room for."""
        rest = self.cards[1:]
        widest = max((card.minimumSizeHint().width() for card in rest), default=1)
        room = self._page.width() - 2 * SPACE_XL_PX
        columns = max(1, min(_COLUMNS, (room + SPACE_M_PX) // (max(widest, _CARD_MIN_PX) + SPACE_M_PX)))
        for column in range(_COLUMNS):
            self._rest.setColumnStretch(column, 1 if column < columns else 0)
            self._rest.setColumnMinimumWidth(column, widest if rest and column < columns else 0)
        if self.cards:
            self._first.addWidget(self.cards[0])
        for index, card in enumerate(rest):
            self._rest.addWidget(card, index // columns, index % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the waiting room the width that the day does not need, and set its columns anew."""
        super().resizeEvent(event)
        narrow = next((day_px for below_px, day_px in _NARROW if self.width() < below_px), 0)
        self._side.setFixedWidth(narrow or _DAY_PX)
        self._unseen.setVisible(not narrow)
        self._later.start()

    def _follow(self) -> None:
        visits = self._visits
        words = {
            "off": "not connected yet",
            "connecting": "connecting",
            "connected": f"{visits.here_count} waiting",
            "lost": "the gateway cannot be reached, it is tried again",
            "refused": visits.gateway_sentence or "the gateway wants a new sign-in",
        }[visits.gateway]
        self.connection.setText(words)
        self.connection.set_tone("warn" if visits.gateway in ("lost", "refused") else "secondary")
        first = self.cards[0] if self.cards else None
        free = not visits.in_visit
        self._actions["today.admit"].setEnabled(free and first is not None and first.admit is not None)
        self._actions["today.open"].setEnabled(first is not None and bool(first.item.patient.case_id))
        self._actions["today.message"].setEnabled(first is not None)
        for card in self.cards:
            if card.admit is not None:
                card.admit.setEnabled(free)
                card.admit.setToolTip("" if free else "Another call goes on.")

    def _on_first(self, what: str) -> None:
        if self.cards:
            card = self.cards[0]
            {"admit": card.admitted.emit, "open": card.opened.emit, "message": card.write}[what]()

    def _on_tick(self) -> None:
        for card in self.cards:
            card.show_time()

    def _on_arrived(self) -> None:
        if self._sounds():
            self.scope.latest("sound", self._ring())

    async def _ring(self) -> None:
        await self._call.ask(PlayPcm(arrival_samples(), begin=True, end=True))

    def _send_state(self) -> None:
        self.scope.latest("state", self._tell_state())

    async def _tell_state(self) -> None:
        state: ClinicianState = self.state.currentData()
        await self._call.ask(SetState(state))

    async def _send_message(self, visit_id: str, text: str) -> None:
        try:
            message_id = await self._visits.send_waiting_message(visit_id, text)
        except BaseException:
            for card in self.cards:
                if card.item.card.visit_id == visit_id and not card.is_writing:
                    card.resume(text)
            raise
        self._told[visit_id] = (message_id, text)
        self._show_waiting()


def _drop(card: WaitingCard) -> None:
    card.hide()
    card.setParent(None)
    card.deleteLater()


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
