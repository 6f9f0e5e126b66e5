"""What networks, servers, other people and the end of the process do to sync: nothing is lost, nothing comes twice."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.unit.vault.sync.clinic_server import CLOCK, Clinic, Others, Resource, seeded_clinic
from tests.unit.vault.sync.fault_proxy import Fate, FaultProxy
from tests.unit.vault.sync.memory_store import Crash, CrashingStore, MemoryStore

from teleconsole.demo.fhir_server import FhirServer
from teleconsole.demo.seed import SeedReport
from teleconsole.domain.errors import Offline, SyncError
from teleconsole.host import limits
from teleconsole.vault.fhir.bundles import Page
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.store.changes import (
    ChatPayload,
    ClaimPayload,
    DecisionPayload,
    NotePayload,
    Payload,
    ReplyPayload,
    StillPayload,
    VisitBegan,
    VisitEnded,
)
from teleconsole.vault.sync.push import Pusher, PushListener
from teleconsole.vault.sync.walk import Search, Walk

STARTED_MS = 1_790_000_000_000


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with seeded_clinic(tmp_path_factory.mktemp("clinic"), cases=6, number=3) as found:
        yield found


@pytest.fixture
def others(clinic: Clinic) -> Iterator[Others]:
    with Others(clinic.base) as found:
        yield found


@pytest.fixture
def patient(clinic: Clinic) -> str:
    return clinic.report.patients[0]


async def push(clinic: Clinic, store: MemoryStore, base: str = "") -> None:
    """One push by a process that has just started."""
    async with clinic.client(base) as client:
        listener = PushListener(lambda result: None, lambda: None)
        await Pusher(store, client, CLOCK, clinic.me, listener).push()


def words(others: Others, case_id: str) -> list[str]:
    sent = others.found(f"Communication?based-on=Task/{case_id}&_sort=_lastUpdated&_count=100")
    return [each["payload"][0]["contentString"] for each in sent if "payload" in each]


def numbered_cases(others: Others, patient: str, count: int) -> tuple[str, list[Resource]]:
    tag = str(uuid4())
    made = [
        others.new_case(patient, groupIdentifier={"system": "urn:test", "value": tag}, description=str(number))
        for number in range(count)
    ]
    return tag, made


async def test_rows_that_change_between_two_pages_cost_no_other(
    clinic: Clinic, others: Others, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FHIR_PAGE", 10)
    tag, made = numbered_cases(others, patient, 30)
    first_three = [row["id"] for row in made[:3]]
    touched = False
    seen: set[str] = set()
    async with clinic.client() as client:
        walk = Walk(client, Search("Task", (("group-identifier", f"urn:test|{tag}"),)))
        async for step in walk.steps():
            seen.update(row.id for row in step.rows)
            if not touched:  # next links would now skip three rows
                touched = True
                for row in made[:3]:
                    others.put({**row, "description": "changed"})
    assert seen == {row["id"] for row in made}
    assert set(first_three) <= seen


async def test_a_tie_larger_than_a_page_is_read_to_its_end(
    clinic: Clinic, others: Others, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FHIR_PAGE", 5)
    tag, made = numbered_cases(others, patient, 23)
    times = {row["id"]: row["meta"]["lastUpdated"] for row in made}
    async with _CoarseClient(clinic.access(), CLOCK) as client:
        walk = Walk(client, Search("Task", (("group-identifier", f"urn:test|{tag}"),)))
        seen = [row.id async for step in walk.steps() for row in step.rows]
    assert sorted(seen) == sorted(times)


class _CoarseClient(FhirClient):
    """A server that gives a whole import one and the same time: pages of the real one, with the time cut off."""

    async def search(self, type_: str, parameters: Sequence[tuple[str, str]]) -> Page:
        kept = [each for each in parameters if each[0] != "_lastUpdated"]
        return self._cut(await super().search(type_, kept))

    async def follow(self, type_: str, next_url: str) -> Page:
        return self._cut(await super().follow(type_, next_url))

    def _cut(self, page: Page) -> Page:
        rows = tuple(msgspec.structs.replace(row, last_updated_ms=1_700_000_000_000) for row in page.rows)
        return dataclasses.replace(page, rows=rows)


@pytest.mark.parametrize("fate", ["lose-answer", "half-answer"])
async def test_a_reply_whose_answer_is_lost_is_sent_once(
    clinic: Clinic, others: Others, patient: str, fate: Fate
) -> None:
    case = others.new_case(patient)
    store = MemoryStore()
    store.add(str(uuid4()), case["id"], ReplyPayload("Once"), patient_id=patient, base_version="1")
    async with FaultProxy(clinic.base, lambda method, path: fate if method == "POST" else "pass") as proxy:
        with pytest.raises(Offline):
            await push(clinic, store, proxy.base)
    assert [row.state for row in store.changes.values()] == ["waiting"]
    await store.release_all()
    await push(clinic, store)
    assert not store.changes
    assert words(others, case["id"]) == ["Once"]
    assert len(others.get(f"Task/{case['id']}")["output"]) == 1


async def test_somebody_changes_the_case_between_our_reading_and_writing(
    clinic: Clinic, others: Others, patient: str
) -> None:
    case = others.new_case(patient)
    store = MemoryStore()
    store.add(str(uuid4()), case["id"], ReplyPayload("Through"), patient_id=patient, base_version="1")
    async with FaultProxy(clinic.base) as proxy:

        def meddle(method: str, path: str) -> None:
            if path == f"/fhir/Task/{case['id']}" and len([one for one in proxy.asked if one[1] == path]) == 1:
                others.put({**case, "priority": "urgent"})

        proxy.between = meddle
        await push(clinic, store, proxy.base)
        assert [one[0] for one in proxy.asked].count("POST") == 2  # the first one met 412
    assert not store.changes
    assert words(others, case["id"]) == ["Through"]
    assert others.get(f"Task/{case['id']}")["priority"] == "urgent"


@pytest.mark.parametrize("what", ["closed", "taken", "answered"])
async def test_what_a_person_must_see_stops_the_text_and_keeps_it(
    clinic: Clinic, others: Others, patient: str, what: str
) -> None:
    case = others.new_case(patient)
    colleague = {"reference": f"Practitioner/{clinic.colleague}", "display": "Dr Tomasz Wilk"}
    if what == "closed":
        others.put({**case, "status": "completed"})
    elif what == "taken":
        others.put({**case, "owner": colleague})
    else:
        answer = others.put(
            {"resourceType": "Communication", "id": str(uuid4()), "status": "completed", "sender": colleague}
        )
        output = {"type": {"text": "reply"}, "valueReference": {"reference": f"Communication/{answer['id']}"}}
        others.put({**case, "output": [output]})
    store = MemoryStore()
    change = store.add(str(uuid4()), case["id"], ReplyPayload("Mine"), patient_id=patient, base_version="1")
    await push(clinic, store)
    kept = store.changes[change.change_id]
    assert kept.state == "conflict"
    assert kept.payload == ReplyPayload("Mine")
    assert "in the meantime" in kept.last_error
    assert words(others, case["id"]) == []


async def test_of_two_claims_one_wins_and_the_other_is_told(clinic: Clinic, others: Others, patient: str) -> None:
    case = others.new_case(patient)
    store = MemoryStore()
    claim = store.add(str(uuid4()), case["id"], ClaimPayload(4_000_000_000_000), patient_id=patient)
    async with FaultProxy(clinic.base) as proxy:

        def meddle(method: str, path: str) -> None:
            if path == f"/fhir/Task/{case['id']}" and len([one for one in proxy.asked if one[1] == path]) == 1:
                others.put({**case, "owner": {"reference": f"Practitioner/{clinic.colleague}"}})

        proxy.between = meddle
        await push(clinic, store, proxy.base)
    assert store.dropped == [claim.change_id]
    assert others.get(f"Task/{case['id']}")["owner"]["reference"].endswith(clinic.colleague)


async def test_a_refused_change_says_why_and_blocks_only_its_case(clinic: Clinic, others: Others, patient: str) -> None:
    case = others.new_case(patient)
    store = MemoryStore()
    lost = store.add(str(uuid4()), str(uuid4()), ReplyPayload("No such case"), patient_id=patient)
    store.add(str(uuid4()), case["id"], ReplyPayload("Good"), patient_id=patient)
    await push(clinic, store)
    assert store.changes[lost.change_id].state == "refused"
    assert store.changes[lost.change_id].last_error.endswith("To send.")
    assert words(others, case["id"]) == ["Good"]


async def test_a_server_that_stops_and_starts_gets_the_outbox_once(tmp_path: Path) -> None:
    server = FhirServer(tmp_path)
    await server.start()
    case_id = str(uuid4())
    try:
        me, patient = str(uuid4()), str(uuid4())
        with Others(server.base_url) as others:
            others.put({"resourceType": "Patient", "id": patient})
            others.put({"resourceType": "Practitioner", "id": me, "name": [{"text": "Dr A"}]})
            others.new_case(patient, id=case_id)
        clinic = _small(server.base_url, me)
        store = MemoryStore()
        engine = clinic.engine(store)
        assert (await engine.sync_once()).phase == "idle"
        await server.stop()
        for number in range(3):
            store.add(str(uuid4()), case_id, ReplyPayload(f"Line {number}"), patient_id=patient, base_version="1")
        status = await engine.sync_once()
        assert (status.phase, status.to_send) == ("offline", 3)
        assert status.sentence
        await server.start()
        status = await engine.sync_once()
        await engine.stop()
        assert (status.phase, status.to_send) == ("idle", 0)
        with Others(server.base_url) as others:
            assert words(others, case_id) == ["Line 0", "Line 1", "Line 2"]
    finally:
        await server.stop()


def _small(base: str, me: str) -> Clinic:
    return Clinic(base, SeedReport("", me, [me, me], [], [], [], {}))


def _a_visit(store: MemoryStore, patient: str) -> str:
    """A visit without a case: everything it leaves behind, in order."""
    case_id, visit_id, still_id = str(uuid4()), str(uuid4()), str(uuid4())
    store.blobs[still_id] = b"picture"
    payloads: list[Payload] = [
        VisitBegan(visit_id, "", "Rash", STARTED_MS, makes_case=True),
        ChatPayload(str(uuid4()), visit_id, "Can you hear me?", from_patient=False, sent_ms=STARTED_MS),
        ChatPayload(str(uuid4()), visit_id, "Yes", from_patient=True, sent_ms=STARTED_MS + 1),
        StillPayload(
            still_id, visit_id, "still", "Left arm", "image/jpeg", 7, "", "Dma0nQSkPBm8suE6U6/10XT2EPw=", STARTED_MS
        ),
        NotePayload("Seen by video.", visit_id),
        DecisionPayload("advice", "Use the cream."),
        VisitEnded(visit_id, "", STARTED_MS, STARTED_MS + 600_000, ((STARTED_MS, STARTED_MS + 300_000),)),
    ]
    for payload in payloads:
        store.add(str(uuid4()), case_id, payload, patient_id=patient, is_local_case=True)
    return visit_id


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
async def test_the_process_may_end_at_any_step_of_a_visits_push(
    clinic: Clinic, others: Others, patient: str, *, is_after: bool
) -> None:
    store = CrashingStore()
    store.is_after = is_after
    visit_id = _a_visit(store, patient)
    crashes = 0
    step = 1
    for _ in range(80):
        store.calls, store.dies_at = 0, step
        step = step % 9 + 1  # another place in each life; nine calls are more than one change needs
        try:
            await push(clinic, store)
        except Crash:
            crashes += 1
    assert [row.last_error for row in store.changes.values()] == []
    assert crashes >= 5
    [encounter] = others.found(f"Encounter?identifier=urn:teleconsole:visit|{visit_id}")
    assert encounter["status"] == "finished"
    assert encounter["length"]["value"] == 5
    case_id = next(iter(store.moved.values()))
    assert encounter["extension"][0]["valueReference"]["reference"] == f"Task/{case_id}"
    assert words(others, case_id) == ["Can you hear me?", "Yes", "Use the cream."]
    headers = [one for one in others.found(f"Communication?based-on=Task/{case_id}") if "partOf" not in one]
    assert len(headers) == 1
    documents = others.found(f"DocumentReference?related=Task/{case_id}")
    assert sorted(one["category"][0]["coding"][0]["code"] for one in documents) == ["note", "still"]
    assert all(one["context"]["encounter"][0]["reference"].endswith(encounter["id"]) for one in documents)
    assert len(others.get(f"Task/{case_id}")["output"]) == 1


async def test_a_file_that_does_not_match_is_tried_afresh_once_and_never_counts(
    clinic: Clinic, others: Others, patient: str
) -> None:
    case = others.new_case(patient)
    file = others.put({"resourceType": "Binary", "id": str(uuid4()), "contentType": "image/png", "data": "AAAA"})
    document = {
        "resourceType": "DocumentReference", "id": str(uuid4()), "status": "current",
        "subject": {"reference": f"Patient/{patient}"},
        "context": {"related": [{"reference": f"Task/{case['id']}"}]},
        "content": [
            {"attachment": {"contentType": "image/png", "url": f"Binary/{file['id']}", "size": 3, "hash": "d3Jvbmc="}}
        ],
    }  # fmt: skip
    others.put(document)
    store = MemoryStore()
    engine = clinic.engine(store)
    status = await engine.sync_once()
    await engine.stop()
    assert store.mismatches == {document["id"]: 2}
    assert document["id"] not in store.whole
    assert store.given_up == {document["id"]: "mismatch"}
    assert status.phase == "idle"
    others.delete(f"DocumentReference/{document['id']}")


async def test_a_pull_that_breaks_half_way_goes_on_and_says_synced_only_at_the_end(clinic: Clinic) -> None:
    store = MemoryStore()
    budget = 6

    def tired(method: str, path: str) -> Fate:
        return "pass" if len(proxy.asked) <= budget else "lose-request"

    async with FaultProxy(clinic.base, tired) as proxy:
        for life in range(40):
            engine = clinic.engine(store, proxy.base)
            status = await engine.sync_once()
            await engine.stop()
            if status.synced_ms:
                break
            assert status.phase == "offline"
            budget = len(proxy.asked) + 6 + 3 * life  # each life gets a little further than the one before
        else:
            raise AssertionError("never finished")
    whole = MemoryStore()
    engine = clinic.engine(whole)
    await engine.sync_once()
    await engine.stop()
    assert {key: row.version_id for key, row in store.rows.items()} == {
        key: row.version_id for key, row in whole.rows.items()
    }


async def test_a_server_that_does_not_sort_is_not_believed(clinic: Clinic, others: Others, patient: str) -> None:
    tag, made = numbered_cases(others, patient, 3)
    async with _Upside(clinic.access(), CLOCK) as client:
        walk = Walk(client, Search("Task", (("group-identifier", f"urn:test|{tag}"),)))
        with pytest.raises(SyncError):
            [step async for step in walk.steps()]
    assert made


class _Upside(_CoarseClient):
    """A server that gives the newest first, whatever it is asked for."""

    def _cut(self, page: Page) -> Page:
        return dataclasses.replace(page, rows=page.rows[::-1])
