"""Both pages on the real gateway and a real FHIR server: a visit, a submission, a reply and its answer, a call."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import Watch, new_context, open_console, until
from tests.browser.test_kept import record
from tests.browser.test_step import go
from tests.browser.test_submit import FORM, answer_all, go_on, make_photos
from tests.browser.test_visit import MOVING
from tests.unit.gateway.clinic import TestClinic

from teleconsole.demo.fhir_server import FhirServer
from teleconsole.gateway.config import GatewayConfig, PractitionerConfig
from teleconsole.gateway.fhir_auth import NoLogin
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.gateway.service import Gateway

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE: list[Resource] = [
    {"resourceType": "Patient", "id": "p1", "birthDate": "1964-03-27", "name": [{"given": ["Ada"], "family": "Brook"}]},
    {"resourceType": "Practitioner", "id": "dr-calder", "name": [{"family": "Calder"}]},
    {
        "resourceType": "Task",
        "id": "t1",
        "status": "accepted",
        "intent": "order",
        "for": {"reference": "Patient/p1"},
    },
]
IDENTITY = {"id": "skin", "url": "urn:teleconsole:questionnaire:skin", "version": "1", "title": "Skin"}


@pytest_asyncio.fixture(loop_scope="session")
async def server(tmp_path: Path) -> AsyncIterator[FhirServer]:
    """The demo's FHIR server."""
    async with FhirServer(tmp_path / "fhir") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def fhir(server: FhirServer) -> AsyncIterator[FhirClient]:
    """A client of that server, which knows one patient."""
    async with FhirClient(server.base_url, NoLogin()) as client:
        await client.transaction([{"resource": each, "request": _put(each)} for each in PEOPLE])
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(tmp_path: Path, server: FhirServer, fhir: FhirClient) -> AsyncIterator[TestClinic]:
    """The real gateway with the product's pages."""
    forms = tmp_path / "questionnaires"
    forms.mkdir()
    (forms / "skin.json").write_text(json.dumps(FORM | IDENTITY))
    config = GatewayConfig(
        data_folder=tmp_path / "data",
        fhir_base=server.base_url,
        clinic="Hollow Lane Clinic",
        practitioner=PractitionerConfig(id="dr-calder", name="Dr Calder"),
        port=0,
        questionnaires_folder=str(forms),
    )
    async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        yield clinic


@pytest_asyncio.fixture(loop_scope="session")
async def origin(clinic: TestClinic) -> str:
    """The real gateway takes the double's place."""
    return clinic.base_url


async def waiting_patient(context: BrowserContext, clinic: TestClinic, origin: str, console: Page) -> tuple[Page, str]:
    """A patient's page in the waiting room of a new visit, and the visit's id."""
    page = await context.new_page()
    visit_id, link = await clinic.visit()
    await page.goto(link if link.startswith("http") else f"{origin}{link}")
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="Yes, it works").click()
    await page.get_by_role("button", name="I agree").click()
    await until(console, "double.room[0]?.stage === 'waiting'")
    return page, visit_id


async def test_a_visit_and_a_reload(chromium: Browser, clinic: TestClinic, origin: str, watch: Watch) -> None:
    clinician = await chromium.new_context()
    console = await open_console(clinician, origin, await clinic.token("signalling"))
    context = await new_context(chromium, origin, watch)
    page, visit_id = await waiting_patient(context, clinic, origin, console)
    message = {"type": "message-waiting", "visitId": visit_id, "messageId": "message-0001", "text": "Two minutes."}
    await console.evaluate("(frame) => double.frame(frame)", message)
    await expect(page.get_by_role("listitem")).to_contain_text("Two minutes.")
    await console.evaluate("(visitId) => double.admit(visitId)", visit_id)
    await page.evaluate(MOVING)
    await until(console, "double.frames > 3")
    await page.reload()
    await page.evaluate(MOVING)
    await until(console, "double.generation === 2 && double.media?.camera")
    await console.evaluate("(visitId) => double.frame({type: 'end-visit', visitId})", visit_id)
    await expect(page.get_by_role("heading", name="The visit is over")).to_be_visible()
    await context.close()
    await clinician.close()


async def test_what_the_console_had_not_got_at_the_end_goes_into_the_case(
    chromium: Browser, clinic: TestClinic, fhir: FhirClient, origin: str, watch: Watch
) -> None:
    watch.allowed = ("status of 409",)  # the page asks first whether the clinic has the file
    clinician = await chromium.new_context()
    console = await open_console(clinician, origin, await clinic.token("signalling"))
    context = await new_context(chromium, origin, watch)
    page, visit_id = await waiting_patient(context, clinic, origin, console)
    await console.evaluate("(visitId) => double.admit(visitId)", visit_id)
    await page.evaluate(MOVING)
    await until(console, "double.frames > 3")
    await go(console, "case")
    await record(page, "Film")
    await console.evaluate("double.acknowledge = false")
    await page.get_by_role("textbox", name="Write a message").fill("It is the left one.")
    await page.keyboard.press("Enter")
    await console.evaluate("(visitId) => double.frame({type: 'end-visit', visitId})", visit_id)
    await expect(page.get_by_role("listitem").get_by_text("Delivered to the clinic")).to_have_count(2)
    lines = await fhir.search("Communication", {"based-on": "Task/t1"})
    (line,) = [each for each in lines if each.get("payload")]
    assert line["payload"] == [{"contentString": "It is the left one."}]
    assert line["identifier"][0]["system"] == "urn:teleconsole:chat-line"
    (film,) = await fhir.search("DocumentReference", {"related": "Task/t1"})
    assert film["content"][0]["attachment"]["contentType"] == "video/webm"
    case = await fhir.read("Task", "t1")
    assert case is not None and case["businessStatus"]["coding"][0]["code"] == "awaiting-clinician"
    await context.close()
    await clinician.close()


async def test_a_submission_its_question_and_the_call(
    chromium: Browser, clinic: TestClinic, fhir: FhirClient, origin: str, watch: Watch, tmp_path: Path
) -> None:
    clinician = await chromium.new_context()
    console = await open_console(clinician, origin, await clinic.token("signalling"))
    context = await new_context(chromium, origin, watch)
    page = await context.new_page()
    link = await clinic.submission_link()
    await page.goto(link if link.startswith("http") else f"{origin}{link}")
    await page.get_by_role("button", name="Start").click()
    await answer_all(page)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose one I have").click()
    await (await chooser.value).set_files(make_photos(tmp_path, 1))
    await expect(page.locator(".uploads .done")).to_have_count(1)
    await go_on(page)
    await page.get_by_role("button", name="Skip the video").click()
    await page.get_by_role("button", name="Skip documents").click()
    for upper in ("151", "142"):
        await page.get_by_label("Upper number").fill(upper)
        await page.get_by_label("Lower number").fill("91")
        await page.get_by_role("button", name="Add this reading").click()
        await expect(page.get_by_text(f"{upper} over 91 mmHg", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Remove 151 over 91 mmHg").click()
    await expect(page.get_by_text("151 over 91 mmHg", exact=True)).to_be_hidden()
    await go_on(page)
    await page.get_by_role("button", name="Skip this").click()
    await page.get_by_role("button", name="Send to the clinic").click()
    await expect(page.get_by_role("heading", name="Sent to your clinic")).to_be_visible()

    tasks = await fhir.search("Task", {"patient": "Patient/p1"})
    (case,) = [each for each in tasks if each["id"] != "t1"]
    observations = await fhir.search("Observation", {"patient": "Patient/p1"})
    assert [each["component"][0]["valueQuantity"]["value"] for each in observations] == [142]
    assert len(await fhir.search("DocumentReference", {"related": f"Task/{case['id']}"})) == 1

    lines = await fhir.search("Communication", {"based-on": f"Task/{case['id']}"})
    header = next(each for each in lines if not each.get("partOf"))
    await fhir.transaction(
        [{"resource": _question(case, header), "request": {"method": "POST", "url": "Communication"}}]
    )
    await page.reload()
    await expect(page.get_by_role("list", name="Messages").get_by_text("Any fever?")).to_have_count(1)
    await page.get_by_label("Your answer").fill("No fever.")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("list", name="Messages").get_by_text("No fever.")).to_have_count(1)

    visit_id, _link = await clinic.visit(caseId=case["id"])
    invite = {"type": "invite-patient", "visitId": visit_id, "caseId": case["id"]}
    await console.evaluate("(frame) => double.frame(frame)", invite)
    await page.get_by_role("button", name="Join the call").click()
    await page.get_by_role("button", name="Yes, it works").click()
    await page.get_by_role("button", name="I agree").click()
    await until(console, "double.room.some((each) => each.stage === 'waiting' || each.stage === 'in-call')")
    await console.evaluate("(visitId) => double.admit(visitId)", visit_id)
    await page.evaluate(MOVING)
    await context.close()
    await clinician.close()


def _put(resource: Resource) -> Resource:
    return {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}


def _question(case: Resource, header: Resource) -> Resource:
    return {
        "resourceType": "Communication",
        "status": "completed",
        "category": [{"coding": [{"system": "urn:teleconsole:message-kind", "code": "follow-up-question"}]}],
        "subject": {"reference": "Patient/p1"},
        "sender": {"reference": "Practitioner/dr-calder"},
        "basedOn": [{"reference": f"Task/{case['id']}"}],
        "partOf": [{"reference": f"Communication/{header['id']}"}],
        "sent": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "payload": [{"contentString": "Any fever?"}],
    }
