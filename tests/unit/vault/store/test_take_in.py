"""Server truth, the queue made from it, and what a stranger may send."""

import base64
import hashlib
from pathlib import Path

from tests.unit.vault.made_up import ME, NOON_MS, document, message, opened, patient, received, task

from teleconsole.vault.store.queue_read import Reader
from teleconsole.vault.store.sync_port import Cursor, ReceivedResource
from teleconsole.vault.store.timeline import read_timeline


async def test_a_pulled_case_stands_in_the_queue(tmp_path: Path) -> None:
    async with opened(tmp_path) as vault:
        result = await vault.sync.apply_pull(
            "Task", [received(one) for one in (task(), patient(), message("m1", "It itches"))], Cursor(NOON_MS, 5, "x")
        )
        assert result.changed == 3
        assert result.case_ids == ("t1",)
        row = await vault.store.read(
            lambda c: c.execute("SELECT is_open, name, reason, unread_count, missing_count FROM queue").fetchone()
        )
        assert row == (1, "Ada Okafor", "A rash that spreads", 1, 0)
        assert await vault.sync.cursor("Task") == Cursor(NOON_MS, 5, "x")
    async with opened(tmp_path) as vault:
        assert (await vault.sync.resource("Task", "t1")) == received(task())


async def test_what_a_patient_wrote_in_a_visit_and_the_gateway_brought_later_is_new_and_says_so(tmp_path: Path) -> None:
    late = message("m2", "It is the left one.", hour=11) | {
        "identifier": [{"system": "urn:teleconsole:chat-line", "value": "00000000-0000-5000-8000-000000000001"}],
        "category": [{"coding": [{"system": "urn:teleconsole:message-kind", "code": "message"}]}],
        "encounter": {"reference": "Encounter/e1"},
    }
    answer = message("m1", "I call you.", sender=f"Practitioner/{ME}", hour=10)
    async with opened(tmp_path) as vault:
        await vault.pull(task(), patient(), answer, late)
        reader = Reader(ME, NOON_MS, NOON_MS)
        _mine, entry = await vault.store.read(lambda c: read_timeline(c, "t1", "p1", reader, ()))
        assert (entry.kind, entry.text, entry.author) == ("message", "It is the left one.", "Ada Okafor")
        assert entry.from_patient and entry.unread and not entry.in_visit
        assert entry.title == "written in the visit, arrived after it"


async def test_the_same_again_changes_nothing_and_an_older_one_is_left(tmp_path: Path) -> None:
    async with opened(tmp_path) as vault:
        await vault.pull(task(meta={"versionId": "2", "lastUpdated": "2026-03-02T11:00:00Z"}))
        again = await vault.sync.apply_pull(
            "Task", [received(task(meta={"versionId": "2", "lastUpdated": "2026-03-02T11:00:00Z"}))], None
        )
        older = await vault.sync.apply_pull(
            "Task", [received(task(meta={"versionId": "1", "lastUpdated": "2026-03-02T10:00:00Z"}))], None
        )
        assert (again.changed, older.changed) == (0, 0)


async def test_what_cannot_be_read_is_set_aside_and_the_rest_is_kept(tmp_path: Path) -> None:
    hostile = [
        ReceivedResource("Task", "bad1", "1", 1, b"{not json"),
        ReceivedResource("Task", "bad2", "1", 1, b"[" * 100_000),
        ReceivedResource("Task", "../x", "1", 1, b"{}"),
        ReceivedResource("Task", "bad4", "1", 1, b'{"resourceType":"Task","id":"other"}'),
        ReceivedResource(
            "Task", "odd", "1", 1, b'{"resourceType":"Task","id":"odd","for":[1],"input":{"a":1},"code":7}'
        ),
        received(task()),
    ]
    async with opened(tmp_path) as vault:
        result = await vault.sync.apply_pull("Task", hostile, None)
        assert result.quarantined == 4
        assert result.case_ids == ("odd", "t1")
        assert await vault.store.read(lambda c: c.execute("SELECT count(*) FROM quarantine").fetchone()[0]) == 4


async def test_a_file_comes_in_parts_is_checked_and_read_at_any_place(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    sha1 = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
    async with opened(tmp_path) as vault:
        await vault.pull(task(), patient(), document("d1", size=len(content), sha1=sha1))
        (missing,) = await vault.sync.missing_evidence(NOON_MS)
        assert (missing.url, missing.size_bytes) == ("Binary/d1", len(content))
        await vault.sync.begin_blob("d1", "e1")
        await vault.sync.append_blob("d1", content[:100_000])
    async with opened(tmp_path) as vault:
        here = (await vault.sync.begin_blob("d1", "e1")).here_bytes
        assert here == 65_536
        await vault.sync.append_blob("d1", content[here:])
        assert await vault.sync.finish_blob("d1")
        assert await vault.sync.read_blob("d1") == content
        assert await vault.sync.read_blob("d1", 65_530, 12) == content[65_530:65_542]
        assert await vault.sync.missing_evidence(NOON_MS) == ()
        assert await vault.blobs.sweep() == 0


async def test_a_file_that_is_another_is_thrown_away_twice_and_then_set_aside(tmp_path: Path) -> None:
    async with opened(tmp_path) as vault:
        await vault.pull(task(), patient(), document("d1", size=100))
        for left in (1, 0):
            await vault.sync.begin_blob("d1", "")
            await vault.sync.append_blob("d1", b"short")
            assert not await vault.sync.finish_blob("d1")
            assert len(await vault.sync.missing_evidence(NOON_MS)) == left
        assert list(vault.store.profile.evidence.iterdir()) == []
