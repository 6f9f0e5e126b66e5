"""The header of a case's thread: every message is part of it."""

import uuid

import msgspec

from teleconsole.host import limits
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.resources import THREAD, Place, Resource, create_once, reference, thread_header


class _Message(msgspec.Struct, frozen=True, rename="camel"):
    part_of: tuple[object, ...] = ()
    payload: tuple[object, ...] = ()


class Threads:
    """Finds thread headers, and remembers them.

    Args:
        client: to the server.
    """

    def __init__(self, client: FhirClient) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    async def header(self, case_id: str, place: Place, topic: str) -> tuple[Resource, tuple[Resource, ...]]:
        """Return a Reference to the header, and the entries that make it when the case has none.

        Args:
            case_id: of a Task that is at the server.
            place: where a new header belongs.
            topic: of a new header.
        """
        known = self._known.get(case_id) or await self._find(case_id)
        if known:
            self._known[case_id] = known
            return reference("Communication", known), ()
        full_url = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{THREAD}/{case_id}')}"
        made = create_once(thread_header(place, case_id, topic), THREAD, case_id, full_url)
        return {"reference": full_url}, (made,)

    async def _find(self, case_id: str) -> str:
        # not by `part-of:missing`, which not every server knows
        found = await self._client.search(
            "Communication",
            (("based-on", f"Task/{case_id}"), ("_sort", "_lastUpdated"), ("_count", str(limits.FHIR_PAGE))),
        )
        for row in found.rows:
            message = msgspec.json.decode(row.raw, type=_Message)
            if not message.part_of and not message.payload:
                return row.id
        return ""
