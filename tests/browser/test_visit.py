"""The visit page with a console's double on the other side: pictures, chat, photo, reload, second window."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, expect
from tests.browser.conftest import until
from tests.browser.gateway_double import GatewayDouble
from tests.integration.call.waiting import until as until_here

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOVING = """async () => {
  const found = () => document.querySelector("video.remote");
  while (!found()) await new Promise((next) => requestAnimationFrame(next));
  const video = found();
  const seen = new Set();
  const canvas = new OffscreenCanvas(8, 8);
  const look = () => {
    canvas.getContext("2d").drawImage(video, 0, 0, 8, 8);
    seen.add(canvas.getContext("2d").getImageData(4, 4, 1, 1).data.join());
  };
  while (seen.size < 4) await new Promise((next) => video.requestVideoFrameCallback(() => { look(); next(); }));
  return seen.size;
}"""


async def open_waiting_room(context: BrowserContext, origin: str) -> Page:
    """Go from the link to the waiting room."""
    page = await context.new_page()
    await page.goto(f"{origin}/v#visit-token")
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="Yes, it works").click()
    await page.get_by_role("button", name="I agree").click()
    await expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    return page


async def open_call(context: BrowserContext, origin: str, console: Page) -> Page:
    """Go from the link into the call."""
    page = await open_waiting_room(context, origin)
    await until(console, "double.room[0]?.stage === 'waiting'")
    await console.evaluate("double.admit(double.room[0].visitId)")
    await page.evaluate(MOVING)
    await until(console, "double.frames > 3")
    return page


async def test_both_see_each_other_and_the_words_agree(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await page.get_by_text("Safety code", exact=True).click()
    words = " · ".join(await console.evaluate("double.words"))
    await expect(page.locator(".safety")).to_have_text(words)
    answer = await console.evaluate("double.answer")
    video = answer[answer.index("m=video") :].split("m=application")[0]
    assert "VP8" in video
    assert "H264" not in video


async def test_chat_goes_both_ways_and_is_acknowledged(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("textbox", name="Write a message").fill("It itches.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".chat-lines").get_by_text("Received")).to_be_visible()
    assert await console.evaluate("double.lines.map((line) => line.text)") == ["It itches."]
    await console.evaluate("double.send({type: 'chat-line', id: 'line-from-clinic', text: 'Since when?', sentMs: 1})")
    await expect(page.get_by_text("Since when?", exact=True)).to_be_visible()
    await until(console, "double.acks.includes('line-from-clinic')")


async def test_a_photo_arrives_whole(context: BrowserContext, origin: str, console: Page, tmp_path: Path) -> None:
    photo = tmp_path / "spots.jpg"
    Image.effect_noise((900, 700), 80).convert("RGB").save(photo, quality=95)
    page = await open_call(context, origin, console)
    await page.get_by_role("button", name="Chat").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Send a photo").click()
    await (await chooser.value).set_files(photo)
    await page.get_by_role("button", name="Send this photo").click()
    await expect(page.locator(".chat-lines").get_by_text("Received")).to_be_visible()
    sent = await console.evaluate("double.photos[0]")
    assert sent["whole"]
    assert sent["bytes"] == photo.stat().st_size


async def test_a_photo_that_was_not_acknowledged_goes_again_after_a_reload(
    context: BrowserContext, origin: str, console: Page, tmp_path: Path
) -> None:
    photo = tmp_path / "spots.jpg"
    Image.effect_noise((900, 700), 80).convert("RGB").save(photo, quality=95)
    page = await open_call(context, origin, console)
    await console.evaluate("double.acknowledge = false")
    await page.get_by_role("button", name="Chat").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Send a photo").click()
    await (await chooser.value).set_files(photo)
    await page.get_by_role("button", name="Send this photo").click()
    await until(console, "double.photos.length === 1")
    await console.evaluate("double.acknowledge = true")
    await page.reload()
    await until(console, "double.photos.length === 2")
    first, second = await console.evaluate("double.photos")
    assert first["id"] == second["id"]
    assert second["whole"]


async def test_a_reload_comes_back_into_the_call_with_the_unsent_line(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await console.evaluate("double.acknowledge = false")
    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("textbox", name="Write a message").fill("Still there?")
    await page.keyboard.press("Enter")
    await until(console, "double.lines.length === 1")
    await expect(page.locator(".chat-lines").get_by_text("Sending")).to_be_visible()
    await console.evaluate("double.acknowledge = true")
    await page.reload()
    await page.evaluate(MOVING)
    await page.get_by_role("button", name="Chat").click()
    await expect(page.locator(".chat-lines").get_by_text("Received")).to_be_visible()
    assert await console.evaluate("double.lines.length") == 1
    assert await console.evaluate("double.generation") == 2


async def test_a_broken_link_is_made_again(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await console.evaluate("double.breakLink()")
    await until(console, "double.generation === 2")
    await page.evaluate(MOVING)
    await expect(page.get_by_text("The connection is gone")).to_be_hidden()


async def test_a_false_nonce_ends_the_connection(context: BrowserContext, origin: str, console: Page) -> None:
    await console.evaluate("double.cheat = true")
    page = await open_waiting_room(context, origin)
    await until(console, "double.room[0]?.stage === 'waiting'")
    await console.evaluate("double.admit(double.room[0].visitId)")
    await expect(page.get_by_text("could not be proved safe")).to_be_visible()


@pytest.mark.parametrize(
    "rewrite",
    [
        r"(sdp) => sdp.replace(/a=fingerprint.*\r\n/g, '')",
        r"(sdp) => sdp.replace(/a=fingerprint.*\r\n/g, 'a=fingerprint:sha-256 \r\n')",
        r"(sdp) => sdp.replace(/m=audio/, `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}\r\nm=audio`)",
        r"(sdp) => sdp.replace(/(a=fingerprint:sha-256 )\S+/g, `$1${Array(32).fill('AB').join(':')}`)",
    ],
    ids=["none", "empty", "another-beside-it", "another"],
)
async def test_an_offer_that_is_not_clearly_of_the_other_end_is_refused(
    context: BrowserContext, origin: str, console: Page, rewrite: str
) -> None:
    await console.evaluate(f"void (double.rewrite = {rewrite})")
    page = await open_waiting_room(context, origin)
    await until(console, "double.room[0]?.stage === 'waiting'")
    await console.evaluate("double.admit(double.room[0].visitId)")
    await expect(page.get_by_text("could not be proved safe")).to_be_visible(timeout=15_000)
    await expect(page.locator(".safety")).to_have_text("The code appears when you are connected.")
    assert await console.evaluate("double.frames") == 0
    await console.evaluate("double.rewrite = null")
    await page.evaluate(MOVING)
    await expect(page.get_by_text("could not be proved safe")).to_be_hidden()
    await page.get_by_text("Safety code", exact=True).click()
    await expect(page.locator(".safety")).to_have_text(" · ".join(await console.evaluate("double.words")))


async def test_mute_camera_notices_and_end(
    context: BrowserContext, origin: str, console: Page, double: GatewayDouble
) -> None:
    page = await open_call(context, origin, console)
    await page.get_by_role("button", name="Mute", exact=True).click()
    await until(console, "double.media.microphone === false && double.media.camera === true")
    await page.get_by_role("button", name="Camera off").click()
    await until(console, "double.media.camera === false")
    await expect(page.get_by_text("You are not seen")).to_be_visible()
    await console.evaluate("double.send({type: 'notice', kind: 'still-captured'})")
    await expect(page.get_by_text("Dr Calder took a still picture")).to_be_visible()
    await console.evaluate("double.send({type: 'notice', kind: 'recording-started'})")
    await expect(page.get_by_text("Recording", exact=True)).to_be_visible()
    await console.evaluate("double.send({type: 'step', step: 'audio-only', why: 'slow'})")
    await expect(page.locator(".quality")).to_contain_text("sound only")
    await page.get_by_role("button", name="End", exact=True).click()
    await page.get_by_role("button", name="Yes, end the call").click()
    await expect(page.get_by_role("heading", name="You ended the call")).to_be_visible()
    assert double.from_patient[-1]["type"] == "patient-leave"


async def test_the_clinician_ends(context: BrowserContext, origin: str, console: Page, double: GatewayDouble) -> None:
    page = await open_call(context, origin, console)
    await double.end("ended-by-clinician")
    await expect(page.get_by_role("heading", name="The visit is over")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 1  # only which link this tab belongs to


async def test_messages_in_the_waiting_room_come_once(
    context: BrowserContext, origin: str, console: Page, double: GatewayDouble
) -> None:
    page = await open_waiting_room(context, origin)
    await double.say("message-1", "I am ten minutes late.")
    await double.say("message-1", "I am ten minutes late.")
    await double.say("message-2", "Please have your tablets at hand.")
    await expect(page.get_by_role("listitem")).to_have_count(2)
    await until_here(lambda: double.delivered == ["message-1", "message-1", "message-2"], "each is acknowledged")
    await double.to_patient({"type": "clinician-state", "state": "with-a-patient"})
    await expect(page.get_by_text("is with another patient")).to_be_visible()


async def test_a_second_window_takes_the_visit_over(context: BrowserContext, origin: str, console: Page) -> None:
    first = await open_waiting_room(context, origin)
    second = await context.new_page()
    await second.goto(f"{origin}/v#visit-token")
    await second.get_by_role("button", name="Start").click()
    await expect(second.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    await expect(first.get_by_role("heading", name="Open in another window")).to_be_visible()
    await first.get_by_role("button", name="Use this window instead").click()
    await expect(first.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    await expect(second.get_by_role("heading", name="Open in another window")).to_be_visible()
