"""The signalling client against a gateway of our own that misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from teleconsole.call import signalling
from teleconsole.call.signalling import Phase, Signalling
from teleconsole.contracts.signal import (
    Admit,
    ClinicianHello,
    ClinicianWelcome,
    Pong,
    ToClinician,
    WaitingRoom,
)

WELCOME = json.dumps({"type": "clinician-welcome", "practitionerId": "dr-moss"})

Story = Callable[[web.WebSocketResponse, dict[str, Any]], Awaitable[None]]


class FakeGateway:
    """Plays one story for each connection; the last one again and again."""

    def __init__(self) -> None:
        self.stories: list[Story] = []
        self.hellos: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.url = ""

    async def accept(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = json.loads((await socket.receive()).data)
        story = self.stories[min(len(self.hellos), len(self.stories) - 1)]
        self.hellos.append(hello)
        await story(socket, hello)
        return socket

    async def listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.received.append(json.loads(message.data))


class Owner:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.sentences: list[str] = []
        self.frames: list[Any] = []
        self.tokens_needed = 0

    def on_phase(self, phase: Phase, sentence: str) -> None:
        self.phases.append(phase)
        self.sentences.append(sentence)

    def on_frame(self, frame: Any) -> None:
        self.frames.append(frame)

    def on_token_needed(self) -> None:
        self.tokens_needed += 1


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    fake = FakeGateway()
    app = web.Application()
    app.add_routes([web.get("/signal", fake.accept)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
async def client(gateway: FakeGateway, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Signalling]:
    monkeypatch.setattr(signalling, "CALL_SIGNAL_RETRY_S", (0.01,))
    tokens = iter(["old", "new", "newer"])
    made = Signalling(
        gateway.url,
        lambda: ClinicianHello(version=1, token=next(tokens, "newest")),
        ClinicianWelcome,
        ToClinician,
        owner,
    )
    yield made
    await made.close()
    assert owner.phases[-1] in ("off", "refused")


async def until(probe: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        if not probe():
            await asyncio.sleep(0.005)
            await until(probe)


async def test_frames_that_make_no_sense_are_ignored_and_the_next_is_taken(
    gateway: FakeGateway, owner: Owner, client: Signalling
) -> None:
    async def story(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.send_str(WELCOME)
        for nonsense in ("{", "[]", '{"type":"from-the-future"}', '{"type":"answer","visitId":"../x"}', "\ud800"):
            await socket.send_str(nonsense.encode("utf-8", "replace").decode())
        await socket.send_str('{"type":"ping","n":1,"x":' + "[" * 20_000)
        await socket.send_bytes(b"\xff\xfe\x00")
        await socket.send_str('{"type":"problem","code":"malformed"}')
        await socket.send_str('{"type":"ping","n":7}')
        await socket.send_str('{"type":"waiting-room","patients":[]}')
        await gateway.listen(socket)

    gateway.stories = [story]
    client.open()
    await until(lambda: len(owner.frames) == 2)
    assert owner.frames == [ClinicianWelcome("dr-moss"), WaitingRoom([])]
    assert client.ignored == 7
    assert client.send(Admit("visit-0001"))
    await until(lambda: len(gateway.received) == 2)
    assert gateway.received == [
        msgspec.to_builtins(Pong(7)),
        {"type": "admit", "visitId": "visit-0001"},
    ]
    assert owner.phases == ["connecting", "connected"]


async def test_a_gateway_that_goes_is_tried_again_until_it_is_back(
    gateway: FakeGateway, owner: Owner, client: Signalling
) -> None:
    async def gone(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.close()

    async def breaks(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.send_str(WELCOME)
        await asyncio.sleep(0.05)

    async def stays(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.send_str(WELCOME)
        await gateway.listen(socket)

    gateway.stories = [gone, breaks, stays]
    assert not client.send(Admit("visit-0001"))
    client.open()
    await until(lambda: owner.phases.count("connected") == 2)
    assert owner.phases == ["connecting", "lost", "connected", "lost", "connected"]
    assert "tried again" in owner.sentences[1]


async def test_a_token_that_expired_is_asked_for_and_the_fresh_one_is_used(
    gateway: FakeGateway, owner: Owner, client: Signalling
) -> None:
    async def story(socket: web.WebSocketResponse, hello: dict[str, Any]) -> None:
        if hello == {"type": "clinician-hello", "version": 1, "token": "old"}:
            await socket.send_str('{"type":"problem","code":"sign-in-needed"}')
            await socket.close(code=4003)
            return
        await socket.send_str(WELCOME)
        await gateway.listen(socket)

    gateway.stories = [story]
    client.open()
    await until(lambda: "connected" in owner.phases)
    assert owner.phases == ["connecting", "refused", "connected"]
    assert owner.tokens_needed == 1
    assert [hello["token"] for hello in gateway.hellos] == ["old", "new"]


@pytest.mark.parametrize(("code", "text"), [(4004, "another computer"), (0, "another version")])
async def test_taken_over_or_another_version_is_told_and_not_fought(
    gateway: FakeGateway, owner: Owner, client: Signalling, code: int, text: str
) -> None:
    async def story(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        if code:
            await socket.send_str(WELCOME)
            await socket.close(code=code)
        else:
            await socket.send_str('{"type":"problem","code":"version"}')

    gateway.stories = [story]
    client.open()
    await until(lambda: "refused" in owner.phases)
    assert text in owner.sentences[-1]
    await asyncio.sleep(0.1)
    assert len(gateway.hellos) == 1


async def test_certificates_that_cannot_be_read_are_told(gateway: FakeGateway, owner: Owner) -> None:
    client = Signalling(gateway.url, lambda: Pong(1), ClinicianWelcome, ToClinician, owner, extra_ca="/nowhere.pem")
    client.open()
    await until(lambda: "refused" in owner.phases)
    assert "certificates" in owner.sentences[-1]
    await client.close()


async def test_a_connection_that_is_dead_is_made_again_when_it_is_looked_at(
    gateway: FakeGateway, owner: Owner, client: Signalling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "CALL_SIGNAL_CHECK_S", 0.1)
    monkeypatch.setattr(signalling, "CALL_SIGNAL_CLOSE_S", 0.05)
    gone = asyncio.Event()

    async def dead(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.send_str(WELCOME)
        await gone.wait()  # a network that went away: nothing is read, nothing is said

    async def alive(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.send_str(WELCOME)
        await gateway.listen(socket)

    gateway.stories = [dead, alive]
    client.open()
    await until(lambda: owner.phases == ["connecting", "connected"])
    client.check()
    await until(lambda: owner.phases == ["connecting", "connected", "lost", "connected"])
    gone.set()


async def test_a_connection_that_stands_is_kept_when_it_is_looked_at(
    gateway: FakeGateway, owner: Owner, client: Signalling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "CALL_SIGNAL_CHECK_S", 0.5)

    async def alive(socket: web.WebSocketResponse, _: dict[str, Any]) -> None:
        await socket.send_str(WELCOME)
        async for message in socket:
            frame = msgspec.json.decode(message.data)
            if frame["type"] == "ping":
                await socket.send_str(msgspec.json.encode(Pong(frame["n"])).decode())
                gateway.received.append(frame)

    gateway.stories = [alive]
    client.open()
    await until(lambda: owner.phases == ["connecting", "connected"])
    client.check()
    await until(lambda: {"type": "ping", "n": 0} in gateway.received)
    await asyncio.sleep(0.7)
    assert owner.phases == ["connecting", "connected"]
