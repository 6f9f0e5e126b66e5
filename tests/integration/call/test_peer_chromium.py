"""A peer connection of ours and a real Chromium: the picture and the sound truly arrive, both ways."""

import threading

from tests.integration.call.chromium import patient_page
from tests.integration.call.listening import Listener
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig.net import Net
from tests.journeys.rig.tones import hears

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.peer import Peer

BIN_HZ = 48000 / 8192


def stands_out(spectrum_db: list[float], frequency_hz: float) -> bool:
    """Tell whether a bin near the frequency is 20 dB over those beside it."""
    at = round(frequency_hz / BIN_HZ)
    peak = max(spectrum_db[at - 2 : at + 3])
    beside = spectrum_db[at - 40 : at - 15] + spectrum_db[at + 15 : at + 40]
    return peak > sum(beside) / len(beside) + 20


async def test_call_with_chromium_360p15_picture_and_sound_arrive_both_ways(net: Net) -> None:
    adapt_aiortc()
    listener = Listener()
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select("test:bars:640x360@15", "test:tone:880", "none")
    async with patient_page() as page:
        await devices.open_for_call()
        peer = Peer(1, IcePlan(), devices, listener)
        try:
            offer = await peer.make_offer()
            answer = await page.evaluate("sdp => patient.answer(sdp, 640, 360, 15, 440)", offer)
            await peer.take_answer(answer)
            await until(lambda: len(listener.numbers) >= 15, "15 numbers in the patient's picture", within_s=15)
            await until(lambda: hears(listener.sound[-48000:], 440), "440 Hz of the patient")
            assert listener.numbers == sorted(listener.numbers)

            seen: set[int] = set()

            async def numbers() -> bool:
                if (number := await page.evaluate("patient.number()")) is not None:
                    seen.add(number)
                return len(seen) >= 8

            await until_async(numbers, "8 numbers in our picture at Chromium")

            async def tone() -> bool:
                return stands_out(await page.evaluate("patient.spectrum()"), 880)

            await until_async(tone, "880 Hz at Chromium")
            before = (await page.evaluate("patient.received()"))["video"]["framesDecoded"]

            async def grows() -> bool:
                return bool((await page.evaluate("patient.received()"))["video"]["framesDecoded"] > before + 15)

            await until_async(grows, "Chromium's framesDecoded grows")
            await until(lambda: listener.channel_open, "the channel is open")
            assert peer.states == ["new", "connecting", "connected"]
        finally:
            await peer.close()
            await devices.close_after_call()
    assert peer.states[-1] == "closed"
    assert not [t.name for t in threading.enumerate() if t.name in {"camera", "silent-speaker", "video-decoder"}]
