"""Chromium is told at once what it may send: without it, it stays below 1 Mbit/s for half a minute."""

import pytest
from av import VideoFrame
from tests.integration.call.chromium import patient_page
from tests.integration.call.listening import Listener
from tests.integration.call.waiting import until_async
from tests.journeys.rig.net import Net

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.peer import Peer


class LightListener(Listener):
    """Reads no numbers: work on this loop would look like a full link."""

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        pass


@pytest.mark.slow
async def test_estimate_chromium_may_send_most_of_it_within_eight_seconds(net: Net) -> None:
    adapt_aiortc()
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select("test:bars:640x360@15", "test:tone:880", "none")
    async with patient_page() as page:
        await devices.open_for_call()
        peer = Peer(1, IcePlan(), devices, LightListener())
        try:
            offer = await peer.make_offer()
            await peer.take_answer(await page.evaluate("sdp => patient.answer(sdp, 1280, 720, 30, 440)", offer))

            async def target() -> bool:
                report = (await page.evaluate("patient.received()")).get("out-video", {})
                return bool(report.get("targetBitrate", 0) > 1_500_000)

            await until_async(target, "1.5 Mbit/s", within_s=8)
        finally:
            await peer.close()
            await devices.close_after_call()
