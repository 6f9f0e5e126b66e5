"""A FHIR server that is not one, is away, or refuses: the patient's words are kept, nobody is told a lie."""

import asyncio
import logging

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import DEADLINE_S, FakeFhir, TestClinic
from tests.unit.gateway.patient import Patient, photo

from teleconsole.domain.errors import NotFhir, Offline, Rejected, SignInNeeded, TeleconsoleError
from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.fhir_auth import NoLogin
from teleconsole.gateway.fhir_client import FhirClient
from teleconsole.gateway.service import Gateway
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


async def test_slow_server_keeps_the_submission(
    config: GatewayConfig, fhir: FakeFhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "GATEWAY_FHIR_READ_S", 0.2)
    async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        async with clinic.browser() as browser:
            await browser.open(await clinic.submission_link())
            await Patient(browser).answer()
            fhir.mode = "slow"
            status, body = await Patient(browser).send()
            assert (status, body["problem"]) == (202, "server-away")


async def test_what_waits_survives_a_new_gateway(config: GatewayConfig, fhir: FakeFhir) -> None:
    async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        browser = clinic.browser()
        async with browser:
            await browser.open(await clinic.submission_link())
            await Patient(browser).answer()
            fhir.mode = "down"
            assert (await Patient(browser).send())[0] == 202
            port = gateway.port
            cookies = browser.http.cookie_jar
            await gateway.stop()
            async with Gateway(msgspec.structs.replace(config, port=port)) as again:
                assert again.base_url == browser.base_url and len(list(cookies)) == 1
                assert (await Patient(browser).state())["submitted"] is True
                fhir.mode = "fine"  # this one refuses transactions: the draft is open again, nothing is lost
                async with asyncio.timeout(DEADLINE_S):
                    state = await Patient(browser).state()
                    while state["submitted"]:
                        state = await Patient(browser).state()
                assert state["problem"] == "not-accepted" and state["answers"]["side"] == "left"
