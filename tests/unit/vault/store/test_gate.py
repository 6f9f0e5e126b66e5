"""The gate: every known way to a database in the clear is refused before anything is written."""

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from teleconsole.domain.errors import NotEncrypted, StoreTooNew, WrongKey
from teleconsole.vault.sqlcipher import sqlcipher3
from teleconsole.vault.store import gate
from teleconsole.vault.store.connect import connect
from teleconsole.vault.store.migrate import migrate, migrations, schema_version

KEY = bytes(range(32))
WRITES = """
import sys
from pathlib import Path
from teleconsole.vault.store.connect import connect
connection = connect(Path(sys.argv[1]), bytes(range(32)))
connection.execute("CREATE TABLE t (a TEXT)")
connection.execute("INSERT INTO t VALUES ('CANARY-OKAFOR')")
connection.close()
"""
GLOBAL = """
import ctypes, os, sys
ctypes.CDLL(sys.argv[2], mode=os.RTLD_NOW | os.RTLD_GLOBAL)
"""
PLAIN_IMPORT = """
import sys, types
import sqlcipher3
module = types.ModuleType("teleconsole.vault.sqlcipher")
module.sqlcipher3, module.Connection = sqlcipher3, object
sys.modules["teleconsole.vault.sqlcipher"] = module
"""


def other_sqlite() -> str:
    name = ctypes.util.find_library("sqlite3")
    if name is None:
        pytest.skip("this system has no other libsqlite3")
    return name


def run(program: str, database: Path, *more: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program, str(database), *more],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_plain(database: Path) -> bool:
    return database.exists() and database.read_bytes()[:16] == gate.PLAIN_HEADER


def test_another_sqlite_in_front_is_passed_by(tmp_path: Path) -> None:
    for number, result in enumerate(
        (
            run(WRITES, tmp_path / "0.db", LD_PRELOAD=other_sqlite()),
            run(GLOBAL + WRITES, tmp_path / "1.db", other_sqlite()),
        )
    ):
        database = tmp_path / f"{number}.db"
        assert result.returncode == 0, result.stderr
        assert not is_plain(database)
        assert b"CANARY" not in database.read_bytes()


def test_where_it_cannot_be_passed_by_nothing_is_written(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    result = run(GLOBAL + PLAIN_IMPORT + WRITES, database, other_sqlite())
    assert result.returncode != 0
    assert "NotEncrypted" in result.stderr
    assert not database.exists() or database.stat().st_size == 0


def test_the_same_without_the_gate_is_written_in_the_clear(tmp_path: Path) -> None:
    """The positive control: this is what the gate is for."""
    database = tmp_path / "x.db"
    ungated = (
        "from teleconsole.vault.store import connect, gate\n"
        "gate.check_library = lambda: None\n"
        "gate.check_keyed = lambda connection: None\n"
        "connect._set_key = lambda connection, key: None\n"
    )
    result = run(GLOBAL + PLAIN_IMPORT + ungated + WRITES, database, other_sqlite())
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert any(b"CANARY" in content for content in files), result.stderr


def test_a_forgotten_key_is_refused(tmp_path: Path) -> None:
    connection = sqlcipher3.connect(str(tmp_path / "x.db"), isolation_level=None)
    with pytest.raises(NotEncrypted):
        gate.check_keyed(connection)
    connection.close()


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(tmp_path: Path, length: int) -> None:
    with pytest.raises(NotEncrypted):
        connect(tmp_path / "x.db", b"k" * length)


def test_a_plain_database_is_refused_and_left(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    plain = sqlcipher3.connect(str(database), isolation_level=None)
    plain.execute("CREATE TABLE t (a)")
    plain.close()
    before = database.read_bytes()
    with pytest.raises(NotEncrypted):
        connect(database, KEY)
    assert database.read_bytes() == before


def test_an_old_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    gate.check_library()
    monkeypatch.setattr(gate, "CIPHER_VERSION", (99, 0))
    with pytest.raises(NotEncrypted):
        gate.check_library()


def test_a_wrong_key_changes_nothing(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    connection = connect(database, KEY)
    migrate(connection)
    connection.close()
    before = database.read_bytes()
    with pytest.raises(WrongKey):
        connect(database, b"\0" * 32)
    assert database.read_bytes() == before
    assert not is_plain(database)


def test_migrations_begin_at_nothing_and_end_at_the_newest(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", KEY)
    assert schema_version(connection) == 0
    assert migrate(connection) == len(migrations())
    assert migrate(connection) == 0
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema", "temp_store")
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert found == ["wal", 2, 1, 1, 0, 2]
    connection.close()


def test_a_newer_schema_is_refused_and_left(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", KEY)
    connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreTooNew):
        migrate(connection)
    assert schema_version(connection) == 99
    connection.close()


def test_a_migration_that_fails_is_undone_whole(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_good.sql").write_text("CREATE TABLE a (x);")
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (x);\nCREATE TABLE a (x);")
    connection = connect(tmp_path / "x.db", KEY)
    with pytest.raises(Exception, match="case store"):
        migrate(connection, folder)
    assert schema_version(connection) == 1
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    assert tables == ["a"]
    connection.close()
