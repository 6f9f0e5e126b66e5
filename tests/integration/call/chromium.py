"""A real Chromium for asyncio tests."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright
from tests.journeys.rig import counter
from tests.journeys.rig.browser import FLAGS, find_chromium


@asynccontextmanager
async def chromium(*flags: str, frames_per_s: int = 30) -> AsyncIterator[Browser]:
    """A browser that is ended with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(),
            args=[*FLAGS, f"--use-fake-device-for-media-stream=fps={frames_per_s}", *flags],
            chromium_sandbox=os.geteuid() != 0,
            timeout=30_000,
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def patient_page() -> AsyncIterator[Page]:
    """A page that can answer offers: `window.patient` of patient_page.js."""
    async with chromium() as browser:
        yield await answering(browser)


async def answering(browser: Browser) -> Page:
    """A new page of a browser that can answer offers."""
    page = await browser.new_page()
    script = Path(__file__).with_name("patient_page.js").read_text()
    body = script.partition("\n")[2]
    await page.evaluate(f"({body.rstrip()})({counter.javascript()})")
    return page
