"""All that sync may do with the store, and what the service expects of the sync engine.

Only sync writes server truth. Each method is one transaction: it is committed and durable when it returns, or it
raises and nothing happened. Call from the vault's event loop; the work runs in the store's threads.

Every method raises `StoreError` (disk full, damaged …); none raises for a bad resource: that goes to the poison tray.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from teleconsole.contracts.vault import SyncStatus
from teleconsole.vault.store.changes import ChangeRow


class ReceivedResource(msgspec.Struct, frozen=True):
    """A resource exactly as the server sent it.

    Attributes:
        type: FHIR resourceType.
        id: logical id.
        version_id: opaque; empty when the server gave none.
        last_updated_ms: meta.lastUpdated; 0 when the server gave none.
        raw: the bytes received, valid JSON in UTF-8; empty for a tombstone.
        deleted: the server says that it is gone.
    """

    type: str
    id: str
    version_id: str
    last_updated_ms: int
    raw: bytes
    deleted: bool = False

    def __repr__(self) -> str:
        """Show no content."""
        return f"<ReceivedResource {self.type}/{self.id}>"


class Cursor(msgspec.Struct, frozen=True):
    """How far a scope was read.

    Attributes:
        watermark_ms: server time; never of the local clock.
        complete_ms: server time at which the last walk of this scope reached its end; 0 = never.
        state: whatever else sync has to remember (ties, sweeps), as JSON text.
    """

    watermark_ms: int = 0
    complete_ms: int = 0
    state: str = ""


class PullResult(msgspec.Struct, frozen=True):
    """What a page changed: for `CasesChanged` and `AppointmentsChanged`."""

    changed: int
    case_ids: tuple[str, ...]
    appointments: bool
    quarantined: int


class MissingFile(msgspec.Struct, frozen=True):
    """A file that is not on this computer.

    Attributes:
        url: as in attachment.url: `Binary/<id>` or absolute.
        size_bytes: as announced; 0 = unknown. Never trusted.
        sha1_base64: attachment.hash, empty when not given.
        attempts: failed tries so far.
    """

    evidence_id: str
    case_id: str
    url: str
    content_type: str
    size_bytes: int
    sha1_base64: str
    attempts: int


class BlobProgress(msgspec.Struct, frozen=True):
    """Where a download goes on: `here_bytes` are durable; `etag` of the answer they came from."""

    here_bytes: int
    etag: str


class CaseManifest(msgspec.Struct, frozen=True):
    """What belongs to a case and is not here: (type, id) pairs that its Task names."""

    case_id: str
    patient_id: str
    missing: tuple[tuple[str, str], ...]


class SyncStore(Protocol):
    """The store as sync sees it."""

    # --- pull ------------------------------------------------------------------------------------------------

    async def cursor(self, scope: str) -> Cursor:
        """Return how far a scope was read; a scope never read has watermark 0."""
        ...

    async def apply_pull(
        self, scope: str, resources: Sequence[ReceivedResource], cursor: Cursor | None, *, primary: bool = True
    ) -> PullResult:
        """Keep a page and its cursor in one transaction, and fill the typed tables from it.

        A resource whose stored row is newer (later last_updated, else another version already applied by `complete`
        at the same or a later time) is left alone. The same (type, id, version) again changes nothing. 500-1000 rows
        a call are best.

        Args:
            scope: any name of sync's own.
            resources: in the server's order.
            cursor: stored as given; None leaves it.
            primary: False for dependents fetched by id (only for the audit row).
        """
        ...

    async def resource(self, type_: str, id_: str) -> ReceivedResource | None:
        """Return the truth of one resource, None when it is not here."""
        ...

    async def known_versions(self, type_: str) -> dict[str, str]:
        """Return id → version_id of every resource of a type that is not deleted (for sweeps)."""
        ...

    async def case_manifests(self, *, incomplete_only: bool = True, limit: int = 500) -> tuple[CaseManifest, ...]:
        """Return what cases name and what is not here, most urgent first; `incomplete_only` leaves out whole ones."""
        ...

    async def open_patients(self) -> tuple[str, ...]:
        """Return patients of open cases and of appointments from yesterday on, most urgent first."""
        ...

    async def patient_read(self, patient_ids: Sequence[str], at_ms: int) -> None:
        """Remember that everything of these patients (allergies, medicines, problems) was read at server time at_ms."""
        ...

    async def quarantine(self, source: str, url: str, raw: bytes, error: str) -> None:
        """Put what cannot be understood into the poison tray (at most 64 KiB of it); the same again counts up."""
        ...

    # --- push ------------------------------------------------------------------------------------------------

    async def next_changes(self, now_ms: int, limit: int = 16) -> tuple[ChangeRow, ...]:
        """Return what may be sent now: of each case its oldest change, when that waits and its time has come.

        A change in state `sending` (we died in the middle) comes too, with its attempts: ask the server first.
        A refused or conflicting change blocks only its own case.
        """
        ...

    async def next_change_ms(self) -> int | None:
        """Return when the next waiting change is due, None when there is none."""
        ...

    async def encounter_id(self, visit_id: str) -> str:
        """Return the Encounter of a visit, empty when the server has none yet."""
        ...

    async def mark_sending(self, change_id: str) -> None:
        """Remember, durably and before the request, that the change is on its way; attempts + 1."""
        ...

    async def complete(self, change_id: str, truth: Sequence[ReceivedResource], *, case_id: str = "") -> PullResult:
        """Replace the truth by what the server answered and remove the change, in one transaction.

        Args:
            change_id: unknown = it was completed before; truth is kept all the same.
            truth: the resources as they are at the server now (read again where the answer has no body).
            case_id: for a change with `makes_case`: the new Task's id. All later changes, drafts, files and the
                visit of the local case move to it.
        """
        ...

    async def refuse(self, change_id: str, reason: str) -> None:
        """Set the change aside with the server's reasons (poison); it blocks its case until the person acts."""
        ...

    async def conflict(self, change_id: str, reason: str, truth: Sequence[ReceivedResource] = ()) -> None:
        """Somebody else changed the same: the change waits for the person, the text is kept."""
        ...

    async def drop(self, change_id: str, truth: Sequence[ReceivedResource] = ()) -> None:
        """Remove a change without text that lost its sense (a claim that somebody else won), with the truth."""
        ...

    async def retry_later(self, change_id: str, at_ms: int, reason: str, *, never_left: bool = False) -> None:
        """Wait until at_ms, then try again; the change is `waiting` again.

        With `never_left` the try does not count: nothing of it has left this computer, and the person may take it back.
        """
        ...

    async def release_all(self) -> None:
        """Make every waiting change due now (the network is back, the person pressed Sync)."""
        ...

    # --- files -----------------------------------------------------------------------------------------------

    async def missing_evidence(self, now_ms: int, limit: int = 50) -> tuple[MissingFile, ...]:
        """Return files to fetch: urgent cases first, small before large, pictures before video."""
        ...

    async def begin_blob(self, evidence_id: str, etag: str) -> BlobProgress:
        """Open a file for writing. Another etag than before throws away what is there."""
        ...

    async def append_blob(self, evidence_id: str, data: bytes) -> int:
        """Add bytes at the end and return how many are there. Any size; sealed in 64 KiB chunks."""
        ...

    async def finish_blob(self, evidence_id: str) -> bool:
        """Close the file: size and hash are checked against the announced ones; False = mismatch, thrown away.

        The first mismatch leaves it to be fetched once more, the second one sets it aside with a sentence.
        """
        ...

    async def abandon_blob(self, evidence_id: str, *, next_ms: int, problem: str = "", final: bool = False) -> None:
        """Stop for now and try again at next_ms, or for good (`final`, with a sentence for the person)."""
        ...

    async def read_blob(self, evidence_id: str, offset_bytes: int = 0, length_bytes: int = -1) -> bytes:
        """Return bytes of a file that is here whole (to upload a still); -1 = to the end.

        Raises:
            EvidenceMissing: it is not here.
        """
        ...

    # --- the status line -------------------------------------------------------------------------------------

    async def count_unsent(self) -> tuple[int, int]:
        """Return how many changes wait, and how many could not be sent."""
        ...

    async def count_missing_files(self) -> int:
        """Return how many files are still to be fetched."""
        ...

    async def remembered(self, name: str) -> str:
        """Return a value of sync's own (server profile, offset), empty when there is none."""
        ...

    async def remember(self, name: str, value: str) -> None:
        """Keep a value of sync's own; not for secrets."""
        ...


class TokenSource(Protocol):
    """Gives access tokens for the FHIR server; single flight."""

    async def access_token(self, *, fresh: bool = False) -> str:
        """Return a token that holds for a while; `fresh` after a 401.

        Raises:
            SignInNeeded: the clinician has to sign in again.
            Offline: the gateway cannot be reached.
        """
        ...


@dataclass(frozen=True)
class ServerAccess:
    """The clinic's FHIR server and who we are there.

    Args:
        fhir_base: without a slash at the end.
        practitioner_id: of the clinician who is signed in.
        tokens: for the Authorization header.
        proxy_url: empty = the system's.
        extra_ca_file: empty = the system's certificates alone.
    """

    fhir_base: str
    practitioner_id: str
    tokens: TokenSource
    proxy_url: str = ""
    extra_ca_file: str = ""


@dataclass(frozen=True)
class SyncListener:
    """Where the engine tells what it did; called in the event loop, must not block.

    Args:
        status: the status line changed.
        changed: a page, a completed, refused or conflicting change: which cases, whether appointments.
        outbox: the outbox changed.
        file: case_id, evidence_id, here_bytes, size_bytes.
    """

    status: Callable[[SyncStatus], None]
    changed: Callable[[PullResult], None]
    outbox: Callable[[], None]
    file: Callable[[str, str, int, int], None]


class SyncEngine(Protocol):
    """What the service expects of `teleconsole.vault.sync.engine.SyncEngine(store, access, listener, clock)`."""

    @property
    def status(self) -> SyncStatus:
        """The line that is always true."""
        ...

    def start(self) -> None:
        """Begin to sync in the background."""
        ...

    def sync_soon(self) -> None:
        """Begin a round now: a change was made, the person asked, or the gateway hinted."""
        ...

    async def sync_once(self) -> SyncStatus:
        """Push, pull and fetch once, and return how it ended; for `teleconsole sync --once`."""
        ...

    async def stop(self) -> None:
        """End everything; returns when no task runs any more."""
        ...
