"""Spoken and filmed messages: recorded, kept sealed while the link is thin, sent when it carries them."""

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.browser.conftest import until
from tests.browser.test_step import go
from tests.browser.test_visit import open_call

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORED = """() => new Promise((resolve) => {
  const request = indexedDB.open("teleconsole", 1);
  request.onsuccess = () => {
    const every = request.result.transaction("kept").objectStore("kept").getAll();
    every.onsuccess = () => {
      resolve(every.result.map(({ type, sealed }) => ({
        type, head: Array.from(new Uint8Array(sealed).slice(0, 4)).join(), bytes: sealed.byteLength })));
      request.result.close();
    };
  };
})"""
WEBM = "26,69,223,163"
"""The first four bytes of each WebM file (EBML)."""


async def record(page: Page, what: str) -> None:
    """Speak or film for a second and send it."""
    await page.get_by_role("button", name=f"{what} a message").click()
    await expect(page.get_by_text("Recording 0:01")).to_be_visible()
    await page.get_by_role("button", name="Stop", exact=True).click()
    await page.get_by_role("button", name="Send this message").click()


async def test_a_spoken_message_waits_sealed_over_a_reload_until_the_link_carries_it(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await go(console, "case", "slow")
    await record(page, "Speak")
    await until(page, f"({STORED})().then((files) => files.length === 1)")
    (kept,) = await page.evaluate(STORED)
    assert kept["type"].startswith("audio/webm")
    assert kept["head"] != WEBM
    assert kept["bytes"] > 500
    assert await console.evaluate("double.photos.length") == 0
    await page.reload()
    await until(console, "double.offers > 1")
    await page.evaluate("new Promise((next) => setTimeout(next, 1000))")
    await until(console, "double.photos.length === 1")
    (sent,) = await console.evaluate("double.photos")
    assert sent["type"] == "audio/webm"
    assert sent["whole"]
    await until(page, f"({STORED})().then((files) => files.length === 0)")


async def test_a_filmed_message_is_held_until_the_step_rises_and_what_is_written_goes_at_once(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await go(console, "case", "slow")
    await record(page, "Film")
    await page.get_by_role("textbox", name="Write a message").fill("It is the left one.")
    await page.keyboard.press("Enter")
    await until(console, "double.lines.length === 1")
    assert await console.evaluate("double.photos.length") == 0
    await expect(page.get_by_text("Sending …")).to_be_visible()
    await go(console, "audio-only", "better")
    await until(console, "double.photos.length === 1")
    (sent,) = await console.evaluate("double.photos")
    assert sent["type"] == "video/webm"
    assert sent["whole"]
    await expect(page.get_by_text("Sending …")).to_have_count(0)


async def test_a_message_that_is_not_wanted_leaves_nothing(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("button", name="Speak a message").click()
    await page.get_by_role("button", name="Stop", exact=True).click()
    await page.get_by_role("button", name="Don't send it").click()
    await until(page, "document.activeElement.textContent === 'Speak a message'")
    assert await page.evaluate(STORED.replace("request.onsuccess = () => {", """request.onupgradeneeded = () => {
      request.result.createObjectStore("kept", { keyPath: "id" });
      request.result.createObjectStore("keys");
    };
    request.onsuccess = () => {""")) == []  # fmt: skip
