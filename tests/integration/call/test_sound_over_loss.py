"""A real Chromium's voice over a link that loses 5 %: it is repaired by copies."""

from pathlib import Path

from tests.bench.call.impairment import Impairment
from tests.bench.call.link import Link
from tests.integration.call.behind_link import patient_behind
from tests.integration.call.listening import Listener
from tests.integration.call.waiting import until

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.counters import Counters
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.peer import Peer

SECONDS = 12
"""Played before it is judged; 600 packets, of which 30 are lost."""


class Player(Listener):
    """Plays what comes, as a visit does, and reads no pictures."""

    def __init__(self, devices: OpenDevices) -> None:
        super().__init__()
        self._devices = devices

    def on_picture(self, *_: object) -> None:
        pass

    def on_sound(self, peer: Peer, packet: SoundPacket) -> None:
        self.redundant += packet.redundant
        self._devices.playout.insert(packet)


def percent(part: int, before: Counters, after: Counters) -> float:
    """Return a number of samples as a part of those played between two readings."""
    return 100.0 * part / (after.samples - before.samples)


async def test_voice_over_5_percent_loss_is_nearly_whole(link: Link, tmp_path: Path) -> None:
    adapt_aiortc()
    link.set(Impairment(loss_percent=5, delay_ms=30, jitter_ms=10))
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select("test:bars:320x180@15", "test:tone:880", "none")
    player = Player(devices)
    async with patient_behind(link, tmp_path) as page:
        await devices.open_for_call()
        peer = Peer(1, IcePlan(), devices, player)
        try:
            offer = await peer.make_offer()
            await peer.take_answer(await page.evaluate("sdp => patient.answer(sdp, 320, 180, 15, 440)", offer))
            playout = devices.playout
            await until(lambda: playout.blocks > 200, "two seconds of sound", within_s=20)
            before = playout.hearing().counters
            await until(lambda: playout.blocks > 200 + SECONDS * 100, "more sound", within_s=4 * SECONDS)
            hearing, level = playout.hearing(), playout.level
        finally:
            await peer.close()
            await devices.close_after_call()
    after = hearing.counters
    assert player.redundant > 0
    repaired = after.red_samples - before.red_samples + after.fec_samples - before.fec_samples
    assert percent(repaired, before, after) > 2
    assert percent(after.missing_samples - before.missing_samples, before, after) < 1.5
    # How much is made up for packets that came late, and the delay, are the machine's load, not the loss of the link.
    assert after.malformed == after.resyncs == 0
    assert level > 0.01
    assert hearing.delay_ms > 20
