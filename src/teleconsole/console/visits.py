"""Visits as the screen knows them: who waits, with whom one is in a call, what was said."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from teleconsole.console.ports import CallPort, VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.visit_chat import Line, VisitChat
from teleconsole.contracts.call import (
    CallChanged,
    CallSnapshot,
    ChatChanged,
    GatewayChanged,
    GatewayPhase,
    GetCallSnapshot,
    HangUp,
    InvitePatientToVisit,
    PatientLeft,
    SendWaitingMessage,
    SetStep,
    StartVisit,
    WaitingMessageDelivered,
    WaitingPatientCard,
    WaitingRoomChanged,
)
from teleconsole.contracts.cases import OpenCase
from teleconsole.contracts.signal import EndReason
from teleconsole.contracts.vault import AppointmentsChanged, CasesChanged
from teleconsole.contracts.visits import (
    BeginVisit,
    DropBox,
    EndVisit,
    FindVisit,
    ImportDropBox,
    PrepareVisit,
    VisitPatient,
)
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.limits import UNLOCK_S

IN_VISIT = frozenset({"admitting", "connecting", "connected", "reconnecting"})
NOT_NAMED = "A patient"
_HERE = frozenset({"checking", "waiting", "interrupted", "in-call"})
_IDLE = CallSnapshot("off", "idle", "", 0, True, True, True, True, "unknown", "720p", (), "")


@dataclass(frozen=True)
class Waiting:
    """A card of the waiting room with the name that the vault gave; "A patient" while it knows none."""

    card: WaitingPatientCard
    patient: VisitPatient


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
        ended: a visit was left; the id of its case, empty when there is none. After the patient has gone, the
            clinician stays with chat and notes until `leave`.

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
        self._starting = self._hanging_up = self._rejoining = False
        self._box: DropBox | None = None
        self._chat = VisitChat()
        self._unended: dict[str, int] = {}
        self.is_over = False
        self.left_reason: EndReason | None = None
        self.delivered: set[str] = set()
        self.gateway: GatewayPhase = "off"
        self.gateway_sentence = ""
        self.patient: VisitPatient | None = None
        self.snapshot = _IDLE
        call.on_news(GatewayChanged, self._on_gateway)
        call.on_news(WaitingRoomChanged, self._on_waiting_room)
        call.on_news(WaitingMessageDelivered, self._on_delivered)
        call.on_news(CallChanged, lambda news: self._on_snapshot(news.snapshot))
        call.on_news(ChatChanged, self._on_chat)
        call.on_news(PatientLeft, self._on_patient_left)
        call.on_restarted(self._on_call_restarted)
        vault.on_news(AppointmentsChanged, lambda news: self._name_again())
        vault.on_news(CasesChanged, lambda news: self._name_again())

    @property
    def lines(self) -> list[Line]:
        """The chat of this visit."""
        return self._chat.lines

    @property
    def waiting(self) -> list[Waiting]:
        """Who has a visit now; those who wait longest first, then those who are not here.

        Somebody whose name the vault does not know yet is among them, so that nobody waits unseen.
        """
        shown = [card for card in self._cards if card.stage not in ("ended", "in-call")]
        return [Waiting(card, self._patient_of(card)) for card in sorted(shown, key=_order)]

    @property
    def here_count(self) -> int:
        """How many sit in the waiting room."""
        return sum(1 for card in self._cards if card.stage == "waiting")

    @property
    def in_visit(self) -> bool:
        """Whether a visit goes on or begins."""
        return self._starting or self.snapshot.phase in IN_VISIT

    @property
    def is_shown(self) -> bool:
        """Whether there is a visit to show: it goes on, or the patient left it and the clinician did not yet."""
        return self.in_visit or self.is_over

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

    def leave(self) -> None:
        """Close a visit that the patient has left."""
        if self.is_over:
            patient = self.patient
            self._forget_visit()
            self.visit_changed.emit()
            self.ended.emit(patient.case_id if patient is not None else "")

    async def send_waiting_message(self, visit_id: str, text: str) -> str:
        """Send a line to a waiting patient and return its id; `delivered` holds it once it is on their screen."""
        return await self._call.ask(SendWaitingMessage(visit_id, text))

    def clear(self) -> None:
        """Forget names and texts: a lock. The call goes on."""
        self._names.clear()
        self._forget_visit()
        self.waiting_changed.emit()
        self.chat_changed.emit()
        self.visit_changed.emit()

    def _forget_visit(self) -> None:
        self.patient = None
        self.is_over, self.left_reason = False, None
        self._chat.clear()

    def _patient_of(self, card: WaitingPatientCard) -> VisitPatient:
        return self._names.get(card.visit_id) or VisitPatient(card.visit_id, "", NOT_NAMED, "", "", card.case_id)

    def _keep(self, patient: VisitPatient) -> None:
        """Keep a name, unless the screen was locked while it was read."""
        if self._is_open():
            self._names[patient.visit_id] = patient

    async def _find(self, visit_id: str) -> VisitPatient:
        known = self._names.get(visit_id)
        return known if known is not None else await self._vault.ask(FindVisit(visit_id))

    async def _admit(self, visit_id: str) -> None:
        try:
            await self._begin(await self._find(visit_id))
        finally:
            self._starting = False
            self.visit_changed.emit()

    async def _call_case(self, case_id: str) -> None:
        try:
            await self._begin(await self._vault.ask(PrepareVisit(case_id), deadline_s=UNLOCK_S), invite_case=case_id)
        finally:
            self._starting = False
            self.visit_changed.emit()

    async def _begin(self, patient: VisitPatient, *, invite_case: str = "") -> None:
        self._forget_visit()
        box = await self._vault.ask(BeginVisit(patient.visit_id, self._now_ms()), deadline_s=UNLOCK_S)
        if not patient.case_id:
            # a visit without a case got one
            patient = await self._vault.ask(FindVisit(patient.visit_id))
        self._keep(patient)
        self.patient, self._box = self._names.get(patient.visit_id), box
        self._hanging_up = False
        self.chat_changed.emit()
        if invite_case:
            await self._call.ask(InvitePatientToVisit(patient.visit_id, invite_case))
        await self._call.ask(StartVisit(patient.visit_id, box.folder, box.public_key), deadline_s=UNLOCK_S)
        self.begun.emit()

    async def _hang_up(self) -> None:
        self._hanging_up = True
        try:
            await self._call.ask(HangUp(), deadline_s=UNLOCK_S)
        except BaseException:
            self._hanging_up = False
            raise

    async def _rejoin(self, visit_id: str) -> None:
        """The call process has a new life: go on with the visit that it was in, or learn how it stands."""
        try:
            box = await self._box_of(visit_id) if visit_id else None
            if box is not None:
                chosen = self.snapshot.chosen_step
                await self._call.ask(StartVisit(visit_id, box.folder, box.public_key), deadline_s=UNLOCK_S)
                if chosen:
                    await self._call.ask(SetStep(chosen))  # the choice holds for the visit, also over a restart
        except TeleconsoleError:
            await self._learn()
            raise
        await self._learn()

    async def _learn(self) -> None:
        self._rejoining = False
        self._on_snapshot(await self._call.ask(GetCallSnapshot()))

    async def _box_of(self, visit_id: str) -> DropBox | None:
        """Return the drop-box in which the visit was begun: the same one, and without the vault while it is locked."""
        if self._box is None or self._box.visit_id != visit_id:
            if not self._is_open():
                return None
            began_ms = self.snapshot.started_ms or self._now_ms()
            self._box = await self._vault.ask(BeginVisit(visit_id, began_ms), deadline_s=UNLOCK_S)
        return self._box

    async def _read_names(self) -> None:
        """Ask who the visits are with; those whom the vault does not know yet are asked for again by its news."""
        asked: set[str] = set()
        while missing := [card.visit_id for card in self._cards if card.visit_id not in {*self._names, *asked}]:
            asked.update(missing)
            found = await asyncio.gather(
                *(self._vault.ask(FindVisit(visit_id)) for visit_id in missing), return_exceptions=True
            )
            for patient in found:
                if isinstance(patient, VisitPatient):
                    self._keep(patient)
            self.waiting_changed.emit()
        if self.patient is None and self.snapshot.visit_id and self.snapshot.phase in IN_VISIT:
            self._keep(await self._vault.ask(FindVisit(self.snapshot.visit_id)))
            self.patient = self._names.get(self.snapshot.visit_id)
        self.visit_changed.emit()

    def _name_again(self) -> None:
        """The vault learned something: those who have no name yet may have one now."""
        if self._is_open() and any(card.visit_id not in self._names for card in self._cards):
            self._scope.latest("names", self._read_names())

    async def _read_chat(self) -> None:
        """After a lock: what was said in this visit is in the case; the screen takes it from there."""
        if self.snapshot.phase not in IN_VISIT or not self.snapshot.visit_id:
            return
        await self._vault.ask(ImportDropBox(), deadline_s=UNLOCK_S)
        patient = await self._vault.ask(FindVisit(self.snapshot.visit_id))
        detail = await self._vault.ask(OpenCase(patient.case_id, mark_read=False))
        if self._is_open():
            self._chat.read_back(detail.timeline, self.snapshot.started_ms)
            self.chat_changed.emit()

    async def _end_rest(self) -> None:
        for visit_id, ended_ms in list(self._unended.items()):
            await self._end(visit_id, ended_ms)

    async def _end(self, visit_id: str, ended_ms: int) -> None:
        """Close the visit in the record; what is sealed is imported by the same step."""
        self._unended[visit_id] = ended_ms
        if not self._is_open():
            return
        await self._vault.ask(EndVisit(visit_id, ended_ms), deadline_s=UNLOCK_S)
        self._unended.pop(visit_id, None)
        if not self.is_over:
            self.ended.emit(await self._case_of(visit_id))

    async def _case_of(self, visit_id: str) -> str:
        try:
            return (await self._find(visit_id)).case_id
        except TeleconsoleError:
            return ""  # the visit is closed in the record all the same; the case stands in the list

    def _on_call_restarted(self) -> None:
        going_on = self.snapshot.phase in IN_VISIT and not self._hanging_up
        self._rejoining = going_on
        self._scope.latest("rejoin", self._rejoin(self.snapshot.visit_id if going_on else ""))

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
        if self._rejoining and snapshot.phase == "idle":
            return  # a new life that is not in the visit yet
        before, self.snapshot = self.snapshot, snapshot
        self.gateway = snapshot.gateway
        if before.phase in IN_VISIT and snapshot.phase in ("ended", "idle") and before.visit_id:
            self.is_over = snapshot.phase == "ended" and not self._hanging_up and self._is_open()
            self._hanging_up = False
            self._box = None
            self._scope.start(self._end(before.visit_id, self._now_ms()))
        self.visit_changed.emit()

    def _on_patient_left(self, news: PatientLeft) -> None:
        if self.is_over:
            self.left_reason = news.reason
        self.visit_changed.emit()

    def _on_chat(self, news: ChatChanged) -> None:
        """Take a line; none while the screen is locked: it is sealed, and read from the case afterwards."""
        if self._is_open():
            self._chat.told(news)
            self.chat_changed.emit()


def is_here(item: Waiting) -> bool:
    """Return whether the patient's page is open."""
    return item.card.stage in _HERE


def _order(card: WaitingPatientCard) -> tuple[bool, int]:
    return card.since_ms == 0, card.since_ms
