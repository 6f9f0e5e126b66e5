"""A dishonest gateway: everything between the console and the real one passes here, and some of it is changed.

It runs on a thread of its own. The console is told its address instead of the gateway's; the patient's page is served
by the real one, whose frames to and from the console are changed all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import Any, Literal, Protocol

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from multidict import CIMultiDict
from tests.journeys.rig.between import Between, with_other_fingerprint

Frame = dict[str, Any]
Mode = Literal["honest", "between", "rewrites"]
HOP_BY_HOP = frozenset({"connection", "content-encoding", "content-length", "host", "transfer-encoding"})
START_WITHIN_S = 10.0


class Send(Protocol):
    """Sends a frame on."""

    async def __call__(self, frame: Frame) -> None:
        """Send it."""


class MiddleMan:
    """A proxy before a gateway.

    Attributes:
        address: what the console takes for the gateway, as http URL.
        mode: `honest` passes everything on; `between` puts two connections of its own in place of one; `rewrites`
            changes the fingerprints in the descriptions alone. May be changed between two visits.

    Args:
        gateway: the real one.
    """

    def __init__(self, gateway: str) -> None:
        self.address = ""
        self.mode: Mode = "honest"
        self._gateway = gateway
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._thread.start()
        assert self._ready.wait(START_WITHIN_S), "the proxy did not start"

    def close(self) -> None:
        """End it; returns when nothing of it is left."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_WITHIN_S)
        assert not self._thread.is_alive(), "the proxy did not end"
        self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_get("/signal", self._signal)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        async with ClientSession(auto_decompress=True) as self._http:
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._ready.set()
            await self._stop.wait()
            await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        headers = _kept(request.headers)
        async with self._http.request(
            request.method, f"{self._gateway}{request.path_qs}", headers=headers, data=await request.read()
        ) as response:
            return web.Response(status=response.status, headers=_kept(response.headers), body=await response.read())

    async def _signal(self, request: web.Request) -> web.WebSocketResponse:
        console = web.WebSocketResponse()
        await console.prepare(request)
        async with self._http.ws_connect(f"{self._gateway}/signal") as gateway:
            visit = _Visit(self, lambda frame: _send(gateway, frame), lambda frame: _send(console, frame))
            ways = {
                asyncio.ensure_future(_each(console, visit.from_console)),
                asyncio.ensure_future(_each(gateway, visit.from_page)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                await visit.close()
                await console.close(code=gateway.close_code or 1000)
        return console


class _Visit:
    """What is done with the frames of one connection of the console."""

    def __init__(self, man: MiddleMan, to_gateway: Send, to_console: Send) -> None:
        self._man = man
        self._to_gateway = to_gateway
        self._to_console = to_console
        self._between: Between | None = None

    async def from_console(self, frame: Frame) -> None:
        mode, kind = self._man.mode, frame["type"]
        if mode == "rewrites" and kind == "offer":
            frame = {**frame, "sdp": with_other_fingerprint(frame["sdp"])}
        elif mode == "between" and kind == "offer":
            await self.close()
            self._between = Between()
            frame = {**frame, **await self._between.take_offer(frame["sdp"])}
        elif self._between is not None and kind == "reveal":
            frame = {**frame, "nonce": self._between.nonce}
        elif self._between is not None and kind == "candidate":
            await self._between.console.add(frame["candidate"])
            return
        await self._to_gateway(frame)

    async def from_page(self, frame: Frame) -> None:
        mode, kind = self._man.mode, frame["type"]
        if mode == "rewrites" and kind == "answer":
            frame = {**frame, "sdp": with_other_fingerprint(frame["sdp"])}
        elif self._between is not None and kind == "answer":
            frame = {**frame, **await self._between.take_answer(frame["sdp"])}
        elif self._between is not None and kind == "candidate":
            await self._between.page.add(frame["candidate"])
            return
        elif kind == "visit-ended":
            await self.close()
        await self._to_console(frame)

    async def close(self) -> None:
        between, self._between = self._between, None
        if between is not None:
            await between.close()


async def _each(socket: web.WebSocketResponse | ClientWebSocketResponse, take: Send) -> None:
    async for message in socket:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        await take(json.loads(message.data))


async def _send(socket: web.WebSocketResponse | ClientWebSocketResponse, frame: Frame) -> None:
    with contextlib.suppress(ConnectionError):
        await socket.send_str(json.dumps(frame))


def _kept(headers: Any) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)
