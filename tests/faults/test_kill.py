"""kill -9 in the middle of everything: what was acknowledged is there, what is half does not exist.

`TELECONSOLE_KILLS` sets how many kills; 20 by default.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.faults.writer import content
from tests.unit.vault.made_up import opened

from teleconsole.vault.sqlcipher import Connection

KILLS = int(os.environ.get("TELECONSOLE_KILLS", "20"))
LONGEST_S = 0.6


def run_until_killed(folder: Path, first: int, after_s: float) -> list[tuple[str, int]]:
    """Start the writer, kill it so long after it opened, and return what it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.writer", str(folder), str(first)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    opened_line = process.stdout.readline()
    assert opened_line.startswith("open"), "the writer did not open the store"
    time.sleep(after_s)
    process.kill()
    lines = [opened_line, *process.stdout.read().splitlines()]
    process.stdout.close()
    process.wait()
    return [(what, int(number)) for what, _, number in (line.strip().partition(" ") for line in lines[1:])]


async def check(folder: Path, acknowledged: list[tuple[str, int]]) -> None:
    """Open the store and look at everything."""
    async with opened(folder) as vault:
        found = await vault.store.read(look)
        assert found["integrity"] == "ok"
        assert found["words"] >= found["cases"]
        assert found["difference"] == 0
        assert (await vault.store.verify_audit()).ok
        for what, number in acknowledged:
            assert number in found[what], f"{what} {number} was acknowledged and is lost"
        assert found["reply"] == found["draft"]  # one transaction: both or neither
        for number in sorted(found["file"])[-3:]:
            assert await vault.sync.read_blob(f"d{number}") == content(number)
        await vault.blobs.sweep()
        kept = await vault.store.read(lambda c: {row[0] for row in c.execute("SELECT file_name FROM blob")})
        assert {file.name.removesuffix(".tmp") for file in vault.store.profile.evidence.iterdir()} <= kept


def look(connection: Connection) -> dict[str, Any]:
    """Return what is there."""

    def numbers(query: str) -> set[int]:
        return {int(row[0][1:]) for row in connection.execute(query)}

    return {
        "integrity": connection.execute("PRAGMA integrity_check").fetchone()[0],
        "cases": connection.execute("SELECT count(*) FROM case_").fetchone()[0],
        "words": connection.execute("SELECT count(*) FROM case_words").fetchone()[0],
        "difference": connection.execute(
            "SELECT count(*) FROM (SELECT * FROM queue EXCEPT SELECT * FROM case_effective)"
        ).fetchone()[0],
        "truth": numbers("SELECT id FROM resource WHERE type = 'Task'"),
        "file": numbers("SELECT evidence_id FROM blob WHERE state = 'here'"),
        "reply": numbers("SELECT case_id FROM change"),
        "draft": numbers("SELECT case_id FROM draft"),
    }


def test_no_acknowledged_act_is_lost_by_a_kill(tmp_path: Path) -> None:
    dice = random.Random(20)  # noqa: S311 -- when to kill, nothing secret
    acknowledged: list[tuple[str, int]] = []
    first = 0
    for _ in range(KILLS):
        acknowledged += run_until_killed(tmp_path, first, dice.random() ** 2 * LONGEST_S)
        first = max((number for _, number in acknowledged), default=first) + 1
    asyncio.run(check(tmp_path, acknowledged))
    assert len(acknowledged) > KILLS


def test_it_is_whole_after_each_of_the_first_kills(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 -- when to kill, nothing secret
    acknowledged: list[tuple[str, int]] = []
    for kill in range(3):
        acknowledged += run_until_killed(tmp_path, kill * 1000, dice.random() * LONGEST_S)
        asyncio.run(check(tmp_path, acknowledged))
