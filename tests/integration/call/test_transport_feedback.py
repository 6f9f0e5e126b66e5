"""A real Chromium learns from our feedback what the link takes: much at once, and less when there is less.

The picture here needs little, and Chromium asks no link for much more than it needs: docs/figures/call has a real one's
rate.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright
from tests.bench.call.browser import chromium
from tests.bench.call.impairment import Impairment
from tests.bench.call.link import Link, wait_ping
from tests.integration.call.test_prompt_estimate import LightListener
from tests.integration.call.waiting import until_async
from tests.journeys.rig import counter

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.peer import Peer

OPEN = Impairment(delay_ms=20)
THIN = Impairment(delay_ms=20, rate_kbps=600)
ESTIMATE = """async () => {
  for (const report of (await patient.peer.getStats()).values())
    if (report.type === "candidate-pair" && report.nominated) return report.availableOutgoingBitrate ?? 0;
  return 0;
}"""


@asynccontextmanager
async def page_of(link: Link, folder: Path) -> AsyncIterator[Page]:
    """A page in the patient's namespace that can answer offers."""
    async with (
        async_playwright() as playwright,
        chromium(playwright, link.patient, dict(os.environ), folder, "") as browser,
    ):
        page = await browser.page()
        body = Path(__file__).with_name("patient_page.js").read_text().partition("\n")[2]
        await page.evaluate(f"({body.rstrip()})({counter.javascript()})")
        yield page


@pytest.mark.slow
async def test_estimate_rises_within_ten_seconds_and_falls_with_the_link(link: Link, tmp_path: Path) -> None:
    link.set(OPEN)
    wait_ping(link)
    adapt_aiortc()
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select("test:bars:640x360@15", "test:tone:880", "none")
    async with page_of(link, tmp_path) as page:
        await devices.open_for_call()
        peer = Peer(1, IcePlan(), devices, LightListener())
        try:
            offer = await peer.make_offer()
            answer = await page.evaluate("sdp => patient.answer(sdp, 1280, 720, 30, 440)", offer)
            assert answer.count("transport-cc") >= 2
            await peer.take_answer(answer)

            async def much() -> bool:
                return bool(await page.evaluate(ESTIMATE) >= 1_500_000)

            await until_async(much, "1.5 Mbit/s", within_s=10)
            link.set(THIN)

            async def little() -> bool:
                return bool(0 < await page.evaluate(ESTIMATE) < 800_000)

            await until_async(little, "less than 0.8 Mbit/s", within_s=15)
            pictures = peer.pictures
            await until_async(lambda: _more(peer, pictures + 30), "the picture goes on", within_s=15)
        finally:
            await peer.close()
            await devices.close_after_call()


async def _more(peer: Peer, pictures: int) -> bool:
    return peer.pictures > pictures
