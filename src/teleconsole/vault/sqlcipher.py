"""The one place that loads SQLCipher.

The wheel's library resolves its 281 `sqlite3_*` symbols through the dynamic linker. Where another libsqlite3 stands in
front of it (LD_PRELOAD, RTLD_GLOBAL, a host program that links it), `PRAGMA key` silently does nothing and the
database would be written in the clear. RTLD_DEEPBIND makes the library prefer its own symbols; the gate
(`teleconsole.vault.store.gate`) proves it before the first write.
"""

import os
import sys
from typing import Any, TypeAlias

if sys.platform == "linux":
    _before = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_NOW | os.RTLD_DEEPBIND)
    try:
        import sqlcipher3
    finally:
        sys.setdlopenflags(_before)
else:
    import sqlcipher3

Connection: TypeAlias = Any
"""sqlcipher3 has no types; a connection belongs to the thread that made it."""

__all__ = ["Connection", "sqlcipher3"]
