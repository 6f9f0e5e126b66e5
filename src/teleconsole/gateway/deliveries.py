"""What patients have sent and the FHIR server does not have yet: handed over now, or tried again until it has it."""

import asyncio
import logging
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from teleconsole.domain.errors import Rejected, SyncError
from teleconsole.domain.exif import Damaged
from teleconsole.gateway.late_messages import LateMessages
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.problems import Refused
from teleconsole.gateway.rooms import Rooms
from teleconsole.gateway.spool import Spool, SpoolDamaged, WaitingMessage
from teleconsole.gateway.submission import Submissions
from teleconsole.host import limits
from teleconsole.host.logs import where_it_broke

log = logging.getLogger(__name__)


class Deliveries:
    """The spools of all links and what has to leave them. Belongs to one event loop."""

    def __init__(
        self,
        root: Path,
        secret: bytes,
        links: Links,
        submissions: Submissions,
        late_messages: LateMessages,
        rooms: Rooms,
    ) -> None:
        self._root = root
        self._secret = secret
        self._links = links
        self._submissions = submissions
        self._late_messages = late_messages
        self._rooms = rooms
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting = asyncio.Event()
        self._waiting.set()  # a gateway that starts looks once at what the last one left

    @asynccontextmanager
    async def spool(self, link: Link) -> AsyncIterator[Spool]:
        """Give the spool of a link, to one user at a time."""
        lock = self._locks.setdefault(link.id, asyncio.Lock())
        async with lock:
            yield Spool(self._root, link.id, self._links.token(link), self._secret)

    async def deliver(self, link_id: str) -> bool:
        """Hand over everything that waits at a link; return whether nothing waits any more.

        Raises:
            Rejected: the FHIR server refused something for good: the submission, whose draft is open again, or a
                message, which stays.
        """
        link = self._links.get(link_id)
        if link is None:
            return True
        async with self.spool(link) as spool:
            try:
                return await self._deliver(link_id, spool)
            except Rejected:
                raise
            except (OSError, ValueError, LookupError, TypeError, AttributeError):  # an answer of no sense, a full disk
                self._waiting.set()
                raise
            except SyncError as error:
                log.warning("delivery of link %s waits: %s", link_id, error.code)
            except (Refused, Damaged, SpoolDamaged) as error:
                log.error("delivery of link %s cannot go on: %s", link_id, type(error).__name__)
                self._links.change(link_id, submitted_s=0, refused=True)
                raise Rejected from error
        self._waiting.set()
        return False

    async def _deliver(self, link_id: str, spool: Spool) -> bool:
        link = self._current(link_id)
        if link.kind == "visit":
            return await self._deliver_each(link, spool, lambda each: self._late_messages.send(link, each, spool))
        if link.submitted_s and not link.accepted:
            try:
                draft = await asyncio.to_thread(spool.draft)
                link = await self._submissions.hand_over(link, draft, spool)
            except Rejected:
                self._links.change(link_id, submitted_s=0, refused=True)
                raise
            log.info("submission %s handed over", link_id)
            self._rooms.case_news(link.practitioner_id, link.case_id)
        if not link.accepted:
            return True  # a draft: nothing has been sent yet
        await asyncio.to_thread(spool.delete_draft)  # here, so that a crash before it is made good later
        return await self._deliver_each(link, spool, lambda each: self._submissions.send_message(link, each))

    async def _deliver_each(self, link: Link, spool: Spool, send: Callable[[WaitingMessage], Awaitable[str]]) -> bool:
        refusals: list[Rejected] = []
        for waiting in await asyncio.to_thread(spool.messages):
            try:
                case_id = await send(waiting)
            except Rejected as refusal:  # it stays on the patient's page; the others go on
                refusals.append(refusal)
                continue
            if waiting.with_file:
                await asyncio.to_thread(spool.forget_upload, waiting.id)
            await asyncio.to_thread(spool.drop_message, waiting.id)
            log.info("message of link %s handed over", link.id)
            if case_id:
                self._rooms.case_news(link.practitioner_id, case_id)
        if refusals:
            raise refusals[0]
        return True

    def _current(self, link_id: str) -> Link:
        link = self._links.get(link_id)
        if link is None:
            raise SpoolDamaged
        return link

    async def run(self) -> None:
        """Try again what waits, with growing pauses, until cancelled."""
        attempt = 0
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            done = [await self._quietly(link.id) for link in self._with_something_waiting()]
            if all(done):
                attempt = 0
                continue
            pause_s = limits.GATEWAY_RETRY_S[min(attempt, len(limits.GATEWAY_RETRY_S) - 1)]
            attempt += 1
            await asyncio.sleep(pause_s * (0.5 + random.random() / 2))  # noqa: S311 - spreads load, no secret
            self._waiting.set()

    async def _quietly(self, link_id: str) -> bool:
        try:
            return await self.deliver(link_id)
        except Rejected:
            return True  # the page tells the patient
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            log.error("delivery of link %s failed: %s", link_id, where_it_broke(type(error), error.__traceback__))
            return False

    def _with_something_waiting(self) -> list[Link]:
        return [
            link
            for link in self._links.all()
            if (link.submitted_s and not link.accepted)
            or (link.accepted and any((self._root / link.id).glob("*")))
            or (link.kind == "visit" and any((self._root / link.id).glob("message-*")))
        ]

    async def sweep(self) -> int:
        """Delete the spools that were not touched for too long; return how many."""
        swept = 0
        for folder in list(self._root.iterdir()) if self._root.is_dir() else []:
            link = self._links.get(folder.name)
            if link is None:  # with its link the key is gone
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                continue
            async with self.spool(link) as spool:
                link = self._current(link.id)
                is_sent = bool(link.submitted_s or link.late_messages) or link.accepted or link.refused
                longest_s = limits.GATEWAY_PENDING_S if is_sent else limits.GATEWAY_SPOOL_S
                if await asyncio.to_thread(spool.idle_s) > longest_s:
                    await asyncio.to_thread(spool.delete)
                    swept += 1
        return swept
