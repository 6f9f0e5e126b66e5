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
from teleconsole.gateway.case_threads import CaseThreads
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.fhir_proxy import FhirProxy, message_kind
from teleconsole.gateway.file_entries import file_entries
from teleconsole.gateway.forms import FilledForm
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.measurements import observation
from teleconsole.gateway.questionnaires import Questionnaires, canonical
from teleconsole.gateway.spool import Draft, Spool, Upload, WaitingMessage
from teleconsole.host.clock import from_ms

log = logging.getLogger(__name__)


class Submissions:
    """Writes to the FHIR server for patients. Callers hold the link's lock. Belongs to one event loop."""

    def __init__(
        self, client: FhirClient, proxy: FhirProxy, links: Links, questionnaires: Questionnaires, threads: CaseThreads
    ) -> None:
        self._client = client
        self._proxy = proxy
        self._links = links
        self._questionnaires = questionnaires
        self._threads = threads

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

    async def send_message(self, link: Link, waiting: WaitingMessage) -> str:
        """Put a message into the case's thread and mark the case as waiting for the clinician. May be repeated.

        Returns:
            The id of the case.

        Raises:
            Offline, NotFhir: try again later.
            Rejected: the server refused for good.
        """

        async def is_there() -> bool:
            found = await self._client.with_identifier("Communication", build.MESSAGE_SYSTEM, waiting.id)
            return found is not None

        async def entries(header: Resource) -> list[Resource]:
            return [build.create_once(await self._message(link, waiting, header), build.MESSAGE_SYSTEM, waiting.id)]

        await self._threads.add(link, link.case_id, is_there, entries)
        return link.case_id

    async def _message(self, link: Link, waiting: WaitingMessage, header: Resource) -> Resource:
        kind = "message"
        if waiting.in_response_to:
            asked = await self._proxy.communication(link.patient_id, link.case_id, waiting.in_response_to)
            if asked is None:  # not a message that this patient may see, so nothing refers to it
                waiting = msgspec.structs.replace(waiting, in_response_to="")
            elif message_kind(asked) == "follow-up-question":
                kind = "follow-up-answer"
        return build.message(link, waiting, build.reference("Task", link.case_id), header, kind=kind)

    async def _case_of(self, link: Link) -> tuple[str, str] | None:
        """Return the ids of the case and of its thread's header when the server has them."""
        case = await self._client.with_identifier("Task", build.SUBMISSION_SYSTEM, link.subject_id)
        header = (
            await self._client.with_identifier("Communication", build.THREAD_SYSTEM, link.subject_id) if case else None
        )
        return (str(case["id"]), str(header["id"])) if case and header else None

    async def _document(self, link: Link, upload: Upload, spool: Spool) -> Resource:
        """Return the DocumentReference of a file as it is on the server, made now unless it was there."""
        found = await self._client.with_identifier("DocumentReference", build.EVIDENCE_SYSTEM, upload.id)
        if found is not None:
            return found
        entries = await asyncio.to_thread(file_entries, link, upload, spool)
        try:
            await self._client.transaction(entries)
        except VersionConflict:
            log.info("a file of submission %s met an earlier attempt", link.id)
        found = await self._client.with_identifier("DocumentReference", build.EVIDENCE_SYSTEM, upload.id)
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
