"""`/patient/submission` and what belongs to it: the draft, sending it, the thread, later messages."""

import asyncio
import contextlib
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from teleconsole.domain.errors import Rejected, SyncError
from teleconsole.gateway.case_resources import case_number
from teleconsole.gateway.deliveries import Deliveries
from teleconsole.gateway.fhir_proxy import FhirProxy, ThreadMessage, message_kind
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.measurements import MeasurementForm, checked
from teleconsole.gateway.problems import Refused, answer, read_body
from teleconsole.gateway.questionnaires import Questionnaires
from teleconsole.gateway.rooms import Rooms
from teleconsole.gateway.sessions import Sessions
from teleconsole.gateway.spool import Spool, Upload, WaitingMessage
from teleconsole.gateway.submission import Submissions
from teleconsole.gateway.text import Uuid, clean
from teleconsole.gateway.times import fhir_instant
from teleconsole.host import limits
from teleconsole.host.clock import Clock, from_ms, to_ms


class Send(msgspec.Struct, frozen=True):
    """Body of `POST /patient/submission`."""

    id: Uuid


class MessageForm(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /patient/messages`."""

    id: Uuid
    text: Annotated[str, Meta(min_length=1, max_length=limits.GATEWAY_MESSAGE_CHARS)]
    in_response_to: Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}$")] | None = None


class SubmissionApi:
    """The handlers of a submission. Belongs to one event loop."""

    def __init__(
        self,
        clock: Clock,
        links: Links,
        sessions: Sessions,
        proxy: FhirProxy,
        rooms: Rooms,
        questionnaires: Questionnaires,
        submissions: Submissions,
        deliveries: Deliveries,
    ) -> None:
        self._clock = clock
        self._links = links
        self._sessions = sessions
        self._proxy = proxy
        self._rooms = rooms
        self._questionnaires = questionnaires
        self._submissions = submissions
        self._deliveries = deliveries

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        return [
            web.get("/patient/submission", self._state),
            web.put("/patient/submission/answers", self._save_answers),
            web.post("/patient/measurements", self._add_measurement),
            web.delete("/patient/measurements/{measurement_id}", self._remove_measurement),
            web.post("/patient/submission", self._send),
            web.post("/patient/messages", self._message),
        ]

    async def _state(self, request: web.Request) -> web.StreamResponse:
        link = self._sessions.link_of(request, "submit")
        async with self._deliveries.spool(link) as spool:
            draft = await asyncio.to_thread(spool.draft)
            files = [await _file(spool, upload) for upload in draft.uploads]
            waiting = await asyncio.to_thread(spool.messages)
        thread, problem = await self._thread(link, waiting)
        calling = self._rooms.calling_visit(link)
        state: dict[str, Any] = {
            "questionnaire": self._questionnaires.get(link.questionnaire_id),
            "answers": draft.answers,
            "files": files,
            "measurements": draft.measurements,
            "submitted": _is_submitted(link),
            "delivered": link.accepted,
            "thread": thread,
            "calling": calling.id if calling is not None else None,
            **(_receipt(link) if _is_submitted(link) else {"receipt": None}),
        }
        problem = "not-accepted" if link.refused else problem
        return answer(state | ({"problem": problem} if problem else {}))

    async def _thread(self, link: Link, waiting: list[WaitingMessage]) -> tuple[list[ThreadMessage], str]:
        """Return the thread with what waits at its end, and a problem when the server could not be asked."""
        own = [
            ThreadMessage(
                id=each.id,
                sender="patient",
                text=each.text,
                sent=fhir_instant(from_ms(each.sent_ms)),
                kind="message",
                pending=True,
            )
            for each in waiting
        ]
        if not link.case_id:
            return own, "server-away" if link.submitted_s else ""
        try:
            return await self._proxy.thread(link.patient_id, link.case_id) + own, ""
        except SyncError:
            return own, "server-away"

    async def _save_answers(self, request: web.Request) -> web.StreamResponse:
        link = self._open_link(request)
        answers = await read_body(request, dict[str, bool | int | float | str | list[str] | None])
        if len(answers) > limits.GATEWAY_ANSWERS:
            raise Refused(413, "too-large")
        async with self._deliveries.spool(link) as spool:
            draft = await asyncio.to_thread(spool.draft)
            await asyncio.to_thread(spool.save_draft, msgspec.structs.replace(draft, answers=dict(answers)))
        return answer({"saved": True})

    async def _add_measurement(self, request: web.Request) -> web.StreamResponse:
        link = self._open_link(request)
        measurement = checked(await read_body(request, MeasurementForm), self._clock.now())
        async with self._deliveries.spool(link) as spool:
            draft = await asyncio.to_thread(spool.draft)
            if len(draft.measurements) >= limits.GATEWAY_MEASUREMENTS:
                raise Refused(409, "too-many-files")
            changed = msgspec.structs.replace(draft, measurements=[*draft.measurements, measurement])
            await asyncio.to_thread(spool.save_draft, changed)
        return answer({"id": measurement.id}, 201)

    async def _remove_measurement(self, request: web.Request) -> web.StreamResponse:
        link = self._open_link(request)
        measurement_id = request.match_info["measurement_id"]
        async with self._deliveries.spool(link) as spool:
            draft = await asyncio.to_thread(spool.draft)
            kept = [each for each in draft.measurements if each.id != measurement_id]
            if len(kept) == len(draft.measurements):
                raise Refused(404, "not-found")
            await asyncio.to_thread(spool.save_draft, msgspec.structs.replace(draft, measurements=kept))
        return answer({})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        link = self._sessions.link_of(request, "submit")
        await read_body(request, Send)
        if not link.accepted and not link.submitted_s:
            async with self._deliveries.spool(link) as spool:
                draft = await asyncio.to_thread(spool.draft)
                missing = [each.id for each in draft.uploads if not each.complete]
                if missing:
                    raise Refused(409, "upload-incomplete", uploadIds=missing)
                self._submissions.filled_form(link, draft.answers)
                self._links.change(link.id, submitted_s=int(self._clock.now().timestamp()), refused=False)
        with contextlib.suppress(Rejected):  # of a later message: what counts here is the submission
            await self._deliveries.deliver(link.id)
        current = self._links.get(link.id) or link
        if not _is_submitted(current):  # refused just now, or by the attempt of another window
            raise Refused(422, "not-accepted")
        receipt = _receipt(link)
        return answer(receipt, 201) if current.accepted else answer({"problem": "server-away", **receipt}, 202)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        link = self._sessions.link_of(request, "submit")
        if not _is_submitted(link):
            raise Refused(409, "not-submitted")
        form = await read_body(request, MessageForm)
        text = clean(form.text)
        if not text:
            raise Refused(422, "answers-invalid", linkIds=["text"])
        if form.in_response_to and link.case_id:
            await self._check_answers_a_question(link, form.in_response_to)
        waiting = WaitingMessage(
            id=form.id.lower(),
            text=text,
            sent_ms=to_ms(self._clock.now()),
            in_response_to=form.in_response_to or "",
        )
        async with self._deliveries.spool(link) as spool:
            if waiting.id not in {each.id for each in await asyncio.to_thread(spool.messages)}:
                await asyncio.to_thread(spool.save_message, waiting)
        try:
            delivered = await self._deliveries.deliver(link.id)
        except Rejected as error:
            async with self._deliveries.spool(link) as spool:
                is_refused = waiting.id in {each.id for each in await asyncio.to_thread(spool.messages)}
                await asyncio.to_thread(spool.drop_message, waiting.id)
            if is_refused:
                raise Refused(422, "not-accepted") from error
            delivered = True  # another one that waited was refused
        return answer({"id": waiting.id}, 201) if delivered else answer({"problem": "server-away"}, 202)

    async def _check_answers_a_question(self, link: Link, communication_id: str) -> None:
        try:
            asked = await self._proxy.communication(link.patient_id, link.case_id, communication_id)
        except SyncError:
            return  # looked at again before it is sent
        if asked is None or message_kind(asked) != "follow-up-question":
            raise Refused(404, "not-found")

    def _open_link(self, request: web.Request) -> Link:
        link = self._sessions.link_of(request, "submit")
        if _is_submitted(link):
            raise Refused(409, "already-submitted")
        return link


async def _file(spool: Spool, upload: Upload) -> dict[str, Any]:
    received, _chunks = await asyncio.to_thread(spool.progress, upload.id)
    return {
        "id": upload.id,
        "kind": upload.kind,
        "name": upload.name,
        "contentType": upload.content_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "offset": received,
        "complete": upload.complete,
    }


def _is_submitted(link: Link) -> bool:
    return link.accepted or link.submitted_s > 0


def _receipt(link: Link) -> dict[str, str]:
    number = link.subject_id[:8].upper()
    return {"receipt": f"{number[:4]}-{number[4:]}", "caseNumber": link.case_number or case_number(link)}
