"""The open store: one writer, a few readers, every write with its audit event in the same transaction."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from teleconsole.domain.errors import StoreCorrupt
from teleconsole.host.clock import Clock, to_ms
from teleconsole.host.limits import VAULT_READERS
from teleconsole.host.paths import Profile
from teleconsole.vault.audit.chain import Anchor, AuditLog, AuditReport
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.door import at_the_door
from teleconsole.vault.keys.keeper import DataKeys
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import gate
from teleconsole.vault.store.connect import connect
from teleconsole.vault.store.executor import ConnectionThreads
from teleconsole.vault.store.migrate import migrate, migrations, schema_version

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Store:
    """The encrypted database of one profile, open.

    Attributes:
        profile: where it lies.
        me: id of the Practitioner who is signed in, for the audit log; empty = nobody.
        offset_ms: the server's clock minus this computer's.

    Thread: made by `open`; its methods belong to one event loop.
    """

    def __init__(self, profile: Profile, keys: DataKeys, clock: Clock) -> None:
        self.profile = profile
        self.me = ""
        self.offset_ms = 0
        self._clock = clock
        self._audit = AuditLog(keys.header.profile_id, keys.audit)
        self._writer = ConnectionThreads("store-writer", 1, lambda: _open_writer(profile.database, keys.database))
        self._readers: ConnectionThreads | None = None
        self._keys = keys

    @classmethod
    async def open(cls, profile: Profile, keys: DataKeys, clock: Clock) -> "Store":
        """Open the database, make it or bring it to the newest schema.

        Raises:
            NotEncrypted: the gate refused, nothing of a patient was written.
            WrongKey, StoreTooNew, StoreCorrupt, DiskFull, StoreError: nothing was changed.
        """
        return await asyncio.to_thread(cls._open, profile, keys, clock)

    @classmethod
    def _open(cls, profile: Profile, keys: DataKeys, clock: Clock) -> "Store":
        with at_the_door():
            profile.make()
            store = cls(profile, keys, clock)
            store._writer.wait_ready()
            try:
                gate.check_file(profile.database)
                store._readers = ConnectionThreads(
                    "store-reader", VAULT_READERS, lambda: connect(profile.database, keys.database, readonly=True)
                )
                store._readers.wait_ready()
            except BaseException:
                store._writer.close()
                raise
            return store

    def now_ms(self) -> int:
        """Return the time now by the server's clock, as far as the offset is known."""
        return to_ms(self._clock.now()) + self.offset_ms

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Return what the job reads, from one snapshot.

        Raises:
            StoreError: the store is locked or damaged.
        """
        readers = self._readers
        if readers is None:
            raise StoreCorrupt
        return await readers.run(lambda connection: _in_snapshot(connection, job))

    async def write(self, event: AuditEvent, job: Callable[[Connection], T]) -> T:
        """Run the job and add the event in one transaction: durable when this returns, or nothing happened.

        Raises:
            DiskFull, StoreError: rolled back.
        """

        def audited(connection: Connection) -> T:
            result = job(connection)
            self._audit.append(connection, event, who=self.me, now_ms=self.now_ms())
            return result

        return await self._writer.run(lambda connection: _in_transaction(connection, audited))

    async def keep_books(self, job: Callable[[Connection], T]) -> T:
        """Run the job in one transaction without an audit event: for what is no act and no reading of a person.

        Raises:
            DiskFull, StoreError: rolled back.
        """
        return await self._writer.run(lambda connection: _in_transaction(connection, job))

    async def verify_audit(self, anchor: Anchor | None = None) -> AuditReport:
        """Walk the whole audit chain."""
        return await self.read(lambda connection: self._audit.verify(connection, anchor))

    async def settle(self) -> Anchor:
        """Sign the audit log and write the WAL back into the database; return where the log stands."""

        def sign(connection: Connection) -> Anchor:
            return self._audit.checkpoint(connection, self.now_ms())

        anchor = await self.keep_books(sign)
        await self._writer.run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return anchor

    async def close(self) -> None:
        """Finish what was begun and close every connection. The store cannot be used any more."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._readers is not None:
            self._readers.close()
        self._writer.close()


def _open_writer(database: Path, key: bytes) -> Connection:
    connection = connect(database, key)
    try:
        version = schema_version(connection)
        if 0 < version < len(migrations()):
            _keep_copy(connection, database, version)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_copy(connection: Connection, database: Path, version: int) -> None:
    """Keep the file as it was before an upgrade; it is as encrypted as before."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    partial = database.with_name(f"{database.name}.before-{version}.tmp")
    shutil.copy2(database, partial)
    partial.replace(partial.with_suffix(""))


def _in_snapshot(connection: Connection, job: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return job(connection)
    finally:
        connection.execute("ROLLBACK")


def _in_transaction(connection: Connection, job: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = job(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
