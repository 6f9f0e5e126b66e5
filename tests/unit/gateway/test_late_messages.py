"""What the console had not got when a visit ended: taken from the patient's page for a day, in the case once."""

import asyncio
import base64
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import BIRTH_DATE, DEADLINE_S, Browser, Json, Socket, TestClinic, put
from tests.unit.gateway.patient import photo
from tests.unit.gateway.test_links_and_sessions import MovableClock

from teleconsole.contracts.dropbox import item_id_of
from teleconsole.demo.fhir_server import FhirServer
from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.service import Gateway
from teleconsole.host import limits

CASE: Resource = {
    "resourceType": "Task",
    "id": "t1",
    "status": "in-progress",
    "intent": "order",
    "description": "Itch",
    "for": {"reference": "Patient/p1"},
}
VOICE = b"\x1a\x45\xdf\xa3" + b"canary voice " * 40_000


@dataclass
class Page:
    """The patient's page after the visit."""

    browser: Browser
    visit_id: str

    @property
    def path(self) -> str:
        return f"/patient/visits/{self.visit_id}"

    async def say(self, line_id: str = "", text: str = "", **fields: Any) -> tuple[int, Json]:
        body = {"id": line_id or str(uuid.uuid4()), "text": text} | fields
        return await self.browser.ask("POST", f"{self.path}/messages", body)

    async def announce(self, line_id: str, content: bytes, **fields: Any) -> tuple[int, Json]:
        form = {
            "id": line_id,
            "kind": "audio",
            "name": "Spoken message",
            "contentType": "audio/webm;codecs=opus",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        } | fields
        return await self.browser.ask("POST", f"{self.path}/uploads", form)

    async def append(self, upload_id: str, offset: int, content: bytes) -> tuple[int, Json]:
        url = f"{self.browser.base_url}{self.path}/uploads/{upload_id}"
        async with self.browser.http.patch(url, data=content, headers={"Upload-Offset": str(offset)}) as response:
            return response.status, await response.json()

    async def send_file(self, line_id: str, content: bytes, **fields: Any) -> tuple[int, Json]:
        status, begun = await self.announce(line_id, content, **fields)
        assert status == 201, begun
        status, done = await self.append(begun["id"], begun["offset"], content[begun["offset"] :])
        assert (status, done) == (200, {"offset": len(content)})
        return await self.say(line_id, withFile=True)


async def hold_visit(clinic: TestClinic, browser: Browser, clinician: Socket, **visit: Any) -> tuple[Page, Socket]:
    """Bring a patient into a call; return what their page becomes after it, and its socket."""
    visit_id, link = await clinic.visit(**visit)
    assert (await browser.open(link))[0] == 200
    socket = await browser.signal()
    await socket.until("patient-welcome")
    await socket.send("enter-waiting-room", consented=True)
    await clinician.until_stage("waiting")
    await clinician.send("admit", visitId=visit_id)
    await socket.until("admitted")
    return Page(browser, visit_id), socket


@asynccontextmanager
async def ended_visit(clinic: TestClinic, **visit: Any) -> AsyncIterator[tuple[Page, Socket]]:
    """Give the page of a visit that the clinician ended, and the socket of the call process."""
    clinician = await clinic.signal()
    async with clinic.browser() as browser:
        page, socket = await hold_visit(clinic, browser, clinician, **visit)
        await clinician.send("end-visit", visitId=page.visit_id)
        await socket.until("visit-ended")
        await socket.close()
        yield page, clinician
    await clinician.close()


@pytest.fixture
async def case(fhir_client: FhirClient) -> Resource:
    await fhir_client.transaction([put(CASE)])
    return CASE


@asynccontextmanager
async def gateway_of(config: GatewayConfig, clock: MovableClock | None = None) -> AsyncIterator[TestClinic]:
    async with Gateway(config, clock) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        yield clinic


def encounter(visit_id: str, case_id: str) -> Resource:
    """As the console files it."""
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "identifier": [{"system": "urn:teleconsole:visit", "value": visit_id}],
        "extension": [{"url": "urn:teleconsole:case", "valueReference": {"reference": f"Task/{case_id}"}}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
        "subject": {"reference": "Patient/p1"},
    }


async def messages(client: FhirClient, case_id: str = "t1") -> list[Resource]:
    found = await client.search("Communication", {"based-on": f"Task/{case_id}"})
    return [each for each in found if each.get("partOf")]


async def becomes_one(client: FhirClient, case_id: str = "t1") -> Resource:
    """Return the one message of a case once it is there."""
    async with asyncio.timeout(DEADLINE_S * 3):
        found = await messages(client, case_id)
        while not found:
            found = await messages(client, case_id)
    (one,) = found
    return one


async def test_words_and_a_spoken_message_go_into_the_case_once(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, case: Resource
) -> None:
    async with ended_visit(clinic_on_fhir) as (page, clinician):
        await fhir_client.transaction([put(encounter(page.visit_id, "t1"))])
        line, spoken = str(uuid.uuid4()), str(uuid.uuid4())
        for _again in range(3):
            assert await page.say(line, "It is the left one.") == (201, {"id": line})
        assert (await clinician.until("case-news"))["caseId"] == "t1"
        assert await page.say(spoken, withFile=True) == (
            409,
            {"problem": "upload-incomplete", "uploadIds": [item_id_of(page.visit_id, spoken)]},
        )
        assert await page.send_file(spoken, VOICE) == (201, {"id": spoken})
        assert await page.say(spoken, withFile=True) == (201, {"id": spoken})
    (message,) = await messages(fhir_client)
    assert message["identifier"] == [{"system": "urn:teleconsole:chat-line", "value": item_id_of(page.visit_id, line)}]
    assert message["sender"] == {"reference": "Patient/p1"} and message["encounter"] == {"reference": "Encounter/e1"}
    assert message["payload"] == [{"contentString": "It is the left one."}]
    (document,) = await fhir_client.search("DocumentReference", {"related": "Task/t1"})
    assert document["identifier"][0]["value"] == item_id_of(page.visit_id, spoken)
    assert document["context"]["encounter"] == [{"reference": "Encounter/e1"}]
    binary = await fhir_client.read("Binary", document["content"][0]["attachment"]["url"].split("/")[1])
    assert binary is not None and base64.b64decode(binary["data"]) == VOICE
    task = await fhir_client.read("Task", "t1")
    assert task is not None and task["businessStatus"]["coding"][0]["code"] == "awaiting-clinician"


async def test_a_photo_goes_on_without_its_position(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, case: Resource
) -> None:
    original = photo(position=True)
    async with ended_visit(clinic_on_fhir) as (page, _clinician):
        sent = await page.send_file(str(uuid.uuid4()), original, kind="photo", contentType="image/jpeg", name="Photo")
        assert sent[0] == 201
    (document,) = await fhir_client.search("DocumentReference", {"related": "Task/t1"})
    shown, kept = [each["attachment"] for each in document["content"]]
    stored = [await fhir_client.read("Binary", each["url"].split("/")[1]) for each in (shown, kept)]
    stripped, unchanged = [base64.b64decode((each or {})["data"]) for each in stored]
    assert unchanged == original and b"GPS" not in stripped and stripped != original


async def test_what_came_by_the_call_after_all_is_not_filed_again(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, case: Resource
) -> None:
    async with ended_visit(clinic_on_fhir) as (page, _clinician):
        line, spoken = str(uuid.uuid4()), str(uuid.uuid4())
        chat: Resource = {
            "resourceType": "Communication",
            "identifier": [{"system": "urn:teleconsole:chat-line", "value": item_id_of(page.visit_id, line)}],
            "status": "completed",
            "subject": {"reference": "Patient/p1"},
            "basedOn": [{"reference": "Task/t1"}],
            "partOf": [{"reference": "Communication/header"}],
            "payload": [{"contentString": "It is the left one."}],
        }
        voice: Resource = {
            "resourceType": "DocumentReference",
            "identifier": [{"system": "urn:teleconsole:evidence", "value": item_id_of(page.visit_id, spoken)}],
            "status": "current",
            "subject": {"reference": "Patient/p1"},
            "context": {"related": [{"reference": "Task/t1"}]},
            "content": [{"attachment": {"contentType": "audio/webm"}}],
        }
        header = {"resourceType": "Communication", "id": "header", "status": "in-progress"}
        posts = [
            {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in (chat, voice)
        ]
        await fhir_client.transaction([put(header), *posts])
        assert (await page.say(line, "It is the left one."))[0] == 201
        assert (await page.say(spoken, withFile=True))[0] == 201
    assert len(await messages(fhir_client)) == 1
    assert len(await fhir_client.search("DocumentReference", {"related": "Task/t1"})) == 1


async def test_kept_while_the_server_is_away_and_over_a_new_gateway(
    real_config: GatewayConfig, server: FhirServer, fhir_client: FhirClient, case: Resource
) -> None:
    line, spoken = str(uuid.uuid4()), str(uuid.uuid4())
    async with gateway_of(real_config) as clinic, ended_visit(clinic) as (page, _clinician):
        await server.stop()
        assert await page.say(line, "It is the left one.") == (202, {"id": line, "problem": "server-away"})
        half = len(VOICE) // 2
        begun = (await page.announce(spoken, VOICE))[1]
        assert await page.append(begun["id"], 0, VOICE[:half]) == (200, {"offset": half})
        port = clinic.gateway.port
        spooled = b"".join(file.read_bytes() for file in real_config.data_folder.rglob("*") if file.is_file())
        for canary in (b"left one", b"canary voice", b"Spoken message", BIRTH_DATE.encode()):
            assert canary not in spooled
        await clinic.gateway.stop()
        async with gateway_of(msgspec.structs.replace(real_config, port=port)):
            assert (await page.announce(spoken, VOICE))[1] == begun | {"offset": half}
            assert await page.send_file(spoken, VOICE) == (202, {"id": spoken, "problem": "server-away"})
            await server.start()
            assert (await becomes_one(fhir_client))["payload"] == [{"contentString": "It is the left one."}]
            async with asyncio.timeout(DEADLINE_S * 3):
                for again in ((line, {"text": "It is the left one."}), (spoken, {"withFile": True})):
                    while (await page.say(again[0], **again[1]))[0] != 201:
                        pass
    assert len(await messages(fhir_client)) == 1
    assert len(await fhir_client.search("DocumentReference", {"related": "Task/t1"})) == 1
    assert not list((real_config.data_folder / "spool").glob("*/upload-*"))


@pytest.fixture
async def appointment(fhir_client: FhirClient) -> Resource:
    booked: Resource = {
        "resourceType": "Appointment",
        "id": "a1",
        "status": "booked",
        "start": "2030-01-01T09:00:00Z",
        "end": "2030-01-01T09:20:00Z",
        "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
    }
    await fhir_client.transaction([put(booked)])
    return booked


async def test_a_visit_without_a_case_waits_for_the_one_that_the_console_makes(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, appointment: Resource
) -> None:
    async with ended_visit(clinic_on_fhir, appointmentId="a1") as (page, _clinician):
        assert (await page.say(text="It is the left one."))[0] == 202
        await fhir_client.transaction([put(CASE), put(encounter(page.visit_id, "t1"))])
        await becomes_one(fhir_client)


async def test_a_case_that_the_console_never_makes_is_made_once(
    real_config: GatewayConfig, fhir_client: FhirClient, appointment: Resource
) -> None:
    clock = MovableClock()
    async with (
        gateway_of(real_config, clock) as clinic,
        ended_visit(clinic, appointmentId="a1") as (page, _clinician),
    ):
        assert (await page.say(text="It is the left one."))[0] == 202
        clock.at += timedelta(seconds=limits.GATEWAY_CASE_WAIT_S)
        async with asyncio.timeout(DEADLINE_S * 3):
            cases = await fhir_client.search("Task", {"patient": "Patient/p1"})
            while not cases:
                cases = await fhir_client.search("Task", {"patient": "Patient/p1"})
        (case,) = cases
        await becomes_one(fhir_client, case["id"])
        assert (await page.say(text="And it itches."))[0] == 201
        assert case["businessStatus"]["coding"][0]["code"] == "awaiting-clinician"
    assert len(await fhir_client.search("Task", {"patient": "Patient/p1"})) == 1


async def test_a_day_after_the_end_nothing_is_taken(
    real_config: GatewayConfig, fhir_client: FhirClient, case: Resource
) -> None:
    clock = MovableClock()
    async with gateway_of(real_config, clock) as clinic, ended_visit(clinic) as (page, _clinician):
        clock.at += timedelta(seconds=limits.GATEWAY_AFTER_VISIT_S - 1)
        assert (await page.say(text="In time"))[0] == 201
        clock.at += timedelta(seconds=1)
        assert await page.say(text="Too late") == (410, {"problem": "expired"})
        assert await page.announce(str(uuid.uuid4()), VOICE) == (410, {"problem": "expired"})
    assert len(await messages(fhir_client)) == 1


async def test_only_the_visits_own_browser_and_only_after_the_call(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, case: Resource
) -> None:
    clinic = clinic_on_fhir
    clinician = await clinic.signal()
    async with clinic.browser() as browser, clinic.browser() as stranger:
        page, socket = await hold_visit(clinic, browser, clinician)
        assert await page.say(text="Now") == (409, {"problem": "visit-not-over"})
        await clinician.send("end-visit", visitId=page.visit_id)
        await socket.until("visit-ended")
        assert await Page(stranger, page.visit_id).say(text="Mine") == (401, {"problem": "no-session"})
        await stranger.open(await clinic.submission_link())
        assert (await Page(stranger, page.visit_id).announce(str(uuid.uuid4()), VOICE))[0] == 401
        assert (await Page(browser, "visit-of-nobody").say(text="Mine"))[0] == 401
        # The same browser opened the next visit meanwhile: the old page still speaks for the old one.
        second, _socket = await hold_visit(clinic, browser, clinician)
        assert second.visit_id != page.visit_id
        assert (await page.say(text="Of the first"))[0] == 201
        assert (await second.say(text="Too early")) == (409, {"problem": "visit-not-over"})
        await clinic.post(f"/api/visits/{page.visit_id}/revoke", {}, await clinic.token("fhir"))
        assert await page.say(text="Revoked") == (410, {"problem": "revoked"})
        await socket.close()
        await _socket.close()
    await clinician.close()


async def test_after_hanging_up_until_they_talk_again(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, case: Resource
) -> None:
    clinic = clinic_on_fhir
    clinician = await clinic.signal()
    async with clinic.browser() as browser:
        page, socket = await hold_visit(clinic, browser, clinician)
        await socket.send("patient-leave")
        await socket.until("visit-ended")
        assert (await page.say(text="I hung up"))[0] == 201
        await socket.send("enter-waiting-room", consented=True)
        await clinician.until_stage("waiting")
        await clinician.send("admit", visitId=page.visit_id)
        await socket.until("admitted")
        assert await page.say(text="Here again") == (409, {"problem": "visit-not-over"})
        await socket.close()
        await clinician.until_stage("interrupted")
        await clinician.send("end-visit", visitId=page.visit_id)
        await clinician.until("visit-ended")
        assert (await page.say(text="The link was gone"))[0] == 201
    await clinician.close()
    assert len(await messages(fhir_client)) == 2


async def test_bounds_and_what_is_not_a_message(
    clinic_on_fhir: TestClinic, fhir_client: FhirClient, case: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ended_visit(clinic_on_fhir) as (page, _clinician):
        assert (await page.say(text=" \x00 ")) == (422, {"problem": "answers-invalid", "linkIds": ["text"]})
        assert (await page.say("not-a-uuid", "Text"))[0] == 400
        assert (await page.say(text="x" * (limits.GATEWAY_MESSAGE_CHARS + 1)))[0] == 400
        line = str(uuid.uuid4())
        assert (await page.announce(line, VOICE, size=limits.GATEWAY_UPLOAD_BYTES + 1))[0] == 413
        assert (await page.announce(line, VOICE, kind="video"))[1] == {"problem": "kind-not-allowed"}
        assert (await page.announce(line, VOICE, id=None))[0] == 400
        begun = (await page.announce(line, b"GIF89a" * 10))[1]
        assert await page.append(begun["id"], 0, b"GIF89a" * 10) == (415, {"problem": "not-what-it-says"})
        begun = (await page.announce(line, VOICE))[1]
        assert (await page.announce(line, VOICE + b".")) == (409, {"problem": "not-allowed"})
        monkeypatch.setattr(limits, "GATEWAY_UPLOADS", 1)
        assert (await page.announce(str(uuid.uuid4()), VOICE))[1] == {"problem": "too-many-files"}
        assert (await page.send_file(line, VOICE))[0] == 201
        assert (await page.announce(str(uuid.uuid4()), VOICE))[1] == {"problem": "too-many-files"}
        monkeypatch.setattr(limits, "GATEWAY_LATE_MESSAGES", 2)
        assert (await page.say(text="The second"))[0] == 201
        assert await page.say(text="The third") == (409, {"problem": "too-many-messages"})
    assert len(await messages(fhir_client)) == 1


async def test_what_the_server_refuses_stays_with_the_patient(clinic: TestClinic) -> None:
    async with ended_visit(clinic) as (page, _clinician):
        line = str(uuid.uuid4())
        for _again in range(2):
            assert await page.say(line, "It is the left one.") == (422, {"problem": "not-accepted"})
