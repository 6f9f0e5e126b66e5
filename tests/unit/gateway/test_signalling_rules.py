"""Frames that are wrong, too large, too fast or not allowed; second windows; a call process that comes back."""

import json

import jsonschema
import pytest
from tests.unit.gateway.clinic import Browser, Socket, TestClinic

from teleconsole.host import limits


async def waiting_patient(clinic: TestClinic, clinician: Socket) -> tuple[str, str, Browser, Socket]:
    visit_id, link = await clinic.visit()
    browser = clinic.browser()
    await browser.open(link)
    page = await browser.signal()
    await page.send("enter-waiting-room", consented=True)
    await clinician.until_stage("waiting")
    return visit_id, link, browser, page


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", "malformed"),
        ("[1]", "malformed"),
        ('{"type": "nonsense"}', "unknown-type"),
        ('{"type": "admit", "visitId": "visit-0001"}', "not-allowed"),
        ('{"type": "device-report", "result": "great"}', "malformed"),
        ('{"type": "answer", "visitId": "other-visit", "generation": 1, "sdp": "v=0"}', "not-allowed"),
        ('{"type": "enter-waiting-room", "consented": false}', "not-allowed"),
        ('{"type": "request-offer", "visitId": "%s"}', "not-allowed"),
        ('{"type": "device-report", "result": "' + "x" * limits.GATEWAY_FRAME_BYTES + '"}', "too-large"),
        ("[" * 100_000, "malformed"),
    ],
)
async def test_wrong_frame_is_answered_and_ends_nothing(clinic: TestClinic, text: str, code: str) -> None:
    visit_id, link = await clinic.visit()
    async with clinic.browser() as browser:
        await browser.open(link)
        page = await browser.signal()
        await page.until("patient-welcome")
        await page.raw.send_str(text.replace("%s", visit_id))
        assert (await page.until("problem"))["code"] == code
        await page.raw.send_bytes(b"\x00\x01")
        assert (await page.until("problem"))["code"] == "malformed"
        await page.send("ping", n=7)
        assert (await page.until("pong"))["n"] == 7
        await page.close()


async def test_flood_is_refused_and_ends_nothing(clinic: TestClinic) -> None:
    _visit_id, link = await clinic.visit()
    async with clinic.browser() as browser:
        await browser.open(link)
        page = await browser.signal()
        for n in range(limits.GATEWAY_FRAMES_BURST + 100):
            await page.send("ping", n=n)
        assert (await page.until("problem"))["code"] == "too-fast"
        await page.close()


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"type": "patient-hello", "version": 1, "page": "visit", "pageId": "page-0001"}, "sign-in-needed"),
        ({"type": "patient-hello", "version": 1, "page": "submit", "pageId": "page-0001"}, "sign-in-needed"),
        ({"type": "clinician-hello", "version": 1, "token": "guess"}, "sign-in-needed"),
        ({"type": "clinician-hello", "version": 2, "token": "guess"}, "version"),
        ({"type": "ping", "n": 1}, "sign-in-needed"),
        ({"type": "offer"}, "malformed"),
    ],
)
async def test_hello_without_right_is_closed(clinic: TestClinic, hello: dict[str, object], code: str) -> None:
    socket = Socket(await clinic.http.ws_connect(f"{clinic.base_url}/signal"))
    await socket.raw.send_str(json.dumps(hello))
    assert (await socket.until("problem"))["code"] == code
    assert await socket.until_closed() == 4003


async def test_fhir_token_opens_no_socket(clinic: TestClinic) -> None:
    socket = Socket(await clinic.http.ws_connect(f"{clinic.base_url}/signal"))
    await socket.send("clinician-hello", version=1, token=await clinic.token("fhir"))
    assert (await socket.until("problem"))["code"] == "sign-in-needed"
    body = {"patientId": "p1", "caseId": "t1"}
    assert (await clinic.post("/api/visits", body, await clinic.token("signalling")))[0] == 401
    await socket.close()


async def test_second_window_takes_over(clinic: TestClinic) -> None:
    clinician = await clinic.signal()
    visit_id, _link, browser, first = await waiting_patient(clinic, clinician)
    second = await browser.signal(page_id="page-0002")
    assert (await first.until("visit-ended"))["reason"] == "opened-elsewhere"
    assert await first.until_closed() == 4001
    assert (await second.until("patient-welcome"))["stage"] == "waiting"
    await clinician.send("admit", visitId=visit_id)
    await second.until("admitted")
    for socket in (second, clinician):
        await socket.close()
    await browser.http.close()


async def test_reload_goes_on_and_clinician_comes_back(clinic: TestClinic) -> None:
    clinician = await clinic.signal()
    visit_id, _link, browser, page = await waiting_patient(clinic, clinician)
    await clinician.send("message-waiting", visitId=visit_id, messageId="message-1", text="Soon")
    await page.until("waiting-message")
    await page.close()
    await clinician.until_stage("interrupted")
    page = await browser.signal()
    assert (await page.until("patient-welcome"))["stage"] == "waiting"
    assert (await page.until("waiting-message"))["text"] == "Soon"
    await clinician.send("admit", visitId=visit_id)
    await page.until("admitted")
    await clinician.close()
    assert (await page.until("clinician-state"))["state"] == "away"
    await page.send("request-offer", visitId=visit_id)
    await page.send("ping", n=1)
    await page.until("pong")
    clinician = await clinic.signal()
    types = [(await clinician.next())["type"] for _frame in range(4)]
    assert types == ["clinician-welcome", "waiting-room", "admitted", "request-offer"]
    await page.send("patient-leave")
    assert (await clinician.until("visit-ended"))["reason"] == "ended-by-patient"
    await clinician.until_stage("left")
    await clinician.send("offer", visitId=visit_id, generation=2, sdp="v=0")
    assert (await clinician.until("problem"))["code"] == "not-allowed"
    for socket in (page, clinician):
        await socket.close()
    await browser.http.close()


async def test_clinician_can_do_only_what_is_theirs(clinic: TestClinic) -> None:
    visit_id, _link = await clinic.visit()
    clinician = await clinic.signal()
    for frame, code in (
        ({"visitId": "no-such-visit"}, "no-such-visit"),
        ({"visitId": visit_id}, "not-allowed"),
    ):
        await clinician.send("admit", **frame)
        assert (await clinician.until("problem"))["code"] == code
    await clinician.send("invite-patient", visitId=visit_id, caseId="other")
    assert (await clinician.until("problem"))["code"] == "not-allowed"
    second = await clinic.signal()
    await second.until("waiting-room")
    assert await clinician.until_closed() == 4004
    await second.close()


async def test_appointment_gives_the_same_visit_again(clinic: TestClinic) -> None:
    made = await clinic.visit(appointmentId="a1")
    assert made[0] == "visit-of-a1" and await clinic.visit(appointmentId="a1") == made
    token = await clinic.token("fhir")
    for body in ({"patientId": "p2", "appointmentId": "a1"}, {"patientId": "p2", "caseId": "t1"}):
        assert (await clinic.post("/api/visits", body, token))[0] == 404
    assert (await clinic.post("/api/visits", {"patientId": "p1"}, token))[0] == 400


async def test_schema_of_the_frames(clinic: TestClinic) -> None:
    async with clinic.http.get(f"{clinic.base_url}/signal.schema.json") as response:
        schema = await response.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"fromPatient": {"type": "device-report", "result": "ok"}})
    assert not validator.is_valid({"fromPatient": {"type": "device-report", "result": "great"}})


async def test_sign_in_codes_work_once_and_are_bounded(clinic: TestClinic) -> None:
    used = {"code": clinic.gateway.clinician_code}
    assert await clinic.post("/api/sign-in", used) == (401, {"problem": "code-wrong"})
    for _try in range(limits.GATEWAY_SIGN_IN_TRIES_PER_MIN):
        status, _body = await clinic.post("/api/sign-in", {"code": "guess"})
    assert status == 429
    assert (await clinic.post("/api/token", {"purpose": "fhir"}, "guess"))[0] == 401
    assert (await clinic.post("/api/token", {"purpose": "fhir"}))[0] == 401
    assert (await clinic.post("/api/nothing", {}))[1] == {"problem": "not-found"}
