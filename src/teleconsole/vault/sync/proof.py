"""Whether the server stored what was meant: a status of success alone is no proof."""

from collections.abc import Sequence

import msgspec

from teleconsole.domain.errors import NotFhir, Rejected
from teleconsole.vault.fhir.bundles import Entry, received
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.raw import BadResource
from teleconsole.vault.fhir.resources import Resource
from teleconsole.vault.store.sync_port import ReceivedResource

_NOT_KEPT = frozenset({"Binary"})


class _Payload(msgspec.Struct, frozen=True, rename="camel"):
    content_string: str = ""


class _Identifier(msgspec.Struct, frozen=True):
    system: str = ""
    value: str = ""


class _Owner(msgspec.Struct, frozen=True):
    reference: str = ""


class _Meant(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str = ""
    status: str = ""
    identifier: tuple[_Identifier, ...] = ()
    payload: tuple[_Payload, ...] = ()
    owner: _Owner = _Owner()


class _Untyped(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str = ""


async def proven(client: FhirClient, entries: Sequence[Resource], answered: Sequence[Entry]) -> list[ReceivedResource]:
    """Return the resources of a transaction as the server has them now, each compared with what was sent.

    Raises:
        NotFhir: the answer does not say which resources these are: ask.
        Rejected: the server stored something else.
    """
    truth: list[ReceivedResource] = []
    for sent, answer in zip(entries, answered, strict=True):
        type_, _, id_ = str(sent["request"]["url"]).partition("/")
        if type_ in _NOT_KEPT:
            continue
        stored = await _stored(client, type_, id_, answer)
        if not _same(_raw(sent["resource"]), stored.raw, str(sent["request"].get("ifNoneExist", ""))):
            raise Rejected("The clinic's server stored something else than was sent. Ask IT to look at the server.")
        truth.append(stored)
    return truth


async def _stored(client: FhirClient, type_: str, id_: str, answer: Entry) -> ReceivedResource:
    try:
        found = received(bytes(answer.resource), expected_type=type_)
        if not id_ or found.id == id_:
            return found
    except BadResource:
        pass  # no body came back, so it is read
    parts = answer.response.location.split("/_history")[0].rstrip("/").split("/")
    wanted = id_ or (parts[-1] if len(parts) >= 2 and parts[-2] == type_ else "")
    read = await client.read(type_, wanted) if wanted else None
    if read is None:
        raise NotFhir
    return read


def _same(sent: bytes, stored: bytes, once: str) -> bool:
    """Compare; what is made once is known by that identifier alone: the gateway may have brought it before us."""
    kind = msgspec.json.decode(sent, type=_Untyped).resource_type
    if kind not in ("Task", "Communication", "Encounter"):
        return True
    ours = msgspec.json.decode(sent, type=_Meant)
    theirs = msgspec.json.decode(stored, type=_Meant)
    owner = ours.owner.reference
    return (
        ours.status == theirs.status
        and ours.payload == theirs.payload
        and {each for each in ours.identifier if not once or once == _search(each)} <= set(theirs.identifier)
        and (theirs.owner.reference.endswith(owner) if owner else not theirs.owner.reference)
    )


def _search(identifier: _Identifier) -> str:
    return f"identifier={identifier.system}|{identifier.value}"


def _raw(resource: Resource | bytes) -> bytes:
    return resource if isinstance(resource, bytes) else msgspec.json.encode(resource)
