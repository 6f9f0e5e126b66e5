"""Silence, return, another connection: the whole sequence of what is told and sent, with a clock of the test's own."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from teleconsole.call.webrtc.connections import Connections
from teleconsole.call.webrtc.liveness import Liveness
from teleconsole.call.webrtc.recovery import Recovery
from teleconsole.contracts.signal import Answer, Candidate, Offer, Withdraw
from teleconsole.host.limits import CALL_LIVENESS_S

HOME, CAFE = frozenset({"192.0.2.7"}), frozenset({"198.51.100.9"})


class FakePeer:
    """A connection that does as it is told."""

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.local_sdp = f"offer {generation}"
        self.remote_sdp = ""
        self.is_connected = False
        self.is_closed = False
        self.candidates: list[str] = []
        self.can_gather = asyncio.Event()
        self.can_gather.set()

    async def make_offer(self) -> str:
        await self.can_gather.wait()
        return self.local_sdp

    async def take_answer(self, sdp: str) -> None:
        self.remote_sdp = sdp

    async def add_candidate(self, candidate: str, sdp_mid: str, sdp_m_line_index: int) -> None:
        self.candidates.append(candidate)

    async def close(self) -> None:
        self.is_closed = True


class Scene:
    """One visit's connections with everything around them faked; `told` is what screens and gateway see, in order."""

    def __init__(self) -> None:
        self.now_s = self.began_s = 1_000.0
        self.addresses = HOME
        self.is_online = True
        self.told: list[str] = []
        self.peers: list[FakePeer] = []
        self.bytes = 0
        self.has_way = self.gathers_at_once = True
        self.connections = Connections(
            "visit-0001",
            self._make,  # type: ignore[arg-type]  # a fake that has what the connections use
            self._send,
            lambda words: None,
            addresses=lambda: self.addresses,
            now_s=lambda: self.now_s,
        )
        self.liveness = Liveness(lambda: self.now_s)
        self.recovery = Recovery(self.connections, self.liveness, self, lambda: self.has_way)

    def _make(self, generation: int) -> FakePeer:
        self.peers.append(FakePeer(generation))
        if not self.gathers_at_once:
            self.peers[-1].can_gather.clear()
        return self.peers[-1]

    def _send(self, frame: msgspec.Struct) -> bool:
        if self.is_online:
            match frame:
                case Offer(generation=generation):
                    self.told.append(f"offer {self.number(generation)}")
                case Withdraw(generation=generation):
                    self.told.append(f"withdraw {self.number(generation)}")
                case Candidate(candidate=candidate):
                    self.told.append(candidate)
        return self.is_online

    def number(self, generation: int) -> int:
        """Which of the peers, from 1."""
        return [peer.generation for peer in self.peers].index(generation) + 1

    def on_silence(self) -> None:
        self.told.append(f"silent at {self.now_s - self.began_s:.2f}")

    def on_return(self, peer: Any) -> None:
        self.told.append(f"back at {self.now_s - self.began_s:.2f}")

    async def connected(self) -> None:
        """The first connection is offered, answered, and has media."""
        await self.connections.prepare()
        await self.connections.offer(asked=True)
        self.media(self.peers[0])
        await self.pass_s(0.5, bytes_each=1, answered=True)
        self.told.clear()
        self.began_s = self.now_s

    def media(self, peer: FakePeer) -> None:
        """The first media of a connection."""
        peer.is_connected = True
        self.connections.promote(peer)  # type: ignore[arg-type]
        self.recovery.promoted()

    async def pass_s(self, seconds: float, *, bytes_each: int = 0, answered: bool = False, slept: bool = False) -> None:
        """Let time go by, looking as the visit does."""
        steps = 1 if slept else round(seconds / CALL_LIVENESS_S)
        for _ in range(steps):
            self.now_s += seconds / steps
            self.bytes += bytes_each
            self.recovery.step(self.bytes)
            number = self.liveness.next_ping()
            if number and answered:
                self.liveness.answered(number)
            await asyncio.sleep(0)  # what is closed in the background


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_covered_camera_is_no_outage(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(60, bytes_each=1, answered=True)
    assert scene.told == []
    assert len(scene.peers) == 1


async def test_an_outage_is_told_within_a_second_and_a_half_and_another_is_offered_within_three(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(5)
    assert scene.told == ["silent at 1.25", "offer 2"]
    assert not scene.peers[0].is_closed
    assert scene.connections.current is scene.peers[0]  # type: ignore[comparison-overlap]


async def test_the_old_connection_comes_back_first_and_the_offer_is_taken_back(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(5)
    await scene.pass_s(1, bytes_each=1_000, answered=True)
    assert scene.told == ["silent at 1.25", "offer 2", "back at 5.25", "withdraw 2"]
    assert [peer.is_closed for peer in scene.peers] == [False, True]
    await scene.pass_s(5, bytes_each=1_000, answered=True)
    assert len(scene.told) == 4


async def test_the_new_connection_has_media_first_and_the_old_one_is_closed(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(4)
    scene.media(scene.peers[1])
    await scene.pass_s(2, bytes_each=1_000, answered=True)
    assert scene.told == ["silent at 1.25", "offer 2"]
    assert [peer.is_closed for peer in scene.peers] == [True, False]


async def test_a_new_connection_that_stands_already_is_not_taken_back(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(4)
    scene.peers[1].is_connected = True
    await scene.pass_s(1, bytes_each=1_000, answered=True)
    assert "withdraw 2" not in scene.told


async def test_what_the_page_asks_for_is_not_taken_back(scene: Scene) -> None:
    await scene.connected()
    await scene.connections.offer(asked=True)  # it hears nothing of us, though we hear it
    await scene.pass_s(3, bytes_each=1_000, answered=True)
    assert scene.told == ["offer 2"]


async def test_one_way_silence_is_told_though_bytes_arrive(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(4, bytes_each=1_000, answered=False)
    assert scene.told == ["silent at 3.00"]


async def test_another_network_is_offered_at_once(scene: Scene) -> None:
    await scene.connected()
    scene.addresses = CAFE
    await scene.pass_s(1.5)
    assert scene.told == ["silent at 1.25", "offer 2"]


async def test_without_any_network_nothing_is_made_until_there_is_one(scene: Scene) -> None:
    await scene.connected()
    scene.addresses = frozenset()
    await scene.pass_s(6)
    assert scene.told == ["silent at 1.25"]
    assert len(scene.peers) == 1
    scene.addresses = CAFE
    await scene.pass_s(0.25)
    assert scene.told == ["silent at 1.25", "offer 2"]


async def test_an_offer_made_without_the_gateway_goes_out_when_it_is_back(scene: Scene) -> None:
    await scene.connected()
    scene.is_online = False
    await scene.pass_s(6)
    assert scene.told == ["silent at 1.25"]
    assert len(scene.peers) == 2
    scene.is_online = True
    await scene.pass_s(0.25)
    assert scene.told[1:] == ["offer 2"]
    await scene.connections.offer_again()
    assert scene.told[1:] == ["offer 2", "offer 2"]  # the same one: the page drops what it has
    await scene.connections.take_answer(Answer("visit-0001", scene.peers[1].generation, "answer"))
    await scene.connections.offer_again()
    assert scene.told[1:] == ["offer 2", "offer 2"]


async def test_an_offer_of_another_network_is_made_anew_when_the_gateway_is_back(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(3)
    scene.addresses = CAFE
    await scene.connections.offer_again()
    assert scene.told == ["silent at 1.25", "offer 2", "offer 3"]


async def test_sleep_of_this_computer_is_no_silence_of_the_other_side(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(2, bytes_each=1_000, answered=True)
    await scene.pass_s(3_600, slept=True)
    assert scene.told == ["back at 3602.00"]
    await scene.pass_s(3)
    assert scene.told == ["back at 3602.00", "silent at 3603.25", "offer 2"]


async def test_a_connection_that_ended_is_replaced_at_once(scene: Scene) -> None:
    await scene.connected()
    scene.connections.drop(scene.peers[0])  # type: ignore[arg-type]
    await scene.pass_s(0.25)
    assert scene.told == ["silent at 0.25", "offer 2"]


async def test_an_offer_that_comes_to_nothing_is_made_again(scene: Scene) -> None:
    await scene.connected()
    await scene.pass_s(10)
    assert scene.told == ["silent at 1.25", "offer 2", "offer 3"]
    assert [peer.is_closed for peer in scene.peers] == [False, True, False]


async def test_without_a_way_nothing_is_made_and_with_one_it_is(scene: Scene) -> None:
    await scene.connected()
    scene.has_way = False
    await scene.pass_s(30)
    assert scene.told == ["silent at 1.25"]
    assert len(scene.peers) == 1
    scene.has_way = True
    await scene.pass_s(0.25)
    assert scene.told == ["silent at 1.25", "offer 2"]


async def test_a_connection_that_takes_long_to_make_holds_up_nothing(scene: Scene) -> None:
    await scene.connected()
    scene.gathers_at_once = False
    await scene.pass_s(4)
    await asyncio.wait_for(scene.connections.renew(), 1)
    assert len(scene.peers) == 2, "one is being made, and no other"
    await scene.pass_s(0.25, bytes_each=1, answered=True)
    assert scene.told == ["silent at 1.25", "back at 4.25"], "meanwhile the old one came back, and it was noticed"
    scene.peers[1].can_gather.set()
    await scene.pass_s(0.5, bytes_each=1, answered=True)
    assert scene.told[2:] == ["offer 2", "withdraw 2"]


async def test_two_asks_at_once_make_one_connection(scene: Scene) -> None:
    await scene.connections.prepare()
    await scene.connections.offer(asked=True)
    await scene.connections.offer(asked=True)
    await scene.connections.offer()
    assert scene.told == ["offer 1"]
    assert len(scene.peers) == 1


async def test_a_prepared_connection_is_renewed_while_it_waits_and_on_another_network(scene: Scene) -> None:
    await scene.connections.prepare()
    await scene.connections.renew()
    assert len(scene.peers) == 1
    scene.now_s += 61
    await scene.connections.renew()
    scene.addresses = CAFE
    await scene.connections.renew()
    await asyncio.sleep(0)
    assert [peer.is_closed for peer in scene.peers] == [True, True, False]
    await scene.connections.offer(asked=True)
    assert scene.told == ["offer 3"]


async def test_late_candidates_follow_the_offer(scene: Scene) -> None:
    await scene.connections.prepare()
    peer: Any = scene.peers[0]
    scene.connections.trickle(peer, "candidate:early")
    assert scene.told == []
    await scene.connections.offer(asked=True)
    scene.connections.trickle(peer, "candidate:late")
    assert scene.told == ["offer 1", "candidate:early", "candidate:late"]


@pytest.mark.parametrize(
    "make_stale", [lambda generation: generation - 1, lambda generation: generation + 1], ids=["older", "newer"]
)
async def test_answers_of_another_generation_are_dropped(scene: Scene, make_stale: Callable[[int], int]) -> None:
    await scene.connections.prepare()
    await scene.connections.offer(asked=True)
    await scene.connections.take_answer(Answer("visit-0001", make_stale(scene.peers[0].generation), "answer"))
    assert scene.peers[0].remote_sdp == ""
