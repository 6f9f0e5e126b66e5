"""A connection that has ended keeps no memory: aiortc's parts hold each other until they are searched for."""

import asyncio
import gc
import time
import weakref
from collections.abc import Iterator

import pytest
from aiortc import RTCRtpReceiver
from av import VideoFrame

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.leftovers import free_leftovers
from teleconsole.call.webrtc.peer import Peer

ARRIVES_WITHIN_S = 15.0


class Silent:
    """Events that nobody listens to."""

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None: ...
    def on_sound(self, peer: Peer, packet: SoundPacket) -> None: ...
    def on_channel_open(self, peer: Peer) -> None: ...
    def on_channel_message(self, peer: Peer, message: str | bytes) -> None: ...
    def on_state(self, peer: Peer, state: str) -> None: ...
    def on_candidate(self, peer: Peer, candidate: str) -> None: ...
    def on_sent_level(self, level: float) -> None: ...
    def on_narrow(self, peer: Peer, width_bps: float) -> None: ...


@pytest.fixture
def without_automatic_search() -> Iterator[None]:
    """Python must not come to look by chance."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def _call_and_end() -> list[weakref.ref[RTCRtpReceiver]]:
    """Connect two sides, let pictures arrive, end both, and return what is left of them."""
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select("test:bars:320x180@15", "none", "none")
    await devices.open_for_call()
    offering, answering = Peer(1, IcePlan(), devices, Silent()), Peer(1, IcePlan(), devices, Silent())
    await offering.take_answer(await answering.make_answer(await offering.make_offer()))
    deadline_s = time.monotonic() + ARRIVES_WITHIN_S
    while answering.pictures < 3:
        assert time.monotonic() < deadline_s, "no picture arrived"
        await asyncio.sleep(0.02)
    await asyncio.gather(offering.close(), answering.close())
    await devices.close_after_call()
    parts = [each.receiver for peer in (offering, answering) for each in peer.connection.getTransceivers()]
    return [weakref.ref(part) for part in parts]


async def test_ended_connections_are_let_go_of(without_automatic_search: None) -> None:
    adapt_aiortc()
    left = await _call_and_end()
    await free_leftovers()
    assert len(left) == 4
    assert not [part for reference in left if (part := reference()) is not None]
