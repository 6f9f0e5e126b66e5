"""The audit log: what an attacker with the open database can do, and what is seen of it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from teleconsole.vault.audit.chain import Anchor, AuditLog
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.sqlcipher import sqlcipher3
from teleconsole.vault.store.migrate import migrate

EVENTS = 120
Attack = Callable[[Any, AuditLog], object]


@pytest.fixture
def filled() -> Any:
    connection = sqlcipher3.connect(":memory:", isolation_level=None)
    migrate(connection)
    log = AuditLog("profile", b"s" * 32)
    for number in range(EVENTS):
        log.append(connection, AuditEvent("case-opened", case_id=f"t{number}"), who="dr-grey", now_ms=number)
    yield connection, log
    connection.close()


def rechain(connection: Any, first: int) -> None:
    """Make the hashes fit again from an event on, as somebody who knows the rule can."""
    forged = AuditLog("profile", b"x" * 32)
    rows = connection.execute("SELECT number, event FROM audit_event ORDER BY number").fetchall()
    before = forged._genesis
    for number, text in rows:
        record = hashlib.sha256(text.encode()).digest()
        before = hashlib.sha256(b"\x01" + before + number.to_bytes(8, "big") + record).digest()
        if number >= first:
            connection.execute("UPDATE audit_event SET hash = ? WHERE number = ?", (before, number))


def edit(connection: Any, _: AuditLog) -> None:
    connection.execute("UPDATE audit_event SET event = replace(event, 't7', 't8') WHERE number = 8")


def edit_and_rechain(connection: Any, log: AuditLog) -> None:
    edit(connection, log)
    rechain(connection, 8)


def delete(connection: Any, _: AuditLog) -> None:
    connection.execute("DELETE FROM audit_event WHERE number = 60")


def swap(connection: Any, _: AuditLog) -> None:
    connection.execute("UPDATE audit_event SET number = -1 WHERE number = 10")
    connection.execute("UPDATE audit_event SET number = 10 WHERE number = 11")
    connection.execute("UPDATE audit_event SET number = 11 WHERE number = -1")


def insert(connection: Any, _: AuditLog) -> None:
    connection.execute("INSERT INTO audit_event SELECT 121, event, hash FROM audit_event WHERE number = 120")


def drop_checkpoint(connection: Any, _: AuditLog) -> None:
    connection.execute("DELETE FROM audit_checkpoint WHERE size = 50")


def forge_checkpoint(connection: Any, _: AuditLog) -> None:
    connection.execute("UPDATE audit_checkpoint SET signature = zeroblob(64) WHERE size = 100")


def cut_the_end(connection: Any, _: AuditLog) -> None:
    connection.execute("DELETE FROM audit_event WHERE number > 70")


def cut_the_end_with_its_checkpoints(connection: Any, log: AuditLog) -> None:
    cut_the_end(connection, log)
    connection.execute("DELETE FROM audit_checkpoint WHERE size > 70")


def test_an_honest_log_holds(filled: Any) -> None:
    connection, log = filled
    head = log.checkpoint(connection, 1)
    report = log.verify(connection, head)
    assert report.ok
    assert report.size == EVENTS
    assert connection.execute("SELECT count(*) FROM audit_checkpoint").fetchone()[0] == 3


@pytest.mark.parametrize(
    "attack",
    [edit, edit_and_rechain, delete, swap, insert, drop_checkpoint, forge_checkpoint, cut_the_end],
)
def test_tampering_is_seen(filled: Any, attack: Attack) -> None:
    connection, log = filled
    attack(connection, log)
    assert not log.verify(connection).ok


def test_a_cut_with_its_checkpoints_is_seen_by_an_anchor_from_elsewhere_alone(filled: Any) -> None:
    connection, log = filled
    anchor: Anchor = log.head(connection)
    cut_the_end_with_its_checkpoints(connection, log)
    assert log.verify(connection).ok
    report = log.verify(connection, anchor)
    assert report.problem == "the end of the log was cut off"


def test_a_log_of_another_profile_does_not_hold(filled: Any, tmp_path: Path) -> None:
    connection, _ = filled
    assert not AuditLog("other", b"s" * 32).verify(connection).ok
