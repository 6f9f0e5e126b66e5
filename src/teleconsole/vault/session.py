"""An open vault: store, files, drop-boxes and sync together, from unlock to lock."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from teleconsole.contracts.vault import (
    AppointmentsChanged,
    CasesChanged,
    ChangesChanged,
    EvidenceArrived,
    ItemImported,
    SyncStatus,
    SyncStatusChanged,
)
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import Rejected, SignInNeeded, TeleconsoleError
from teleconsole.host.clock import Clock
from teleconsole.host.policy import Policy
from teleconsole.vault.audit.chain import Anchor
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.dropbox import DropBoxes, ImportedItem
from teleconsole.vault.gateway_client import GatewayClient
from teleconsole.vault.keys.keeper import DataKeys
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import local
from teleconsole.vault.store.blobs import Blobs
from teleconsole.vault.store.local import Account
from teleconsole.vault.store.queue_read import Reader
from teleconsole.vault.store.store import Store
from teleconsole.vault.store.sync_port import PullResult, ServerAccess, SyncEngine, SyncListener
from teleconsole.vault.store.sync_store import OFFSET, StoreForSync

_OLDER_DATABASE = (
    "The case store on this computer is older than when it was last locked, perhaps from a backup. "
    "Tell IT; what you wrote since then is missing here."
)
_OLDER_HEADER = "The key file of this computer's cases was put back to an older one. Tell IT; your cases are all here."
MakeEngine = Callable[[StoreForSync, ServerAccess, SyncListener, Clock], SyncEngine]

_log = logging.getLogger(__name__)


class VaultSession:
    """Everything that lives between unlock and lock. Belongs to one event loop.

    Args:
        store: open.
        keys: of the store.
        policy: proxy and certificates.
        clock: this computer's.
        make_engine: makes the sync engine.
        tell: hands news to the console; must not block.

    Attributes:
        account: who is signed in, None = nobody.
    """

    def __init__(
        self,
        store: Store,
        keys: DataKeys,
        *,
        policy: Policy,
        clock: Clock,
        make_engine: MakeEngine,
        tell: Callable[[News], None],
    ) -> None:
        self.store = store
        self.keys = keys
        self.blobs = Blobs(store)
        self.sync_store = StoreForSync(store, self.blobs)
        self.drop_boxes = DropBoxes(store, self.blobs, self._on_imported)
        self.account: Account | None = None
        self._policy = policy
        self._clock = clock
        self._make_engine = make_engine
        self._tell = tell
        self._gateway: GatewayClient | None = None
        self._engine: SyncEngine | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> str:
        """Look at the audit log, take in what lies in the drop-boxes, start to sync; return a sentence, mostly empty.

        Raises:
            StoreError.
        """
        if self.keys.wrong_tries:
            await self.store.write(AuditEvent("unlock-failed", count=self.keys.wrong_tries), lambda _: None)
        await self.store.write(AuditEvent("unlocked"), lambda _: None)
        sentence = await self._look_for_rollback()
        offset = await self.sync_store.remembered(OFFSET)
        self.store.offset_ms = int(offset) if offset.lstrip("-").isdigit() else 0
        self.account = await self.store.read(local.read_account)
        self._in_background(self._tidy)
        await self._start_engine()
        return sentence

    async def end(self) -> Anchor:
        """Stop everything, sign the audit log, close the store; return where the log stands.

        Raises:
            StoreError: what was committed is safe all the same.
        """
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stop_engine()
        await self.blobs.close()
        await self.store.write(AuditEvent("locked"), lambda _: None)
        anchor = await self.store.settle()
        await self.store.close()
        return anchor

    def reader(self) -> Reader:
        """Return who looks, and the end of their day in local time."""
        now_ms = self.store.now_ms()
        local_now = self._clock.now().astimezone()
        midnight = (local_now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return Reader(self.store.me, now_ms, now_ms + round((midnight - local_now).total_seconds() * 1000))

    def tell(self, *news: News) -> None:
        """Hand news on."""
        for one in news:
            self._tell(one)

    def changed(self, *case_ids: str) -> None:
        """A change was made: tell it, and send it soon."""
        self.tell(CasesChanged(case_ids), ChangesChanged())
        self.sync_soon()

    # --- the clinic ------------------------------------------------------------------------------------------

    def gateway(self) -> tuple[GatewayClient, Account]:
        """Return the gateway and who we are there.

        Raises:
            SignInNeeded: nobody is signed in.
        """
        if self.account is None or self._gateway is None:
            raise SignInNeeded
        return self._gateway, self.account

    async def sign_in(self, gateway_url: str, code: str) -> Account:
        """Exchange a code and start to sync.

        Raises:
            Rejected: the code, or the store belongs to another clinician.
            Offline, NotFhir, PolicyError.
        """
        client = GatewayClient(self._policy.gateway_url or gateway_url, self._policy)
        try:
            account = await client.sign_in(code)
        finally:
            await client.close()
        before = self.account
        if before is not None and before.practitioner_id != account.practitioner_id:
            # What waits in the outbox was written by somebody else, who alone may send it.
            raise Rejected(
                "The cases on this computer belong to another clinician, so nothing was changed. Use another profile."
            )
        await self.store.write(
            AuditEvent("signed-in", entity=account.practitioner_id),
            lambda connection: local.keep_account(connection, account),
        )
        self.account = account
        await self._stop_engine()
        await self._start_engine()
        return account

    async def access_token(self, *, fresh: bool = False) -> str:
        """Return a token for the FHIR server (`TokenSource`)."""
        gateway, account = self.gateway()
        return (await gateway.token(account, "fhir", fresh=fresh)).token

    # --- sync ------------------------------------------------------------------------------------------------

    def sync_soon(self) -> None:
        """Begin a round, when somebody is signed in."""
        if self._engine is not None:
            self._engine.sync_soon()

    async def sync_status(self) -> SyncStatus:
        """Return the status line."""
        if self._engine is not None:
            return self._engine.status
        to_send, stuck = await self.sync_store.count_unsent()
        files = await self.sync_store.count_missing_files()
        return SyncStatus("not-signed-in", 0, self.store.offset_ms, to_send, stuck, files)

    async def _start_engine(self) -> None:
        if self.account is None:
            return
        self.store.me = self.account.practitioner_id
        self._gateway = GatewayClient(self.account.gateway_url, self._policy)
        access = ServerAccess(
            self.account.fhir_base,
            self.account.practitioner_id,
            self,
            self._policy.proxy_url,
            self._policy.extra_ca_file,
        )
        listener = SyncListener(
            status=lambda status: self._tell(SyncStatusChanged(status)),
            changed=self._on_pulled,
            outbox=lambda: self._tell(ChangesChanged()),
            file=lambda case_id, evidence_id, here, size: self._tell(EvidenceArrived(case_id, evidence_id, here, size)),
        )
        self._engine = self._make_engine(self.sync_store, access, listener, self._clock)
        self._engine.start()

    async def _stop_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.stop()
        gateway, self._gateway = self._gateway, None
        if gateway is not None:
            await gateway.close()

    def _on_pulled(self, result: PullResult) -> None:
        if result.case_ids:
            self._tell(CasesChanged(result.case_ids if len(result.case_ids) <= 100 else ()))
        if result.appointments:
            self._tell(AppointmentsChanged())

    def _on_imported(self, item: ImportedItem) -> None:
        self._tell(ItemImported(item.visit_id, item.item_id))
        self.changed(item.case_id)

    # --- at the start ----------------------------------------------------------------------------------------

    async def _tidy(self) -> None:
        await self.drop_boxes.import_all()
        await self.blobs.sweep()

    async def _look_for_rollback(self) -> str:
        """Compare database and key header: each remembers how far the other had come."""
        header, anchor = self.keys.header, self.keys.anchor

        def look(connection: Connection) -> tuple[bool, bool]:
            generation = local.swap_generation(connection, header.generation)
            row = connection.execute(
                "SELECT hash FROM audit_event WHERE number = ?", (anchor.size if anchor else 0,)
            ).fetchone()
            is_older = anchor is not None and (row is None or bytes(row[0]) != anchor.root)
            return is_older, generation > header.generation

        database_is_older, header_is_older = await self.store.keep_books(look)
        if not database_is_older and not header_is_older:
            return ""
        what = "database" if database_is_older else "header"
        await self.store.write(AuditEvent("rollback-seen", entity=what, count=header.generation), lambda _: None)
        return _OLDER_DATABASE if database_is_older else _OLDER_HEADER

    def _in_background(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except TeleconsoleError as error:
            _log.warning("work at the start stopped: %s", error.code)
