"""Names of clinicians as references show them."""

import msgspec

from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.resources import Resource, reference
from teleconsole.vault.store.sync_port import SyncStore


class _Name(msgspec.Struct, frozen=True):
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()


class _Person(msgspec.Struct, frozen=True):
    name: tuple[_Name, ...] = ()


class Names:
    """Gives references with names.

    Args:
        store: where Practitioners are kept.
        client: asked for one that is not here yet.
    """

    def __init__(self, store: SyncStore, client: FhirClient) -> None:
        self._store = store
        self._client = client
        self._known: dict[str, Resource] = {}

    async def reference(self, practitioner_id: str) -> Resource:
        """Return a Reference to a Practitioner, with the name when it is known."""
        if practitioner_id not in self._known:
            found = await self._store.resource("Practitioner", practitioner_id)
            found = found or await self._client.read("Practitioner", practitioner_id)
            name = _name(found.raw) if found is not None else ""
            self._known[practitioner_id] = reference("Practitioner", practitioner_id, name)
        return self._known[practitioner_id]


def _name(raw: bytes) -> str:
    try:
        names = msgspec.json.decode(raw, type=_Person).name
    except msgspec.DecodeError:
        return ""
    if not names:
        return ""
    first = names[0]
    return first.text or " ".join((*first.prefix, *first.given, first.family)).strip()
