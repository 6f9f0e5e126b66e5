"""Answers for the queue and the cases: reading them, and every intent of the clinician."""

from collections.abc import Callable
from typing import Literal

from teleconsole.contracts.cases import (
    AskFollowUp,
    CaseCounts,
    CaseDetail,
    CasePage,
    ChangeMade,
    Claim,
    CountCases,
    Decide,
    Draft,
    ListCases,
    OpenCase,
    ReadEvidence,
    Release,
    Reply,
    SaveDraft,
    WriteNote,
)
from teleconsole.contracts.vault import CasesChanged
from teleconsole.domain.errors import StoreError
from teleconsole.host.limits import VAULT_CLAIM_S, VAULT_SLICE_BYTES, VAULT_TEXT_CHARS
from teleconsole.ipc.responder import Handlers
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.session import VaultSession
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import local, outbox
from teleconsole.vault.store.case_read import read_case
from teleconsole.vault.store.changes import (
    ClaimPayload,
    DecisionPayload,
    NotePayload,
    Payload,
    QuestionPayload,
    ReleasePayload,
    ReplyPayload,
)
from teleconsole.vault.store.queue_read import count_cases, list_cases
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.touched import Touched

DraftKind = Literal["reply", "follow-up-question", "note", "decision"]


class CaseHandlers:
    """Reads cases and writes intents.

    Args:
        session: gives the open vault or raises.
    """

    def __init__(self, session: Callable[[], VaultSession]) -> None:
        self._session = session

    def handlers(self) -> Handlers:
        """Return the answers of this class."""
        return {
            ListCases: self._list,
            CountCases: self._count,
            OpenCase: self._open,
            SaveDraft: self._save_draft,
            Claim: self._claim,
            Release: self._release,
            Reply: self._reply,
            AskFollowUp: self._ask,
            Decide: self._decide,
            WriteNote: self._note,
            ReadEvidence: self._read_evidence,
        }

    async def _list(self, ask: ListCases) -> CasePage:
        session = self._session()
        reader = session.reader()
        page = await session.store.read(lambda connection: list_cases(connection, ask, reader))
        if ask.search and not ask.after_key:
            await session.store.write(AuditEvent("case-searched", count=page.total), lambda _: None)
        return page

    async def _count(self, _: CountCases) -> CaseCounts:
        session = self._session()
        reader = session.reader()
        return await session.store.read(lambda connection: count_cases(connection, reader))

    async def _open(self, ask: OpenCase) -> CaseDetail:
        session = self._session()
        reader = session.reader()
        case = await session.store.read(lambda connection: read_case(connection, ask.case_id, reader))
        case_id = case.row.case_id
        unread = [entry.entry_id for entry in case.timeline if entry.unread]

        def note(connection: Connection) -> None:
            if ask.mark_read:
                touched = Touched()
                local.mark_read(connection, case_id, unread, session.store.now_ms(), touched)
                bring_up_to_date(connection, touched)

        event = AuditEvent("case-opened", case_id=case_id, patient_id=case.row.patient_id)
        await session.store.write(event, note)
        if ask.mark_read and unread:
            session.tell(CasesChanged((case_id,)))
        return case

    async def _save_draft(self, ask: SaveDraft) -> Draft:
        session = self._session()
        _check_length(ask.text)
        draft = Draft(ask.kind, ask.text, session.store.now_ms())

        def keep(connection: Connection) -> tuple[str, bool]:
            case_id, touched = outbox.current_id(connection, ask.case_id), Touched()
            had = bool(local.draft_text(connection, case_id, ask.kind))
            local.save_draft(connection, case_id, draft, touched)
            bring_up_to_date(connection, touched)
            return case_id, had != bool(draft.text)

        event = AuditEvent("draft-saved", case_id=ask.case_id, entity=ask.kind)
        case_id, appeared = await session.store.write(event, keep)
        if appeared:
            session.tell(CasesChanged((case_id,)))
        return draft

    async def _claim(self, ask: Claim) -> ChangeMade:
        until_ms = self._session().store.now_ms() + VAULT_CLAIM_S * 1000
        return await self._make(ask.case_id, ClaimPayload(until_ms))

    async def _release(self, ask: Release) -> ChangeMade:
        return await self._make(ask.case_id, ReleasePayload())

    async def _reply(self, ask: Reply) -> ChangeMade:
        return await self._make(ask.case_id, ReplyPayload(_words(ask.text)))

    async def _ask(self, ask: AskFollowUp) -> ChangeMade:
        return await self._make(ask.case_id, QuestionPayload(_words(ask.text)))

    async def _decide(self, ask: Decide) -> ChangeMade:
        return await self._make(ask.case_id, DecisionPayload(ask.outcome, _words(ask.text)))

    async def _note(self, ask: WriteNote) -> ChangeMade:
        return await self._make(ask.case_id, NotePayload(_words(ask.text), ask.visit_id))

    async def _make(self, case_id: str, payload: Payload) -> ChangeMade:
        """Put an intent into the outbox; the draft it came from goes in the same transaction."""
        session = self._session()
        now_ms = session.store.now_ms()

        def keep(connection: Connection) -> tuple[str, str]:
            touched, current = Touched(), outbox.current_id(connection, case_id)
            change_id = outbox.add(connection, current, payload, touched, now_ms=now_ms)
            if kind := _draft_kind(payload):
                local.save_draft(connection, current, Draft(kind, "", now_ms), touched)
            bring_up_to_date(connection, touched)
            return change_id, current

        event = AuditEvent("change-made", case_id=case_id, entity=type(payload).__name__)
        change_id, current = await session.store.write(event, keep)
        session.changed(current)
        return ChangeMade(change_id)

    async def _read_evidence(self, ask: ReadEvidence) -> bytes:
        session = self._session()
        length = max(0, min(ask.length_bytes, VAULT_SLICE_BYTES))
        content = await session.blobs.read(ask.evidence_id, max(0, ask.offset_bytes), length)
        if ask.offset_bytes == 0:
            await session.store.write(AuditEvent("evidence-read", entity=ask.evidence_id), lambda _: None)
        return content


def _draft_kind(payload: Payload) -> DraftKind | None:
    match payload:
        case ReplyPayload():
            return "reply"
        case QuestionPayload():
            return "follow-up-question"
        case NotePayload():
            return "note"
        case DecisionPayload():
            return "decision"
        case _:
            return None


def _words(text: str) -> str:
    """Return the text to send.

    Raises:
        StoreError: there is none, or it is too long.
    """
    if not text.strip():
        raise StoreError("There is no text yet. Write something first.")
    _check_length(text)
    return text.strip()


def _check_length(text: str) -> None:
    if len(text) > VAULT_TEXT_CHARS:
        raise StoreError(f"This text is longer than {VAULT_TEXT_CHARS} characters. Shorten it; nothing was sent.")
