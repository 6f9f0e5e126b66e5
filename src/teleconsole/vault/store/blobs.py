"""The files of the cases: small ones in the database, all others sealed beside it."""

import asyncio
import base64
import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from teleconsole.domain.errors import EvidenceMissing, EvidenceRefused
from teleconsole.host.limits import VAULT_FILE_BYTES, VAULT_INLINE_BYTES, VAULT_SLICE_BYTES
from teleconsole.vault.audit.event import AuditEvent, AuditKind
from teleconsole.vault.door import at_the_door
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.sealed_file import SealedReader, SealedWriter, new_key
from teleconsole.vault.store.store import Store
from teleconsole.vault.store.sync_port import BlobProgress
from teleconsole.vault.store.touched import Touched

_DAMAGED = "The file that the server sent is not the one that it announced, so it was not opened."


@dataclass(frozen=True)
class StoredFile:
    """A file that lies on the disk (or is small) and has no row yet."""

    size_bytes: int
    sha256: str
    sha1_base64: str
    file_name: str
    file_key: bytes | None
    inline: bytes | None

    def insert(self, connection: Connection, evidence_id: str) -> None:
        """Add its row; the file is swept at the next start when this is never committed."""
        connection.execute(
            "INSERT OR REPLACE INTO blob"
            " (evidence_id, state, here_bytes, size_bytes, sha256, file_name, file_key, inline)"
            " VALUES (?, 'here', ?, ?, ?, ?, ?, ?)",
            (
                evidence_id,
                self.size_bytes,
                self.size_bytes,
                self.sha256,
                self.file_name,
                self.file_key,
                self.inline,
            ),
        )


class Blobs:
    """Reads, writes and sweeps the files of an open store.

    Thread: the event loop of the store; files are read and written in worker threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.profile.evidence
        self._writers: dict[str, SealedWriter] = {}

    async def keep_whole(self, data: bytes) -> StoredFile:
        """Seal a file that arose here and make it durable; its row comes with the caller's transaction.

        Raises:
            DiskFull, StoreError.
        """
        return await asyncio.to_thread(self._keep_whole, data)

    def _keep_whole(self, data: bytes) -> StoredFile:
        sha256 = hashlib.sha256(data).hexdigest()
        sha1 = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
        if len(data) <= VAULT_INLINE_BYTES:
            return StoredFile(len(data), sha256, sha1, "", None, data)
        name, key = uuid.uuid4().hex, new_key()
        with at_the_door():
            writer = SealedWriter(self._folder / name, key)
            try:
                writer.append(data)
                writer.finish()
            except BaseException:
                writer.discard()
                raise
        return StoredFile(len(data), sha256, sha1, name, key, None)

    async def begin(self, evidence_id: str, etag: str) -> BlobProgress:
        """Open a file for writing, where it was left when the etag is the same."""
        await self._let_go(evidence_id)

        def prepare(connection: Connection) -> tuple[str, bytes, str]:
            row = connection.execute(
                "SELECT file_name, file_key, etag FROM blob WHERE evidence_id = ?", (evidence_id,)
            ).fetchone()
            if row is None:
                raise EvidenceMissing
            if row[0] and row[1] and row[2] == etag:
                return str(row[0]), bytes(row[1]), ""
            name, key = uuid.uuid4().hex, new_key()
            connection.execute(
                "UPDATE blob SET state = 'arriving', file_name = ?, file_key = ?, etag = ?, here_bytes = 0,"
                " inline = NULL WHERE evidence_id = ?",
                (name, key, etag, evidence_id),
            )
            return name, key, str(row[0])

        name, key, old_name = await self._store.keep_books(prepare)
        writer = await asyncio.to_thread(self._open_writer, name, key, old_name)
        self._writers[evidence_id] = writer
        return BlobProgress(writer.here_bytes, etag)

    def _open_writer(self, name: str, key: bytes, old_name: str) -> SealedWriter:
        with at_the_door():
            if old_name:
                for file in self._files(old_name):
                    file.unlink(missing_ok=True)
            return SealedWriter(self._folder / name, key)

    async def append(self, evidence_id: str, data: bytes) -> int:
        """Add bytes at the end and return how many are there.

        Raises:
            EvidenceRefused: it grows beyond what a file may have.
        """
        writer = self._writer(evidence_id)
        if writer.here_bytes + len(data) > VAULT_FILE_BYTES:
            raise EvidenceRefused("This file is too large to be kept on this computer.")
        await asyncio.to_thread(_append, writer, data)
        here_bytes = writer.here_bytes
        await self._store.keep_books(
            lambda connection: connection.execute(
                "UPDATE blob SET here_bytes = ? WHERE evidence_id = ?", (here_bytes, evidence_id)
            )
        )
        return here_bytes

    async def finish(self, evidence_id: str) -> bool:
        """Close the file and compare it with what was announced; False = thrown away."""
        writer = self._writer(evidence_id)
        announced = await self._store.read(
            lambda connection: connection.execute(
                "SELECT e.size_bytes, e.sha1_base64, b.file_name, b.file_key, e.case_id, b.mismatches"
                " FROM evidence e JOIN blob b USING (evidence_id) WHERE e.evidence_id = ?",
                (evidence_id,),
            ).fetchone()
        )
        if announced is None:
            del self._writers[evidence_id]
            await asyncio.to_thread(writer.discard)
            return False
        size_bytes, sha1, name, key, case_id, mismatches = announced
        del self._writers[evidence_id]
        stored = await asyncio.to_thread(self._finish, writer, str(name), bytes(key))
        fits = (not size_bytes or size_bytes == stored.size_bytes) and (not sha1 or sha1 == stored.sha1_base64)
        touched = Touched(cases={case_id} if case_id else set())

        def keep(connection: Connection) -> None:
            if fits:
                stored.insert(connection, evidence_id)
            else:
                _reset(connection, evidence_id, refused=mismatches > 0)
            bring_up_to_date(connection, touched)

        kind: AuditKind = "evidence-stored" if fits else "evidence-refused"
        await self._store.write(AuditEvent(kind, case_id=case_id, entity=evidence_id), keep)
        if not fits:
            await asyncio.to_thread(self._remove, stored.file_name)
        return fits

    def _finish(self, writer: SealedWriter, name: str, key: bytes) -> StoredFile:
        """Make the file durable and hash what really lies on the disk."""
        with at_the_door():
            writer.finish()
            sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
            with SealedReader(self._folder / name, key) as reader:
                for offset in range(0, reader.size_bytes, VAULT_SLICE_BYTES):
                    part = reader.read(offset, VAULT_SLICE_BYTES)
                    sha256.update(part)
                    sha1.update(part)
                size_bytes = reader.size_bytes
                inline = reader.read(0, size_bytes) if size_bytes <= VAULT_INLINE_BYTES else None
        sums = sha256.hexdigest(), base64.b64encode(sha1.digest()).decode()
        if inline is not None:
            self._remove(name)
            return StoredFile(size_bytes, *sums, "", None, inline)
        return StoredFile(size_bytes, *sums, name, key, None)

    async def abandon(self, evidence_id: str, *, next_ms: int, problem: str, final: bool) -> None:
        """Stop for now; what is here stays."""
        await self._let_go(evidence_id)

        def keep(connection: Connection) -> None:
            connection.execute(
                "UPDATE blob SET state = CASE WHEN ? THEN 'refused' ELSE state END, attempts = attempts + 1,"
                " next_ms = ?, problem = ? WHERE evidence_id = ? AND state <> 'here'",
                (final, next_ms, problem[:500], evidence_id),
            )

        await self._store.keep_books(keep)

    async def read(self, evidence_id: str, offset_bytes: int, length_bytes: int) -> bytes:
        """Return bytes of a file that is here whole; length -1 = to the end.

        Raises:
            EvidenceMissing: it is not here.
            EvidenceRefused: it was set aside, or is damaged on this disk.
        """
        row = await self._store.read(
            lambda connection: connection.execute(
                "SELECT state, inline, file_name, file_key, problem FROM blob WHERE evidence_id = ?", (evidence_id,)
            ).fetchone()
        )
        if row is None or row[0] in ("missing", "arriving"):
            raise EvidenceMissing
        if row[0] == "refused":
            raise EvidenceRefused(str(row[4]))
        if row[1] is not None:
            content = bytes(row[1])
            return content[offset_bytes:] if length_bytes < 0 else content[offset_bytes : offset_bytes + length_bytes]
        return await asyncio.to_thread(self._read, str(row[2]), bytes(row[3]), offset_bytes, length_bytes)

    def _read(self, name: str, key: bytes, offset_bytes: int, length_bytes: int) -> bytes:
        if not (self._folder / name).exists():
            raise EvidenceMissing(
                "This file was removed from this computer by something else. The server still has it."
            )
        with at_the_door(), SealedReader(self._folder / name, key) as reader:
            return reader.read(offset_bytes, reader.size_bytes if length_bytes < 0 else length_bytes)

    async def sweep(self) -> int:
        """Remove files that no row knows (a crash between file and row), and return how many those were."""
        known = await self._store.read(
            lambda connection: {str(row[0]) for row in connection.execute("SELECT file_name FROM blob")}
        )
        return await asyncio.to_thread(self._sweep, known)

    def _sweep(self, known: set[str]) -> int:
        removed = 0
        with at_the_door():
            for file in self._folder.iterdir():
                if file.name.removesuffix(".tmp") not in known:
                    file.unlink()
                    removed += 1
        return removed

    async def close(self) -> None:
        """Close what is being written; it goes on from there the next time."""
        for evidence_id in list(self._writers):
            await self._let_go(evidence_id)

    async def _let_go(self, evidence_id: str) -> None:
        if writer := self._writers.pop(evidence_id, None):
            await asyncio.to_thread(_close, writer)

    def _writer(self, evidence_id: str) -> SealedWriter:
        if evidence_id not in self._writers:
            raise EvidenceMissing
        return self._writers[evidence_id]

    def _files(self, name: str) -> tuple[Path, Path]:
        return self._folder / name, self._folder / f"{name}.tmp"

    def _remove(self, name: str) -> None:
        if name:
            (self._folder / name).unlink(missing_ok=True)


def _append(writer: SealedWriter, data: bytes) -> None:
    with at_the_door():
        writer.append(data)


def _close(writer: SealedWriter) -> None:
    with at_the_door():
        writer.close()


def _reset(connection: Connection, evidence_id: str, *, refused: bool) -> None:
    connection.execute(
        "UPDATE blob SET state = ?, here_bytes = 0, file_name = '', file_key = NULL, etag = '', problem = ?,"
        " mismatches = mismatches + 1 WHERE evidence_id = ?",
        ("refused" if refused else "missing", _DAMAGED if refused else "", evidence_id),
    )
