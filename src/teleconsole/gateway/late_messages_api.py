"""`/patient/visits/{visit_id}/messages`: what the console had not got when the visit ended, for a day after it."""

import asyncio
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from teleconsole.contracts.dropbox import item_id_of
from teleconsole.domain.errors import Rejected, SyncError
from teleconsole.gateway.deliveries import Deliveries
from teleconsole.gateway.late_messages import LateMessages
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.problems import Refused, answer, read_body
from teleconsole.gateway.spool import Spool, WaitingMessage
from teleconsole.gateway.text import Uuid, clean
from teleconsole.gateway.upload_doors import VisitDoor
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms


class LateMessageForm(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /patient/visits/{visit_id}/messages`.

    The page's clock may be wrong by years, so it is not asked when the line was written: it was sent when it came here.

    Attributes:
        id: of the chat line.
        with_file: the line is the file that was sent before under the same id.
    """

    id: Uuid
    text: Annotated[str, Meta(max_length=limits.GATEWAY_MESSAGE_CHARS)] = ""
    with_file: bool = False


class LateMessagesApi:
    """The handler of messages after a visit. Belongs to one event loop."""

    def __init__(
        self, door: VisitDoor, links: Links, deliveries: Deliveries, late_messages: LateMessages, clock: Clock
    ) -> None:
        self._door = door
        self._links = links
        self._deliveries = deliveries
        self._late_messages = late_messages
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        return [web.post("/patient/visits/{visit_id}/messages", self._message)]

    async def _message(self, request: web.Request) -> web.StreamResponse:
        link = self._door.open_link(request)
        form = await read_body(request, LateMessageForm)
        item_id = item_id_of(link.subject_id, form.id)
        if not await self._keep(link, form, item_id):
            return answer({"id": form.id}, 201)
        refused = False
        try:
            await self._deliveries.deliver(link.id)
        except Rejected:
            refused = True  # this one, or another one that waits
        async with self._deliveries.spool(link) as spool:
            if item_id not in await _ids(spool):
                return answer({"id": form.id}, 201)
            if refused:
                await self._drop(link, spool, item_id)
                raise Refused(422, "not-accepted")
        return answer({"id": form.id, "problem": "server-away"}, 202)

    async def _keep(self, link: Link, form: LateMessageForm, item_id: str) -> bool:
        """Put a message into the spool, unless the case has it; return whether it waits there now.

        Raises:
            Refused: it is empty, its file is not there yet, or there are too many.
        """
        async with self._deliveries.spool(link) as spool:
            link = self._links.get(link.id) or link  # as it is now that no other request changes it
            if item_id in link.late_messages:
                return item_id in await _ids(spool)
            text = clean(form.text)
            if not text and not form.with_file:
                raise Refused(422, "answers-invalid", linkIds=["text"])
            if form.with_file and not await self._is_whole(spool, item_id):
                if await self._is_filed(item_id):
                    return False
                raise Refused(409, "upload-incomplete", uploadIds=[item_id])
            if len(link.late_messages) >= limits.GATEWAY_LATE_MESSAGES:
                raise Refused(409, "too-many-messages")
            waiting = WaitingMessage(id=item_id, text=text, sent_ms=to_ms(self._clock.now()), with_file=form.with_file)
            await asyncio.to_thread(spool.save_message, waiting)
            self._links.change(link.id, late_messages={**link.late_messages, item_id: form.with_file})
        return True

    async def _is_filed(self, item_id: str) -> bool:
        """Return whether a file came by the call after all, and only its acknowledgement was lost."""
        try:
            return await self._late_messages.is_filed(item_id, with_file=True)
        except SyncError:
            return False  # it is sent again, and found before it would be written twice

    async def _drop(self, link: Link, spool: Spool, item_id: str) -> None:
        link = self._links.get(link.id) or link
        kept = {each: file for each, file in link.late_messages.items() if each != item_id}
        self._links.change(link.id, late_messages=kept)
        await asyncio.to_thread(spool.forget_upload, item_id)
        await asyncio.to_thread(spool.drop_message, item_id)

    @staticmethod
    async def _is_whole(spool: Spool, item_id: str) -> bool:
        upload = (await asyncio.to_thread(spool.draft)).upload(item_id)
        return upload is not None and upload.complete


async def _ids(spool: Spool) -> set[str]:
    return {each.id for each in await asyncio.to_thread(spool.messages)}
