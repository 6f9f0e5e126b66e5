"""A FHIR server that is not one, is away, or refuses: the patient's words are kept, nobody is told a lie."""

import logging

import pytest
from tests.unit.gateway.clinic import FakeFhir, TestClinic
from tests.unit.gateway.patient import Patient, photo

from teleconsole.domain.errors import NotFhir, Offline, Rejected, SignInNeeded, TeleconsoleError
from teleconsole.gateway.fhir_auth import NoLogin
from teleconsole.gateway.fhir_client import FhirClient
from teleconsole.host import limits


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("html", NotFhir),
        ("wrong-json", NotFhir),
        ("broken-json", NotFhir),
        ("redirect", NotFhir),
        ("sign-in", SignInNeeded),
        ("down", Offline),
    ],
)
async def test_misbehaviour_has_a_name(fhir: FakeFhir, mode: str, error: type[TeleconsoleError]) -> None:
    fhir.mode = mode
    async with FhirClient(fhir.base_url, NoLogin()) as client:
        with pytest.raises(error):
            await client.read("Patient", "p1")
        with pytest.raises(error):
            await client.search("Task", {"identifier": "a|b"})
        with pytest.raises(error):
            await client.transaction([])


async def test_refusal_and_silence(fhir: FakeFhir, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FhirClient(fhir.base_url, NoLogin()) as client:
        with pytest.raises(Rejected):
            await client.transaction([{}])
        assert await client.read("Patient", "nobody") is None
        monkeypatch.setattr(limits, "GATEWAY_FHIR_ANSWER_BYTES", 10)
        with pytest.raises(NotFhir):
            await client.read("Patient", "p1")
    async with FhirClient("http://127.0.0.1:9/fhir", NoLogin()) as client:
        with pytest.raises(Offline):
            await client.read("Patient", "p1")


async def test_login_page_keeps_the_submission(clinic: TestClinic, fhir: FakeFhir) -> None:
    async with clinic.browser() as browser:
        patient = Patient(browser)
        await browser.open(await clinic.submission_link())
        await patient.answer()
        for mode in ("html", "wrong-json", "sign-in"):
            fhir.mode = mode
            status, body = await patient.send()
            assert (status, body["problem"]) == (202, "server-away")
        assert (await patient.state())["delivered"] is False


async def test_refused_submission_is_open_again(
    clinic: TestClinic, fhir: FakeFhir, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with clinic.browser() as browser:
        patient = Patient(browser)
        await browser.open(await clinic.submission_link())
        upload_id = await patient.upload(photo())
        await patient.answer()
        assert await patient.send() == (422, {"problem": "not-accepted"})
        state = await patient.state()
        assert (state["submitted"], state["problem"], state["files"][0]["id"]) == (False, "not-accepted", upload_id)
        assert (await patient.answer(reason="Shorter"))[0] == 200
        assert await patient.message("too early") == (409, {"problem": "not-submitted"})
    told = caplog.text + "".join(str(record.args) for record in caplog.records)
    for canary in ("Canary", "arm.jpg", "Ida", "1980-02-29", "Shorter"):
        assert canary not in told
