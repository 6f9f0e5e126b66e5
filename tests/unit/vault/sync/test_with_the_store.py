"""The engine with the real encrypted store and the real server."""

import socket
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.vault.made_up import FakeClock, Opened, opened
from tests.unit.vault.sync.clinic_server import CLOCK, Clinic, Others, listener
from tests.unit.vault.sync.outbox_rows import put_in_outbox

from teleconsole.vault.store.changes import ClaimPayload, DecisionPayload, NotePayload, ReplyPayload
from teleconsole.vault.store.sync_port import ServerAccess
from teleconsole.vault.store.sync_store import StoreForSync
from teleconsole.vault.sync.engine import SyncEngine


def engine_for(clinic: Clinic, store: StoreForSync) -> SyncEngine:
    access: ServerAccess = clinic.access()
    return SyncEngine(store, access, listener([]), CLOCK)


async def count(vault: Opened, query: str, *values: str) -> int:
    found = await vault.store.read(lambda connection: connection.execute(query, values).fetchone()[0])
    return int(found)


async def test_all_sixty_cases_are_complete_and_stay_so_after_a_restart(tmp_path: Path, clinic: Clinic) -> None:
    clock = FakeClock(datetime.now(UTC))
    async with opened(tmp_path, clock) as vault:
        engine = engine_for(clinic, vault.sync)
        status = await engine.sync_once()
        await engine.stop()
        assert (status.phase, status.sentence, status.files_left) == ("idle", "", 0)
        assert await count(vault, "SELECT count(*) FROM queue") >= 60
        assert await count(vault, "SELECT count(*) FROM queue WHERE missing_count > 0 OR name = ''") == 0
        assert await count(vault, "SELECT count(*) FROM blob WHERE state <> 'here'") == 0
        assert await count(vault, "SELECT count(*) FROM quarantine") == 0
        assert await count(vault, "SELECT count(*) FROM patient WHERE read_at_ms = 0") == 0
    async with opened(tmp_path, clock) as vault:
        engine = engine_for(clinic, vault.sync)
        again = await engine.sync_once()
        await engine.stop()
        # the server tells its time in whole seconds, so two readings of one moment differ by up to one
        assert again.synced_ms > status.synced_ms - 1_000
        assert again.files_left == 0


async def test_what_was_written_here_reaches_the_server_and_comes_back_as_truth(
    tmp_path: Path, clinic: Clinic, others: Others
) -> None:
    patient = clinic.report.patients[3]
    case = others.new_case(patient)
    async with opened(tmp_path, FakeClock(datetime.now(UTC))) as vault:
        vault.store.me = clinic.me
        engine = engine_for(clinic, vault.sync)
        await engine.sync_once()
        for payload in (
            ClaimPayload(4_000_000_000_000),
            ReplyPayload("Good morning."),
            NotePayload("Called the pharmacy."),
            DecisionPayload("close", "All is well."),
        ):
            await put_in_outbox(vault.store, case["id"], payload)
        status = await engine.sync_once()
        await engine.stop()
        assert (status.phase, status.to_send, status.could_not_send) == ("idle", 0, 0)
        assert await count(vault, "SELECT count(*) FROM message WHERE case_id = ?", case["id"]) == 2
        assert await count(vault, "SELECT count(*) FROM note WHERE case_id = ?", case["id"]) == 1
        assert await count(vault, "SELECT is_open FROM queue WHERE case_id = ?", case["id"]) == 0
    task = others.get(f"Task/{case['id']}")
    assert (task["status"], task["owner"]["display"]) == ("completed", "Dr Ruth Calder")
    assert "extension" not in task


async def test_after_a_conflict_the_person_may_send_it_all_the_same(
    tmp_path: Path, clinic: Clinic, others: Others
) -> None:
    patient = clinic.report.patients[4]
    case = others.new_case(patient)
    async with opened(tmp_path, FakeClock(datetime.now(UTC))) as vault:
        vault.store.me = clinic.me
        engine = engine_for(clinic, vault.sync)
        await engine.sync_once()
        change_id = await put_in_outbox(vault.store, case["id"], ReplyPayload("Kept"))
        others.put({**case, "status": "completed"})
        status = await engine.sync_once()
        assert (status.to_send, status.could_not_send) == (0, 1)
        assert await count(vault, "SELECT count(*) FROM change WHERE state = 'conflict'") == 1
        await vault.sync.retry_later(change_id, 0, "")  # as the service does when the person wants it sent
        status = await engine.sync_once()
        await engine.stop()
        assert (status.to_send, status.could_not_send) == (0, 0)
    sent = others.found(f"Communication?based-on=Task/{case['id']}")
    assert [each["payload"][0]["contentString"] for each in sent if "payload" in each] == ["Kept"]


async def test_a_try_without_a_connection_does_not_count(tmp_path: Path, clinic: Clinic, others: Others) -> None:
    case = others.new_case(clinic.report.patients[4])
    async with opened(tmp_path, FakeClock(datetime.now(UTC))) as vault:
        vault.store.me = clinic.me
        engine = engine_for(clinic, vault.sync)
        await engine.sync_once()
        await put_in_outbox(vault.store, case["id"], ReplyPayload("Good morning."))
        await engine.stop()
        with socket.socket() as nobody:  # bound and not listening: a connection is refused
            nobody.bind(("127.0.0.1", 0))
            away = SyncEngine(
                vault.sync, clinic.access(f"http://127.0.0.1:{nobody.getsockname()[1]}/fhir"), listener([]), CLOCK
            )
            status = await away.sync_once()
            await away.stop()
        assert (status.phase, status.to_send) == ("offline", 1)
        assert await count(vault, "SELECT sum(attempts) FROM change") == 0
