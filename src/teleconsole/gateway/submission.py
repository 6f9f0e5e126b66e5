"""Hands a submission or a message to the FHIR server: transactions that may be repeated and still make one case.

Each resource carries an identifier of ours and is created only if none has it; before each step the server is asked
what is there already, because the answer to the last attempt may have been lost.
"""

import asyncio
import logging
from typing import Any

import msgspec

from teleconsole.domain.errors import NotFhir, VersionConflict
from teleconsole.gateway import case_resources as build
from teleconsole.gateway.exif import without_position
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.fhir_proxy import FhirProxy, message_kind
from teleconsole.gateway.forms import FilledForm
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.measurements import observation
from teleconsole.gateway.questionnaires import Questionnaires, canonical
from teleconsole.gateway.spool import Draft, Spool, Upload, WaitingMessage
from teleconsole.host.clock import Clock, from_ms

CONFLICTS = 4
"""How often a Task is read anew when somebody else writes it at the same moment."""

log = logging.getLogger(__name__)


class Submissions:
    """Writes to the FHIR server for patients. Callers hold the link's lock. Belongs to one event loop."""

    def __init__(
        self, client: FhirClient, proxy: FhirProxy, links: Links, questionnaires: Questionnaires, clock: Clock
    ) -> None:
        self._client = client
        self._proxy = proxy
        self._links = links
        self._questionnaires = questionnaires
        self._clock = clock

    def filled_form(self, link: Link, answers: dict[str, Any]) -> FilledForm:
        """Return the checked answers of a submission.

        Raises:
            Refused: `answers-invalid`.
            NotFhir: the questionnaire of the link is gone.
        """
        return FilledForm(self._questionnaire(link), answers)

    async def hand_over(self, link: Link, draft: Draft, spool: Spool) -> Link:
        """Make the case; return the link with its ids. May be repeated.

        Raises:
            Offline, NotFhir: try again later.
            Rejected: the server refused for good.
            Damaged: a file cannot be sent on without its position.
        """
        found = await self._case_of(link)
        if found is None:
            documents = [await self._document(link, upload, spool) for upload in draft.uploads]
            try:
                await self._client.transaction(self._entries(link, draft, documents))
            except VersionConflict:  # the answer of an earlier attempt was lost, or two ran at once
                log.info("submission %s met an earlier attempt", link.id)
            found = await self._case_of(link)
        if found is None:
            raise NotFhir
        case_id, thread_id = found
        return self._links.change(link.id, case_id=case_id, thread_id=thread_id, accepted=True)

    async def send_message(self, link: Link, waiting: WaitingMessage) -> None:
        """Put a message into the case's thread and mark the case as waiting for the clinician. May be repeated.

        Raises:
            Offline, NotFhir: try again later.
            Rejected: the server refused for good.
        """
        for _attempt in range(CONFLICTS):
            if await self._find("Communication", build.MESSAGE_SYSTEM, waiting.id) is not None:
                return
            case = await self._proxy.case(link.patient_id, link.case_id)
            if case is None:
                raise NotFhir
            try:
                await self._client.transaction(await self._message_entries(link, waiting, case))
            except VersionConflict:
                continue  # somebody wrote the Task meanwhile: read it again
            return
        raise NotFhir

    async def _message_entries(self, link: Link, waiting: WaitingMessage, case: Resource) -> list[Resource]:
        kind = "message"
        if waiting.in_response_to:
            asked = await self._proxy.communication(link.patient_id, link.case_id, waiting.in_response_to)
            if asked is None:  # not a message that this patient may see, so nothing refers to it
                waiting = msgspec.structs.replace(waiting, in_response_to="")
            elif message_kind(asked) == "follow-up-question":
                kind = "follow-up-answer"
        case_reference = build.reference("Task", link.case_id)
        thread_id = link.thread_id or await self._thread_of(link)
        entries = []
        header = build.reference("Communication", thread_id)
        if not thread_id:
            header = {"reference": build.urn(link, "thread")}
            resource = build.thread_header(link, case_reference, str(case.get("description") or "Case"), link.case_id)
            entries.append(build.create_once(resource, build.THREAD_SYSTEM, link.case_id, header["reference"]))
        message = build.message(link, waiting, case_reference, header, kind=kind)
        version = str(case.get("meta", {}).get("versionId", ""))
        return [
            *entries,
            build.create_once(message, build.MESSAGE_SYSTEM, waiting.id),
            build.put(build.touched(case, self._clock.now()), if_match=version),
        ]

    async def _thread_of(self, link: Link) -> str:
        """Return the id of the header of a case that was not made here, empty when it has none."""
        found = await self._client.search("Communication", {"based-on": f"Task/{link.case_id}", "_count": "500"})
        headers = [each for each in found if not each.get("partOf")]
        return str(headers[0].get("id", "")) if headers else ""

    async def _case_of(self, link: Link) -> tuple[str, str] | None:
        """Return the ids of the case and of its thread's header when the server has them."""
        case = await self._find("Task", build.SUBMISSION_SYSTEM, link.subject_id)
        header = await self._find("Communication", build.THREAD_SYSTEM, link.subject_id) if case else None
        return (str(case["id"]), str(header["id"])) if case and header else None

    async def _find(self, resource_type: str, system: str, value: str) -> Resource | None:
        found = await self._client.search(resource_type, {"identifier": f"{system}|{value}"})
        # A server that does not know the parameter would return just anything.
        own = [each for each in found if value in _identifiers(each, system)]
        return min(own, key=lambda each: str(each.get("meta", {}).get("lastUpdated", "")), default=None)

    async def _document(self, link: Link, upload: Upload, spool: Spool) -> Resource:
        """Return the DocumentReference of a file as it is on the server, made now unless it was there."""
        found = await self._find("DocumentReference", build.EVIDENCE_SYSTEM, upload.id)
        if found is not None:
            return found
        entries = await asyncio.to_thread(_file_entries, link, upload, spool)
        try:
            await self._client.transaction(entries)
        except VersionConflict:
            log.info("a file of submission %s met an earlier attempt", link.id)
        found = await self._find("DocumentReference", build.EVIDENCE_SYSTEM, upload.id)
        if found is None:
            raise NotFhir
        return found

    def _entries(self, link: Link, draft: Draft, documents: list[Resource]) -> list[Resource]:
        form = self.filled_form(link, draft.answers)
        sent_at = from_ms(link.submitted_s * 1000)
        case, header = build.urn(link, "case"), build.urn(link, "thread")
        case_reference = {"reference": case}
        reason = form.text_of("reason") or "New submission"
        response = build.intake(link, canonical(self._questionnaire(link)), form.items, sent_at)
        inputs = [("intake", build.reference("QuestionnaireResponse", response["id"]))]
        inputs += [("evidence", build.reference("DocumentReference", each["id"])) for each in documents]
        task = build.task(link, reason=reason, priority=form.priority, inputs=inputs, sent_at=sent_at)
        thread = build.thread_header(link, case_reference, reason, link.subject_id)
        first = WaitingMessage(
            id=f"{link.subject_id}-first", text=form.text_of("question") or reason, sent_ms=link.submitted_s * 1000
        )
        message = build.message(link, first, case_reference, {"reference": header}, kind="message")
        patient = build.reference("Patient", link.patient_id)
        return [
            build.put(response),
            *(
                build.create_once(observation(each, patient), "urn:teleconsole:measurement", each.id)
                for each in draft.measurements
            ),
            build.create_once(task, build.SUBMISSION_SYSTEM, link.subject_id, case),
            build.create_once(thread, build.THREAD_SYSTEM, link.subject_id, header),
            build.create_once(message, build.MESSAGE_SYSTEM, first.id),
            *(build.put(each | {"context": {"related": [case_reference]}}) for each in documents),
        ]

    def _questionnaire(self, link: Link) -> Resource:
        questionnaire = self._questionnaires.get(link.questionnaire_id)
        if questionnaire is None:
            raise NotFhir
        return questionnaire


def _file_entries(link: Link, upload: Upload, spool: Spool) -> list[Resource]:
    """Return the transaction of one file. Blocks on disk and encoding: runs in a thread."""
    original = spool.read(upload.id)
    sent_on = without_position(upload.content_type, original)
    document = build.document(link, upload, sent_on, original)
    entries = [build.put(build.binary(upload.id, upload.content_type, sent_on))]
    if original != sent_on:
        entries.append(build.put(build.binary(f"{upload.id}-original", upload.content_type, original)))
    return [*entries, build.create_once(document, build.EVIDENCE_SYSTEM, upload.id)]


def _identifiers(resource: Resource, system: str) -> list[str]:
    identifiers = resource.get("identifier", [])
    identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
    return [str(each.get("value")) for each in identifiers if each.get("system") == system]
