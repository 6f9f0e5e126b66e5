"""A gateway that admits whomever the call process wants, and lets an attack speak for the patient's page.

The attack and its seed stand in the visit's id: `hostile-<attack>-<seed>`.
"""

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web
from tests.integration.call.hostile.attacks import ATTACKS
from tests.integration.call.hostile.line import Line

FRAME_BYTES = 64 << 20
CLOSE_S = 3.0


def visit_of(attack: str, seed: int) -> str:
    """Return the visit's id that leads to an attack."""
    return f"hostile-{attack}-{seed}"


class HostileGateway:
    """One call process at a time.

    Attributes:
        address: http URL, known after `start`.

    Args:
        tell: told what an attack sent, when its visit ended.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self.address = ""
        self._tell = tell
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        app = web.Application()
        app.router.add_get("/signal", self._signal)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """End it."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _signal(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=FRAME_BYTES)
        await socket.prepare(request)
        running: tuple[Line, asyncio.Task[None]] | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            frame = json.loads(message.data)
            match frame["type"]:
                case "clinician-hello":
                    await socket.send_json({"type": "clinician-welcome", "practitionerId": "dr-moss"})
                    await socket.send_json({"type": "waiting-room", "patients": []})
                case "admit" if running is None:
                    line = Line(socket, frame["visitId"])
                    running = line, asyncio.create_task(self._attack(line))
                case "end-visit" if running is not None:
                    await self._end(*running)
                    running = None
                case "ping":
                    await socket.send_json({"type": "pong", "n": frame["n"]})
                case _ if running is not None:
                    running[0].take(frame)
        if running is not None:
            await self._end(*running)
        return socket

    async def _attack(self, line: Line) -> None:
        _, name, seed = line.visit_id.split("-")
        await line.send({"type": "admitted", "visitId": line.visit_id, "iceServers": []})
        with contextlib.suppress(ConnectionError):
            await ATTACKS[name](line, random.Random(int(seed)))  # noqa: S311 -- the same seed, the same attack

    async def _end(self, line: Line, task: "asyncio.Task[None]") -> None:
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        with contextlib.suppress(TimeoutError):  # a peer of an answer that it does not know itself
            async with asyncio.timeout(CLOSE_S):
                await line.close()
        failure = repr(result) if isinstance(result, Exception) else ""
        self._tell({"visit_id": line.visit_id, "sent": dict(Counter(line.sent)), "failure": failure})
