"""A Task as it stands at the server, and what our changes make of it: only our own elements are swapped."""

from dataclasses import dataclass

import msgspec
import orjson

from teleconsole.vault.fhir.raw import instant, instant_ms, swap
from teleconsole.vault.fhir.resources import OWN, Resource, claim_until, coded
from teleconsole.vault.store.changes import ClaimPayload, Payload
from teleconsole.vault.store.effects import CLOSED_STATUSES, TaskState, apply_effect
from teleconsole.vault.store.sync_port import ReceivedResource

_BUSINESS_STATUS = f"{OWN}:business-status"
_CLAIM_UNTIL = f"{OWN}:claim-until"


class _Coding(msgspec.Struct, frozen=True):
    system: str = ""
    code: str = ""


class _Concept(msgspec.Struct, frozen=True):
    coding: tuple[_Coding, ...] = ()


class _Reference(msgspec.Struct, frozen=True):
    reference: str = ""
    display: str = ""


class _Extension(msgspec.Struct, frozen=True, rename="camel"):
    url: str = ""
    value_date_time: str = ""


class _Output(msgspec.Struct, frozen=True, rename="camel"):
    value_reference: _Reference = _Reference()


class _Task(msgspec.Struct, frozen=True, rename="camel"):
    status: str = ""
    business_status: _Concept = _Concept()
    owner: _Reference = _Reference()
    extension: tuple[_Extension, ...] = ()
    output: tuple[_Output, ...] = ()
    description: str = ""


class _Lists(msgspec.Struct, frozen=True):
    extension: tuple[msgspec.Raw, ...] = ()
    output: tuple[msgspec.Raw, ...] = ()


_TASKS = msgspec.json.Decoder(_Task)
_LISTS = msgspec.json.Decoder(_Lists)


@dataclass(frozen=True)
class TaskNow:
    """A Task as read from the server.

    Attributes:
        received: its bytes and version.
        state: what changes may move.
        owner_name: as displayed.
        claim_until_ms: 0 = no end is set.
        outputs: `Type/id` of what was answered.
        topic: the case's reason.
    """

    received: ReceivedResource
    state: TaskState
    owner_name: str
    claim_until_ms: int
    outputs: frozenset[str]
    topic: str

    @property
    def is_closed(self) -> bool:
        """Whether the case is over."""
        return self.state.status in CLOSED_STATUSES

    def is_held_by_another(self, me: str, now_ms: int) -> bool:
        """Return whether another clinician has it, and the claim has not run out."""
        lasts = not self.claim_until_ms or self.claim_until_ms > now_ms
        return self.state.owner_id not in ("", me) and lasts


def task_now(received: ReceivedResource) -> TaskNow:
    """Return a Task taken apart.

    Raises:
        msgspec.DecodeError: its elements are not those of a Task.
    """
    task = _TASKS.decode(received.raw)
    business = next((each.code for each in task.business_status.coding if each.system == _BUSINESS_STATUS), "")
    until = next((each.value_date_time for each in task.extension if each.url == _CLAIM_UNTIL), "")
    outputs = frozenset(_relative(each.value_reference.reference) for each in task.output)
    return TaskNow(
        received,
        TaskState(task.status, business, _id_of(task.owner.reference, "Practitioner")),
        task.owner.display,
        instant_ms(until),
        outputs - {""},
        task.description,
    )


def changed_task(now: TaskNow, payload: Payload, *, me: Resource, at_ms: int, output: Resource | None = None) -> bytes:
    """Return the Task's bytes after a change.

    Args:
        now: as it is.
        payload: the change.
        me: Reference to the clinician, with the name.
        at_ms: the server's time.
        output: what the change adds to Task.output, None = nothing.
    """
    my_id = _id_of(str(me["reference"]), "Practitioner")
    state = apply_effect(now.state, payload, me=my_id)
    lists = _LISTS.decode(now.received.raw)
    elements: dict[str, object] = {"status": state.status, "lastModified": instant(at_ms)}
    removed: list[str] = []
    if state.business_status != now.state.business_status:
        elements["businessStatus"] = coded("business-status", state.business_status)
    if state.owner_id != now.state.owner_id or isinstance(payload, ClaimPayload):
        _set(elements, removed, "owner", me if state.owner_id else None)
    if isinstance(payload, ClaimPayload) or not state.owner_id or state.status in CLOSED_STATUSES:
        kept: list[object] = [orjson.Fragment(bytes(each)) for each in lists.extension if not _is_claim(each)]
        if isinstance(payload, ClaimPayload):
            kept.append(claim_until(payload.until_ms))
        _set(elements, removed, "extension", kept or None)
    if output is not None:
        elements["output"] = [*(orjson.Fragment(bytes(each)) for each in lists.output), output]
    return swap(now.received.raw, elements, tuple(removed))


def _set(elements: dict[str, object], removed: list[str], name: str, value: object | None) -> None:
    if value is None:
        removed.append(name)
    else:
        elements[name] = value


def _is_claim(raw: msgspec.Raw) -> bool:
    return msgspec.json.decode(raw, type=_Extension).url == _CLAIM_UNTIL


def _relative(reference: str) -> str:
    return "/".join(reference.split("/_history/")[0].split("/")[-2:])


def _id_of(reference: str, type_: str) -> str:
    head, _, id_ = _relative(reference).partition("/")
    return id_ if head == type_ else ""
