"""Answers for the outbox and the status line."""

from collections.abc import Callable

from teleconsole.contracts.cases import Draft
from teleconsole.contracts.vault import Change, GetSyncStatus, ListChanges, SyncNow, SyncStatus, TakeBack, TryAgain
from teleconsole.contracts.wire import Done
from teleconsole.domain.errors import SignInNeeded, StoreError
from teleconsole.host.limits import VAULT_LISTED_CHARS, VAULT_SAVED_CHANGES
from teleconsole.ipc.responder import Handlers
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.session import VaultSession
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import local, outbox
from teleconsole.vault.store.changes import (
    ChangeRow,
    ChatPayload,
    DecisionPayload,
    NotePayload,
    QuestionPayload,
    ReplyPayload,
    StillPayload,
    VisitBegan,
    VisitEnded,
)
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.touched import Touched

_ON_ITS_WAY = (
    "This may have reached the clinic's server already, so it cannot be taken back. Send a correction instead."
)
_NOT_THERE = "This was sent in the meantime. Look at the case; send a correction if it is needed."


class SyncHandlers:
    """Shows and moves what is unsent, and tells how sync stands.

    Args:
        session: gives the open vault or raises.
    """

    def __init__(self, session: Callable[[], VaultSession]) -> None:
        self._session = session

    def handlers(self) -> Handlers:
        """Return the answers of this class."""
        return {
            ListChanges: self._list,
            TakeBack: self._take_back,
            TryAgain: self._try_again,
            GetSyncStatus: self._get_status,
            SyncNow: self._sync_now,
        }

    async def _list(self, _: ListChanges) -> tuple[Change, ...]:
        return await self._session().store.read(_changes)

    async def _take_back(self, ask: TakeBack) -> Draft:
        session = self._session()
        now_ms = session.store.now_ms()

        def keep(connection: Connection) -> tuple[Draft, str]:
            change = _found(connection, ask.change_id)
            touched = Touched()
            draft = _as_draft(connection, change, now_ms)
            outbox.remove(connection, change.change_id, touched)
            local.save_draft(connection, change.case_id, draft, touched)
            bring_up_to_date(connection, touched)
            return draft, change.case_id

        draft, case_id = await session.store.write(AuditEvent("change-taken-back", entity=ask.change_id), keep)
        session.changed(case_id)
        return draft

    async def _try_again(self, ask: TryAgain) -> Done:
        session = self._session()

        def keep(connection: Connection) -> str:
            change = _found(connection, ask.change_id)
            touched = Touched()
            if change.state != "sending":
                outbox.move(connection, change.change_id, "waiting", touched)
            bring_up_to_date(connection, touched)
            return change.case_id

        session.changed(await session.store.write(AuditEvent("change-tried-again", entity=ask.change_id), keep))
        return Done()

    async def _get_status(self, _: GetSyncStatus) -> SyncStatus:
        return await self._session().sync_status()

    async def _sync_now(self, _: SyncNow) -> Done:
        session = self._session()
        if session.account is None:
            raise SignInNeeded
        await session.sync_store.release_all()
        session.sync_soon()
        return Done()


def _changes(connection: Connection) -> tuple[Change, ...]:
    names = dict(
        connection.execute(
            "SELECT patient_id, name FROM patient WHERE patient_id IN (SELECT patient_id FROM change)"
        ).fetchall()
    )
    return tuple(
        Change(
            change_id=change.change_id,
            case_id=change.case_id,
            patient_name=str(names.get(change.patient_id, "")),
            kind=change.kind,
            text=_text(change)[:VAULT_LISTED_CHARS],
            made_ms=change.made_ms,
            state=change.state,
            problem=change.last_error[:VAULT_LISTED_CHARS],
            attempts=change.attempts,
            next_try_ms=change.next_ms,
        )
        for change in outbox.every(connection, VAULT_SAVED_CHANGES)
    )


def _text(change: ChangeRow) -> str:
    match change.payload:
        case ReplyPayload(text) | QuestionPayload(text) | DecisionPayload(_, text) | NotePayload(text):
            return text
        case ChatPayload() as chat:
            return chat.text
        case StillPayload() as still:
            return still.title
        case VisitBegan():
            return "Begin of a visit"
        case VisitEnded():
            return "End of a visit"
        case _:
            return ""


def _found(connection: Connection, change_id: str) -> ChangeRow:
    change = outbox.find(connection, change_id)
    if change is None:
        raise StoreError(_NOT_THERE)
    return change


def _as_draft(connection: Connection, change: ChangeRow, now_ms: int) -> Draft:
    """Return the change's text as a draft; what was begun since then stands behind it."""
    if change.state == "sending" or (change.state == "waiting" and change.attempts > 0):
        # its answer may have been lost: taken back, the patient could get both texts
        raise StoreError(_ON_ITS_WAY)
    match change.payload:
        case ReplyPayload(text):
            draft = Draft("reply", text, now_ms)
        case QuestionPayload(text):
            draft = Draft("follow-up-question", text, now_ms)
        case DecisionPayload(_, text):
            draft = Draft("decision", text, now_ms)
        case NotePayload(text):
            draft = Draft("note", text, now_ms)
        case _:
            raise StoreError("This has no text to take back. It goes out when the clinic's server can be reached.")
    begun = local.draft_text(connection, change.case_id, draft.kind)
    return Draft(draft.kind, f"{draft.text}\n\n{begun}", now_ms) if begun else draft
