"""A connection made while the patient waits: a real page and a real call process over the real gateway."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect
from tests.integration.call.chromium import chromium
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.peer_process import PeerProcess
from tests.integration.call.real_page import KEEP_PEERS, numbers_in, open_waiting_room
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig import counter
from tests.journeys.rig.net import Net
from tests.journeys.rig.tones import pulsed_tone, write_wav

from teleconsole.contracts.call import HangUp

STANDING = "() => peers.filter((peer) => peer.connectionState === 'connected').length"
MESSAGES = """async () => {
  let messages = 0;
  for (const peer of peers.filter((peer) => peer.connectionState === "connected")) {
    for (const report of (await peer.getStats()).values()) messages += report.messagesReceived ?? 0;
  }
  return messages;
}"""
TRAFFIC = """async () => {
  const found = [];
  for (const peer of peers.filter((peer) => peer.connectionState === "connected")) {
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp") found.push(report.packetsReceived);
      if (report.type === "outbound-rtp") found.push(report.packetsSent);
    }
  }
  return found;
}"""


def standing(page: Page) -> Callable[[], Awaitable[Any]]:
    """Tell whether exactly one connection of the page stands."""

    async def look() -> bool:
        return bool(await page.evaluate(STANDING) == 1)

    return look


def asked(page: Page) -> Callable[[], Awaitable[Any]]:
    """Tell whether something came on the channel: the console's first ping, 2 s after the connection."""

    async def look() -> bool:
        return bool(await page.evaluate(MESSAGES) > 0)

    return look


async def test_the_page_is_connected_while_it_waits_and_silent_until_admitted(net: Net, tmp_path: Path) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", 300)
    microphone = write_wav(tmp_path / "voice.wav", pulsed_tone(440, 6))
    flags = (f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}")
    async with clinic_call(tmp_path) as call, chromium(*flags, frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link, KEEP_PEERS)
        await until_async(standing(page), "the page is connected while it waits", within_s=20)
        await until_async(asked(page), "the console has asked whether it works: seconds in which both could have sent")
        assert set(await page.evaluate(TRAFFIC)) <= {0}
        assert not call.own.look() and not call.remote.look(), "our own devices are not even open"
        await expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()

        await call.start()
        await call.until_connected()
        assert await page.evaluate(STANDING) == 1
        assert await page.evaluate("peers.filter((peer) => peer.connectionState !== 'closed').length") == 1
        await until(lambda: call.remote.look() >= 8, "8 numbers in the patient's picture")
        assert len(await numbers_in(page, 8)) >= 8
        await until(lambda: call.stats and call.stats[-1].stats.audio_level_in > 0.005, "the patient's tone is heard")
        await page.get_by_text("Safety code", exact=True).click()
        assert len(call.snapshot.safety_words) == 4
        await expect(page.locator(".safety")).to_have_text(" · ".join(call.snapshot.safety_words))
        assert call.phases == ["idle", "admitting", "connecting", "connected"]
        await call.peer.ask(HangUp())


async def test_one_that_broke_while_waiting_does_not_hold_up_the_visit(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call, chromium(frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link, KEEP_PEERS)
        await until_async(standing(page), "the page is connected while it waits", within_s=20)
        await page.evaluate(
            "peers.filter((peer) => peer.connectionState === 'connected').forEach((peer) => peer.close())"
        )
        await call.start()
        await call.until_connected()
        await page.reload()
        await until_async(standing(page), "connected after a reload", within_s=20)
        await call.peer.ask(HangUp())


async def test_the_peer_command_is_connected_while_it_waits(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15", "--seconds", "4")
        await until(lambda: patient.of("prepared"), "connected while it waits", within_s=20)
        assert not patient.of("connected") and not call.own.look()
        await call.start()
        await call.until_connected()
        await until(lambda: call.remote.look() >= 3, "numbers in the patient's picture")
        assert len(patient.of("connected")) == 1
        assert tuple(patient.of("safety-words")[-1]["words"]) == call.snapshot.safety_words
        await call.peer.ask(HangUp())
        assert await patient.end() == (0, "")
