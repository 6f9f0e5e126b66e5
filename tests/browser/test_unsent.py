"""A visit ends before all is sent: what is left stays on the phone, and goes to the clinic by itself for a day."""

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect
from tests.browser.conftest import Watch, until
from tests.browser.gateway_double import GatewayDouble
from tests.browser.test_kept import STORED, record
from tests.browser.test_step import go
from tests.browser.test_visit import open_call

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOSE = "You can close this page."


async def end_with_two_unsent(context: BrowserContext, origin: str, console: Page) -> tuple[Page, Locator]:
    """End a visit before a spoken and a written message arrived; return the page and the box that tells of them."""
    page = await open_call(context, origin, console)
    await go(console, "case", "slow")
    await record(page, "Speak")
    await until(page, f"({STORED})().then((files) => files.length === 1)")
    await console.evaluate("double.acknowledge = false")
    await page.get_by_role("textbox", name="Write a message").fill("It is the left one.")
    await page.keyboard.press("Enter")
    await console.evaluate("double.frame({type: 'end-visit', visitId: double.room[0].visitId})")
    return page, page.get_by_role("region", name="What was not sent in the visit")


async def test_what_cannot_be_delivered_is_kept_over_a_reload_saved_and_deleted_on_a_press(
    context: BrowserContext, origin: str, console: Page, double: GatewayDouble, watch: Watch
) -> None:
    watch.allowed = ("Failed to load resource",)  # a day has passed
    double.late = "expired"
    page, box = await end_with_two_unsent(context, origin, console)
    await expect(box).to_contain_text("Not sent: 2 messages")
    await expect(box).to_contain_text("It is the left one.")
    await page.reload()
    await expect(box).to_contain_text("It is kept on this phone until you delete it.")
    await expect(box).to_contain_text("It is the left one.")
    await expect(page.get_by_text(CLOSE)).to_be_hidden()
    async with page.expect_download() as saved:
        await box.get_by_role("button", name="Save: Spoken message").click()
    file = await (await saved.value).path()
    assert file.read_bytes().startswith(b"\x1a\x45\xdf\xa3"), "it is saved in the clear, as it was spoken"
    assert len(await page.evaluate(STORED)) == 2
    await box.get_by_role("button", name="Delete from this phone").click()
    await box.get_by_role("button", name="Delete now").click()
    await expect(box).to_have_count(0)
    await expect(page.get_by_text(CLOSE)).to_be_visible()
    assert await page.evaluate(STORED) == []
    assert double.late_messages == []


async def test_it_goes_to_the_clinic_by_itself_and_leaves_the_phone_only_then(
    context: BrowserContext, origin: str, console: Page, double: GatewayDouble, watch: Watch
) -> None:
    watch.allowed = ("Failed to load resource",)  # the gateway is away on purpose
    double.late = "away"
    double.break_patches = 1
    page, box = await end_with_two_unsent(context, origin, console)
    await expect(box).to_contain_text("Waiting for a connection to your clinic")
    await expect(box).to_contain_text("No connection right now. It goes on by itself.")
    await expect(page.get_by_text(CLOSE)).to_be_hidden()
    assert len(await page.evaluate(STORED)) == 2
    double.late = "fine"
    await expect(box.locator(".banner")).to_have_text("Delivered to the clinic")
    await expect(box.get_by_role("listitem").get_by_text("Delivered to the clinic")).to_have_count(2)
    await expect(page.get_by_text(CLOSE)).to_be_visible()
    await expect(box.get_by_role("button")).to_have_count(0)
    await until(page, f"({STORED})().then((files) => files.length === 0)")
    await until(page, "!Object.keys(sessionStorage).some((key) => key.startsWith('chat-'))")
    spoken, written = double.late_messages
    assert written["text"] == "It is the left one."
    assert spoken == {"id": spoken["id"], "withFile": True}
    upload = double.uploads[spoken["id"]]
    assert (upload.entry["kind"], upload.entry["contentType"], len(double.broken)) == ("audio", "audio/webm", 1)
    assert bytes(upload.data).startswith(b"\x1a\x45\xdf\xa3")
    assert len(upload.data) == upload.entry["size"]


async def test_a_page_that_was_closed_delivers_when_the_link_is_opened_again(
    context: BrowserContext, origin: str, console: Page, double: GatewayDouble, watch: Watch
) -> None:
    watch.allowed = ("Failed to load resource",)
    double.late = "away"
    page, box = await end_with_two_unsent(context, origin, console)
    await expect(box).to_contain_text("open your link again within 24 hours")
    address = page.url
    await page.close()
    double.late = "kept"
    again = await context.new_page()
    await again.goto(address)
    await again.get_by_role("button", name="Start").click()
    box = again.get_by_role("region", name="What was not sent in the visit")
    await expect(box.locator(".banner")).to_have_text("Delivered to the clinic")
    await expect(box.get_by_text("Your clinic has it and puts it into your record.")).to_have_count(2)
    assert {each.get("text", "a file") for each in double.late_messages} == {"It is the left one.", "a file"}
    await until(again, f"({STORED})().then((files) => files.length === 0)")


async def test_what_a_person_left_behind_by_hanging_up_goes_while_they_check_their_devices_again(
    context: BrowserContext, origin: str, console: Page, double: GatewayDouble, watch: Watch
) -> None:
    watch.allowed = ("Failed to load resource",)
    double.late = "away"
    page = await open_call(context, origin, console)
    await go(console, "case", "slow")
    await record(page, "Speak")
    await page.get_by_role("button", name="End", exact=True).click()
    await page.get_by_role("button", name="Yes, end the call").click()
    await expect(page.get_by_role("heading", name="You ended the call")).to_be_visible()
    await until(page, f"({STORED})().then((files) => files.length === 1)")
    await page.get_by_role("button", name="Go back").click()
    await expect(page.get_by_role("button", name="Yes, it works")).to_be_visible()
    assert double.late_messages == []
    double.late = "fine"
    await until(page, f"({STORED})().then((files) => files.length === 0)")
    assert len(double.late_messages) == 1


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
    await until(page, "!Object.keys(sessionStorage).some((key) => key.startsWith('chat-'))")
    await expect(page.get_by_text(CLOSE)).to_be_visible()
    await expect(page.get_by_role("region", name="What was not sent in the visit")).to_have_count(0)
