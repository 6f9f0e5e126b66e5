"""From a submission page to a case on a real FHIR server, and back."""

import asyncio
import base64
import hashlib
import io
import uuid
from datetime import UTC, datetime

import pytest
from PIL import Image
from tests.unit.gateway.clinic import BIRTH_DATE, DEADLINE_S, TestClinic, put
from tests.unit.gateway.patient import Patient, photo

from teleconsole.demo.fhir_server import FhirServer
from teleconsole.domain.errors import Offline, Rejected, SyncError
from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.links import Link
from teleconsole.gateway.spool import WaitingMessage
from teleconsole.gateway.submission import Submissions

PDF = b"%PDF-1.4\n" + b"canary letter " * 4000


async def cases(client: FhirClient) -> list[Resource]:
    return await client.search("Task", {"patient": "Patient/p1"})


async def test_submission_to_reply_and_answer(clinic_on_fhir: TestClinic, fhir_client: FhirClient) -> None:
    clinic = clinic_on_fhir
    clinician = await clinic.signal()
    await clinician.until("waiting-room")
    original = photo(position=True)
    async with clinic.browser() as browser:
        patient = Patient(browser)
        assert (await browser.open(await clinic.submission_link()))[0] == 200
        page = await browser.signal("submit")
        await page.until("patient-welcome")
        photo_id = await patient.upload(original)
        await patient.upload(PDF, kind="document", name="letter.pdf", contentType="application/pdf")
        measured = {
            "kind": "blood-pressure",
            "systolic": 142,
            "diastolic": 91,
            "measuredAt": "2026-11-24T07:00:00+01:00",
        }
        assert (await browser.ask("POST", "/patient/measurements", measured))[0] in (201, 422)
        assert (await patient.answer())[0] == 200
        before = await patient.state()
        assert before["submitted"] is False and before["answers"]["side"] == "left" and len(before["files"]) == 2
        send_id = str(uuid.uuid4())
        status, receipt = await patient.send(send_id)
        assert status == 201 and receipt["receipt"] and receipt["caseNumber"].startswith("TC-")
        assert await patient.send(send_id) == (201, receipt)
        assert await patient.send() == (201, receipt)
        (case,) = await cases(fhir_client)
        assert (await clinician.until("case-news"))["caseId"] == case["id"]
        assert case["description"] == "Canary itch on my arm" and case["status"] == "requested"
        assert case["groupIdentifier"]["value"] == receipt["caseNumber"]
        responses = await fhir_client.search("QuestionnaireResponse", {"patient": "Patient/p1"})
        assert [each["questionnaire"] for each in responses] == ["urn:teleconsole:questionnaire:skin|1"]
        documents = await fhir_client.search("DocumentReference", {"related": f"Task/{case['id']}"})
        assert len(documents) == 2
        shot = next(each for each in documents if each["identifier"][0]["value"] == photo_id)
        sent_on, kept = [each["attachment"] for each in shot["content"]]
        binaries = [await fhir_client.read("Binary", each["url"].split("/")[1]) for each in (sent_on, kept)]
        stripped, unchanged = [base64.b64decode((each or {})["data"]) for each in binaries]
        assert unchanged == original and hashlib.sha1(stripped, usedforsecurity=False).digest() == base64.b64decode(
            sent_on["hash"]
        )
        assert not Image.open(io.BytesIO(stripped)).getexif().get_ifd(0x8825)
        thread = (await patient.state())["thread"]
        assert [(line["from"], line["kind"], line["text"]) for line in thread] == [
            ("patient", "message", "Canary itch on my arm")
        ]
        await reply(fhir_client, case)
        lines = (await patient.state())["thread"]
        assert [line["kind"] for line in lines] == ["message", "follow-up-question"]
        status, _body = await patient.message("Since Monday", inResponseTo=lines[1]["id"])
        assert status == 201
        assert [line["kind"] for line in (await patient.state())["thread"]][-1] == "follow-up-answer"
        (case,) = await cases(fhir_client)
        assert case["businessStatus"]["coding"][0]["code"] == "awaiting-clinician"
        await page.close()
    await clinician.close()


async def reply(client: FhirClient, case: Resource) -> None:
    """A follow-up question of the clinician, twice as after a lost answer, and an internal note."""
    communications = await client.search("Communication", {"based-on": f"Task/{case['id']}"})
    header = next(each for each in communications if not each.get("partOf"))
    question = {
        "resourceType": "Communication",
        "status": "completed",
        "identifier": [{"system": "urn:teleconsole:change", "value": "change-1"}],
        "category": [{"coding": [{"system": "urn:teleconsole:message-kind", "code": "follow-up-question"}]}],
        "subject": {"reference": "Patient/p1"},
        "sender": {"reference": "Practitioner/dr-moss"},
        "basedOn": [{"reference": f"Task/{case['id']}"}],
        "partOf": [{"reference": f"Communication/{header['id']}"}],
        "sent": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "payload": [{"contentString": "Since when?"}],
    }
    note = question | {
        "identifier": [{"system": "urn:teleconsole:change", "value": "change-2"}],
        "category": [{"coding": [{"system": "urn:teleconsole:message-kind", "code": "internal-note"}]}],
        "payload": [{"contentString": "Only for colleagues"}],
    }
    status = {"coding": [{"system": "urn:teleconsole:business-status", "code": "awaiting-patient"}]}
    posts = [
        {"resource": each, "request": {"method": "POST", "url": "Communication"}} for each in (question, question, note)
    ]
    await client.transaction([*posts, put(case | {"businessStatus": status})])


async def test_server_away_keeps_all_and_makes_one_case(
    clinic_on_fhir: TestClinic, server: FhirServer, fhir_client: FhirClient, real_config: GatewayConfig
) -> None:
    clinic = clinic_on_fhir
    async with clinic.browser() as browser:
        patient = Patient(browser)
        await browser.open(await clinic.submission_link())
        await patient.upload(photo())
        await patient.answer()
        await server.stop()
        status, body = await patient.send()
        assert status == 202 and body["problem"] == "server-away" and body["receipt"]
        again, _body = await patient.send()
        assert again == 202
        state = await patient.state()
        assert state["submitted"] and state["problem"] == "server-away"
        assert (await patient.message("One more thing"))[0] == 202
        assert [line["text"] for line in (await patient.state())["thread"]] == ["One more thing"]
        spooled = b"".join(file.read_bytes() for file in real_config.data_folder.rglob("*") if file.is_file())
        for canary in (b"Canary", b"One more thing", b"\xff\xd8\xff", b"arm.jpg", b"Ida", BIRTH_DATE.encode()):
            assert canary not in spooled
        await server.start()
        await thread_becomes(patient, ["Canary itch on my arm", "One more thing"])
    assert len(await cases(fhir_client)) == 1
    assert len(await fhir_client.search("DocumentReference", {"patient": "Patient/p1"})) == 1
    assert not list((real_config.data_folder / "spool").glob("*/upload-*"))


async def thread_becomes(patient: Patient, texts: list[str]) -> None:
    """Ask for the thread until the FHIR server has all of it."""
    async with asyncio.timeout(DEADLINE_S * 3):
        lines = (await patient.state())["thread"]
        while [line["text"] for line in lines] != texts or any(line.get("pending") for line in lines):
            lines = (await patient.state())["thread"]


async def test_lost_answer_makes_one_case(clinic_on_fhir: TestClinic, fhir_client: FhirClient) -> None:
    clinic = clinic_on_fhir
    async with clinic.browser() as browser, clinic.browser() as second:
        patient = Patient(browser)
        link = await clinic.submission_link()
        await browser.open(link)
        await second.open(link, BIRTH_DATE)
        await patient.answer()
        answers = await asyncio.gather(patient.send(), Patient(second).send(), patient.send())
        assert {status for status, _body in answers} == {201}
        assert len({body["receipt"] for _status, body in answers}) == 1
    assert len(await cases(fhir_client)) == 1


async def test_link_for_a_case_shows_its_thread(clinic_on_fhir: TestClinic, fhir_client: FhirClient) -> None:
    clinic = clinic_on_fhir
    await fhir_client.transaction(
        [
            put(
                {
                    "resourceType": "Task",
                    "id": "t9",
                    "status": "accepted",
                    "intent": "order",
                    "for": {"reference": "Patient/p1"},
                }
            ),
            put({"resourceType": "Patient", "id": "p2"}),
        ]
    )
    async with clinic.browser() as browser:
        await browser.open(await clinic.submission_link(caseId="t9"))
        patient = Patient(browser)
        assert (await patient.state())["submitted"] is True
        assert (await patient.message("Hello again"))[0] == 201
        assert [line["text"] for line in (await patient.state())["thread"]] == ["Hello again"]
        assert (await patient.answer())[1] == {"problem": "already-submitted"}
    body = {"patientId": "p2", "questionnaireId": "skin", "caseId": "t9"}
    assert (await clinic.post("/api/submission-links", body, await clinic.token("fhir")))[0] == 404


async def test_refusal_of_an_older_message_does_not_take_the_new_one_with_it(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = clinic_on_fhir
    patient_of = {"for": {"reference": "Patient/p1"}}
    await fhir_client.transaction(
        [put({"resourceType": "Task", "id": "t8", "status": "accepted", "intent": "order"} | patient_of)]
    )
    send = Submissions.send_message
    poisoned: type[SyncError] = Offline

    async def send_but_one(submissions: Submissions, link: Link, waiting: WaitingMessage) -> str:
        if waiting.text == "The older one":
            raise poisoned
        return await send(submissions, link, waiting)

    monkeypatch.setattr(Submissions, "send_message", send_but_one)
    async with clinic.browser() as browser:
        await browser.open(await clinic.submission_link(caseId="t8"))
        patient = Patient(browser)
        assert (await patient.message("The older one"))[0] == 202
        poisoned = Rejected
        assert (await patient.message("The newer one"))[0] == 201
        assert await patient.message("The older one") == (422, {"problem": "not-accepted"})
        thread = [line["text"] for line in (await patient.state())["thread"] if not line.get("pending")]
        assert thread == ["The newer one"]


async def test_calling_a_case_leads_to_its_visit(clinic_on_fhir: TestClinic, fhir_client: FhirClient) -> None:
    clinic = clinic_on_fhir
    async with clinic.browser() as browser:
        patient = Patient(browser)
        await browser.open(await clinic.submission_link())
        await patient.answer()
        await patient.send()
        (case,) = await cases(fhir_client)
        page = await browser.signal("submit")
        await page.until("patient-welcome")
        visit_id, _link = await clinic.visit(caseId=case["id"])
        assert (await clinic.visit(caseId=case["id"]))[0] == visit_id
        assert (await browser.ask("POST", "/patient/join", {"visitId": visit_id}))[0] == 404
        clinician = await clinic.signal()
        await clinician.send("invite-patient", visitId=visit_id, caseId=case["id"])
        assert (await page.until("calling"))["visitId"] == visit_id
        assert (await patient.state())["calling"] == visit_id
        status, joined = await browser.ask("POST", "/patient/join", {"visitId": visit_id})
        assert status == 200
        assert (await browser.open(joined["link"]))[1]["visitId"] == visit_id
        visit_page = await browser.signal("visit")
        await visit_page.until("patient-welcome")
        assert (await patient.state())["calling"] is None
        await clinician.send("end-visit", visitId=visit_id)
        assert (await page.until("visit-ended"))["visitId"] == visit_id
        for socket in (page, visit_page, clinician):
            await socket.close()
