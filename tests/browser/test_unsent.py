"""A visit ends before all is sent: what is left stays on the phone, and the patient alone saves or deletes it."""

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.browser.test_kept import STORED, record
from tests.browser.test_step import go
from tests.browser.test_visit import open_call

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_message_that_the_clinic_has_not_got_is_kept_over_a_reload_saved_and_deleted_on_a_press(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await go(console, "case", "slow")
    await record(page, "Speak")
    await page.wait_for_function(f"({STORED})().then((files) => files.length === 1)")
    await console.evaluate("double.acknowledge = false")
    await page.get_by_role("textbox", name="Write a message").fill("It is the left one.")
    await page.keyboard.press("Enter")
    await console.evaluate("double.frame({type: 'end-visit', visitId: double.room[0].visitId})")
    box = page.get_by_role("region", name="Not sent: 2 messages")
    await expect(box).to_contain_text("It is the left one.")
    await page.reload()
    await expect(box).to_contain_text("It is kept on this phone until you delete it.")
    await expect(box).to_contain_text("It is the left one.")
    async with page.expect_download() as saved:
        await box.get_by_role("button", name="Save: Spoken message").click()
    file = await (await saved.value).path()
    assert file.read_bytes().startswith(b"\x1a\x45\xdf\xa3"), "it is saved in the clear, as it was spoken"
    assert len(await page.evaluate(STORED)) == 2
    await box.get_by_role("button", name="Delete from this phone").click()
    await box.get_by_role("button", name="Delete now").click()
    await expect(box).to_have_count(0)
    assert await page.evaluate(STORED) == []


async def test_nothing_is_said_and_nothing_stays_when_the_clinic_has_all(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("textbox", name="Write a message").fill("It itches.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("list", name="Messages").get_by_text("Received")).to_be_visible()
    await console.evaluate("double.frame({type: 'end-visit', visitId: double.room[0].visitId})")
    await expect(page.get_by_role("heading", name="The visit is over")).to_be_visible()
    await page.wait_for_function("!Object.keys(sessionStorage).some((key) => key.startsWith('chat-'))")
    await expect(page.locator("main").get_by_text("Not sent:")).to_have_count(0)
