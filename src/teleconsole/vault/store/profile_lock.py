"""The lock of a profile: one program works with it at a time."""

import os
import sys
from pathlib import Path
from types import TracebackType

from teleconsole.domain.errors import ProfileInUse

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProfileLock:
    """Holds the lock from `take` to `release`, or to the end of the process.

    Args:
        file: never deleted, so that two programs always mean the same one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor = -1

    def take(self) -> None:
        """Take the lock; a second time is nothing.

        Raises:
            ProfileInUse: another program holds it.
            OSError: the file cannot be made.
        """
        if self._descriptor >= 0:
            return
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _take(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise ProfileInUse from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "ProfileLock":
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.release()
