"""Opens a keyed connection with the pragmas that everything else relies on."""

from pathlib import Path

from teleconsole.host.limits import VAULT_BUSY_MS, VAULT_READER_CACHE_KIB, VAULT_WAL_BYTES, VAULT_WRITER_CACHE_KIB
from teleconsole.vault.door import at_the_door
from teleconsole.vault.sqlcipher import Connection, sqlcipher3
from teleconsole.vault.store import gate


def connect(database: Path, raw_key: bytes | bytearray, *, readonly: bool = False) -> Connection:
    """Return a connection in autocommit; transactions are begun by name.

    Args:
        database: may not exist yet when not `readonly`.
        raw_key: 32 bytes.
        readonly: this connection refuses to write.

    Raises:
        NotEncrypted: the gate refused; nothing was written.
        WrongKey: the key does not open the file.
        StoreError: it cannot be opened.

    Thread: the connection belongs to the calling thread.
    """
    with at_the_door():
        gate.check_library()
        if database.exists() and database.stat().st_size > 0:
            gate.check_file(database)
        connection = sqlcipher3.connect(str(database), isolation_level=None, cached_statements=256)
        try:
            _set_key(connection, raw_key)
            gate.check_keyed(connection)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            _set_pragmas(connection, readonly=readonly)
        except BaseException:
            connection.close()
            raise
        return connection


def _set_key(connection: Connection, raw_key: bytes | bytearray) -> None:
    text = gate.key_text(raw_key)
    try:
        connection.set_key(text)
    finally:
        text[:] = bytes(len(text))


def _set_pragmas(connection: Connection, *, readonly: bool) -> None:
    cache_kib = VAULT_READER_CACHE_KIB if readonly else VAULT_WRITER_CACHE_KIB
    statements = [
        f"PRAGMA busy_timeout = {VAULT_BUSY_MS}",
        f"PRAGMA cache_size = -{cache_kib}",
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA secure_delete = ON",
        "PRAGMA temp_store = MEMORY",
    ]
    if readonly:
        statements.append("PRAGMA query_only = ON")
    else:
        statements += [
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA checkpoint_fullfsync = ON",
            f"PRAGMA journal_size_limit = {VAULT_WAL_BYTES}",
        ]
    for statement in statements:
        connection.execute(statement).fetchall()
