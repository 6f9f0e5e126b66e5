"""What has to be written so that a change becomes true at the server."""

import asyncio
from dataclasses import dataclass

from teleconsole.vault.fhir import resources
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.problems import Gone
from teleconsole.vault.fhir.resources import Place, Resource
from teleconsole.vault.store.changes import (
    ChangeRow,
    ChatPayload,
    ClaimPayload,
    DecisionPayload,
    NotePayload,
    QuestionPayload,
    ReleasePayload,
    ReplyPayload,
    StillPayload,
    VisitBegan,
    VisitEnded,
)
from teleconsole.vault.store.sync_port import ReceivedResource, SyncStore
from teleconsole.vault.sync.conflicts import reason_to_stop
from teleconsole.vault.sync.people import Names
from teleconsole.vault.sync.sent import Asking
from teleconsole.vault.sync.tasks import TaskNow, changed_task, task_now
from teleconsole.vault.sync.threads import Threads
from teleconsole.vault.sync.visit_plans import VisitPlans, urn


@dataclass(frozen=True)
class Plan:
    """Entries of one transaction."""

    entries: tuple[Resource, ...]


@dataclass(frozen=True)
class Settled:
    """Nothing is to be written.

    Attributes:
        truth: what is at the server.
        lost: somebody else has it; else it is as the change wanted.
    """

    truth: tuple[ReceivedResource, ...]
    lost: bool = False


@dataclass(frozen=True)
class Stop:
    """A person has to decide."""

    reason: str
    truth: tuple[ReceivedResource, ...]


TextPayload = ReplyPayload | QuestionPayload | DecisionPayload


class Planner:
    """Makes plans from the server's present state.

    Args:
        store: for files and visits.
        client: to the server.
        practitioner_id: of the clinician.
    """

    def __init__(self, store: SyncStore, client: FhirClient, practitioner_id: str) -> None:
        self._store = store
        self._client = client
        self._me = practitioner_id
        self._names = Names(store, client)
        self._threads = Threads(client)
        self._asking = Asking(client)
        self._visits = VisitPlans(client, self._asking)

    async def plan(self, change: ChangeRow) -> Plan | Settled | Stop:
        """Return what is to be done for a change now.

        Raises:
            Gone: the case is not at the server any more.
            EvidenceMissing: the bytes of a file are not here.
            SyncError: the server could not be asked.
        """
        match change.payload:
            case ClaimPayload() | ReleasePayload():
                return await self._claim(change)
            case ReplyPayload() | QuestionPayload() | DecisionPayload() as payload:
                return await self._text(change, payload)
            case NotePayload() as payload:
                return await self._note(change, payload)
            case ChatPayload() as payload:
                return await self._chat(change, payload)
            case StillPayload() as payload:
                return await self._still(change, payload)
            case VisitBegan() as payload:
                return Plan(await self._visits.began(change, payload, await self._place(change)))
            case VisitEnded() as payload:
                found = await self._visits.ended(payload)
                return Plan(found) if isinstance(found, tuple) else Settled((found,))

    async def _claim(self, change: ChangeRow) -> Plan | Settled:
        now = await self._task(change)
        claim = change.payload if isinstance(change.payload, ClaimPayload) else None
        held = now.is_held_by_another(self._me, self._client.clock.now_ms())
        is_mine = now.state.owner_id == self._me
        if claim is not None and (held or now.is_closed):
            return Settled((now.received,), lost=True)
        if claim is not None and is_mine and now.claim_until_ms >= claim.until_ms // 1000 * 1000:
            return Settled((now.received,))
        if claim is None and not is_mine:
            return Settled((now.received,))
        return Plan((await self._put_task(change, now),))

    async def _text(self, change: ChangeRow, payload: TextPayload) -> Plan | Stop:
        now = await self._task(change)
        reason = await reason_to_stop(self._client, change, now, self._me)
        if reason:
            return Stop(reason, (now.received,))
        place = await self._place(change)
        header, new_header = await self._threads.header(change.case_id, place, now.topic)
        told = self._message(place, header, change, payload)
        made = resources.create_once(told, resources.CHANGE, change.change_id, urn(change.change_id))
        output = {
            "type": resources.coded("output", change.kind),
            "valueReference": {"reference": urn(change.change_id)},
        }
        return Plan((*new_header, made, await self._put_task(change, now, output)))

    @staticmethod
    def _message(place: Place, header: Resource, change: ChangeRow, payload: TextPayload) -> Resource:
        if isinstance(payload, DecisionPayload):
            return resources.decision(
                place,
                header,
                outcome=payload.outcome,
                text=payload.text,
                change_id=change.change_id,
                sent_ms=change.made_ms,
            )
        kind = "follow-up-question" if isinstance(payload, QuestionPayload) else "message"
        return resources.message(
            place, header, kind=kind, text=payload.text, change_id=change.change_id, sent_ms=change.made_ms
        )

    async def _note(self, change: ChangeRow, payload: NotePayload) -> Plan:
        place = await self._place(change, payload.visit_id)
        made = resources.note(
            place, text=payload.text, change_id=change.change_id, at_ms=change.made_ms, about=payload.about
        )
        return Plan((resources.create_once(made, resources.CHANGE, change.change_id),))

    async def _chat(self, change: ChangeRow, payload: ChatPayload) -> Plan:
        place = await self._place(change, payload.visit_id)
        header, new_header = await self._threads.header(change.case_id, place, "")
        line = resources.chat_line(
            place,
            header,
            line_id=payload.line_id,
            change_id=change.change_id,
            text=payload.text,
            from_patient=payload.from_patient,
            sent_ms=payload.sent_ms,
        )
        return Plan((*new_header, resources.create_once(line, resources.CHAT_LINE, payload.line_id)))

    async def _still(self, change: ChangeRow, payload: StillPayload) -> Plan:
        place = await self._place(change, payload.visit_id)
        content = await self._store.read_blob(payload.evidence_id)
        # written under our own id: the same file again is the same Binary
        file = await asyncio.to_thread(resources.binary, payload.evidence_id, payload.content_type, content)
        document = resources.evidence(
            place,
            evidence_id=payload.evidence_id,
            kind=payload.kind,
            title=payload.title,
            content_type=payload.content_type,
            size_bytes=payload.size_bytes,
            sha1=payload.sha1_base64,
            at_ms=payload.taken_ms,
        )
        return Plan(
            (
                resources.put("Binary", payload.evidence_id, file),
                resources.create_once(document, resources.EVIDENCE, payload.evidence_id),
            )
        )

    async def _task(self, change: ChangeRow) -> TaskNow:
        found = await self._client.read("Task", change.case_id)
        if found is None:
            raise Gone("This case is not at the clinic's server any more. What you wrote is kept under To send.")
        return task_now(found)

    async def _put_task(self, change: ChangeRow, now: TaskNow, output: Resource | None = None) -> Resource:
        me = await self._names.reference(self._me)
        at_ms = self._client.clock.now_ms()
        raw = changed_task(now, change.payload, me=me, at_ms=at_ms, output=output)
        return resources.put("Task", change.case_id, raw, now.received.version_id)

    async def _place(self, change: ChangeRow, visit_id: str = "") -> Place:
        me = await self._names.reference(self._me)
        task = {"reference": urn(change.case_id) if change.is_local_case else f"Task/{change.case_id}"}
        encounter_id = await self._encounter_id(visit_id) if visit_id else ""
        return Place(task, change.patient_id, me, encounter_id)

    async def _encounter_id(self, visit_id: str) -> str:
        known = await self._store.encounter_id(visit_id)
        if known:
            return known
        found = await self._asking.by_identifier("Encounter", resources.VISIT, visit_id)
        return found.id if found is not None else ""
