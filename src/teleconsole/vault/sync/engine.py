"""Sync in the background: pushes, pulls, fetches files, and keeps one line that is always true."""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable

from teleconsole.contracts.vault import SyncStatus
from teleconsole.domain.errors import NotFhir, Offline, SignInNeeded, SyncError, TeleconsoleError
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.problems import Unavailable
from teleconsole.vault.store.sync_port import PullResult, ServerAccess, SyncListener, SyncStore
from teleconsole.vault.sync.files import Files
from teleconsole.vault.sync.pull import Puller
from teleconsole.vault.sync.push import Pusher, PushListener
from teleconsole.vault.sync.schedule import offline_retry_in_s
from teleconsole.vault.sync.status import StatusLine

log = logging.getLogger(__name__)


class SyncEngine:
    """Keeps this computer and the clinic's server the same. Belongs to one event loop.

    Rounds (push, then pull) never overlap; files are fetched beside them, so that a large video holds up no reply.

    Args:
        store: all that sync may do with it.
        access: the server, and who we are there.
        listener: told what happened; its functions must not block.
        clock: this computer's.
    """

    def __init__(self, store: SyncStore, access: ServerAccess, listener: SyncListener, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._listener = listener
        self._clock = clock
        self._line = StatusLine(store, listener.status)
        self._client: FhirClient | None = None
        self._round = asyncio.Lock()
        self._soon = asyncio.Event()
        self._files_wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._pusher: Pusher | None = None
        self._puller: Puller | None = None
        self._files: Files | None = None
        self._was_offline = False

    @property
    def status(self) -> SyncStatus:
        """The line that is always true."""
        return self._line.status

    def start(self) -> None:
        """Begin to sync in the background; nothing to do when it runs already."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._keep_in_step(), name="sync rounds"),
                asyncio.create_task(self._keep_files_coming(), name="sync files"),
            ]

    def sync_soon(self) -> None:
        """Begin a round now: a change was made, the person asked, or the gateway hinted."""
        self._soon.set()
        self._line.count_soon()  # the round that runs may be held up by the server

    async def sync_once(self) -> SyncStatus:
        """Push, pull and fetch once, and return how it ended; for `teleconsole sync --once`."""
        await self._one_round()
        if self.status.phase == "idle":
            await self._guarded(self._fetch_files)
        return self.status

    async def stop(self) -> None:
        """End everything; returns when no task runs any more. What was half-way is asked for at the next start."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._line.close()
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _keep_in_step(self) -> None:
        quiet = 0
        while True:
            self._soon.clear()
            is_well = await self._one_round()
            quiet = 0 if is_well else quiet + 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), await self._pause_s(quiet))

    async def _keep_files_coming(self) -> None:
        while True:
            await self._files_wanted.wait()
            self._files_wanted.clear()
            await self._guarded(self._fetch_files)

    async def _one_round(self) -> bool:
        async with self._round:
            is_well = await self._guarded(self._push_and_pull)
            if is_well:
                self._files_wanted.set()
            return is_well

    async def _push_and_pull(self) -> None:
        await self._prepare()
        if self._pusher is None or self._puller is None or self._client is None:
            return
        if self._was_offline:
            # The line says "offline" until something answers; 404 is an answer too.
            await self._client.read("Practitioner", self._access.practitioner_id)
            await self._store.release_all()
            self._was_offline = False
        await self._line.show("pushing")
        await self._pusher.push()
        await self._line.show("pulling")
        synced_ms = await self._puller.pull(self._tell_later)
        await self._line.finished(synced_ms, self._client.clock.offset_ms)

    async def _fetch_files(self) -> None:
        await self._prepare()
        if self._files is None or not await self._store.count_missing_files():
            return
        await self._line.show_files()
        try:
            await self._files.fetch_all(self._tell_later)
        finally:
            await self._line.files_done()

    async def _prepare(self) -> None:
        """Open the connections, when the first round begins."""
        if self._client is not None:
            return
        await self._line.load()
        client = FhirClient(self._access, self._clock, self._line.status.offset_ms, self._line.show_silence)
        me = self._access.practitioner_id
        self._client = client
        self._pusher = Pusher(self._store, client, self._clock, me, PushListener(self._changed, self._outbox))
        self._puller = Puller(self._store, client, self._clock, me, self._changed)
        self._files = Files(self._store, client, self._clock, self._listener.file)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something, and say on the status line how it ended."""
        try:
            await work()
        except SignInNeeded as error:
            await self._line.show("sign-in-needed", error.sentence)
        except (Offline, NotFhir) as error:
            self._was_offline = not isinstance(error, Unavailable)
            await self._line.show("offline", error.sentence)
        except TeleconsoleError as error:
            log.warning("sync stopped half-way: %s", error.code)
            await self._failed(error)
        except Exception as error:  # noqa: BLE001 -- a bug must not end sync for the day; it is logged, shown, tried again
            place = traceback.extract_tb(error.__traceback__)[-1]  # never its text, which may hold data of a patient
            log.error("sync stopped half-way: %s at %s:%s", type(error).__name__, place.name, place.lineno)
            await self._failed(SyncError())
        else:
            return True
        return False

    async def _failed(self, error: TeleconsoleError) -> None:
        try:
            await self._line.show("error", error.sentence)
        except TeleconsoleError:
            self._line.show_without_counting("error", error.sentence)  # the store cannot even be counted

    async def _pause_s(self, failures: int) -> float:
        """Return the pause before the next round: longer while the server fails, short while there is no network.

        A network that is back costs one small request to find, and what waits goes out at once; a server that
        answers wrongly is left in peace.
        """
        if failures and self._was_offline:
            return offline_retry_in_s()
        pause_s = min(limits.SYNC_POLL_S * 2.0 ** min(failures, 10), limits.SYNC_POLL_LONGEST_S)
        if failures:
            return pause_s
        try:
            due_ms = await self._store.next_change_ms()
        except TeleconsoleError:
            return pause_s
        if due_ms is None:
            return pause_s
        return min(pause_s, max(0.1, (due_ms - to_ms(self._clock.now())) / 1000))

    def _changed(self, result: PullResult) -> None:
        self._listener.changed(result)

    def _outbox(self) -> None:
        self._listener.outbox()

    def _tell_later(self) -> None:
        self._line.count_soon()
