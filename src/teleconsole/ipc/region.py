"""Shared memory without a name that vanishes with the processes that hold it.

Not multiprocessing.shared_memory: until Python 3.13 its tracker unlinks the region under the owner when a child
exits, and a kill leaves it behind.
"""

import os
import sys

if sys.platform == "linux":
    import fcntl

    _F_ADD_SEALS = 1033
    _F_SEAL_SEAL, _F_SEAL_SHRINK, _F_SEAL_GROW = 1, 2, 4

    def make_region(size_bytes: int) -> int:
        """Return the descriptor of new shared memory, all zero, of a size that nobody can change.

        A sealed memfd: without the seal a child could truncate it and its reader would die of SIGBUS.

        See: memfd_create(2), fcntl(2) "File sealing".
        """
        fd = os.memfd_create("teleconsole-slot", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(fd, size_bytes)
        fcntl.fcntl(fd, _F_ADD_SEALS, _F_SEAL_SHRINK | _F_SEAL_GROW | _F_SEAL_SEAL)
        return fd

else:
    import _posixshmem
    import secrets

    def make_region(size_bytes: int) -> int:
        """Return the descriptor of new shared memory, all zero, whose size macOS lets nobody change again.

        A POSIX object, unlinked before anybody else can open it by its name.

        See: shm_open(2) and ftruncate(2) of macOS.
        """
        name = f"/tc{secrets.token_hex(8)}"
        fd = _posixshmem.shm_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o600)
        _posixshmem.shm_unlink(name)
        os.ftruncate(fd, size_bytes)
        return int(fd)
