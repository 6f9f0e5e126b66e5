"""Files of a submission or of a visit that is over: resumable, checked against what the page said of them."""

import asyncio
import hashlib
import re

import msgspec
from aiohttp import web

from teleconsole.domain.exif import Damaged, without_position
from teleconsole.gateway.deliveries import Deliveries
from teleconsole.gateway.file_kinds import ALLOWED, MAGIC_BYTES, is_what_it_says, media_type
from teleconsole.gateway.problems import Refused, answer, read_body
from teleconsole.gateway.spool import Draft, Spool, Upload
from teleconsole.gateway.text import clean
from teleconsole.gateway.upload_doors import UploadDoor, UploadForm
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms

_UPLOAD_ID = re.compile(r"[0-9a-f-]{36}")


class UploadsApi:
    """The handlers of the uploads behind one door. Belongs to one event loop."""

    def __init__(self, door: UploadDoor, deliveries: Deliveries, clock: Clock) -> None:
        self._door = door
        self._deliveries = deliveries
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        every, one = self._door.path, f"{self._door.path}/{{upload_id}}"
        return [
            web.post(every, self._begin),
            web.head(one, self._where),
            web.patch(one, self._append),
            web.delete(one, self._remove),
        ]

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        link = self._door.open_link(request)
        form = await read_body(request, UploadForm)
        content_type = media_type(form.content_type)
        if content_type not in ALLOWED[form.kind]:
            raise Refused(415, "kind-not-allowed")
        if form.size > limits.GATEWAY_UPLOAD_BYTES:
            raise Refused(413, "too-large", maxBytes=limits.GATEWAY_UPLOAD_BYTES)
        async with self._deliveries.spool(link) as spool:
            draft = await asyncio.to_thread(spool.draft)
            known = self._door.known(link, draft, form)
            if known is not None:
                received, _chunks = await asyncio.to_thread(spool.progress, known.id)
                return answer({"id": known.id, "offset": received}, 201)
            _check_room(draft, form.size, self._door.taken(link, draft))
            upload = Upload(
                id=self._door.new_id(link, form),
                kind=form.kind,
                name=clean(form.name).replace("/", "_").replace("\\", "_") or "file",
                content_type=content_type,
                size=form.size,
                sha256=form.sha256,
                added_ms=to_ms(self._clock.now()),
            )
            changed = msgspec.structs.replace(draft, uploads=[*draft.uploads, upload])
            await asyncio.to_thread(spool.save_draft, changed)
        return answer({"id": upload.id, "offset": 0}, 201)

    async def _where(self, request: web.Request) -> web.StreamResponse:
        link = self._door.open_link(request)
        async with self._deliveries.spool(link) as spool:
            upload = await self._upload(request, spool)
            received, _chunks = await asyncio.to_thread(spool.progress, upload.id)
        return web.Response(headers={"Upload-Offset": str(received), "Upload-Length": str(upload.size)})

    async def _append(self, request: web.Request) -> web.StreamResponse:
        link = self._door.open_link(request)
        try:
            offset = int(request.headers.get("Upload-Offset", ""))
        except ValueError as error:
            raise Refused(400, "malformed") from error
        async with self._deliveries.spool(link) as spool:
            upload = await self._upload(request, spool)
            received, chunks = await asyncio.to_thread(spool.progress, upload.id)
            if offset != received:
                raise Refused(409, "wrong-offset", offset=received)
            if not upload.complete:
                received = await self._receive(request, spool, upload, received, chunks)
                if received == upload.size:
                    await self._complete(spool, upload)
        return answer({"offset": received})

    async def _receive(self, request: web.Request, spool: Spool, upload: Upload, received: int, chunks: int) -> int:
        """Append the body; what arrived before the connection broke is kept."""
        buffer = bytearray()
        started = received
        try:
            async for piece in request.content.iter_any():
                buffer += piece
                while len(buffer) >= limits.GATEWAY_UPLOAD_CHUNK_BYTES:
                    chunk = bytes(buffer[: limits.GATEWAY_UPLOAD_CHUNK_BYTES])
                    del buffer[: len(chunk)]
                    received = await self._keep(spool, upload, received, chunks, chunk)
                    chunks += 1
        finally:
            if buffer:
                received = await self._keep(spool, upload, received, chunks, bytes(buffer))
            if received > started:
                await asyncio.to_thread(spool.sync, upload.id)
        return received

    async def _keep(self, spool: Spool, upload: Upload, received: int, chunks: int, chunk: bytes) -> int:
        if received + len(chunk) > upload.size:
            await self._start_again(spool, upload)
            raise Refused(413, "too-large", maxBytes=upload.size)
        if received == 0 and len(chunk) >= MAGIC_BYTES and not is_what_it_says(upload.content_type, chunk):
            await self._forget(spool, upload)
            raise Refused(415, "not-what-it-says")
        await asyncio.to_thread(spool.append, upload.id, chunks, chunk)
        return received + len(chunk)

    async def _complete(self, spool: Spool, upload: Upload) -> None:
        """Check the whole file against what the page said of it.

        Raises:
            Refused: another hash (the upload starts again at 0), another kind, or a broken picture (it is forgotten).
        """
        content = await asyncio.to_thread(spool.read, upload.id)
        if hashlib.sha256(content).hexdigest() != upload.sha256:
            await self._start_again(spool, upload)
            raise Refused(422, "wrong-sha256")
        if not is_what_it_says(upload.content_type, content):
            await self._forget(spool, upload)
            raise Refused(415, "not-what-it-says")
        try:
            await asyncio.to_thread(without_position, upload.content_type, content)
        except Damaged as error:
            await self._forget(spool, upload)
            raise Refused(415, "photo-damaged") from error
        draft = await asyncio.to_thread(spool.draft)
        whole = msgspec.structs.replace(upload, complete=True)
        uploads = [whole if each.id == upload.id else each for each in draft.uploads]
        await asyncio.to_thread(spool.save_draft, msgspec.structs.replace(draft, uploads=uploads))

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        link = self._door.open_link(request)
        async with self._deliveries.spool(link) as spool:
            await self._forget(spool, await self._upload(request, spool))
        return answer({})

    @staticmethod
    async def _upload(request: web.Request, spool: Spool) -> Upload:
        upload_id = request.match_info["upload_id"]
        draft = await asyncio.to_thread(spool.draft)
        upload = draft.upload(upload_id) if _UPLOAD_ID.fullmatch(upload_id) else None
        if upload is None:
            raise Refused(404, "not-found")
        return upload

    @staticmethod
    async def _start_again(spool: Spool, upload: Upload) -> None:
        await asyncio.to_thread(spool.drop, upload.id)

    @staticmethod
    async def _forget(spool: Spool, upload: Upload) -> None:
        await asyncio.to_thread(spool.forget_upload, upload.id)


def _check_room(draft: Draft, size: int, taken: int) -> None:
    if taken >= limits.GATEWAY_UPLOADS:
        raise Refused(409, "too-many-files")
    if sum(each.size for each in draft.uploads) + size > limits.GATEWAY_SUBMISSION_BYTES:
        raise Refused(413, "submission-too-large", maxBytes=limits.GATEWAY_SUBMISSION_BYTES)
