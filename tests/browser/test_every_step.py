"""Every step of both pages: axe in light and dark, no overflow on a phone, at 200 % and on a desktop, the keyboard."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect
from tests.browser.conftest import PHONE, Watch, new_context
from tests.browser.gateway_double import GatewayDouble
from tests.browser.looks import look, tab_stops
from tests.browser.test_submit import FORM, PDF, answer_all, go_on, make_photos
from tests.browser.test_visit import MOVING

pytestmark = pytest.mark.asyncio(loop_scope="session")

Scheme = Literal["light", "dark"]
SCREENS = [
    pytest.param("light", PHONE, id="light"),
    pytest.param("dark", {"width": 195, "height": 422}, id="dark-zoom-200"),
]
DESKTOP = pytest.param("dark", {"width": 1280, "height": 800}, id="dark-desktop")


@pytest.mark.parametrize(("scheme", "size"), [*SCREENS, DESKTOP])
async def test_the_visit(
    chromium: Browser,
    origin: str,
    watch: Watch,
    console: Page,
    double: GatewayDouble,
    scheme: Scheme,
    size: ViewportSize,
) -> None:
    watch.allowed = ("status of 401",)  # the date of birth is asked for
    context = await new_context(chromium, origin, watch, viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    name = f"visit-{scheme}-{size['width']}"
    double.birth_date = "1964-03-27"
    await page.goto(f"{origin}/v#visit-token")
    await expect(page.get_by_role("button", name="Start")).to_be_visible()
    await look(page, f"{name}-01-welcome")
    assert await tab_stops(page) == ["Start"]
    await page.get_by_role("button", name="Start").click()
    await page.get_by_label("Day").fill("27")
    await page.get_by_label("Month").fill("13")
    await page.get_by_label("Year").fill("1964")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("Please write day, month and year")).to_be_visible()
    await look(page, f"{name}-02-birth-date")
    await page.get_by_label("Month").fill("3")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("Your connection is good.")).to_be_visible()
    await expect(page.get_by_text("Your microphone hears you.")).to_be_visible()
    await page.get_by_role("button", name="No, help me").click()
    await look(page, f"{name}-03-check")
    await page.get_by_role("button", name="Yes, it works").click()
    await expect(page.get_by_role("heading", name="What will happen")).to_be_focused()
    await look(page, f"{name}-04-consent")
    await page.get_by_role("button", name="I agree").click()
    await expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_focused()
    await double.say("message-1", "I am five minutes late. Please have your tablets at hand.")
    await expect(page.get_by_role("listitem")).to_have_count(1)
    await look(page, f"{name}-05-waiting")
    await console.evaluate("double.admit('visit-00000001')")
    await page.evaluate(MOVING)
    await look(page, f"{name}-06-call")
    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("textbox", name="Write a message").fill("It itches most at night.")
    await page.keyboard.press("Enter")
    await console.evaluate("double.send({type: 'chat-line', id: 'line-from-clinic', text: 'Since when?', sentMs: 1})")
    await console.evaluate("double.send({type: 'notice', kind: 'recording-started'})")
    await console.evaluate("double.send({type: 'notice', kind: 'still-captured'})")
    await console.evaluate("double.send({type: 'step', step: '360p', why: 'slow'})")
    await page.get_by_text("Safety code", exact=True).click()
    await expect(page.locator(".recording")).to_be_visible()
    await look(page, f"{name}-07-chat")
    await page.get_by_role("button", name="End", exact=True).click()
    await look(page, f"{name}-08-end")
    await page.get_by_role("button", name="Yes, end the call").click()
    await expect(page.get_by_role("heading", name="You ended the call")).to_be_focused()
    await look(page, f"{name}-09-ended")
    await context.close()


@pytest.mark.parametrize(("scheme", "size"), SCREENS)
async def test_the_submission(
    chromium: Browser,
    origin: str,
    watch: Watch,
    double: GatewayDouble,
    tmp_path: Path,
    scheme: Scheme,
    size: ViewportSize,
) -> None:
    double.questionnaire = FORM
    context = await new_context(chromium, origin, watch, viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    name = f"submit-{scheme}-{size['width']}"
    await page.goto(f"{origin}/s#submit-token")
    await expect(page.get_by_role("button", name="Start")).to_be_visible()
    await look(page, f"{name}-01-welcome")
    await page.get_by_role("button", name="Start").click()
    await go_on(page)
    await look(page, f"{name}-02-missing")
    await answer_all(page)
    await page.get_by_role("button", name="Back").click()
    await page.get_by_role("group", name="Is it hard to breathe?").get_by_label("Yes").check()
    await look(page, f"{name}-03-questions")
    await page.get_by_role("group", name="Is it hard to breathe?").get_by_label("No").check()
    await go_on(page)
    await expect(page.get_by_role("heading", name="Show us with photos")).to_be_focused()
    await look(page, f"{name}-04-photos")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose one I have").click()
    await (await chooser.value).set_files(make_photos(tmp_path, 2))
    await expect(page.locator(".uploads .done")).to_have_count(2)
    await look(page, f"{name}-05-photos")
    await go_on(page)
    await look(page, f"{name}-06-video")
    await page.get_by_role("button", name="Turn the camera on").click()
    await expect(page.get_by_role("button", name="Start recording")).to_be_visible()
    await look(page, f"{name}-07-ready")
    await page.get_by_role("button", name="Start recording").click()
    await expect(page.get_by_text("0:01 of 2:00")).to_be_visible()
    await look(page, f"{name}-08-recording")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("heading", name="Look at your video")).to_be_visible()
    await look(page, f"{name}-09-review")
    await page.get_by_role("button", name="Use this video").click()
    await go_on(page)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(PDF)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a document").click()
    await (await chooser.value).set_files(letter)
    await expect(page.locator(".uploads .done")).to_have_count(1)
    await look(page, f"{name}-10-documents")
    await go_on(page)
    await page.get_by_label("Upper number").fill("190")
    await page.get_by_label("Lower number").fill("95")
    await page.get_by_label("Lower number").blur()
    await look(page, f"{name}-11-pressure")
    await page.get_by_role("button", name="Add this reading").click()
    await go_on(page)
    await expect(page.get_by_role("heading", name="Your weight")).to_be_visible()
    await page.get_by_role("button", name="Skip this").click()
    await expect(page.get_by_role("heading", name="Is all of this right?")).to_be_visible()
    await look(page, f"{name}-12-review")
    await page.get_by_role("button", name="Send to the clinic").click()
    await expect(page.get_by_role("heading", name="Sent to your clinic")).to_be_focused()
    sent = {"from": "clinician", "sent": "2026-11-01T10:00:00Z"}
    double.thread.append(sent | {"id": "r1", "text": "Thank you. Use the cream twice a day.", "kind": "reply"})
    double.thread.append(sent | {"id": "q1", "text": "Did you have any fever?", "kind": "follow-up-question"})
    await double.call_from_case()
    await page.reload()
    await expect(page.get_by_role("heading", name="Dr Calder is calling you")).to_be_visible()
    await look(page, f"{name}-13-thread")
    await context.close()


@pytest.mark.parametrize("token", ["expired", "revoked", "unknown"])
async def test_a_dead_link_is_explained(chromium: Browser, origin: str, watch: Watch, token: str) -> None:
    watch.allowed = ("status of 410", "status of 401")
    titles = {
        "expired": "This link is no longer open",
        "revoked": "This link was closed",
        "unknown": "This link does not work",
    }
    context = await new_context(chromium, origin, watch)
    page = await context.new_page()
    await page.goto(f"{origin}/v#{token}")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("heading", name=titles[token])).to_be_visible()
    await look(page, f"dead-{token}")
    await page.goto(f"{origin}/s")  # without any token
    await expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    await context.close()


async def test_a_denied_camera_and_microphone_leave_a_way_to_go_on(
    chromium: Browser, origin: str, watch: Watch, console: Page, double: GatewayDouble
) -> None:
    context = await new_context(chromium, origin, watch, allowed=False)
    page = await context.new_page()
    await page.goto(f"{origin}/v#visit-token")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="Go on with chat only")).to_be_visible()
    await look(page, "denied-01-check")
    await page.get_by_role("button", name="Go on with chat only").click()
    await page.get_by_role("button", name="I agree").click()
    await expect(page.get_by_text("Camera and microphone are off.")).to_be_visible()
    assert double.devices == "denied"
    await console.evaluate("double.admit('visit-00000001')")
    await page.evaluate(MOVING)
    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("textbox", name="Write a message").fill("I can only write.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".chat-lines").get_by_text("Received")).to_be_visible()
    await look(page, "denied-02-call")
    await context.close()


async def test_only_the_camera_denied_goes_on_with_sound(
    chromium: Browser, origin: str, watch: Watch, console: Page, double: GatewayDouble
) -> None:
    context = await new_context(chromium, origin, watch, allowed=False)
    await context.grant_permissions(["microphone"], origin=origin)
    page = await context.new_page()
    await page.goto(f"{origin}/v#visit-token")
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="Go on with sound only").click()
    await page.get_by_role("button", name="I agree").click()
    await expect(page.get_by_text("Your camera is off.")).to_be_visible()
    assert double.devices == "no-camera"
    await context.close()
