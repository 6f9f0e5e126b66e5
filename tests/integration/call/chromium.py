"""A real Chromium for asyncio tests, with a page of `patient_page.js`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright
from tests.journeys.rig import counter
from tests.journeys.rig.browser import FLAGS, find_chromium


@asynccontextmanager
async def patient_page(url: str = "about:blank") -> AsyncIterator[Page]:
    """A page that can answer offers: `window.patient` of patient_page.js."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(),
            args=[*FLAGS, "--use-fake-device-for-media-stream=fps=30", "--disable-features=WebRtcHideLocalIpsWithMdns"],
            chromium_sandbox=os.geteuid() != 0,
            timeout=30_000,
        )
        try:
            page = await browser.new_page()
            await page.goto(url)
            script = Path(__file__).with_name("patient_page.js").read_text()
            body = script.partition("\n")[2]
            await page.evaluate(f"({body.rstrip()})({counter.javascript()})")
            yield page
        finally:
            await browser.close()
