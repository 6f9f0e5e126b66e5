"""No readable byte of a patient lies in the profile's folder; the same search finds it where nothing is sealed."""

import base64
from pathlib import Path

from tests.unit.vault.made_up import OPENING_WORDS, document, message, patient, task
from tests.unit.vault.test_acts import Desk

from teleconsole.contracts.cases import OpenCase, Reply, SaveDraft, WriteNote
from teleconsole.contracts.vault import CreateVault
from teleconsole.vault.sqlcipher import sqlcipher3
from teleconsole.vault.store.migrate import migrate

CANARY = "ZqCanaryOkaforXw"
TEXTS = [f"{CANARY}{number}" for number in range(12)]
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def findings(folder: Path) -> list[str]:
    """Return the files in which the canary can be read, in any of the usual ways of writing it."""
    needles = [CANARY.encode(encoding) for encoding in ENCODINGS]
    needles += [base64.b64encode(CANARY.encode())[:18], CANARY.encode().hex().encode(), CANARY.lower().encode()]
    return [
        file.name
        for file in folder.rglob("*")
        if file.is_file() and (any(needle in file.read_bytes() for needle in needles) or CANARY in file.name)
    ]


def size_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


async def test_nothing_of_a_patient_can_be_read_on_the_disk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.ask(CreateVault(OPENING_WORDS))
    content = CANARY.encode() * 20_000
    await desk.pull(
        patient(family=TEXTS[0], given=TEXTS[1]),
        task(description=TEXTS[2]),
        message("m1", TEXTS[3]),
        document("d1", size=len(content)),
        document("d2", size=len(TEXTS[4])),
    )
    sync = desk.session.sync_store
    await sync.begin_blob("d1", "e")
    await sync.append_blob("d1", content[:200_000])
    assert findings(tmp_path) == []
    await sync.append_blob("d1", content[200_000:])
    assert await sync.finish_blob("d1")
    await sync.begin_blob("d2", "")
    await sync.append_blob("d2", TEXTS[4].encode())
    assert await sync.finish_blob("d2")
    await desk.ask(SaveDraft("t1", "reply", TEXTS[5]))
    await desk.ask(Reply("t1", TEXTS[6]))
    await desk.ask(WriteNote("t1", TEXTS[7]))
    await desk.ask(OpenCase("t1"))
    await sync.quarantine("test", "url", TEXTS[8].encode(), TEXTS[9])
    assert findings(tmp_path) == []
    await desk.lock.close()
    assert findings(tmp_path) == []
    assert size_bytes(tmp_path) > len(content)


def test_the_search_finds_what_is_not_sealed(tmp_path: Path) -> None:
    connection = sqlcipher3.connect(str(tmp_path / "plain.db"), isolation_level=None)
    migrate(connection)
    connection.execute("INSERT INTO draft VALUES ('t1', 'reply', ?, 1)", (TEXTS[5],))
    connection.close()
    assert findings(tmp_path) == ["plain.db"]


async def test_logs_hold_no_content(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.ask(CreateVault(OPENING_WORDS))
    await desk.pull(patient(family=CANARY), task())
    shown = [repr(await desk.ask(OpenCase("t1"))), repr(desk.session.keys), repr(await desk.ask(Reply("t1", CANARY)))]
    changes = await desk.session.sync_store.next_changes(0)
    shown += [repr(change) for change in changes]
    assert not any(CANARY in text for text in shown)
    await desk.lock.close()
