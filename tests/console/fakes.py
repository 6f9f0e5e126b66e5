"""Fakes of the other processes for the console's tests and its pictures: made-up people only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from PySide6.QtGui import QColor, QImage

from teleconsole.contracts import call, cases, render, sound, vault, visits
from teleconsole.contracts.wire import Ask, Contract, Done, News
from teleconsole.host.limits import IPC_ASK_S
from teleconsole.ipc.errors import PeerLost, RemoteFailure
from tests.console import made_up

T = TypeVar("T")
N = TypeVar("N", bound=News)


class FakePort:
    """Answers asks by handlers, through the contract's codecs, so that what could not travel fails here too.

    Attributes:
        asked: every ask, in order.
        down: while true, asks fail as if the process were not there.
        failures: by type of ask, the next one fails so.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.asked: list[Ask[Any]] = []
        self.down = False
        self.failures: dict[type[Ask[Any]], Exception] = {}
        self.handlers: dict[type[Ask[Any]], Callable[[Any], Any]] = {}
        self.newest: Callable[[str, int], tuple[int, QImage] | None] = lambda slot, newer_than: None
        self._listeners: list[tuple[type[News], Callable[[Any], None]]] = []
        self._restarted: list[Callable[[], None]] = []

    async def ask(self, ask: Ask[T], *, deadline_s: float = IPC_ASK_S) -> T:
        self.asked.append(ask)
        if self.down:
            raise PeerLost("fake")
        if type(ask) in self.failures:
            raise self.failures.pop(type(ask))
        name, body = self.contract.encode(ask)
        self.contract.decode_ask(name, bytes(body))
        answer = self.handlers[type(ask)](ask)
        return self.contract.decode_answer(type(ask), msgspec.msgpack.encode(answer))

    def on_news(self, kind: type[N], handler: Callable[[N], None]) -> Callable[[], None]:
        entry = (kind, handler)
        self._listeners.append(entry)
        return lambda: self._listeners.remove(entry)

    def on_restarted(self, handler: Callable[[], None]) -> Callable[[], None]:
        self._restarted.append(handler)
        return lambda: self._restarted.remove(handler)

    def tell(self, news: News) -> None:
        """Send news to the console."""
        for kind, handler in tuple(self._listeners):
            if isinstance(news, kind):
                handler(news)

    def restart(self) -> None:
        """A new life of the process is ready."""
        for handler in tuple(self._restarted):
            handler()

    def of(self, kind: type[Ask[T]]) -> list[Any]:
        """All asks of a kind so far."""
        return [ask for ask in self.asked if type(ask) is kind]

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        """No picture, unless a test says so."""
        return self.newest(slot, newer_than)

    def forget(self, slot: str) -> None:
        """Nothing is kept here."""


class FakeVault(FakePort):
    """A vault in memory with made-up cases.

    Attributes:
        opens_with: the passphrase.
        online: whether sync reaches the server.
        now_ms: all its times hang on it.
    """

    def __init__(self, *, now_ms: int = made_up.NOW_MS, count: int = 200, state: vault.VaultStateName = "open") -> None:
        super().__init__(vault.VAULT)
        self.now_ms = now_ms
        self.opens_with = "correct horse battery"
        self.state: vault.VaultStateName = state
        self.keyring: vault.KeyringState = "absent"
        self.rows = made_up.rows(count, now_ms)
        self.details = {row.case_id: made_up.detail(row, now_ms) for row in self.rows}
        self.drafts: dict[tuple[str, str], cases.Draft] = {}
        self.changes: list[vault.Change] = []
        self.who = vault.SignedIn("prac-1", "Dr Ruth Calder", "Hollow Lane Clinic", "https://clinic.example")
        self.status = vault.SyncStatus("idle", now_ms, 0, 0, 0, 0)
        self.appointments = made_up.appointments(now_ms)
        self._next_change = 0
        self.handlers = {
            vault.GetVaultState: lambda ask: self._state(),
            vault.CreateVault: self._create,
            vault.Unlock: self._unlock,
            vault.PrepareLock: self._prepare_lock,
            vault.GetSignedIn: lambda ask: self.who,
            vault.SignIn: self._sign_in,
            cases.ListCases: self._list,
            cases.CountCases: lambda ask: self._count(),
            cases.OpenCase: self._open_case,
            cases.SaveDraft: self._save_draft,
            cases.Claim: lambda ask: self._claim(ask.case_id, "mine" if self.online else "asked-for", "claim"),
            cases.Release: lambda ask: self._claim(ask.case_id, "none", "release"),
            cases.Reply: lambda ask: self._write(ask.case_id, "reply", "message", ask.text),
            cases.AskFollowUp: lambda ask: self._write(
                ask.case_id, "follow-up-question", "follow-up-question", ask.text
            ),
            cases.Decide: lambda ask: self._write(ask.case_id, "decision", "decision", ask.text, ask.outcome),
            cases.WriteNote: lambda ask: self._write(ask.case_id, "note", "note", ask.text),
            cases.ReadEvidence: self._read_evidence,
            vault.ListChanges: lambda ask: tuple(self.changes),
            vault.TakeBack: self._take_back,
            vault.TryAgain: self._try_again,
            vault.GetSyncStatus: lambda ask: self._status(),
            vault.SyncNow: lambda ask: Done(),
            visits.ListAppointments: lambda ask: self.appointments,
            visits.FindVisit: self._find_visit,
            visits.PrepareVisit: lambda ask: self._visit_of(ask.case_id),
            visits.GetGatewayPass: lambda ask: visits.GatewayPass("https://clinic.example", "pass", now_ms + 60_000),
            visits.BeginVisit: lambda ask: visits.DropBox(ask.visit_id, "/spool", b"k" * 32),
            visits.ImportDropBox: lambda ask: 0,
            visits.EndVisit: lambda ask: cases.ChangeMade("end"),
        }

    async def suspend(self) -> None:
        """Its process is killed."""
        self.down = True
        self.state = "locked"

    async def resume(self) -> None:
        """A new life of it."""
        self.down = False
        self.restart()

    @property
    def online(self) -> bool:
        return self.status.phase != "offline"

    def set_status(self, **changes: Any) -> None:
        """Change the status line and tell it."""
        self.status = msgspec.structs.replace(self.status, **changes)
        self.tell(vault.SyncStatusChanged(self._status()))

    def set_change(self, change_id: str, **changes: Any) -> None:
        """Let the server say something about a change; the entry of the timeline follows."""
        self.changes = [
            msgspec.structs.replace(change, **changes) if change.change_id == change_id else change
            for change in self.changes
        ]
        case_id = next(change.case_id for change in self.changes if change.change_id == change_id)
        detail = self.details[case_id]
        state, problem = changes.get("state", "waiting"), changes.get("problem", "")
        timeline = tuple(
            msgspec.structs.replace(entry, send_state=state, send_problem=problem)
            if entry.change_id == change_id
            else entry
            for entry in detail.timeline
        )
        self.details[case_id] = msgspec.structs.replace(detail, timeline=timeline)
        self.tell(vault.ChangesChanged())
        self.tell(vault.CasesChanged((case_id,)))

    def _state(self) -> vault.VaultState:
        return vault.VaultState(self.state, keyring=self.keyring, has_passphrase=self.state != "new")

    def _status(self) -> vault.SyncStatus:
        return msgspec.structs.replace(
            self.status,
            to_send=sum(change.state in ("waiting", "sending") for change in self.changes),
            could_not_send=sum(change.state in ("refused", "conflict") for change in self.changes),
        )

    def _create(self, ask: vault.CreateVault) -> vault.VaultState:
        self.opens_with, self.state = ask.passphrase, "open"
        return self._state()

    def _unlock(self, ask: vault.Unlock) -> vault.VaultState:
        if ask.passphrase != self.opens_with:
            raise RemoteFailure("wrong-key", "That passphrase does not open this computer's cases.")
        self.state = "open"
        return self._state()

    def _prepare_lock(self, ask: vault.PrepareLock) -> Done:
        self.state = "locked"
        return Done()

    def _sign_in(self, ask: vault.SignIn) -> vault.SignedIn:
        if ask.code != "ABCD-EFGH":
            raise RemoteFailure("rejected", "The clinic did not accept this code. Ask for a new one.")
        self.who = vault.SignedIn("prac-1", "Dr Ruth Calder", "Hollow Lane Clinic", ask.gateway_url)
        return self.who

    def _list(self, ask: cases.ListCases) -> cases.CasePage:
        words = ask.search.casefold().split()
        found = [
            row
            for row in self.rows
            if made_up.in_view(row, ask.view, self.now_ms)
            and (not ask.case_types or row.case_type in ask.case_types)
            and (not ask.priorities or row.priority in ask.priorities)
            and all(word in f"{row.name} {row.reason}".casefold() for word in words)
        ]
        start = int(ask.after_key or 0)
        end = start + ask.limit
        return cases.CasePage(tuple(found[start:end]), str(end) if end < len(found) else "", len(found))

    def _count(self) -> cases.CaseCounts:
        views = tuple(
            cases.ViewCount(view, sum(made_up.in_view(row, view, self.now_ms) for row in self.rows))
            for view in made_up.VIEWS
        )
        types = tuple(
            cases.CaseTypeCount(kind, sum(row.case_type == kind for row in self.rows)) for kind in made_up.CASE_TYPES
        )
        status = self._status()
        unread = sum(row.unread_count > 0 for row in self.rows)
        return cases.CaseCounts(views, types, unread, status.to_send, status.could_not_send)

    def _open_case(self, ask: cases.OpenCase) -> cases.CaseDetail:
        detail = self.details[ask.case_id]
        drafts = tuple(draft for (case_id, _), draft in self.drafts.items() if case_id == ask.case_id)
        return msgspec.structs.replace(detail, drafts=drafts)

    def _save_draft(self, ask: cases.SaveDraft) -> cases.Draft:
        draft = cases.Draft(ask.kind, ask.text, self.now_ms)
        if ask.text:
            self.drafts[ask.case_id, ask.kind] = draft
        else:
            self.drafts.pop((ask.case_id, ask.kind), None)
        return draft

    def _claim(self, case_id: str, claim: cases.ClaimState, kind: vault.ChangeKind) -> cases.ChangeMade:
        detail = self.details[case_id]
        row = msgspec.structs.replace(detail.row, claim=claim)
        until_ms = self.now_ms + 3_600_000 if claim == "mine" else 0
        self.details[case_id] = msgspec.structs.replace(detail, row=row, claimed_until_ms=until_ms)
        self.rows = [row if old.case_id == case_id else old for old in self.rows]
        self.tell(vault.CasesChanged((case_id,)))
        return cases.ChangeMade(self._change(case_id, kind, ""))

    def _write(
        self, case_id: str, kind: vault.ChangeKind, entry_kind: cases.EntryKind, text: str, title: str = ""
    ) -> cases.ChangeMade:
        change_id = self._change(case_id, kind, text)
        detail = self.details[case_id]
        entry = cases.TimelineEntry(
            change_id, entry_kind, self.now_ms, "Dr Ruth Calder", from_me=True, text=text, title=title,
            send_state="waiting", change_id=change_id,
        )  # fmt: skip
        self.details[case_id] = msgspec.structs.replace(detail, timeline=(*detail.timeline, entry))
        self.drafts.pop((case_id, kind), None)
        self.tell(vault.ChangesChanged())
        self.tell(vault.CasesChanged((case_id,)))
        return cases.ChangeMade(change_id)

    def _change(self, case_id: str, kind: vault.ChangeKind, text: str) -> str:
        self._next_change += 1
        change_id = f"change-{self._next_change}"
        name = self.details[case_id].patient.name
        self.changes.append(vault.Change(change_id, case_id, name, kind, text, self.now_ms, "waiting", "", 0, 0))
        self.tell(vault.SyncStatusChanged(self._status()))
        return change_id

    def _take_back(self, ask: vault.TakeBack) -> cases.Draft:
        change = next(change for change in self.changes if change.change_id == ask.change_id)
        self.changes.remove(change)
        detail = self.details[change.case_id]
        kept = tuple(entry for entry in detail.timeline if entry.change_id != ask.change_id)
        self.details[change.case_id] = msgspec.structs.replace(detail, timeline=kept)
        kind = change.kind if change.kind in ("reply", "follow-up-question", "note", "decision") else "note"
        draft = self._save_draft(cases.SaveDraft(change.case_id, kind, change.text))
        self.tell(vault.ChangesChanged())
        self.tell(vault.CasesChanged((change.case_id,)))
        return draft

    def _try_again(self, ask: vault.TryAgain) -> Done:
        self.set_change(ask.change_id, state="sending", problem="")
        return Done()

    def _read_evidence(self, ask: cases.ReadEvidence) -> bytes:
        size_bytes = made_up.EVIDENCE_BYTES
        return b"\0" * max(0, min(ask.length_bytes, size_bytes - ask.offset_bytes))

    def _visit_of(self, case_id: str) -> visits.VisitPatient:
        patient = self.details[case_id].patient
        reason = self.details[case_id].row.reason
        return visits.VisitPatient("visit-1", patient.patient_id, patient.name, patient.birth_date, reason, case_id)

    def _find_visit(self, ask: visits.FindVisit) -> visits.VisitPatient:
        row = next(row for row in self.appointments if row.visit_id == ask.visit_id)
        return visits.VisitPatient(
            row.visit_id, row.patient_id, row.patient_name, row.birth_date, row.reason, row.case_id
        )


class FakeRender(FakePort):
    """Draws a made-up picture for every file."""

    def __init__(self) -> None:
        super().__init__(render.RENDER)
        self.handlers = {
            render.Begin: lambda ask: Done(),
            render.Feed: lambda ask: Done(),
            render.Finish: lambda ask: render.Opened("image", "image/png", 800, 600, 1, 0, has_sound=False),
            render.MakeThumbnail: self._thumbnail,
            render.ShowPage: lambda ask: render.Shown(800, 600, 1),
            render.PageText: lambda ask: "",
            render.Play: lambda ask: Done(),
            render.Pause: lambda ask: 0,
            render.Forget: lambda ask: Done(),
        }

    def _thumbnail(self, ask: render.MakeThumbnail) -> render.Thumbnail:
        picture = QImage(ask.max_width, ask.max_height, QImage.Format.Format_RGB32)
        picture.fill(QColor.fromHsv(sum(ask.file_id.encode()) * 7 % 40, 90, 190))
        return render.Thumbnail(picture.width(), picture.height(), bytes(picture.constBits()))


class FakeCall(FakePort):
    """A call process without media."""

    def __init__(self) -> None:
        super().__init__(call.CALL)
        self.snapshot = call.CallSnapshot(
            "connected", "idle", "", 0, microphone_on=True, camera_on=True, patient_microphone_on=True,
            patient_camera_on=True, quality="unknown", step="720p", safety_words=(), sentence="",
        )  # fmt: skip
        self.devices = call.Devices(
            (call.Device("cam-1", "Built-in camera"),), (call.Device("mic-1", "Headset"),),
            (call.Device("out-1", "Headset"),), "", "", "",
        )  # fmt: skip
        self.handlers = {
            call.ListDevices: lambda ask: self.devices,
            call.SelectDevices: self._select,
            call.JoinGateway: lambda ask: Done(),
            call.LeaveGateway: lambda ask: Done(),
            call.SetState: lambda ask: Done(),
            call.SendWaitingMessage: lambda ask: "message-1",
            call.InvitePatientToVisit: lambda ask: Done(),
            call.StartVisit: lambda ask: self.change(
                phase="connecting", visit_id=ask.visit_id, started_ms=made_up.NOW_MS
            ),
            call.HangUp: lambda ask: self.change(phase="ended"),
            call.SetMicrophone: lambda ask: self.change(microphone_on=ask.on),
            call.SetCamera: lambda ask: self.change(camera_on=ask.on),
            call.SetStep: lambda ask: self.change(chosen_step=ask.step),
            call.SendChat: lambda ask: "chat-1",
            call.CaptureStill: lambda ask: call.StillCaptured("still-1", "0" * 64, 1280, 720, made_up.NOW_MS),
            call.PlayPcm: lambda ask: Done(),
            sound.TryDevices: lambda ask: Done(),
            sound.PlayTestTone: lambda ask: Done(),
            sound.RunEchoTest: lambda ask: Done(),
            sound.SetStethoscope: self._set_stethoscope,
            call.GetCallSnapshot: lambda ask: self.snapshot,
        }

    def change(self, **changes: Any) -> Done:
        """Change the snapshot and tell it."""
        self.snapshot = msgspec.structs.replace(self.snapshot, **changes)
        self.tell(call.CallChanged(self.snapshot))
        return Done()

    def _set_stethoscope(self, ask: sound.SetStethoscope) -> Done:
        phases: dict[str, sound.StethoscopePhase] = {"": "off", "patient": "asked", "own": "on"}
        words = f"Stethoscope of {ask.side}." if ask.side else ""
        return self.change(stethoscope=ask.side, stethoscope_phase=phases[ask.side], stethoscope_words=words)

    def _select(self, ask: call.SelectDevices) -> call.Devices:
        self.devices = msgspec.structs.replace(
            self.devices, camera=ask.camera, microphone=ask.microphone, speaker=ask.speaker
        )
        return self.devices
