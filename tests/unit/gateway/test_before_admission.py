"""A connection before the admission: relayed when the console asked for it and the patient waits, else refused."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import Browser, Socket, TestClinic

from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.service import Gateway

OFFER = {"generation": 7, "sdp": "v=0", "commitment": "ab"}


@dataclass
class Waiting:
    """A patient who waits, and the clinician's side."""

    visit_id: str
    browser: Browser
    page: Socket
    clinician: Socket

    async def refused(self, socket: Socket, frame: str, **fields: object) -> None:
        await socket.send(frame, visitId=self.visit_id, **fields)
        assert (await socket.until("problem"))["code"] == "not-allowed"


async def enter(clinic: TestClinic) -> Waiting:
    clinician = await clinic.signal()
    visit_id, link = await clinic.visit()
    browser = clinic.browser()
    await browser.open(link)
    page = await browser.signal()
    await page.send("enter-waiting-room", consented=True)
    await clinician.until_stage("waiting")
    return Waiting(visit_id, browser, page, clinician)


async def leave(waiting: Waiting) -> None:
    for socket in (waiting.page, waiting.clinician):
        await socket.close()
    await waiting.browser.http.close()


@pytest.fixture
async def waiting(clinic: TestClinic) -> AsyncIterator[Waiting]:
    entered = await enter(clinic)
    yield entered
    await leave(entered)


async def test_it_is_made_once_the_console_asks(waiting: Waiting) -> None:
    page, clinician, visit_id = waiting.page, waiting.clinician, waiting.visit_id
    await waiting.refused(clinician, "offer", **OFFER)
    await waiting.refused(page, "answer", generation=7, sdp="v=0")
    await clinician.send("prepare", visitId=visit_id)
    for socket in (page, clinician):
        assert (await socket.until("prepared"))["visitId"] == visit_id
    await clinician.send("offer", visitId=visit_id, **OFFER)
    assert (await page.until("offer"))["generation"] == 7
    await page.send("answer", visitId=visit_id, generation=7, sdp="v=0")
    await clinician.until("answer")
    await page.send("candidate", visitId=visit_id, generation=7, candidate="")
    await clinician.until("candidate")
    await clinician.send("reveal", visitId=visit_id, generation=7, nonce="ab")
    await page.until("reveal")
    await waiting.refused(page, "request-offer")


async def test_a_page_that_was_opened_anew_is_asked_anew(waiting: Waiting) -> None:
    await waiting.clinician.send("prepare", visitId=waiting.visit_id)
    await waiting.clinician.until("prepared")
    await waiting.page.close()
    await waiting.clinician.until_stage("interrupted")
    await waiting.refused(waiting.clinician, "prepare")
    waiting.page = await waiting.browser.signal(page_id="page-0002")
    await waiting.clinician.until_stage("waiting")
    await waiting.refused(waiting.clinician, "offer", **OFFER)
    await waiting.clinician.send("prepare", visitId=waiting.visit_id)
    await waiting.page.until("prepared")


async def test_nobody_is_prepared_who_does_not_wait(clinic: TestClinic) -> None:
    clinician = await clinic.signal()
    visit_id, link = await clinic.visit()
    async with clinic.browser() as browser:
        await browser.open(link)
        page = await browser.signal()
        await clinician.until_stage("checking")
        await clinician.send("prepare", visitId=visit_id)
        assert (await clinician.until("problem"))["code"] == "not-allowed"
        await clinician.send("prepare", visitId="no-such-visit")
        assert (await clinician.until("problem"))["code"] == "no-such-visit"
        await page.close()
    await clinician.close()


async def test_no_relay_credentials_before_the_admission(config: GatewayConfig) -> None:
    both = msgspec.structs.replace(config, stun_urls=["stun:127.0.0.1:3478"])
    async with Gateway(both) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        waiting = await enter(clinic)
        await waiting.clinician.send("prepare", visitId=waiting.visit_id)
        for socket in (waiting.page, waiting.clinician):
            assert (await socket.until("prepared"))["iceServers"] == [{"urls": ["stun:127.0.0.1:3478"]}]
        await waiting.clinician.send("admit", visitId=waiting.visit_id)
        servers = (await waiting.page.until("admitted"))["iceServers"]
        assert [server["urls"] for server in servers] == [["stun:127.0.0.1:3478"], ["turn:127.0.0.1:3478"]]
        await leave(waiting)


async def test_where_only_relays_are_allowed_there_is_none(config: GatewayConfig) -> None:
    alone = msgspec.structs.replace(config, relay_only=True)
    async with Gateway(alone) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        waiting = await enter(clinic)
        await waiting.refused(waiting.clinician, "prepare")
        await leave(waiting)
