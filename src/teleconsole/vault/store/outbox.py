"""The outbox in SQL: intents are added by services, moved on by sync."""

import uuid
from typing import Any

from teleconsole.domain.errors import StoreError
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store.changes import ChangeRow, Payload, decode_payload, encode_payload, kind_of
from teleconsole.vault.store.touched import Touched

_COLUMNS = (
    "c.seq, c.change_id, c.case_id, c.patient_id, c.payload, c.base_version, c.state, c.attempts, c.next_ms,"
    " c.last_error, c.made_ms, coalesce((SELECT is_local FROM case_ k WHERE k.case_id = c.case_id), 0)"
)


def add(
    connection: Connection, case_id: str, payload: Payload, touched: Touched, *, now_ms: int, change_id: str = ""
) -> str:
    """Add an intent and return its UUID.

    Raises:
        StoreError: no such case.
    """
    row = connection.execute("SELECT patient_id, version_id FROM case_ WHERE case_id = ?", (case_id,)).fetchone()
    if row is None:
        raise StoreError("This case is not on this computer any more. Nothing was sent.")
    change_id = change_id or str(uuid.uuid4())
    connection.execute(
        "INSERT INTO change (change_id, case_id, patient_id, kind, payload, base_version, state, made_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)",
        (change_id, case_id, row[0], kind_of(payload), encode_payload(payload), row[1], now_ms),
    )
    touched.case(case_id)
    return change_id


def sendable(connection: Connection, now_ms: int, limit: int) -> tuple[ChangeRow, ...]:
    """Return the oldest change of each case where it may be sent now."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM change c"  # noqa: S608 -- own names
        " WHERE c.state IN ('waiting', 'sending') AND c.next_ms <= ?"
        " AND c.seq = (SELECT min(o.seq) FROM change o WHERE o.case_id = c.case_id)"
        " ORDER BY c.seq LIMIT ?",
        (now_ms, limit),
    ).fetchall()
    return tuple(_row(row) for row in rows)


def next_due_ms(connection: Connection) -> int | None:
    """Return when the next change may be sent."""
    row = connection.execute(
        "SELECT min(c.next_ms) FROM change c WHERE c.state IN ('waiting', 'sending')"
        " AND c.seq = (SELECT min(o.seq) FROM change o WHERE o.case_id = c.case_id)"
    ).fetchone()
    return None if row[0] is None else int(row[0])


def of_case(connection: Connection, case_id: str) -> list[ChangeRow]:
    """Return the unsent changes of a case, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM change c WHERE c.case_id = ? ORDER BY c.seq",  # noqa: S608 -- own names
        (case_id,),
    ).fetchall()
    return [_row(row) for row in rows]


def every(connection: Connection, limit: int) -> list[ChangeRow]:
    """Return all unsent changes, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM change c ORDER BY c.seq LIMIT ?",  # noqa: S608 -- own names
        (limit,),
    ).fetchall()
    return [_row(row) for row in rows]


def find(connection: Connection, change_id: str) -> ChangeRow | None:
    """Return an unsent change."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM change c WHERE c.change_id = ?",  # noqa: S608 -- own names
        (change_id,),
    ).fetchone()
    return None if row is None else _row(row)


def move(
    connection: Connection, change_id: str, state: str, touched: Touched, *, next_ms: int = 0, reason: str = ""
) -> None:
    """Give a change another state; an unknown one was completed before and is none any more.

    A conflict is shown with the case as it is now: sent again after that, the text stands on this version.
    """
    row = connection.execute(
        "UPDATE change SET state = ?1, next_ms = ?2, last_error = ?3, attempts = attempts + (?1 = 'sending'),"
        " base_version = CASE ?1 WHEN 'conflict' THEN coalesce("
        "(SELECT version_id FROM case_ k WHERE k.case_id = change.case_id), base_version) ELSE base_version END"
        " WHERE change_id = ?4 RETURNING case_id",
        (state, next_ms, reason[:2000], change_id),
    ).fetchall()
    for (case_id,) in row:
        touched.case(case_id)


def forget_try(connection: Connection, change_id: str) -> None:
    """Take back the count of a try of which nothing has left this computer."""
    connection.execute("UPDATE change SET attempts = max(0, attempts - 1) WHERE change_id = ?", (change_id,))


def remove(connection: Connection, change_id: str, touched: Touched) -> ChangeRow | None:
    """Take a change out and return it."""
    change = find(connection, change_id)
    if change is not None:
        connection.execute("DELETE FROM change WHERE change_id = ?", (change_id,))
        touched.case(change.case_id, words=True)
    return change


def counts(connection: Connection) -> tuple[int, int]:
    """Return how many wait and how many could not be sent."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE state IN ('waiting', 'sending')),"
        " count(*) FILTER (WHERE state IN ('refused', 'conflict')) FROM change"
    ).fetchone()
    return int(row[0]), int(row[1])


def move_case(connection: Connection, old_id: str, case_id: str, touched: Touched) -> None:
    """Move everything local of a case that was made here to the id that the server gave it."""
    for table in ("change", "evidence", "visit", "note"):
        connection.execute(f"UPDATE {table} SET case_id = ? WHERE case_id = ?", (case_id, old_id))  # noqa: S608
    for table in ("draft", "seen", "looked"):
        connection.execute(
            f"UPDATE OR REPLACE {table} SET case_id = ? WHERE case_id = ?",  # noqa: S608 -- own names
            (case_id, old_id),
        )
    connection.execute(
        "UPDATE case_ SET visit_id = coalesce((SELECT visit_id FROM case_ WHERE case_id = ?), '') WHERE case_id = ?",
        (old_id, case_id),
    )
    connection.execute("DELETE FROM case_words WHERE rowid IN (SELECT case_no FROM case_ WHERE case_id = ?)", (old_id,))
    connection.execute("DELETE FROM case_ WHERE case_id = ? AND is_local = 1", (old_id,))
    connection.execute("INSERT OR REPLACE INTO case_alias VALUES (?, ?)", (old_id, case_id))
    touched.case(old_id)
    touched.case(case_id, words=True)


def current_id(connection: Connection, case_id: str) -> str:
    """Return the id that a case has now."""
    row = connection.execute("SELECT case_id FROM case_alias WHERE old_id = ?", (case_id,)).fetchone()
    return str(row[0]) if row else case_id


def _row(row: Any) -> ChangeRow:
    """Return a row of `_COLUMNS`; the tables are STRICT, so that each value has the type of its column."""
    seq, change_id, case_id, patient_id, payload, base, state, attempts, next_ms, error, made_ms, is_local = row
    return ChangeRow(
        seq,
        change_id,
        case_id,
        patient_id,
        decode_payload(payload),
        base,
        state,
        attempts,
        next_ms,
        error,
        made_ms,
        bool(is_local),
    )
