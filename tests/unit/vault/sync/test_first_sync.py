"""The whole engine against the real embedded server."""

import asyncio
from uuid import uuid4

from tests.unit.vault.sync.clinic_server import CLOCK, Clinic, Others, listener, until
from tests.unit.vault.sync.memory_store import MemoryStore

from teleconsole.vault.store.changes import ClaimPayload, QuestionPayload, ReplyPayload
from teleconsole.vault.sync.engine import SyncEngine

KINDS = (
    "Task", "Patient", "Communication", "QuestionnaireResponse", "DocumentReference", "Observation",
    "AllergyIntolerance", "MedicationStatement", "Condition", "Appointment", "Encounter", "Practitioner",
)  # fmt: skip


async def test_the_first_sync_brings_everything_and_the_files(clinic: Clinic) -> None:
    store = MemoryStore()
    engine = clinic.engine(store)
    status = await engine.sync_once()
    await engine.stop()
    assert (status.phase, status.sentence, status.files_left) == ("idle", "", 0)
    assert status.synced_ms > 0
    for kind in KINDS:
        assert len(store.of_type(kind)) >= clinic.report.counts.get(kind, 0), kind
    assert len(store.whole) >= clinic.report.counts["DocumentReference"]
    assert not store.poison
    assert not store.given_up


async def test_a_second_sync_brings_what_somebody_else_wrote_and_removed(clinic: Clinic, others: Others) -> None:
    patient = clinic.report.patients[0]
    doomed = others.new_case(patient)
    store = MemoryStore()
    engine = clinic.engine(store)
    await engine.sync_once()
    first = len(store.rows)
    case = others.new_case(patient, description="Later")
    message = {
        "resourceType": "Communication", "id": str(uuid4()), "status": "completed",
        "basedOn": [{"reference": f"Task/{case['id']}"}], "subject": {"reference": f"Patient/{patient}"},
        "payload": [{"contentString": "Hello"}],
    }  # fmt: skip
    others.put(message)
    others.delete(f"Task/{doomed['id']}")
    await engine.stop()
    engine = clinic.engine(store)  # a new start looks for deletions at once
    status = await engine.sync_once()
    await engine.stop()
    assert status.phase == "idle"
    assert case["id"] in store.of_type("Task")
    assert message["id"] in store.of_type("Communication")
    assert store.rows["Task", doomed["id"]].deleted
    assert len(store.rows) == first + 2


async def test_a_patient_who_was_unknown_comes_whole(clinic: Clinic, others: Others) -> None:
    patient = others.put({"resourceType": "Patient", "id": str(uuid4()), "name": [{"text": "New Person"}]})
    allergy = {
        "resourceType": "AllergyIntolerance", "id": str(uuid4()),
        "patient": {"reference": f"Patient/{patient['id']}"}, "code": {"text": "Penicillin"},
    }  # fmt: skip
    others.put(allergy)
    store = MemoryStore()
    engine = clinic.engine(store)
    await engine.sync_once()
    assert allergy["id"] not in store.of_type("AllergyIntolerance")
    others.new_case(patient["id"])
    await engine.sync_once()
    await engine.stop()
    assert allergy["id"] in store.of_type("AllergyIntolerance")
    assert patient["id"] in store.of_type("Patient")


async def test_claim_reply_and_question_arrive_and_the_truth_is_theirs(clinic: Clinic, others: Others) -> None:
    case = others.new_case(clinic.report.patients[1], extension=[{"url": "urn:other", "valueDecimal": 98.6}])
    store = MemoryStore()
    until_ms = 4_000_000_000_000
    more = {"patient_id": clinic.report.patients[1], "base_version": "1"}
    store.add(str(uuid4()), case["id"], ClaimPayload(until_ms), **more)
    reply, question = str(uuid4()), str(uuid4())
    store.add(reply, case["id"], ReplyPayload("Keep it dry."), **more)
    store.add(question, case["id"], QuestionPayload("Any fever?"), **more)
    engine = clinic.engine(store)
    status = await engine.sync_once()
    await engine.stop()
    assert (status.to_send, status.could_not_send) == (0, 0)
    task = others.get(f"Task/{case['id']}")
    assert task["owner"]["reference"] == f"Practitioner/{clinic.me}"
    assert task["owner"]["display"] == "Dr Ruth Calder"
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("on-hold", "awaiting-patient")
    assert [each["url"] for each in task["extension"]] == ["urn:other", "urn:teleconsole:claim-until"]
    assert len(task["output"]) == 2
    sent = others.found(f"Communication?based-on=Task/{case['id']}&_sort=_lastUpdated")
    headers = [each for each in sent if "partOf" not in each]
    assert len(headers) == 1
    assert [each["payload"][0]["contentString"] for each in sent if each not in headers] == [
        "Keep it dry.",
        "Any fever?",
    ]
    assert all(
        each["partOf"][0]["reference"] == f"Communication/{headers[0]['id']}" for each in sent if "partOf" in each
    )
    assert store.rows["Task", case["id"]].version_id == task["meta"]["versionId"]


async def test_in_the_background_a_change_goes_out_at_once_and_the_end_is_quick(clinic: Clinic, others: Others) -> None:
    case = others.new_case(clinic.report.patients[2])
    store = MemoryStore()
    heard: list[str] = []
    engine = SyncEngine(store, clinic.access(), listener(heard), CLOCK)
    engine.start()
    await until(lambda: engine.status.synced_ms)
    store.add(str(uuid4()), case["id"], ReplyPayload("On its way"), patient_id=clinic.report.patients[2])
    engine.sync_soon()
    await until(lambda: not store.changes)
    async with asyncio.timeout(1):
        await engine.stop()
    assert "outbox" in heard
