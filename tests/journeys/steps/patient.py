"""What patients do in the browser: by roles and names, as they read them on the page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.journeys.rig.browser import wait_moving

WAIT_MS = 20_000
REMOTE = "video.remote"
RECORDED_S = 4
OPTIONAL_STEPS = 6


def open_link(page: Page, link: str) -> None:
    """Open a link and press the button that it asks for."""
    page.goto(link)
    page.get_by_role("button", name="Start").click()


def check_and_wait(page: Page) -> None:
    """Check the devices, agree, and sit down in the waiting room."""
    check_and_agree(page)
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible(timeout=WAIT_MS)


def check_and_agree(page: Page) -> None:
    """Check the devices and agree to the visit."""
    expect(page.get_by_role("heading", name="Can you see and hear?")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Yes, it works").click()
    page.get_by_role("button", name="I agree").click()


def join_call(page: Page) -> None:
    """Take the call that the submission's page offers."""
    expect(page.get_by_role("heading", name="is calling you")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Join the call").click()


def see_clinician(page: Page, *, numbers: int = 5, within_s: float = 30.0) -> list[int]:
    """Wait until different numbers were read in the received picture."""
    return wait_moving(page, REMOTE, numbers=numbers, within_s=within_s)


def open_chat(page: Page) -> None:
    """Show the chat."""
    chat = page.get_by_role("button", name="Chat", exact=True)
    if chat.get_attribute("aria-expanded") != "true":
        chat.click()


def write_chat(page: Page, text: str) -> None:
    """Write a line in the call."""
    open_chat(page)
    field = page.get_by_role("textbox", name="Write a message")
    field.fill(text)
    field.press("Enter")


def expect_chat(page: Page, text: str, *, times: int = 1) -> None:
    """A line of the chat is there so often."""
    lines = page.get_by_role("list", name="Messages").get_by_text(text, exact=True)
    expect(lines).to_have_count(times, timeout=WAIT_MS)


def expect_received(page: Page, text: str) -> None:
    """The clinic has acknowledged this line of the patient."""
    line = page.get_by_role("list", name="Messages").get_by_role("listitem").filter(has_text=text)
    expect(line).to_contain_text("Received", timeout=WAIT_MS)


def expect_ended(page: Page) -> None:
    """The clinician ended the visit."""
    expect(page.get_by_role("heading", name="The visit is over")).to_be_visible(timeout=WAIT_MS)


def answer_questions(page: Page, reason: str, story: str) -> None:
    """Fill in the form for everything else, about a test result (which brings a question of its own)."""
    page.get_by_label("In one short line: what is it about?").fill(reason)
    go_on(page)
    page.get_by_role("group", name=re.compile("^Do you have any of these")).get_by_label("None of these").check()
    go_on(page)
    page.get_by_role("group", name="What is it about?").get_by_label("A letter or a test result").check()
    go_on(page)
    page.get_by_label(re.compile("^Who is the letter or result from")).fill("The hospital")
    go_on(page)
    page.get_by_label(re.compile("^Please tell us what happened")).fill(story)
    go_on(page)
    photos = page.get_by_role("heading", name="Show us with photos")
    for _ in range(OPTIONAL_STEPS):
        expect(page.get_by_role("button", name="Go on", exact=True).or_(photos)).to_be_visible(timeout=WAIT_MS)
        if photos.is_visible():
            break
        go_on(page)
    expect(photos).to_be_visible()


def skip(page: Page, what: str) -> None:
    """Leave out a step: "photos", "the video", "documents"."""
    page.get_by_role("button", name=f"Skip {what}").click()


def expect_says(page: Page, sentence: str) -> None:
    """The page says this, where a person can see it."""
    expect(page.locator("main").get_by_text(sentence, exact=True)).to_be_visible(timeout=WAIT_MS)


def expect_heading(page: Page, words: str) -> None:
    """The page has this heading."""
    expect(page.get_by_role("heading", name=words)).to_be_visible(timeout=WAIT_MS)


def expect_uploaded(page: Page, name: str) -> None:
    """A photo of this name is with the clinic's gateway."""
    row = page.get_by_role("list", name="Your photos").get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text("Uploaded", timeout=WAIT_MS)


def go_on(page: Page) -> None:
    """Press the button that leads to the next step."""
    page.get_by_role("button", name="Go on", exact=True).click()


def choose_files(page: Page, button: str, files: list[Path]) -> None:
    """Choose files of one's own."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(files)


def add_photos(page: Page, photos: list[Path]) -> None:
    """Send photos, and wait until they are uploaded."""
    choose_files(page, "Choose one I have", photos)
    uploaded = page.get_by_role("list", name="Your photos").get_by_text(re.compile("^Uploaded"))
    expect(uploaded).to_have_count(len(photos), timeout=WAIT_MS)
    go_on(page)


def record_video(page: Page) -> None:
    """Record a message in the page, look at it, and take it."""
    page.get_by_role("button", name="Turn the camera on").click()
    page.get_by_role("button", name="Start recording").click()
    expect(page.get_by_text(f"0:0{RECORDED_S} of 2:00")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this video").click()
    uploaded = page.get_by_role("list", name="Your videos").get_by_text(re.compile("^Uploaded"))
    expect(uploaded).to_have_count(1, timeout=WAIT_MS)
    go_on(page)


def add_document(page: Page, document: Path) -> None:
    """Send a document."""
    choose_files(page, "Choose a document", [document])
    uploaded = page.get_by_role("list", name="Your documents").get_by_text(re.compile("^Uploaded"))
    expect(uploaded).to_have_count(1, timeout=WAIT_MS)
    go_on(page)


def send(page: Page) -> None:
    """Send everything and wait for the receipt."""
    page.get_by_role("button", name="Send to the clinic").click()
    expect(page.get_by_role("heading", name="Sent to your clinic")).to_be_visible(timeout=WAIT_MS)


def expect_message(page: Page, text: str, *, times: int = 1, within_s: float = 20.0) -> None:
    """A message of the thread is there so often."""
    messages = page.get_by_role("list", name="Messages").get_by_text(text, exact=True)
    expect(messages).to_have_count(times, timeout=within_s * 1000)


def answer(page: Page, text: str) -> None:
    """Write to the clinic under the thread."""
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect_message(page, text)
