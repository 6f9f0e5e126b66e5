"""A gateway that admits whomever the call process wants, and lets an attack speak for the patient's page.

The attack and its seed stand in the visit's id: `hostile-<attack>-<seed>`. At `/<attack>/<seed>/signal` nobody is
admitted: the attack speaks for a patient who waits, and the waiting room changes all the time.
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
CHANGE_S = 0.05
STAY_CHANGES = 20
"""The patient of the attack leaves and comes back after so many changes: who was refused is asked again then."""


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
        app.router.add_get("/{attack}/{seed}/signal", self._signal)
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
        changing: asyncio.Task[None] | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            frame = json.loads(message.data)
            match frame["type"]:
                case "clinician-hello":
                    await socket.send_json({"type": "clinician-welcome", "practitionerId": "dr-moss"})
                    await socket.send_json({"type": "waiting-room", "patients": []})
                    if "attack" in request.match_info:
                        visit_id = visit_of(request.match_info["attack"], int(request.match_info["seed"]))
                        changing = asyncio.create_task(_change_room(socket, visit_id))
                case "prepare":
                    await socket.send_json({"type": "prepared", "visitId": frame["visitId"]})
                    if running is None and frame["visitId"].startswith("hostile-"):
                        line = Line(socket, frame["visitId"])
                        running = line, asyncio.create_task(self._attack(line))
                case "admit" if running is None:
                    line = Line(socket, frame["visitId"])
                    await line.send({"type": "admitted", "visitId": line.visit_id, "iceServers": []})
                    running = line, asyncio.create_task(self._attack(line))
                case "end-visit" if running is not None:
                    await self._end(*running)
                    running = None
                case "ping":
                    await socket.send_json({"type": "pong", "n": frame["n"]})
                case _ if running is not None:
                    running[0].take(frame)
        if changing is not None:
            changing.cancel()
            await asyncio.gather(changing, return_exceptions=True)
        if running is not None:
            await self._end(*running)
        return socket

    async def _attack(self, line: Line) -> None:
        _, name, seed = line.visit_id.split("-")
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


async def _change_room(socket: web.WebSocketResponse, visit_id: str) -> None:
    """Others come and go, and so does the patient of the attack."""
    number = 0
    while not socket.closed:
        number += 1
        others = [f"visit-{number % 7:08}", f"visit-{number % 11:08}"]
        waiting = [*others[: number % 3], *([visit_id] if number % STAY_CHANGES else [])]
        cards = [{"visitId": each, "stage": "waiting", "sinceMs": 1} for each in dict.fromkeys(reversed(waiting))]
        with contextlib.suppress(ConnectionError):
            await socket.send_json({"type": "waiting-room", "patients": cards})
        await asyncio.sleep(CHANGE_S)
