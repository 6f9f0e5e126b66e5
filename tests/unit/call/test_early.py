"""The connection with a patient who waits, and with whom one is made: two real ends in this process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from av import VideoFrame

from teleconsole.call.early_connections import EarlyConnections
from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc import early
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.early import EarlyConnection
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.relay import Reach
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.safety import make_nonce
from teleconsole.contracts.call import WaitingPatientCard
from teleconsole.contracts.signal import Answer, Offer, Prepare, Prepared, Reveal
from teleconsole.host.limits import CALL_EARLY_CONNECTIONS, CALL_EARLY_TRIES

VISIT = "visit-0001"
LOOK_S = 0.1


async def until(probe: Callable[[], Any], what: str, within_s: float = 15.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not probe():
        assert time.monotonic() < deadline_s, f"not within {within_s:g} s: {what}"
        await asyncio.sleep(0.02)


class Counting:
    """Events of one end; counts what comes."""

    def __init__(self) -> None:
        self.pictures = self.sounds = 0
        self.messages: list[str | bytes] = []

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        self.pictures += 1

    def on_sound(self, peer: Peer, packet: SoundPacket) -> None:
        self.sounds += 1

    def on_channel_open(self, peer: Peer) -> None: ...
    def on_channel_message(self, peer: Peer, message: str | bytes) -> None:
        self.messages.append(message)

    def on_state(self, peer: Peer, state: str) -> None: ...
    def on_candidate(self, peer: Peer, candidate: str) -> None: ...
    def on_sent_level(self, level: float) -> None: ...
    def on_narrow(self, peer: Peer, width_bps: float) -> None: ...


@dataclass
class Scene:
    """A console's end, the gateway between, and a page's end that does as it is told."""

    devices: OpenDevices
    ice: RelayChooser
    page_is_held: bool = True
    page: Counting = field(default_factory=Counting)
    page_peer: Peer | None = None
    sent: list[msgspec.Struct] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.early = EarlyConnection(VISIT, self.send, self.ice, self.devices)

    def send(self, frame: msgspec.Struct) -> bool:
        self.sent.append(frame)
        match frame:
            case Prepare():
                self.early.take(Prepared(VISIT))
            case Offer():
                self.tasks.append(asyncio.get_running_loop().create_task(self._answer(frame)))
        return True

    def count(self, kind: type[msgspec.Struct]) -> int:
        return sum(isinstance(frame, kind) for frame in self.sent)

    async def connected(self) -> Peer:
        """Wait until both ends stand, and return the page's."""
        self.early.begin()
        await until(lambda: self.page_peer is not None and self.page_peer.is_open, "the page's end stands")
        assert self.page_peer is not None
        return self.page_peer

    async def close(self) -> None:
        await self.early.close()
        if self.page_peer is not None:
            await self.page_peer.close()
        await asyncio.gather(*self.tasks)

    async def _answer(self, offer: Offer) -> None:
        if self.page_peer is not None:
            await self.page_peer.close()
        peer = Peer(offer.generation, IcePlan(), self.devices, self.page, held=self.page_is_held)
        sdp = await peer.make_answer(offer.sdp)
        self.early.take(Answer(VISIT, offer.generation, sdp, make_nonce()))
        self.page_peer = peer


@pytest.fixture
async def devices() -> AsyncIterator[OpenDevices]:
    """Devices that are open already, as when the clinician tries them out."""
    adapt_aiortc()
    opened = OpenDevices(allow_test=True, on_change=lambda: None)
    await opened.select("test:bars:320x180@15", "test:tone:440", "none")
    await opened.open_for_trial()
    yield opened
    await opened.close_after_trial()


@pytest.fixture
async def scene(devices: OpenDevices, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(early, "CALL_EARLY_LOOK_S", LOOK_S)
    made = Scene(devices, RelayChooser(Reach()))
    yield made
    await made.close()


async def camera_gives(devices: OpenDevices, pictures: int) -> None:
    """Let so many pictures of the camera go by."""
    version, camera = 0, devices.camera
    assert camera is not None
    for _ in range(pictures):
        version, _picture = await camera.frames.after(version)


async def test_nothing_is_sent_before_the_admission_and_all_of_it_after(scene: Scene) -> None:
    page_peer = await scene.connected()
    await until(lambda: scene.count(Reveal) == 1, "the nonce is revealed")
    await camera_gives(scene.devices, 8)
    assert (page_peer.pictures, page_peer.sounds) == (0, 0)
    assert scene.page.messages, "it is asked whether it works"

    console = Counting()
    await until(lambda: scene.early.stands, "it stands here too")
    given = scene.early.give()
    assert given.peer is not None and given.peer is given.connections.next
    assert len(given.words) == 4
    given.peer.hand_over(console)
    for peer in (given.peer, page_peer):
        peer.admit()
    await until(lambda: console.pictures and console.sounds, "picture and sound come here")
    await until(lambda: scene.page.pictures and scene.page.sounds, "picture and sound go there")
    assert given.peer.generation == page_peer.generation
    await given.connections.close()


async def test_what_is_sent_before_the_admission_ends_it(scene: Scene) -> None:
    scene.page_is_held = False
    scene.early.begin()
    ended = ("closed", "failed")
    await until(lambda: scene.page_peer is not None and scene.page_peer.states[-1] in ended, "the page is given up")
    given = scene.early.give()
    assert given.peer is None and given.connections.next is None
    assert scene.count(Prepare) == 1, "it is not made again"


async def test_one_that_was_lost_is_made_again(scene: Scene) -> None:
    first = await scene.connected()
    await first.close()
    await until(lambda: scene.page_peer is not first and scene.early.stands, "another one stands")
    assert scene.page_peer is not None and scene.page_peer.generation > first.generation
    given = scene.early.give()
    assert given.peer is not None
    await given.connections.close()


async def test_a_page_that_never_answers_is_asked_a_few_times_only(
    devices: OpenDevices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "CALL_EARLY_LOOK_S", 0.01)
    sent: list[msgspec.Struct] = []

    def send(frame: msgspec.Struct) -> bool:
        sent.append(frame)
        return True

    lonely = EarlyConnection(VISIT, send, RelayChooser(Reach()), devices)
    lonely.begin()
    await until(lambda: len(sent) == CALL_EARLY_TRIES, "it asked")
    await asyncio.sleep(0.05)  # five more looks
    assert sent == [Prepare(VISIT)] * CALL_EARLY_TRIES
    await lonely.close()


def card(number: int, stage: Any = "waiting") -> WaitingPatientCard:
    return WaitingPatientCard(f"visit-{number}", stage, devices="ok", since_ms=number, consented=True, case_id="")


async def test_those_who_are_next_get_one_and_nobody_while_a_visit_runs(devices: OpenDevices) -> None:
    asked: list[str] = []

    def send(frame: msgspec.Struct) -> bool:
        assert isinstance(frame, Prepare)
        asked.append(frame.visit_id)
        return True

    ice = RelayChooser(Reach())
    pool = EarlyConnections(send, devices)
    room = [card(1, "in-call"), card(2), card(3, "interrupted"), *map(card, range(4, 9))]
    first = ["visit-2", *(f"visit-{number}" for number in range(4, 9))][:CALL_EARLY_CONNECTIONS]
    pool.follow(room, ice)
    pool.follow(room, ice)
    assert asked == first
    pool.follow(room[3:], ice)
    assert asked == [*first, f"visit-{3 + CALL_EARLY_CONNECTIONS}"]
    assert pool.give("visit-8") is None, "nobody had asked for that one"
    assert pool.give("visit-4") is None, "all have ended when one is let in"
    asked.clear()
    pool.follow(room, RelayChooser(Reach(relay_only=True)))
    assert asked == []
    pool.follow(room, ice)
    given = pool.give("visit-2")
    assert given is not None and given.peer is None
    await given.connections.close()
    await pool.close()
