"""Hands to the FHIR server what a patient wrote, spoke or filmed in a visit that ended before the console had it.

Each item carries the identifier that it would have had from the console, so that one which came both ways is one.
"""

import asyncio
import logging

import msgspec

from teleconsole.domain.errors import NotFhir, Rejected, VersionConflict
from teleconsole.domain.exif import Damaged
from teleconsole.gateway import case_resources as build
from teleconsole.gateway.case_threads import CaseThreads
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.fhir_proxy import reference_id
from teleconsole.gateway.file_entries import file_entries
from teleconsole.gateway.links import Link
from teleconsole.gateway.spool import Spool, SpoolDamaged, WaitingMessage
from teleconsole.host import limits
from teleconsole.host.clock import Clock, from_ms, to_ms

CASE_EXTENSION = f"{build.OWN}:case"
CASE_REASON = "Message after a video visit"

log = logging.getLogger(__name__)


class LateMessages:
    """Writes to the FHIR server for visits that are over. Callers hold the link's lock. Belongs to one event loop."""

    def __init__(self, client: FhirClient, threads: CaseThreads, clock: Clock) -> None:
        self._client = client
        self._threads = threads
        self._clock = clock

    async def is_filed(self, item_id: str, *, with_file: bool) -> bool:
        """Return whether the server has an item, by whichever way it came.

        Raises:
            Offline, NotFhir, Rejected: the server did not answer as it should.
        """
        if with_file:
            found = await self._client.with_identifier("DocumentReference", build.EVIDENCE_SYSTEM, item_id)
        else:
            found = await self._client.with_identifier("Communication", build.CHAT_LINE_SYSTEM, item_id)
        return found is not None

    async def send(self, link: Link, waiting: WaitingMessage, spool: Spool) -> str:
        """Put an item into the visit's case and mark the case as waiting for the clinician. May be repeated.

        Returns:
            The id of the case, empty when the server had the item already.

        Raises:
            Offline, NotFhir: try again later; also while the console has not made the visit's case yet.
            Rejected: the server refused for good, or the file cannot be read.
        """
        if await self.is_filed(waiting.id, with_file=waiting.with_file):
            return ""
        encounter = await self._client.with_identifier("Encounter", build.VISIT_SYSTEM, link.subject_id)
        case_id = await self._case_id(link, encounter, waiting)
        visit = build.reference("Encounter", str(encounter["id"])) if encounter else {}
        case = build.reference("Task", case_id)

        async def is_there() -> bool:
            return await self.is_filed(waiting.id, with_file=waiting.with_file)

        async def entries(header: Resource) -> list[Resource]:
            if waiting.with_file:
                return await asyncio.to_thread(_file, link, waiting, spool, build.late_context(case, visit))
            message = build.late_message(link, waiting, case, header, visit)
            return [build.create_once(message, build.CHAT_LINE_SYSTEM, waiting.id)]

        try:
            await self._threads.add(link, case_id, is_there, entries)
        except (Damaged, SpoolDamaged) as error:
            log.error("an item of visit link %s cannot be read: %s", link.id, type(error).__name__)
            raise Rejected from error
        return case_id

    async def _case_id(self, link: Link, encounter: Resource | None, waiting: WaitingMessage) -> str:
        """Return the case in which the console keeps the visit; after a long wait, of one that is made for it here."""
        known = _case_of(encounter, link.patient_id) or link.case_id
        if known:
            return known
        made = await self._client.with_identifier("Task", build.SUBMISSION_SYSTEM, link.subject_id)
        waited_ms = to_ms(self._clock.now()) - waiting.sent_ms
        if made is None and waited_ms < limits.GATEWAY_CASE_WAIT_S * 1000:
            raise NotFhir
        made = made or await self._new_case(link, waiting)
        return str(made["id"])

    async def _new_case(self, link: Link, waiting: WaitingMessage) -> Resource:
        general = msgspec.structs.replace(link, questionnaire_id="general")
        task = build.task(general, reason=CASE_REASON, priority="routine", inputs=[], sent_at=from_ms(waiting.sent_ms))
        try:
            await self._client.transaction([build.create_once(task, build.SUBMISSION_SYSTEM, link.subject_id)])
        except VersionConflict:
            log.info("the case of visit link %s met an earlier attempt", link.id)
        made = await self._client.with_identifier("Task", build.SUBMISSION_SYSTEM, link.subject_id)
        if made is None:
            raise NotFhir
        log.warning("visit link %s had no case for too long: one was made", link.id)
        return made


def _case_of(encounter: Resource | None, patient_id: str) -> str:
    if encounter is None or reference_id(encounter.get("subject"), "Patient") != patient_id:
        return ""
    cases = [each.get("valueReference") for each in encounter.get("extension", []) if each.get("url") == CASE_EXTENSION]
    return next((case for case in (reference_id(each, "Task") for each in cases) if case), "")


def _file(link: Link, waiting: WaitingMessage, spool: Spool, context: Resource) -> list[Resource]:
    upload = spool.draft().upload(waiting.id)
    if upload is None or not upload.complete:
        raise SpoolDamaged
    # The console writes Binary/<upload.id>, as the file came: the hash in our DocumentReference would not be its.
    return file_entries(link, upload, spool, binary_id=build.own_id(link, f"file {upload.id}"), context=context)
