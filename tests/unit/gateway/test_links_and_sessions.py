"""Links and sessions: guessed, expired, revoked; other devices; previewers; a restart of the gateway."""

from datetime import UTC, datetime, timedelta

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import BIRTH_DATE, FakeFhir, TestClinic

from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.service import Gateway
from teleconsole.host import limits


class MovableClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = datetime(2030, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize("token", ["", "guess", "a.b", "ü.ü", "A" * 40 + "." + "B" * 43])
async def test_guessed_token_answers_as_an_expired_one(clinic: TestClinic, token: str) -> None:
    async with clinic.browser() as browser:
        assert await browser.open(f"/v#{token}") == (410, {"problem": "expired"})
        assert not list(browser.http.cookie_jar)


async def test_changed_token_opens_nothing(clinic: TestClinic) -> None:
    _visit_id, link = await clinic.visit()
    async with clinic.browser() as browser:
        assert await browser.open(link[:-2] + ("AA" if not link.endswith("AA") else "BB")) == (
            410,
            {"problem": "expired"},
        )


async def test_link_expires_and_session_with_it(config: GatewayConfig) -> None:
    clock = MovableClock()
    async with Gateway(config, clock) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        link = await clinic.submission_link()
        async with clinic.browser() as browser, clinic.browser() as other:
            assert (await browser.open(link))[0] == 200
            clock.at += timedelta(seconds=limits.GATEWAY_SUBMISSION_LINK_S)
            assert await other.open(link) == (410, {"problem": "expired"})
            assert await browser.ask("GET", "/patient/submission") == (410, {"problem": "expired"})


async def test_revoked_link_and_its_page(clinic: TestClinic) -> None:
    visit_id, link = await clinic.visit()
    async with clinic.browser() as browser:
        await browser.open(link)
        page = await browser.signal()
        await page.until("patient-welcome")
        assert (await clinic.post(f"/api/visits/{visit_id}/revoke", {}, await clinic.token("fhir")))[0] == 200
        assert (await page.until("visit-ended"))["reason"] == "link-revoked"
        assert await browser.open(link) == (410, {"problem": "revoked"})
        await page.close()


async def test_wrong_birth_dates_are_bounded(clinic: TestClinic) -> None:
    _visit_id, link = await clinic.visit()
    async with clinic.browser() as browser, clinic.browser() as thief:
        assert (await browser.open(link))[0] == 200
        for _try in range(limits.GATEWAY_BIRTH_DATE_TRIES):
            assert await thief.open(link, "1970-01-01") == (401, {"problem": "birth-date-wrong"})
        assert await thief.open(link, BIRTH_DATE) == (429, {"problem": "too-many-tries"})
        assert (await browser.open(link))[0] == 200
        assert (await thief.open(link, "not a date"))[1] == {"problem": "malformed"}


async def test_birth_date_needs_the_server(clinic: TestClinic, fhir: FakeFhir) -> None:
    _visit_id, link = await clinic.visit()
    async with clinic.browser() as browser, clinic.browser() as other:
        await browser.open(link)
        for fhir.mode in ("html", "down"):
            assert await other.open(link, BIRTH_DATE) == (503, {"problem": "server-away"})
            assert (await browser.open(link))[1]["firstName"] == ""


async def test_previewer_changes_nothing(clinic: TestClinic, config: GatewayConfig) -> None:
    _visit_id, link = await clinic.visit()
    before = {file: file.read_bytes() for file in config.data_folder.rglob("*.json")}
    async with clinic.browser() as previewer:
        for url in (link, link.replace("/v#", "/s#")):
            async with previewer.http.get(url) as response:
                assert response.status == 200 and "Set-Cookie" not in response.headers
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "unsafe" not in policy and "ws://" in policy
                assert response.headers["Referrer-Policy"] == "no-referrer"
                assert response.headers["Cache-Control"] == "no-store"
                assert "camera=(self)" in response.headers["Permissions-Policy"]
    assert {file: file.read_bytes() for file in config.data_folder.rglob("*.json")} == before
    async with clinic.browser() as patient:
        assert (await patient.open(link))[0] == 200


async def test_cookie_is_closed_to_scripts_and_other_sites(clinic: TestClinic) -> None:
    _visit_id, link = await clinic.visit()
    body = {"token": link.partition("#")[2]}
    async with clinic.http.post(f"{clinic.base_url}/patient/session", json=body) as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie


async def test_other_origins_are_refused(clinic: TestClinic) -> None:
    _visit_id, link = await clinic.visit()
    headers = {"Origin": "https://evil.example"}
    async with clinic.browser() as browser:
        url = f"{clinic.base_url}/patient/session"
        async with browser.http.post(url, json={"token": link.partition("#")[2]}, headers=headers) as response:
            assert (response.status, await response.json()) == (403, {"problem": "not-allowed"})
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await browser.http.ws_connect(f"{clinic.base_url}/signal", headers=headers)


async def test_pages_outside_their_folder_do_not_exist(clinic: TestClinic) -> None:
    for path in ("/pages/..%2f..%2fdata%2fsecret.key", "/pages/nothing.js", "/pages/%00.js", "/nothing"):
        async with clinic.http.get(f"{clinic.base_url}{path}") as response:
            assert response.status == 404
    async with clinic.http.get(f"{clinic.base_url}/pages/visit.js") as response:
        assert response.status == 200 and response.content_type == "text/javascript"


async def test_restart_keeps_sessions_and_throws_nobody_out(config: GatewayConfig) -> None:
    async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        visit_id, link = await clinic.visit()
        browser = clinic.browser()
        await browser.open(link)
        page, clinician = await browser.signal(), await clinic.signal()
        await page.send("enter-waiting-room", consented=True)
        await clinician.until_stage("waiting")
        await clinician.send("admit", visitId=visit_id)
        await page.until("admitted")
        port = gateway.port
    await page.until_closed()
    await clinician.close()
    again = msgspec.structs.replace(config, port=port)
    async with Gateway(again) as gateway, aiohttp.ClientSession() as http:
        restarted = TestClinic(gateway, http)
        restarted.refresh_token = clinic.refresh_token
        clinician = await restarted.signal()
        await clinician.until("clinician-welcome")
        room = await clinician.until("waiting-room")
        assert room["patients"][0]["stage"] == "interrupted"
        await clinician.until("admitted", visitId=visit_id)
        page = await browser.signal()
        assert (await page.until("patient-welcome"))["stage"] == "in-call"
        await page.until("admitted")
        await page.send("request-offer", visitId=visit_id)
        await clinician.until("request-offer")
        assert (await browser.open(link))[0] == 200
        for socket in (page, clinician):
            await socket.close()
        await browser.http.close()
