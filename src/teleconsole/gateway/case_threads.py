"""Adds to a case what its patient sent later, and marks the case as waiting for the clinician."""

from collections.abc import Awaitable, Callable

from teleconsole.domain.errors import NotFhir, VersionConflict
from teleconsole.gateway import case_resources as build
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.fhir_proxy import FhirProxy
from teleconsole.gateway.links import Link
from teleconsole.host.clock import Clock

CONFLICTS = 4
"""How often a Task is read anew when somebody else writes it at the same moment."""


class CaseThreads:
    """The threads of cases that are on the FHIR server. Callers hold the link's lock. Belongs to one event loop."""

    def __init__(self, client: FhirClient, proxy: FhirProxy, clock: Clock) -> None:
        self._client = client
        self._proxy = proxy
        self._clock = clock

    async def add(
        self,
        link: Link,
        case_id: str,
        is_there: Callable[[], Awaitable[bool]],
        entries: Callable[[Resource], Awaitable[list[Resource]]],
    ) -> None:
        """Write entries and the Task in one transaction; nothing when they are there. May be repeated.

        Args:
            link: whose patient the case has to be of.
            case_id: of the Task.
            is_there: asks the server for what an earlier attempt may have written.
            entries: makes what is to be written from a Reference to the thread's header.

        Raises:
            Offline, NotFhir: try again later.
            Rejected: the server refused for good.
        """
        for _attempt in range(CONFLICTS):
            if await is_there():
                return
            case = await self._proxy.case(link.patient_id, case_id)
            if case is None:
                raise NotFhir
            header, new_header = await self._header(link, case_id, case)
            version = str(case.get("meta", {}).get("versionId", ""))
            task = build.put(build.touched(case, self._clock.now()), if_match=version)
            try:
                await self._client.transaction([*new_header, *await entries(header), task])
            except VersionConflict:
                continue  # somebody wrote the Task meanwhile: read it again
            return
        raise NotFhir

    async def _header(self, link: Link, case_id: str, case: Resource) -> tuple[Resource, list[Resource]]:
        """Return a Reference to the thread's header, and the entry that makes it when the case has none."""
        thread_id = (link.thread_id if case_id == link.case_id else "") or await self._thread_of(case_id)
        if thread_id:
            return build.reference("Communication", thread_id), []
        full_url = build.urn(link, "thread")
        topic = str(case.get("description") or "Case")
        made = build.thread_header(link, build.reference("Task", case_id), topic, case_id)
        return {"reference": full_url}, [build.create_once(made, build.THREAD_SYSTEM, case_id, full_url)]

    async def _thread_of(self, case_id: str) -> str:
        """Return the id of the header of a case that was not made here, empty when it has none."""
        found = await self._client.search("Communication", {"based-on": f"Task/{case_id}", "_count": "500"})
        headers = [each for each in found if not each.get("partOf")]
        return str(headers[0].get("id", "")) if headers else ""
