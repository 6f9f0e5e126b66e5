"""Proves that the database is really encrypted: fail closed, before the first byte of a patient is written."""

import logging
from pathlib import Path

from teleconsole.domain.errors import NotEncrypted
from teleconsole.vault.sqlcipher import Connection, sqlcipher3

CIPHER_VERSION = (4, 19)
"""SQLCipher 4.17 has the fix of CVE-2026-11822/11824 (memory corruption in FTS5); 4.19 is what we test."""
SQLITE_VERSION = (3, 53, 4)
"""3.51.3 and newer: no WAL-reset race."""
PLAIN_HEADER = b"SQLite format 3\0"
RAW_KEY_BYTES = 32

_log = logging.getLogger(__name__)


def key_text(raw_key: bytes | bytearray) -> bytearray:
    """Return the key as SQLCipher takes a raw one, in memory that the caller can zero.

    Raises:
        NotEncrypted: not 32 bytes: SQLCipher would take 62 digits for a passphrase.
    """
    if len(raw_key) != RAW_KEY_BYTES:
        raise NotEncrypted
    return bytearray(b"x'" + raw_key.hex().encode() + b"'")


def check_library() -> None:
    """Look at the library without any key or file.

    Raises:
        NotEncrypted: it is not SQLCipher, too old, or another SQLite answers in its place.
    """
    connection = sqlcipher3.connect(":memory:", isolation_level=None)
    try:
        _check_versions(connection)
    finally:
        connection.close()


def check_keyed(connection: Connection) -> None:
    """Look at a connection after its key was set and before anything is written.

    Raises:
        NotEncrypted: what is written by this connection would be readable.
    """
    _check_versions(connection)
    row = connection.execute("PRAGMA cipher_status").fetchone()
    if row is None or str(row[0]) != "1":
        _log.error("the gate refused: no key is in force")
        raise NotEncrypted


def check_file(database: Path) -> None:
    """Look at the first bytes on the disk, after the first commit and at every open.

    Raises:
        NotEncrypted: they are those of a plain database.
    """
    with database.open("rb") as handle:
        head = handle.read(len(PLAIN_HEADER))
    if head == PLAIN_HEADER:
        _log.error("the gate refused: the file on the disk is not encrypted")
        raise NotEncrypted


def _check_versions(connection: Connection) -> None:
    cipher = connection.execute("PRAGMA cipher_version").fetchone()
    sqlite = connection.execute("SELECT sqlite_version()").fetchone()
    if cipher is None or _numbers(cipher[0]) < CIPHER_VERSION or _numbers(sqlite[0]) < SQLITE_VERSION:
        _log.error("the gate refused: the library is not the SQLCipher that it has to be")
        raise NotEncrypted


def _numbers(version: object) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split()[0].split(".") if part.isdigit())
