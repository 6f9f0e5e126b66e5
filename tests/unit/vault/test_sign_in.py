"""Sign-in and tokens against a gateway double that keeps to docs/signalling.md."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.unit.vault.made_up import OPENING_WORDS, patient, task
from tests.unit.vault.test_acts import Desk

from teleconsole.contracts.vault import CreateVault, GetSignedIn, GetSyncStatus, PrepareLock, SignIn, Unlock
from teleconsole.contracts.visits import GetGatewayPass, PrepareVisit
from teleconsole.domain.errors import NotFhir, Offline, PolicyError, Rejected, SignInNeeded


class GatewayDouble:
    """Answers as the gateway does; counts the tokens it gave."""

    def __init__(self) -> None:
        self.url = ""
        self.practitioner_id = "dr-grey"
        self.tokens = 0
        self.is_revoked = False
        self.speaks_html = False
        self.visits: list[dict[str, str]] = []

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        if self.speaks_html:
            return web.Response(text="<html>Welcome to our Wi-Fi</html>", content_type="text/html")
        if (await request.json())["code"] != "good":
            return web.json_response({"problem": "unknown"}, status=403)
        return web.json_response(
            {
                "practitionerId": self.practitioner_id,
                "name": "Dr Grey",
                "clinic": "Hollow Lane",
                "fhirBase": f"{self.url}/fhir",
                "refreshToken": "refresh-1",
            }
        )

    async def token(self, request: web.Request) -> web.StreamResponse:
        if self.is_revoked or request.headers["Authorization"] != "Bearer refresh-1":
            return web.json_response({"problem": "sign-in-needed"}, status=401)
        self.tokens += 1
        return web.json_response({"token": f"token-{self.tokens}", "expiresInS": 600})

    async def visit(self, request: web.Request) -> web.StreamResponse:
        self.visits.append(json.loads(await request.text()))
        return web.json_response({"visitId": "visit-7", "link": "https://x/v#y"})


@pytest.fixture
async def gateway() -> AsyncIterator[GatewayDouble]:
    double = GatewayDouble()
    app = web.Application()
    app.add_routes(
        [
            web.post("/api/sign-in", double.sign_in),
            web.post("/api/token", double.token),
            web.post("/api/visits", double.visit),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield double
    await runner.cleanup()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = Desk(tmp_path)
    await one.ask(CreateVault(OPENING_WORDS))
    await one.pull(patient(), task())
    yield one
    await one.lock.close()


async def test_a_code_signs_in_once_and_for_all_later_starts(desk: Desk, gateway: GatewayDouble) -> None:
    with pytest.raises(SignInNeeded):
        await desk.ask(GetGatewayPass())
    signed_in = await desk.ask(SignIn(gateway.url + "/", " good "))
    assert (signed_in.practitioner_id, signed_in.clinic, signed_in.gateway_url) == (
        "dr-grey",
        "Hollow Lane",
        gateway.url,
    )
    await desk.ask(PrepareLock())
    await desk.ask(Unlock(OPENING_WORDS))
    assert await desk.ask(GetSignedIn()) == signed_in
    assert desk.session.store.me == "dr-grey"
    assert (await desk.ask(GetSyncStatus())).phase != "not-signed-in"


async def test_those_who_ask_together_get_the_same_token(desk: Desk, gateway: GatewayDouble) -> None:
    await desk.ask(SignIn(gateway.url, "good"))
    passes = await asyncio.gather(*(desk.ask(GetGatewayPass()) for _ in range(5)))
    assert len({one.token for one in passes}) == 1
    first = await desk.session.access_token()
    assert await desk.session.access_token() == first
    assert await desk.session.access_token(fresh=True) != first
    gateway.is_revoked = True
    with pytest.raises(SignInNeeded):
        await desk.session.access_token(fresh=True)


async def test_a_visit_is_made_from_a_case(desk: Desk, gateway: GatewayDouble) -> None:
    await desk.ask(SignIn(gateway.url, "good"))
    visit = await desk.ask(PrepareVisit("t1"))
    assert (visit.visit_id, visit.name, visit.case_id) == ("visit-7", "Ada Okafor", "t1")
    assert gateway.visits == [{"caseId": "t1", "patientId": "p1"}]


async def test_what_is_refused_changes_nothing(desk: Desk, gateway: GatewayDouble) -> None:
    with pytest.raises(Rejected, match="code"):
        await desk.ask(SignIn(gateway.url, "bad"))
    with pytest.raises(Offline):
        await desk.ask(SignIn("http://127.0.0.1:9", "good"))
    with pytest.raises(PolicyError):
        await desk.ask(SignIn("http://gateway.example.org", "good"))
    gateway.speaks_html = True
    with pytest.raises(NotFhir):
        await desk.ask(SignIn(gateway.url, "good"))
    assert (await desk.ask(GetSignedIn())).practitioner_id == ""


async def test_another_clinician_never_gets_these_cases(desk: Desk, gateway: GatewayDouble) -> None:
    await desk.ask(SignIn(gateway.url, "good"))
    gateway.practitioner_id = "dr-other"
    with pytest.raises(Rejected, match="another clinician"):
        await desk.ask(SignIn(gateway.url, "good"))
    assert (await desk.ask(GetSignedIn())).practitioner_id == "dr-grey"
