"""Whether somebody else's change to a case must be seen by the clinician before a text goes out."""

from collections.abc import Sequence

import msgspec

from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.store.changes import ChangeRow
from teleconsole.vault.sync.tasks import TaskNow, task_now

_KEPT = "Your text is kept; look at the case and decide."


class _Reference(msgspec.Struct, frozen=True):
    reference: str = ""
    display: str = ""


class _Message(msgspec.Struct, frozen=True):
    sender: _Reference = _Reference()


async def reason_to_stop(client: FhirClient, change: ChangeRow, now: TaskNow, me: str) -> str:
    """Return one sentence when a person has to look first, else nothing: other changes may stand beside ours.

    What counts: the case was closed, another clinician took it, or answered in it. A new message of the patient or a
    moved due time does not.

    Args:
        client: to the server.
        change: a reply, question or decision that was written on an older version.
        now: the Task as it is.
        me: id of the clinician.
    """
    if not change.base_version or now.received.version_id == change.base_version:
        return ""
    older = await client.read_version("Task", change.case_id, change.base_version)
    base = task_now(older) if older is not None else None
    if now.is_closed and (base is None or not base.is_closed):
        return f"This case was closed in the meantime. {_KEPT}"
    owner_id = now.state.owner_id
    if base is None:
        return f"Somebody else works on this case now. {_KEPT}" if owner_id not in ("", me) else ""
    if owner_id not in ("", me) and owner_id != base.state.owner_id:
        return f"{now.owner_name or 'Another clinician'} took this case in the meantime. {_KEPT}"
    answered_by = await _other_answer(client, sorted(now.outputs - base.outputs), me)
    return f"{answered_by} answered this case in the meantime. {_KEPT}" if answered_by else ""


async def _other_answer(client: FhirClient, outputs: Sequence[str], me: str) -> str:
    """Return who else answered, as displayed; empty when nobody did."""
    keys = [(type_, id_) for type_, _, id_ in (each.partition("/") for each in outputs) if type_ == "Communication"]
    for answer in await client.read_many(keys) if keys else ():
        if answer.resource is None:
            continue
        sender = msgspec.json.decode(answer.resource.raw, type=_Message).sender
        if "Practitioner/" in sender.reference and not sender.reference.endswith(f"Practitioner/{me}"):
            return sender.display or "Another clinician"
    return ""
