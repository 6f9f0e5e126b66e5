"""A database or a key file that was put back to an older one is seen, told and written down; nothing is deleted."""

import shutil
from pathlib import Path

from tests.unit.vault.made_up import OPENING_WORDS, patient, task
from tests.unit.vault.test_acts import Desk

from teleconsole.contracts.cases import ListCases, SaveDraft
from teleconsole.contracts.vault import CreateVault, GetVaultState, PrepareLock, Unlock
from teleconsole.vault.keys.header import previous_generation


async def sentence_after(desk: Desk) -> str:
    await desk.ask(Unlock(OPENING_WORDS))
    return str((await desk.ask(GetVaultState())).sentence)


async def test_an_older_database_is_seen(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "profile")
    await desk.ask(CreateVault(OPENING_WORDS))
    await desk.pull(patient(), task())
    await desk.ask(PrepareLock())
    database = tmp_path / "profile" / "queue.db"
    shutil.copy(database, tmp_path / "old.db")
    assert await sentence_after(desk) == ""
    await desk.ask(SaveDraft("t1", "reply", "new"))
    await desk.ask(PrepareLock())
    shutil.copy(tmp_path / "old.db", database)
    assert "older" in await sentence_after(desk)
    assert (await desk.ask(ListCases())).total == 1
    await desk.lock.close()


async def test_an_older_key_file_is_seen(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "profile")
    await desk.ask(CreateVault(OPENING_WORDS))
    header = tmp_path / "profile" / "queue.keys"
    shutil.copy(header, tmp_path / "old.keys")
    for _ in range(3):
        await desk.ask(PrepareLock())
        assert await sentence_after(desk) == ""
    await desk.ask(PrepareLock())
    shutil.copy(tmp_path / "old.keys", header)
    assert "key file" in await sentence_after(desk)
    await desk.lock.close()


async def test_the_generation_before_opens_after_a_torn_write_without_alarm(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "profile")
    await desk.ask(CreateVault(OPENING_WORDS))
    await desk.ask(PrepareLock())
    header = tmp_path / "profile" / "queue.keys"
    assert previous_generation(header).exists()
    header.write_bytes(header.read_bytes()[:100])
    assert await sentence_after(desk) == ""
    await desk.lock.close()
