"""The store as sync sees it: `SyncStore` over an open `Store`."""

from collections.abc import Callable, Sequence

from teleconsole.vault.audit.event import AuditEvent, AuditKind
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import manifests, outbox
from teleconsole.vault.store.blobs import Blobs
from teleconsole.vault.store.changes import ChangeRow
from teleconsole.vault.store.projection import set_aside, take_in
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.store import Store
from teleconsole.vault.store.sync_port import (
    BlobProgress,
    CaseManifest,
    Cursor,
    MissingFile,
    PullResult,
    ReceivedResource,
)
from teleconsole.vault.store.touched import Touched

OFFSET = "offset_ms"
"""Name under which sync remembers the server's clock minus this computer's; the store's clock follows it."""


class StoreForSync:
    """All of `SyncStore`; each method is documented there.

    Args:
        store: open.
        blobs: of that store.
    """

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs

    # --- pull ------------------------------------------------------------------------------------------------

    async def cursor(self, scope: str) -> Cursor:
        """Return how far a scope was read."""
        row = await self._store.read(
            lambda connection: connection.execute(
                "SELECT watermark_ms, complete_ms, state FROM cursor WHERE scope = ?", (scope,)
            ).fetchone()
        )
        return Cursor(*row) if row else Cursor()

    async def apply_pull(
        self, scope: str, resources: Sequence[ReceivedResource], cursor: Cursor | None, *, primary: bool = True
    ) -> PullResult:
        """Keep a page and its cursor in one transaction."""
        now_ms = self._store.now_ms()

        def keep(connection: Connection) -> PullResult:
            touched = Touched()
            changed, refused = take_in(connection, resources, touched, now_ms=now_ms, source=scope)
            if cursor is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?)",
                    (scope, cursor.watermark_ms, cursor.complete_ms, cursor.state),
                )
            cases = bring_up_to_date(connection, touched)
            return PullResult(changed, cases, touched.appointments, refused)

        if not resources:  # nothing of a patient came: no act to write down
            return await self._store.keep_books(keep)
        event = AuditEvent("truth-received", entity=scope, count=len(resources), outcome="ok" if primary else "by-id")
        return await self._store.write(event, keep)

    async def resource(self, type_: str, id_: str) -> ReceivedResource | None:
        """Return the truth of one resource."""
        row = await self._store.read(
            lambda connection: connection.execute(
                "SELECT version_id, last_updated_ms, raw, deleted FROM resource WHERE type = ? AND id = ?", (type_, id_)
            ).fetchone()
        )
        return ReceivedResource(type_, id_, row[0], row[1], bytes(row[2]), bool(row[3])) if row else None

    async def known_versions(self, type_: str) -> dict[str, str]:
        """Return id → version_id of a type."""
        return await self._store.read(
            lambda connection: {
                str(id_): str(version)
                for id_, version in connection.execute(
                    "SELECT id, version_id FROM resource WHERE type = ? AND deleted = 0", (type_,)
                )
            }
        )

    async def case_manifests(self, *, incomplete_only: bool = True, limit: int = 500) -> tuple[CaseManifest, ...]:
        """Return what cases name and what is not here."""
        return await self._store.read(lambda connection: manifests.of_cases(connection, incomplete_only, limit))

    async def open_patients(self) -> tuple[str, ...]:
        """Return patients of open cases and of appointments from yesterday on."""
        now_ms = self._store.now_ms()
        return await self._store.read(lambda connection: manifests.open_patients(connection, now_ms))

    async def patient_read(self, patient_ids: Sequence[str], at_ms: int) -> None:
        """Remember when these patients were read whole."""
        await self._store.keep_books(
            lambda connection: connection.executemany(
                "UPDATE patient SET read_at_ms = ? WHERE patient_id = ?", [(at_ms, id_) for id_ in patient_ids]
            )
        )

    async def quarantine(self, source: str, url: str, raw: bytes, error: str) -> None:
        """Put something into the poison tray."""
        now_ms = self._store.now_ms()
        await self._store.keep_books(lambda connection: set_aside(connection, source, url, raw, error, now_ms))

    # --- push ------------------------------------------------------------------------------------------------

    async def next_changes(self, now_ms: int, limit: int = 16) -> tuple[ChangeRow, ...]:
        """Return what may be sent now."""
        return await self._store.read(lambda connection: outbox.sendable(connection, now_ms, limit))

    async def next_change_ms(self) -> int | None:
        """Return when the next change is due."""
        return await self._store.read(outbox.next_due_ms)

    async def encounter_id(self, visit_id: str) -> str:
        """Return the Encounter of a visit."""
        row = await self._store.read(
            lambda connection: connection.execute(
                "SELECT encounter_id FROM encounter WHERE visit_id = ? ORDER BY start_ms LIMIT 1", (visit_id,)
            ).fetchone()
        )
        return str(row[0]) if row and visit_id else ""

    async def mark_sending(self, change_id: str) -> None:
        """Remember that the change is on its way."""
        await self._move("change-sending", change_id, "sending", "")

    async def refuse(self, change_id: str, reason: str) -> None:
        """Set the change aside."""
        await self._move("change-refused", change_id, "refused", reason)

    async def retry_later(self, change_id: str, at_ms: int, reason: str, *, never_left: bool = False) -> None:
        """Wait until at_ms."""

        def keep(connection: Connection) -> None:
            touched = Touched()
            outbox.move(connection, change_id, "waiting", touched, next_ms=at_ms, reason=reason)
            if never_left:
                outbox.forget_try(connection, change_id)
            bring_up_to_date(connection, touched)

        await self._store.keep_books(keep)

    async def conflict(self, change_id: str, reason: str, truth: Sequence[ReceivedResource] = ()) -> None:
        """The change waits for the person."""
        await self._move("change-conflict", change_id, "conflict", reason, truth)

    async def complete(self, change_id: str, truth: Sequence[ReceivedResource], *, case_id: str = "") -> PullResult:
        """Replace the truth and remove the change, in one transaction."""

        def finish(connection: Connection, touched: Touched) -> None:
            change = outbox.remove(connection, change_id, touched)
            if change is not None and case_id and case_id != change.case_id:
                outbox.move_case(connection, change.case_id, case_id, touched)

        return await self._with_truth("change-sent", change_id, truth, finish)

    async def drop(self, change_id: str, truth: Sequence[ReceivedResource] = ()) -> None:
        """Remove a change that lost its sense."""

        def finish(connection: Connection, touched: Touched) -> None:
            outbox.remove(connection, change_id, touched)

        await self._with_truth("change-dropped", change_id, truth, finish)

    async def release_all(self) -> None:
        """Make every waiting change due now."""
        await self._store.keep_books(
            lambda connection: connection.execute("UPDATE change SET next_ms = 0 WHERE state = 'waiting'")
        )

    async def _move(
        self, kind: AuditKind, change_id: str, state: str, reason: str, truth: Sequence[ReceivedResource] = ()
    ) -> None:
        def finish(connection: Connection, touched: Touched) -> None:
            outbox.move(connection, change_id, state, touched, reason=reason)

        await self._with_truth(kind, change_id, truth, finish)

    async def _with_truth(
        self,
        kind: AuditKind,
        change_id: str,
        truth: Sequence[ReceivedResource],
        finish: Callable[[Connection, Touched], None],
    ) -> PullResult:
        now_ms = self._store.now_ms()

        def keep(connection: Connection) -> PullResult:
            touched = Touched()
            changed, refused = take_in(connection, truth, touched, now_ms=now_ms, source="answer", force=True)
            finish(connection, touched)
            cases = bring_up_to_date(connection, touched)
            return PullResult(changed, cases, touched.appointments, refused)

        return await self._store.write(AuditEvent(kind, entity=change_id), keep)

    # --- files -----------------------------------------------------------------------------------------------

    async def missing_evidence(self, now_ms: int, limit: int = 50) -> tuple[MissingFile, ...]:
        """Return files to fetch, most wanted first."""
        return await self._store.read(lambda connection: manifests.missing_files(connection, now_ms, limit))

    async def begin_blob(self, evidence_id: str, etag: str) -> BlobProgress:
        """Open a file for writing."""
        return await self._blobs.begin(evidence_id, etag)

    async def append_blob(self, evidence_id: str, data: bytes) -> int:
        """Add bytes at the end."""
        return await self._blobs.append(evidence_id, data)

    async def finish_blob(self, evidence_id: str) -> bool:
        """Close the file and check it."""
        return await self._blobs.finish(evidence_id)

    async def abandon_blob(self, evidence_id: str, *, next_ms: int, problem: str = "", final: bool = False) -> None:
        """Stop for now, or for good."""
        await self._blobs.abandon(evidence_id, next_ms=next_ms, problem=problem, final=final)

    async def read_blob(self, evidence_id: str, offset_bytes: int = 0, length_bytes: int = -1) -> bytes:
        """Return bytes of a file that is here whole."""
        return await self._blobs.read(evidence_id, offset_bytes, length_bytes)

    # --- the status line -------------------------------------------------------------------------------------

    async def count_unsent(self) -> tuple[int, int]:
        """Return how many wait and how many could not be sent."""
        return await self._store.read(outbox.counts)

    async def count_missing_files(self) -> int:
        """Return how many files are still to be fetched."""
        return await self._store.read(manifests.count_missing_files)

    async def remembered(self, name: str) -> str:
        """Return a value of sync's own."""
        row = await self._store.read(
            lambda connection: connection.execute(
                "SELECT value FROM setting WHERE name = ?", (f"sync.{name}",)
            ).fetchone()
        )
        return str(row[0]) if row else ""

    async def remember(self, name: str, value: str) -> None:
        """Keep a value of sync's own."""
        if name == OFFSET and value.lstrip("-").isdigit():
            self._store.offset_ms = int(value)
        await self._store.keep_books(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO setting VALUES (?, ?)", (f"sync.{name}", value)
            )
        )
