"""Helpers of the gateway's tests: a FHIR server in memory, a signed-in clinician, patients' browsers, sockets."""

import asyncio
import json
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from teleconsole.gateway.service import Gateway

DEADLINE_S = 10.0
BIRTH_DATE = "1980-02-29"

Json = dict[str, Any]


def put(resource: Json) -> Json:
    """Return a transaction entry that writes a resource."""
    request = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    return {"resource": resource, "request": request}


class FakeFhir:
    """Answers reads, simple searches and transactions from a dict; can be told to misbehave."""

    def __init__(self) -> None:
        self.resources: dict[str, Json] = {}
        self.mode = "fine"
        self.base_url = ""
        self._runner: web.AppRunner | None = None
        self.put(
            {
                "resourceType": "Patient",
                "id": "p1",
                "birthDate": BIRTH_DATE,
                "name": [{"given": ["Ida"], "family": "Brook"}],
            }
        )
        self.put({"resourceType": "Patient", "id": "p2", "birthDate": "1990-01-01"})
        self.put({"resourceType": "Task", "id": "t1", "status": "accepted", "for": {"reference": "Patient/p1"}})
        self.put(
            {
                "resourceType": "Appointment",
                "id": "a1",
                "status": "booked",
                "start": "2030-01-01T09:00:00Z",
                "end": "2030-01-01T09:20:00Z",
                "identifier": [{"system": "urn:teleconsole:visit", "value": "visit-of-a1"}],
                "participant": [{"actor": {"reference": "Patient/p1"}}],
            }
        )

    def put(self, resource: Json) -> None:
        self.resources[f"{resource['resourceType']}/{resource['id']}"] = resource

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [
                web.get("/fhir/{type}/{id}", self._read),
                web.get("/fhir/{type}", self._search),
                web.post("/fhir", self._transaction),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/fhir"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _search(self, request: web.Request) -> web.StreamResponse:
        if self.mode == "slow":
            await asyncio.sleep(DEADLINE_S)
        return self._misbehaved() or web.json_response({"resourceType": "Bundle", "type": "searchset"})

    async def _transaction(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        return self._misbehaved() or web.json_response({"resourceType": "OperationOutcome"}, status=422)

    def _misbehaved(self) -> web.StreamResponse | None:
        match self.mode:
            case "html":
                return web.Response(text="<html>Sign in to this network</html>", content_type="text/html")
            case "wrong-json":
                return web.json_response({"hello": "world"})
            case "broken-json":
                return web.Response(text='{"resourceType":', content_type="application/fhir+json")
            case "redirect":
                return web.Response(status=302, headers={"Location": "https://login.example"})
            case "sign-in":
                return web.json_response({"resourceType": "OperationOutcome"}, status=401)
            case "down":
                return web.Response(status=503)
        return None

    async def _read(self, request: web.Request) -> web.StreamResponse:
        if (misbehaved := self._misbehaved()) is not None:
            return misbehaved
        found = self.resources.get(f"{request.match_info['type']}/{request.match_info['id']}")
        if found is None:
            return web.json_response({"resourceType": "OperationOutcome"}, status=404)
        return web.Response(text=json.dumps(found), content_type="application/fhir+json")


class Socket:
    """A signalling socket that waits for the frames a test names."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = socket

    async def send(self, frame_type: str, **fields: Any) -> None:
        await self.raw.send_str(json.dumps({"type": frame_type, **fields}))

    async def next(self) -> Json:
        message = await self.raw.receive(timeout=DEADLINE_S)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise AssertionError(f"closed with {self.raw.close_code}")
        frame = json.loads(message.data)
        assert isinstance(frame, dict)
        return frame

    async def until(self, frame_type: str, **fields: Any) -> Json:
        """Return the next frame of this type with these fields, skipping others."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                frame = await self.next()
                if frame["type"] == frame_type and all(frame.get(name) == value for name, value in fields.items()):
                    return frame

    async def until_stage(self, stage: str) -> Json:
        """Return the first waiting room whose first patient is at this stage."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                room = await self.until("waiting-room")
                if room["patients"] and room["patients"][0]["stage"] == stage:
                    return room

    async def until_closed(self) -> int | None:
        async with asyncio.timeout(DEADLINE_S):
            async for _message in self.raw:
                pass
        return self.raw.close_code

    async def close(self) -> None:
        await self.raw.close()


class Browser:
    """One patient's browser: its own cookies."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": base_url}, raise_for_status=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Json]:
        async with self.http.request(method, f"{self.base_url}{path}", json=body, **options) as response:
            return response.status, await response.json() if response.content_type == "application/json" else {}

    async def open(self, link: str, birth_date: str | None = None) -> tuple[int, Json]:
        body = {"token": link.partition("#")[2]} | ({"birthDate": birth_date} if birth_date else {})
        return await self.ask("POST", "/patient/session", body)

    async def signal(self, page: str = "visit", page_id: str = "page-0001") -> Socket:
        socket = Socket(await self.http.ws_connect(f"{self.base_url}/signal"))
        await socket.send("patient-hello", version=1, page=page, pageId=page_id)
        return socket


class TestClinic:
    """The clinician's side of one running gateway."""

    __test__ = False

    def __init__(self, gateway: Gateway, http: aiohttp.ClientSession) -> None:
        self.gateway = gateway
        self.http = http
        self.refresh_token = ""
        self.account: Json = {}

    @property
    def base_url(self) -> str:
        return self.gateway.base_url

    def browser(self) -> Browser:
        return Browser(self.base_url)

    async def post(self, path: str, body: Any, token: str = "") -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(f"{self.base_url}{path}", json=body, headers=headers) as response:
            return response.status, await response.json()

    async def sign_in(self) -> None:
        status, self.account = await self.post("/api/sign-in", {"code": self.gateway.clinician_code})
        assert status == 200, self.account
        self.refresh_token = self.account["refreshToken"]

    async def token(self, purpose: str) -> str:
        status, body = await self.post("/api/token", {"purpose": purpose}, self.refresh_token)
        assert status == 200, body
        return str(body["token"])

    async def visit(self, **body: Any) -> tuple[str, str]:
        """Make a visit (by default of case t1); return its id and its link."""
        status, made = await self.post(
            "/api/visits", {"patientId": "p1", **(body or {"caseId": "t1"})}, await self.token("fhir")
        )
        assert status == 200, made
        return made["visitId"], made["link"]

    async def submission_link(self, **body: Any) -> str:
        status, made = await self.post(
            "/api/submission-links",
            {"patientId": "p1", "questionnaireId": "skin", **body},
            await self.token("fhir"),
        )
        assert status == 200, made
        return str(made["link"])

    async def signal(self) -> Socket:
        socket = Socket(await self.http.ws_connect(f"{self.base_url}/signal"))
        await socket.send("clinician-hello", version=1, token=await self.token("signalling"))
        return socket
