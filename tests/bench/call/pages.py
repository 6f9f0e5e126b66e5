"""What the pages of the rig need besides the product: the clip, and for the reference pair a page and a relay."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import WSMsgType, web
from tests.bench.call.link import LOOPBACK, Link

_BACKLOG = 16
_HERE = Path(__file__).parent


@contextlib.asynccontextmanager
async def clip_server(link: Link, clip: Path) -> AsyncIterator[str]:
    """Serve a clip on the loopback of both namespaces, beside the bad link; gives its URL."""

    async def send(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(clip, headers={"Access-Control-Allow-Origin": "*"})

    app = web.Application()
    app.router.add_get("/clip", send)
    near = _bound(0)
    port = int(near.getsockname()[1])
    with link.inside_patient():
        far = _bound(port)
    async with _serving(app, near, far):
        yield f"http://{LOOPBACK}:{port}/clip"


@contextlib.asynccontextmanager
async def pair_server() -> AsyncIterator[int]:
    """Serve pair.html and the relay between two of it at the clinic's loopback; gives the port."""
    ends: list[web.WebSocketResponse] = []

    async def relay(request: web.Request) -> web.StreamResponse:
        socket_ = web.WebSocketResponse()
        await socket_.prepare(request)
        ends.append(socket_)
        async for message in socket_:
            if message.type is WSMsgType.TEXT:
                for end in ends:
                    if end is not socket_:
                        await end.send_str(message.data)
        return socket_

    async def page(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(_HERE / "pair.html")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/relay", relay)
    near = _bound(0)
    async with _serving(app, near):
        yield int(near.getsockname()[1])


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    return listener


@contextlib.asynccontextmanager
async def _serving(app: web.Application, *listeners: socket.socket) -> AsyncIterator[None]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        for listener in listeners:
            await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        yield
    finally:
        await runner.cleanup()
