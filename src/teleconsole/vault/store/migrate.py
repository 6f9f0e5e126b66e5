"""Brings a database to the newest schema: numbered files, each in one transaction with its number."""

import re
from pathlib import Path

from teleconsole.domain.errors import StoreTooNew
from teleconsole.vault.door import at_the_door
from teleconsole.vault.sqlcipher import Connection, sqlcipher3

MIGRATIONS = Path(__file__).with_name("migrations")
_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")


def migrations(folder: Path = MIGRATIONS) -> list[Path]:
    """Return the files in order; the first is number 1 and none is missing.

    Raises:
        RuntimeError: the installation is not whole.
    """
    files = sorted(file for file in folder.iterdir() if _NAME.match(file.name))
    numbers = [int(file.name[:4]) for file in files]
    if numbers != list(range(1, len(files) + 1)):
        raise RuntimeError("the numbers of the migrations have a gap")
    return files


def schema_version(connection: Connection) -> int:
    """Return the number of the last migration that was applied."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: Connection, folder: Path = MIGRATIONS) -> int:
    """Apply what is missing and return how many files that were.

    Raises:
        StoreTooNew: a newer program wrote the database; nothing was touched.
        StoreError: a file could not be applied; it was rolled back whole.
    """
    files = migrations(folder)
    with at_the_door():
        at = schema_version(connection)
        if at > len(files):
            raise StoreTooNew
        for number, file in enumerate(files[at:], start=at + 1):
            _apply(connection, number, file.read_text(encoding="utf-8"))
        return len(files) - at


def _apply(connection: Connection, number: int, script: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(script):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def statements(script: str) -> list[str]:
    """Return the statements of a script (`executescript` would commit on its own)."""
    found = []
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if ";" in line and sqlcipher3.complete_statement(pending):
            found.append(pending.strip())
            pending = ""
    return found
