"""Chromium, a gateway and a console's double for the tests of the patient pages."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    ViewportSize,
    async_playwright,
)
from tests.browser.gateway_double import CLINICIAN_TOKEN, GatewayDouble

CHROMIUM = "/usr/lib/chromium/chromium"
ARGUMENTS = [
    "--use-fake-device-for-media-stream=fps=15",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=user-gesture-required",
    "--disable-features=LocalNetworkAccessChecks",  # the double is served by the test, not from the loopback
]
PHONE: ViewportSize = {"width": 390, "height": 844}
WAIT_MS = 10_000
DOUBLE = Path(__file__).with_name("console_double.js")


@pytest.fixture
def questionnaire() -> dict[str, Any]:
    """The questionnaire of the submission; a test may override it."""
    return {}


@pytest.fixture
def double(questionnaire: dict[str, Any]) -> GatewayDouble:
    """The gateway's state."""
    return GatewayDouble(questionnaire)


@pytest_asyncio.fixture(loop_scope="session")
async def origin(double: GatewayDouble) -> AsyncIterator[str]:
    """The running gateway's address."""
    runner = web.AppRunner(double.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium with a made-up camera and microphone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Watch:
    """What went wrong in the pages of one context: foreign requests, console errors, refusals of the policy."""

    origin: str
    faults: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()

    def follow(self, page: Page) -> None:
        """Listen to a page."""
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, self.origin.replace("http", "ws"), "blob:", "data:")):
            self.faults.append(f"foreign request: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.allowed):
            self.faults.append(f"console: {message.text}")


@pytest_asyncio.fixture(loop_scope="session")
async def watch(origin: str) -> AsyncIterator[Watch]:
    """Fails the test when a page asked another server, broke the policy or raised an error."""
    watch = Watch(origin)
    yield watch
    assert watch.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def context(chromium: Browser, origin: str, watch: Watch) -> AsyncIterator[BrowserContext]:
    """The patient's browser, with camera and microphone allowed."""
    context = await new_context(chromium, origin, watch)
    yield context
    await context.close()


async def new_context(
    chromium: Browser, origin: str, watch: Watch, *, allowed: bool = True, **options: Any
) -> BrowserContext:
    """Return a phone-sized browser of one person."""
    context = await chromium.new_context(**{"viewport": PHONE, **options})
    if allowed:
        await context.grant_permissions(["camera", "microphone"], origin=origin)
    context.set_default_timeout(WAIT_MS)
    context.on("page", watch.follow)
    return context


@pytest_asyncio.fixture(loop_scope="session")
async def console(chromium: Browser, origin: str) -> AsyncIterator[Page]:
    """The console's double, connected to the gateway."""
    context = await chromium.new_context()
    page = await open_console(context, origin, CLINICIAN_TOKEN)
    yield page
    await context.close()


async def open_console(context: BrowserContext, origin: str, token: str) -> Page:
    """Return a page that plays the console; it is served by the test itself, at the gateway's origin."""
    page_text = (
        f'<script id="settings" type="application/json">{json.dumps({"token": token})}</script>'
        '<canvas width="320" height="240"></canvas><video autoplay muted></video>'
        f'<script type="module">{DOUBLE.read_text()}</script>'
    )

    async def serve(route: Route) -> None:
        await route.fulfill(body=page_text, content_type="text/html")

    await context.route("**/console-double", serve)
    page = await context.new_page()
    await page.goto(f"{origin}/console-double")
    return page


async def until(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true in the page; it may be a promise's.

    Asked again from here: the page's policy forbids it to evaluate strings itself, which `wait_for_function` does from
    its second look on.
    """
    deadline_s = time.monotonic() + WAIT_MS / 1000
    while not await page.evaluate(expression):
        assert time.monotonic() < deadline_s, f"not within {WAIT_MS} ms: {expression}"
        await asyncio.sleep(0.03)
