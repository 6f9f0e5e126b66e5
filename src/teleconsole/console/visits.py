"""Visits as the screen knows them: who waits, with whom one is in a call, what was said."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from teleconsole.console.ports import CallPort, VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.contracts.call import (
    CallChanged,
    CallSnapshot,
    ChatChanged,
    ChatState,
    GatewayChanged,
    GatewayPhase,
    GetCallSnapshot,
    HangUp,
    InvitePatientToVisit,
    PatientLeft,
    SendWaitingMessage,
    StartVisit,
    WaitingMessageDelivered,
    WaitingPatientCard,
    WaitingRoomChanged,
)
from teleconsole.contracts.cases import OpenCase
from teleconsole.contracts.visits import BeginVisit, EndVisit, FindVisit, ImportDropBox, PrepareVisit, VisitPatient
from teleconsole.host.limits import UNLOCK_S, VISIT_CHAT_LINES_SHOWN

IN_VISIT = frozenset({"admitting", "connecting", "connected", "reconnecting"})
_HERE = frozenset({"checking", "waiting", "interrupted", "in-call"})
_CLOCKS_DIFFER_MS = 10_000
_IDLE = CallSnapshot("off", "idle", "", 0, True, True, True, True, "unknown", "720p", (), "")


@dataclass(frozen=True)
class Waiting:
    """A card of the waiting room with the name that the vault gave."""

    card: WaitingPatientCard
    patient: VisitPatient


@dataclass(frozen=True)
class Line:
    """A line of chat as it stands."""

    item_id: str
    from_patient: bool
    text: str
    sent_ms: int
    state: ChatState


class Visits(QObject):
    """Joins the call process (ids) with the vault (names), and walks through a visit.

    Args:
        vault: knows who is behind a visit.
        call: knows who waits, and makes the call.
        scope: runs the work; its errors are told in the window's banner.
        now_ms: the server's time.
        is_open: whether the store is open.

    Signals:
        waiting_changed: somebody came, left, or was named.
        arrived: a patient entered the waiting room.
        visit_changed: the snapshot, the patient or the sentence changed.
        chat_changed: a line was added or its state changed.
        begun: a visit began.
        ended: a visit ended; the id of its case, empty when there is none.

    Thread: Qt's.
    """

    waiting_changed = Signal()
    arrived = Signal()
    visit_changed = Signal()
    chat_changed = Signal()
    begun = Signal()
    ended = Signal(str)

    def __init__(
        self, vault: VaultPort, call: CallPort, scope: TaskScope, now_ms: Callable[[], int], is_open: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._vault = vault
        self._call = call
        self._scope = scope
        self._now_ms = now_ms
        self._is_open = is_open
        self._cards: tuple[WaitingPatientCard, ...] = ()
        self._names: dict[str, VisitPatient] = {}
        self._starting = False
        self._unended: dict[str, int] = {}
        self.delivered: set[str] = set()
        self.gateway: GatewayPhase = "off"
        self.gateway_sentence = ""
        self.patient: VisitPatient | None = None
        self.snapshot = _IDLE
        self.lines: list[Line] = []
        call.on_news(GatewayChanged, self._on_gateway)
        call.on_news(WaitingRoomChanged, self._on_waiting_room)
        call.on_news(WaitingMessageDelivered, self._on_delivered)
        call.on_news(CallChanged, lambda news: self._on_snapshot(news.snapshot))
        call.on_news(ChatChanged, self._on_chat)
        call.on_news(PatientLeft, lambda news: self.visit_changed.emit())
        call.on_restarted(self._on_call_restarted)

    @property
    def waiting(self) -> list[Waiting]:
        """Who has a visit now, with a name; those who wait longest first, then those who are not here."""
        named = [Waiting(card, self._names[card.visit_id]) for card in self._cards if card.visit_id in self._names]
        shown = [item for item in named if item.card.stage not in ("ended", "in-call")]
        return sorted(shown, key=lambda item: (item.card.since_ms == 0, item.card.since_ms))

    @property
    def here_count(self) -> int:
        """How many sit in the waiting room."""
        return sum(1 for card in self._cards if card.stage == "waiting")

    @property
    def in_visit(self) -> bool:
        """Whether a visit goes on or begins."""
        return self._starting or self.snapshot.phase in IN_VISIT

    def opened(self) -> None:
        """The store is open: names are read, and visits that ended behind the lock are closed."""
        self._scope.latest("names", self._read_names())
        self._scope.latest("chat", self._read_chat())
        self._scope.start(self._end_rest())

    def admit(self, visit_id: str) -> None:
        """Let a waiting patient in; a second press does nothing."""
        if not self.in_visit:
            self._starting = True
            self._scope.start(self._admit(visit_id))

    def call_case(self, case_id: str) -> None:
        """Call the patient of a case; a second press does nothing."""
        if not self.in_visit:
            self._starting = True
            self._scope.start(self._call_case(case_id))

    def hang_up(self) -> None:
        """End the visit for both."""
        self._scope.start(self._hang_up())

    async def send_waiting_message(self, visit_id: str, text: str) -> str:
        """Send a line to a waiting patient and return its id; `delivered` holds it once it is on their screen."""
        return await self._call.ask(SendWaitingMessage(visit_id, text))

    def clear(self) -> None:
        """Forget names and texts: a lock. The call goes on."""
        self._names.clear()
        self.patient = None
        self.lines.clear()
        self.waiting_changed.emit()
        self.chat_changed.emit()
        self.visit_changed.emit()

    async def _admit(self, visit_id: str) -> None:
        try:
            patient = self._names.get(visit_id)
            if patient is None:
                patient = await self._vault.ask(FindVisit(visit_id))
            self.patient = patient
            await self._begin(patient)
        finally:
            self._starting = False
            self.visit_changed.emit()

    async def _call_case(self, case_id: str) -> None:
        try:
            self.patient = await self._vault.ask(PrepareVisit(case_id), deadline_s=UNLOCK_S)
            await self._begin(self.patient, invite_case=case_id)
        finally:
            self._starting = False
            self.visit_changed.emit()

    async def _begin(self, patient: VisitPatient, *, invite_case: str = "") -> None:
        self._names[patient.visit_id] = patient
        box = await self._vault.ask(BeginVisit(patient.visit_id, self._now_ms()), deadline_s=UNLOCK_S)
        if not patient.case_id:
            # a visit without a case got one
            patient = self.patient = await self._vault.ask(FindVisit(patient.visit_id))
        self.lines.clear()
        self.chat_changed.emit()
        if invite_case:
            await self._call.ask(InvitePatientToVisit(patient.visit_id, invite_case))
        await self._call.ask(StartVisit(patient.visit_id, box.folder, box.public_key), deadline_s=UNLOCK_S)
        self.begun.emit()
        self.visit_changed.emit()

    async def _hang_up(self) -> None:
        await self._call.ask(HangUp(), deadline_s=UNLOCK_S)

    async def _rejoin(self) -> None:
        """The call process has a new life: go on with the visit that it was in, or learn how it stands."""
        if self.patient is not None and self.snapshot.phase in IN_VISIT and self._is_open():
            visit_id = self.patient.visit_id
            box = await self._vault.ask(BeginVisit(visit_id, self.snapshot.started_ms or self._now_ms()))
            await self._call.ask(StartVisit(visit_id, box.folder, box.public_key), deadline_s=UNLOCK_S)
        self._on_snapshot(await self._call.ask(GetCallSnapshot()))

    async def _read_names(self) -> None:
        while missing := [card.visit_id for card in self._cards if card.visit_id not in self._names]:
            found = await asyncio.gather(
                *(self._vault.ask(FindVisit(visit_id)) for visit_id in missing), return_exceptions=True
            )
            for visit_id, patient in zip(missing, found, strict=True):
                if isinstance(patient, VisitPatient):
                    self._names[visit_id] = patient
            self.waiting_changed.emit()
            if any(isinstance(patient, BaseException) for patient in found):
                return  # they are named when the next sync brought them
        if self.patient is None and self.snapshot.visit_id and self.snapshot.phase in IN_VISIT:
            self.patient = await self._vault.ask(FindVisit(self.snapshot.visit_id))
        self.visit_changed.emit()

    async def _read_chat(self) -> None:
        """After a lock: what was said in this visit is in the case; the screen takes it from there."""
        if self.snapshot.phase not in IN_VISIT or not self.snapshot.visit_id:
            return
        await self._vault.ask(ImportDropBox(), deadline_s=UNLOCK_S)
        patient = await self._vault.ask(FindVisit(self.snapshot.visit_id))
        detail = await self._vault.ask(OpenCase(patient.case_id, mark_read=False))
        began_ms = self.snapshot.started_ms - _CLOCKS_DIFFER_MS
        said = [
            Line(entry.entry_id, entry.from_patient, entry.text, entry.at_ms, "acknowledged")
            for entry in detail.timeline
            if entry.in_visit and entry.text and entry.at_ms >= began_ms
        ]
        fresh = [line for line in self.lines if not any(_same(line, known) for known in said)]
        self.lines = sorted([*said, *fresh], key=lambda line: line.sent_ms)
        self.chat_changed.emit()

    async def _end_rest(self) -> None:
        for visit_id, ended_ms in list(self._unended.items()):
            await self._end(visit_id, ended_ms)

    async def _end(self, visit_id: str, ended_ms: int) -> None:
        """Close the visit in the record; what is sealed is imported by the same step."""
        self._unended[visit_id] = ended_ms
        if not self._is_open():
            return
        patient = self._names.get(visit_id) or self.patient
        await self._vault.ask(EndVisit(visit_id, ended_ms), deadline_s=UNLOCK_S)
        self._unended.pop(visit_id, None)
        self.ended.emit(patient.case_id if patient is not None else "")

    def _on_call_restarted(self) -> None:
        self._scope.latest("rejoin", self._rejoin())

    def _on_gateway(self, news: GatewayChanged) -> None:
        self.gateway, self.gateway_sentence = news.phase, news.sentence
        self.waiting_changed.emit()
        self.visit_changed.emit()

    def _on_waiting_room(self, news: WaitingRoomChanged) -> None:
        before = {card.visit_id for card in self._cards if card.stage == "waiting"}
        self._cards = news.patients
        self.waiting_changed.emit()
        if any(card.stage == "waiting" and card.visit_id not in before for card in news.patients):
            self.arrived.emit()
        if self._is_open():
            self._scope.latest("names", self._read_names())

    def _on_delivered(self, news: WaitingMessageDelivered) -> None:
        self.delivered.add(news.message_id)
        self.waiting_changed.emit()

    def _on_snapshot(self, snapshot: CallSnapshot) -> None:
        before, self.snapshot = self.snapshot, snapshot
        self.gateway = snapshot.gateway
        if before.phase in IN_VISIT and snapshot.phase in ("ended", "idle") and before.visit_id:
            self._scope.start(self._end(before.visit_id, self._now_ms()))
        self.visit_changed.emit()

    def _on_chat(self, news: ChatChanged) -> None:
        line = Line(news.item_id, news.from_patient, news.text, news.sent_ms, news.state)
        for index, known in enumerate(self.lines):
            if known.item_id == line.item_id:
                self.lines[index] = replace(line, text=line.text or known.text)
                break
        else:
            self.lines.append(line)
            del self.lines[:-VISIT_CHAT_LINES_SHOWN]
        self.chat_changed.emit()


def _same(line: Line, other: Line) -> bool:
    """Return whether two lines are one: told by the call, and read from the case, where it has another id."""
    near = abs(line.sent_ms - other.sent_ms) < _CLOCKS_DIFFER_MS
    return near and line.text == other.text and line.from_patient == other.from_patient


def is_here(item: Waiting) -> bool:
    """Return whether the patient's page is open."""
    return item.card.stage in _HERE
