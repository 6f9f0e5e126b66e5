"""A real Chromium in another network, behind a link that may be bad."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright
from tests.bench.call.link import Link
from tests.journeys.rig import counter
from tests.journeys.rig.browser import FLAGS, find_chromium


@asynccontextmanager
async def patient_behind(link: Link, folder: Path) -> AsyncIterator[Page]:
    """The patient's page in the other network."""
    starter = folder / "chromium"
    starter.write_text(f'#!/bin/sh\nexec nsenter --net={link.patient.path} -- {find_chromium()} "$@"\n')
    starter.chmod(0o755)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=starter, args=FLAGS, timeout=30_000)
        try:
            page = await browser.new_page()
            body = Path(__file__).with_name("patient_page.js").read_text().partition("\n")[2]
            await page.evaluate(f"({body.rstrip()})({counter.javascript()})")
            yield page
        finally:
            await browser.close()
