"""What a visit writes: its Encounter, its Appointment's status, and the case when there was none."""

from typing import Any

import msgspec

from teleconsole.domain.errors import Rejected
from teleconsole.host import limits
from teleconsole.vault.fhir import resources
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.raw import swap
from teleconsole.vault.fhir.resources import Place, Resource
from teleconsole.vault.store.changes import ChangeRow, VisitBegan, VisitEnded
from teleconsole.vault.store.sync_port import ReceivedResource
from teleconsole.vault.sync.sent import Asking

_MAY_ARRIVE = frozenset({"proposed", "pending", "booked", "checked-in", "waitlist"})
_MAY_END = _MAY_ARRIVE | {"arrived"}


class _Status(msgspec.Struct, frozen=True):
    status: str = ""


class _Extended(msgspec.Struct, frozen=True):
    extension: tuple[dict[str, Any], ...] = ()


class VisitPlans:
    """Makes the entries for the begin and the end of visits.

    Args:
        client: to the server.
        asking: finds Encounters by the visit's id.
    """

    def __init__(self, client: FhirClient, asking: Asking) -> None:
        self._client = client
        self._asking = asking

    async def began(self, change: ChangeRow, payload: VisitBegan, place: Place) -> tuple[Resource, ...]:
        """Return the entries for a visit that began; with `makes_case` its Task and thread too."""
        entries: list[Resource] = []
        if payload.makes_case:
            until_ms = payload.started_ms + limits.VAULT_CLAIM_S * 1000
            task = resources.case(
                place,
                change_id=change.change_id,
                reason=payload.reason,
                authored_ms=payload.started_ms,
                claim_until_ms=until_ms,
            )
            entries.append(
                resources.create_once(task, resources.CHANGE, change.change_id, str(place.task["reference"]))
            )
            header = resources.thread_header(place, change.change_id, payload.reason)
            entries.append(resources.create_once(header, resources.THREAD, change.change_id))
        encounter = resources.encounter(
            place,
            visit_id=payload.visit_id,
            appointment_id=payload.appointment_id,
            reason=payload.reason,
            started_ms=payload.started_ms,
        )
        entries.append(resources.create_once(encounter, resources.VISIT, payload.visit_id))
        entries += await self._appointment(payload.appointment_id, "arrived", _MAY_ARRIVE)
        return tuple(entries)

    async def ended(self, payload: VisitEnded) -> tuple[Resource, ...] | ReceivedResource:
        """Return the entries for a visit that ended, or its Encounter when it says so already.

        Raises:
            Rejected: the server has no Encounter of this visit.
        """
        found = await self._asking.by_identifier("Encounter", resources.VISIT, payload.visit_id)
        if found is None:
            raise Rejected("The clinic's server has no record of this visit, so its end could not be noted.")
        if _status(found) == "finished":
            return found
        done = resources.finished(
            started_ms=payload.started_ms,
            ended_ms=payload.ended_ms,
            spans=payload.spans,
            extensions=other_extensions(found),
        )
        entry = resources.put("Encounter", found.id, swap(found.raw, done), found.version_id)
        return entry, *await self._appointment(payload.appointment_id, "fulfilled", _MAY_END)

    async def _appointment(self, appointment_id: str, status: str, from_: frozenset[str]) -> tuple[Resource, ...]:
        """Return the entry that moves the Appointment on; none when it is elsewhere already."""
        found = await self._client.read("Appointment", appointment_id) if appointment_id else None
        if found is None or _status(found) not in from_:
            return ()
        raw = swap(found.raw, {"status": status})
        return (resources.put("Appointment", found.id, raw, found.version_id),)


def urn(uuid_text: str) -> str:
    """Return the fullUrl of what a transaction makes."""
    return f"urn:uuid:{uuid_text}"


def other_extensions(received: ReceivedResource) -> list[object]:
    """Return the extensions that are not ours to write now."""
    every = msgspec.json.decode(received.raw, type=_Extended).extension
    return [each for each in every if each.get("url") != resources.VISIT_GAP]


def _status(received: ReceivedResource) -> str:
    return msgspec.json.decode(received.raw, type=_Status).status
