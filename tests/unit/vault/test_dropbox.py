"""Drop-boxes: what the call sealed is taken in once, also after a lock or a crash; nothing is deleted unread."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from tests.unit.vault.made_up import ME, NOON_MS, OPENING_WORDS, patient, received, task
from tests.unit.vault.test_acts import Desk

from teleconsole.contracts.cases import ListCases, OpenCase, ReadEvidence, WriteNote
from teleconsole.contracts.dropbox import (
    ChatItem,
    PhotoItem,
    ReportItem,
    SealedItem,
    SpanItem,
    StillItem,
    drop_box_info,
)
from teleconsole.contracts.vault import CreateVault, ItemImported, ListChanges, PrepareLock, Unlock
from teleconsole.contracts.visits import BeginVisit, DropBox, EndVisit, FindVisit, ImportDropBox, ListAppointments
from teleconsole.domain.errors import StoreError
from teleconsole.vault.store import outbox
from teleconsole.vault.store.changes import ChatPayload, NotePayload, StillPayload, VisitBegan, VisitEnded

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PICTURE = b"\x89PNG" + bytes(100_000)


def appointment(case_id: str = "t1") -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": "a1",
        "status": "booked",
        "start": "2026-03-02T12:30:00Z",
        "minutesDuration": 15,
        "description": "Look at the arm",
        "identifier": [{"system": "urn:teleconsole:visit", "value": "visit-1"}],
        "participant": [{"actor": {"reference": "Patient/p1"}}, {"actor": {"reference": f"Practitioner/{ME}"}}],
        **({"supportingInformation": [{"reference": f"Task/{case_id}"}]} if case_id else {}),
    }


def seal(box: DropBox, item_id: str, body: Any, *, made_ms: int = NOON_MS, visit_id: str = "") -> Path:
    item = SealedItem(visit_id or box.visit_id, item_id, made_ms, body)
    key = X25519PublicKey.from_public_bytes(box.public_key)
    sealed = SUITE.encrypt(msgspec.msgpack.encode(item), key, info=drop_box_info(visit_id or box.visit_id))
    file = Path(box.folder) / f"{made_ms}-{item_id}.sealed"
    file.write_bytes(sealed)
    return file


def still(data: bytes = PICTURE, sha256: str = "") -> StillItem:
    return StillItem(data, sha256 or hashlib.sha256(data).hexdigest(), 640, 480, NOON_MS + 3)


def photo() -> PhotoItem:
    return PhotoItem(b"\xff\xd8jpeg", "image/jpeg", hashlib.sha256(b"\xff\xd8jpeg").hexdigest(), NOON_MS + 4)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = Desk(tmp_path)
    await one.ask(CreateVault(OPENING_WORDS))
    one.session.store.me = ME
    await one.pull(patient(), task(), appointment())
    yield one
    await one.lock.close()


async def test_a_visit_that_came_before_its_patient_has_nobody_without_a_name(tmp_path: Path) -> None:
    one = Desk(tmp_path)
    await one.ask(CreateVault(OPENING_WORDS))
    one.session.store.me = ME
    await one.pull(task(), appointment())
    with pytest.raises(StoreError, match="not known on this computer yet"):
        await one.ask(FindVisit("visit-1"))
    await one.pull(patient())
    assert (await one.ask(FindVisit("visit-1"))).name == "Ada Okafor"
    await one.lock.close()


async def test_everything_of_a_visit_is_taken_in_once_and_sent_in_order(desk: Desk) -> None:
    box: DropBox = await desk.ask(BeginVisit("visit-1", NOON_MS))
    files = [
        seal(box, "s1", SpanItem(NOON_MS, 0, "connected"), made_ms=NOON_MS),
        seal(box, "c1", ChatItem(True, "Can you see it?", NOON_MS + 2), made_ms=NOON_MS + 2),
        seal(box, "i1", still(), made_ms=NOON_MS + 3),
        seal(box, "i2", photo(), made_ms=NOON_MS + 4),
    ]
    copy = files[1].read_bytes()
    assert await desk.ask(ImportDropBox()) == 4
    assert not any(file.exists() for file in files)
    assert [news.item_id for news in desk.news if isinstance(news, ItemImported)] == ["s1", "c1", "i1", "i2"]
    files[1].write_bytes(copy)
    assert await desk.ask(ImportDropBox()) == 0
    assert not files[1].exists()
    seal(box, "s2", SpanItem(NOON_MS, NOON_MS + 50_000, "lost"), made_ms=NOON_MS + 50_000)
    made = await desk.ask(EndVisit("visit-1", NOON_MS + 60_000))
    assert (await desk.ask(EndVisit("visit-1", NOON_MS + 60_000))) == made
    payloads = [change.payload for change in await changes(desk)]
    assert [type(payload) for payload in payloads] == [VisitBegan, ChatPayload, StillPayload, StillPayload, VisitEnded]
    assert payloads[-1] == VisitEnded("visit-1", "a1", NOON_MS, NOON_MS + 60_000, ((NOON_MS, NOON_MS + 50_000),))
    case = await desk.ask(OpenCase("t1"))
    assert [(entry.kind, entry.duration_s) for entry in case.timeline] == [
        ("visit", 60),
        ("message", 0),
        ("evidence", 0),
        ("evidence", 0),
    ]
    assert await desk.ask(ReadEvidence("i1", 0, 400_000)) == PICTURE
    assert await desk.ask(ReadEvidence("i2", 2, 4)) == b"jpeg"


async def changes(desk: Desk) -> list[Any]:
    return await desk.session.store.read(lambda connection: outbox.every(connection, 100))


async def test_what_was_sealed_while_the_vault_was_locked_is_taken_in_when_it_opens(desk: Desk) -> None:
    box: DropBox = await desk.ask(BeginVisit("visit-1", NOON_MS))
    await desk.ask(PrepareLock())
    seal(box, "c1", ChatItem(False, "I call you back", NOON_MS + 2))
    await desk.ask(Unlock(OPENING_WORDS, after_lock=True))
    await desk.ask(ImportDropBox())
    case = await desk.ask(OpenCase("t1"))
    assert [entry.text for entry in case.timeline if entry.kind == "message"] == ["I call you back"]
    assert (await desk.ask(BeginVisit("visit-1", NOON_MS))).public_key == box.public_key
    assert case.visit_id == "visit-1"


async def test_what_does_not_open_is_set_aside_and_the_rest_is_taken_in(desk: Desk) -> None:
    box: DropBox = await desk.ask(BeginVisit("visit-1", NOON_MS))
    bad = [
        seal(box, "x1", ChatItem(True, "of another visit", 1), visit_id="visit-2"),
        seal(box, "x2", still(sha256="00" * 32)),
    ]
    torn = Path(box.folder) / f"{NOON_MS}-x3.sealed"
    torn.write_bytes(b"torn")
    unfinished = Path(box.folder) / f"{NOON_MS}-x4.tmp"
    unfinished.write_bytes(b"half")
    seal(box, "c1", ChatItem(True, "whole", NOON_MS + 9), made_ms=NOON_MS + 9)
    assert await desk.ask(ImportDropBox()) == 1
    assert all(file.with_suffix(".refused").exists() for file in [*bad, torn])
    assert unfinished.exists()
    assert await desk.ask(ImportDropBox()) == 0


async def test_a_visit_without_a_case_makes_one_that_takes_the_servers_id(desk: Desk) -> None:
    await desk.pull({**appointment(""), "meta": {"versionId": "2"}}, patient())
    (row,) = await desk.ask(ListAppointments(0, NOON_MS * 2))
    assert not row.has_case
    box: DropBox = await desk.ask(BeginVisit("visit-1", NOON_MS))
    seal(box, "c1", ChatItem(True, "hello", NOON_MS + 2))
    await desk.ask(ImportDropBox())
    own_id = (await desk.ask(FindVisit("visit-1"))).case_id
    await desk.ask(WriteNote(own_id, "looks well", "visit-1"))
    assert own_id in {case.case_id for case in (await desk.ask(ListCases())).rows}
    first = (await changes(desk))[0]
    assert first.is_local_case
    assert first.payload.makes_case
    await desk.session.sync_store.complete(first.change_id, [received(task("t9", description="Visit"))], case_id="t9")
    assert {change.case_id for change in await desk.ask(ListChanges())} == {"t9"}
    assert (await desk.ask(FindVisit("visit-1"))).case_id == "t9"
    case = await desk.ask(OpenCase(own_id))
    assert case.row.case_id == "t9"
    assert {entry.kind for entry in case.timeline} == {"visit", "note", "message"}
    assert own_id not in {row.case_id for row in (await desk.ask(ListCases())).rows}
    await desk.ask(EndVisit("visit-1", NOON_MS + 5))
    assert {change.case_id for change in await desk.ask(ListChanges())} == {"t9"}


@pytest.mark.parametrize("visit_id", ["", "../x", "a/b", "x" * 65, "unknown"])
async def test_a_visit_that_is_not_known_or_leads_elsewhere_is_refused(desk: Desk, visit_id: str) -> None:
    with pytest.raises(StoreError):
        await desk.ask(BeginVisit(visit_id, NOON_MS))
    with pytest.raises(StoreError):
        await desk.ask(EndVisit(visit_id, NOON_MS))


async def test_gaps_a_report_and_what_the_patient_spoke_come_into_the_case(desk: Desk) -> None:
    box: DropBox = await desk.ask(BeginVisit("visit-1", NOON_MS))
    spoken = PhotoItem(b"\x1aE\xdf\xa3", "audio/webm", hashlib.sha256(b"\x1aE\xdf\xa3").hexdigest(), NOON_MS + 25_000)
    seal(box, "s1", SpanItem(NOON_MS, 0, "connected"))
    seal(box, "s2", SpanItem(NOON_MS, NOON_MS + 20_000, "lost"), made_ms=NOON_MS + 20_000)
    seal(box, "a1", spoken, made_ms=NOON_MS + 25_000)
    seal(box, "s3", SpanItem(NOON_MS + 110_000, NOON_MS + 200_000, "ended-by-clinician"), made_ms=NOON_MS + 200_000)
    seal(box, "r1", ReportItem("How the call went\nGood.", NOON_MS + 200_001), made_ms=NOON_MS + 200_001)
    await desk.ask(EndVisit("visit-1", NOON_MS + 200_000))
    payloads = [change.payload for change in await changes(desk)]
    spans = ((NOON_MS, NOON_MS + 20_000), (NOON_MS + 110_000, NOON_MS + 200_000))
    assert payloads[-1] == VisitEnded("visit-1", "a1", NOON_MS, NOON_MS + 200_000, spans)
    assert NotePayload("How the call went\nGood.", "visit-1", about="call") in payloads
    case = await desk.ask(OpenCase("t1"))
    (visit,) = [entry for entry in case.timeline if entry.kind == "visit"]
    assert visit.text == "Interrupted after 20 s for 1 min 30 s."
    (file,) = [entry for entry in case.timeline if entry.kind == "evidence"]
    assert file.from_patient
    assert [(item.kind, item.title) for item in file.evidence] == [("audio", "Spoken message sent in the visit")]
    assert "How the call went\nGood." in [entry.text for entry in case.timeline if entry.kind == "note"]


async def test_a_file_of_a_kind_that_no_page_sends_is_set_aside(desk: Desk) -> None:
    box: DropBox = await desk.ask(BeginVisit("visit-1", NOON_MS))
    program = PhotoItem(b"MZ", "application/x-msdownload", hashlib.sha256(b"MZ").hexdigest(), NOON_MS + 4)
    file = seal(box, "x1", program)
    assert await desk.ask(ImportDropBox()) == 0
    assert file.with_suffix(".refused").exists()
