"""Calls over a relay only while none answers: told, looked for, offered again; relays and clock are the test's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from teleconsole.call.state import CallState
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.relay import Reach, RelayUnreachable
from teleconsole.call.webrtc.ice.servers import TurnServer
from teleconsole.call.webrtc.relay_watch import RelayWatch
from teleconsole.contracts.call import Route
from teleconsole.contracts.signal import IceServer
from teleconsole.host.limits import CALL_LIVENESS_S


@dataclass
class Connection:
    """One that stands."""

    route: Route


class Scene:
    """A visit with one relay; `told` is what happened, in order."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.answers = False
        self.asked = 0
        self.told: list[str] = []
        self.state = CallState(phase="reconnecting")
        self.chooser = RelayChooser(Reach(relay_only=True), self.probe, lambda: frozenset({"192.0.2.7"}))
        self.watch = RelayWatch(self.chooser, self.state, self.offer, self.changed, now_s=lambda: self.now_s)

    async def probe(self, server: TurnServer, reach: Reach) -> None:
        self.asked += 1
        if not self.answers:
            raise RelayUnreachable

    def offer(self) -> None:
        self.told.append("offer")

    def changed(self) -> None:
        self.told.append("away" if self.state.relay_away else "here")

    async def search(self) -> None:
        self.chooser.renew([IceServer(["turn:a.example"], "user", "word")])
        await self.chooser.relay()

    async def pass_s(self, seconds: float) -> None:
        for _ in range(round(seconds / CALL_LIVENESS_S)):
            self.now_s += CALL_LIVENESS_S
            self.watch.step()
            for _ in range(5):
                await asyncio.sleep(0)  # a search in the background


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    yield made
    await made.chooser.close()


async def test_it_is_told_looked_for_every_two_seconds_and_offered_when_it_answers(scene: Scene) -> None:
    await scene.search()
    await scene.pass_s(10)
    assert scene.told == ["away"]
    assert scene.asked == 6
    scene.answers = True
    await scene.pass_s(2.5)
    assert scene.told == ["away", "here", "offer"]


async def test_a_call_that_comes_back_over_its_old_connection_is_not_offered_anew(scene: Scene) -> None:
    await scene.search()
    await scene.pass_s(1)
    scene.state.phase = "connected"
    await scene.pass_s(1)
    assert scene.told == ["away", "here"]


async def test_nothing_is_said_where_the_call_may_go_straight() -> None:
    scene = Scene()
    scene.chooser.reach = Reach()
    await scene.search()
    await scene.pass_s(3)
    assert scene.told == []
    assert not scene.watch.is_away
    scene.watch.wanted_by_gateway = True
    assert scene.watch.is_away
    await scene.chooser.close()


async def test_silence_over_a_relay_makes_it_be_found_anew(scene: Scene) -> None:
    scene.answers = True
    scene.chooser.reach = Reach()
    await scene.search()
    scene.watch.doubt(Connection("direct"))
    await scene.chooser.relay()
    assert scene.asked == 1
    scene.watch.doubt(Connection("relay-udp"))
    await scene.chooser.relay()
    assert scene.asked == 2
