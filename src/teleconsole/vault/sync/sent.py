"""Asks the server whether a change has arrived already, by the identifiers that it carries."""

from dataclasses import dataclass

from teleconsole.host import limits
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.resources import CHANGE, CHAT_LINE, EVIDENCE, VISIT
from teleconsole.vault.store.changes import (
    ChangeRow,
    ChatPayload,
    ClaimPayload,
    NotePayload,
    ReleasePayload,
    StillPayload,
    VisitBegan,
    VisitEnded,
)
from teleconsole.vault.store.sync_port import ReceivedResource


@dataclass(frozen=True)
class Sent:
    """A change that is at the server.

    Attributes:
        truth: its resources as they are there.
        case_id: of a case that it made, else empty.
    """

    truth: tuple[ReceivedResource, ...]
    case_id: str = ""


class Asking:
    """Looks for what was sent.

    Args:
        client: to the server.
    """

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    async def find(self, change: ChangeRow) -> Sent | None:
        """Return what a change has made at the server; None when it is not there, or leaves no mark (a claim)."""
        key = _key(change)
        if key is None:
            return None
        made = await self.by_identifier(*key)
        if made is None:
            return None
        if isinstance(change.payload, VisitBegan) and change.payload.makes_case:
            task = await self.by_identifier("Task", CHANGE, change.change_id)
            return Sent((task, made), task.id) if task is not None else None
        task = None if change.is_local_case else await self._client.read("Task", change.case_id)
        return Sent((made, task) if task is not None else (made,))

    async def by_identifier(self, type_: str, system: str, value: str) -> ReceivedResource | None:
        """Return the resource with an identifier; of several, which a race can make, the oldest."""
        found = await self._client.search(
            type_, (("identifier", f"{system}|{value}"), ("_count", str(limits.FHIR_BATCH_READS)))
        )
        return min(found.rows, key=lambda row: (row.last_updated_ms, row.id), default=None)


def _key(change: ChangeRow) -> tuple[str, str, str] | None:
    match change.payload:
        case ClaimPayload() | ReleasePayload() | VisitEnded():
            return None  # these set a state: planning them again shows whether it is set
        case NotePayload():
            return "DocumentReference", CHANGE, change.change_id
        case StillPayload(evidence_id=evidence_id):
            return "DocumentReference", EVIDENCE, evidence_id
        case ChatPayload(line_id=line_id):
            return "Communication", CHAT_LINE, line_id
        case VisitBegan(visit_id=visit_id):
            return "Encounter", VISIT, visit_id
        case _:
            return "Communication", CHANGE, change.change_id
