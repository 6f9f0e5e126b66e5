"""Looks at everything that a store consists of: pages, tables, the queue, the sealed files."""

from pathlib import Path

import msgspec

from teleconsole.domain.errors import EvidenceRefused
from teleconsole.host.limits import VAULT_SLICE_BYTES
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store.sealed_file import SealedReader

_DIFFERENCE = (
    "SELECT (SELECT count(*) FROM (SELECT * FROM queue EXCEPT SELECT * FROM case_effective))"
    " + (SELECT count(*) FROM (SELECT * FROM case_effective EXCEPT SELECT * FROM queue))"
)


class StoreFindings(msgspec.Struct, frozen=True):
    """What was found; every list is empty when all is well. Texts of the database, ids of files: no PHI.

    Attributes:
        pages: damaged or changed pages.
        tables: what SQLite says of its tables and indexes.
        queue_differences: rows of the queue that do not say what truth and changes say.
        files: evidence that cannot be read back.
        cases, files_read: how much was looked at.
    """

    pages: tuple[str, ...]
    tables: tuple[str, ...]
    queue_differences: int
    files: tuple[str, ...]
    cases: int
    files_read: int

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return not (self.pages or self.tables or self.queue_differences or self.files)


def check_store(connection: Connection, evidence: Path) -> StoreFindings:
    """Return what a whole look finds.

    Args:
        connection: reads alone; the WAL was written back before (`cipher_integrity_check` reads the file alone).
        evidence: folder of the sealed files.
    """
    pages = tuple(str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check").fetchall())
    tables = tuple(
        str(row[0]) for row in connection.execute("PRAGMA integrity_check").fetchall() if str(row[0]) != "ok"
    )
    files = connection.execute(
        "SELECT evidence_id, file_name, file_key, size_bytes FROM blob WHERE state = 'here' AND file_name <> ''"
    ).fetchall()
    return StoreFindings(
        pages=pages,
        tables=tables,
        queue_differences=int(connection.execute(_DIFFERENCE).fetchone()[0]),
        files=tuple(str(row[0]) for row in files if not _reads_back(evidence / row[1], bytes(row[2]), row[3])),
        cases=int(connection.execute("SELECT count(*) FROM case_").fetchone()[0]),
        files_read=len(files),
    )


def _reads_back(file: Path, key: bytes, size_bytes: int) -> bool:
    try:
        with SealedReader(file, key) as reader:
            for offset in range(0, reader.size_bytes, VAULT_SLICE_BYTES):
                reader.read(offset, VAULT_SLICE_BYTES)
            return reader.size_bytes == size_bytes
    except (OSError, EvidenceRefused):
        return False
