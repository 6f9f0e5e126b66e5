"""Turns the errors of SQLCipher and of the disk into ours, at the store's door."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from teleconsole.domain.errors import DiskFull, StoreCorrupt, StoreError, TeleconsoleError, WrongKey
from teleconsole.vault.sqlcipher import sqlcipher3

_FULL = {"SQLITE_FULL"}
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_CORRUPT_VTAB", "SQLITE_CORRUPT_SEQUENCE", "SQLITE_CORRUPT_INDEX"}


def translated(error: BaseException) -> TeleconsoleError | None:
    """Return our error for one of SQLCipher or the disk, None for anything else."""
    if isinstance(error, sqlcipher3.Error):
        name = str(getattr(error, "sqlite_errorname", ""))
        if name in _FULL:
            return DiskFull()
        if name == "SQLITE_NOTADB":
            return WrongKey()
        if name in _DAMAGED:
            return StoreCorrupt()
        if isinstance(error, sqlcipher3.ProgrammingError | sqlcipher3.InterfaceError) and not name:
            return None  # misuse is a bug of ours, never an outcome
        return StoreError()
    if isinstance(error, OSError):
        return DiskFull() if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError()
    return None


@contextmanager
def at_the_door() -> Iterator[None]:
    """Raise ours instead of SQLCipher's and the disk's.

    Raises:
        DiskFull, WrongKey, StoreCorrupt, StoreError: translated.
    """
    try:
        yield
    except TeleconsoleError:
        raise
    except (sqlcipher3.Error, OSError) as error:
        ours = translated(error)
        if ours is None:
            raise
        raise ours from error
