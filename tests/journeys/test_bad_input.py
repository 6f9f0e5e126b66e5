"""What goes wrong outside is told in one clear sentence, to the one whom it concerns, and nothing is lost.

All on one clinic with one console. `TELECONSOLE_STALL_S` lengthens the stall of the FHIR server (seconds).
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from tests.journeys.conftest import Stage
from tests.journeys.rig.atspi import Control
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient

pytestmark = pytest.mark.journey

STALL_VARIABLE = "TELECONSOLE_STALL_S"
BACK_WITHIN_S = 40.0
CAMERA_OFF = "Your camera is not on. Allow it in your browser and try again, or go on with sound only."
NOT_OPEN = "Links work for a short time only. Please ask your clinic for a new one."
ELSEWHERE = "Your visit goes on in the other window or on the other device."
UNREADABLE = "drawing.jpg: This picture can't be read. Please take it again, or choose another one."
KEYRING_LOCKED = "This computer's keyring is locked. Unlock it, or use your passphrase; your cases are safe."
NO_ANSWER = "The clinic's server does not answer just now. What you write is stored here and goes out later."
REASON = "Itching after a marigold salve"
STORY = "It began on Monday."
REPLY = "Written while the server was silent."
TO_SEND = re.compile(r"\d+ to send")
PHOTO_BYTES = 12_000_000


def test_a_camera_that_is_denied(stage: Stage) -> None:
    visit = stage.clinic.visits[0]
    name = stage.clinic.fhir.patient_name(visit.patient_id)
    page = stage.open_browser().context(("microphone",), phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.expect_says(page, CAMERA_OFF)
    page.get_by_role("button", name="Go on with sound only").click()
    page.get_by_role("button", name="I agree").click()
    patient.expect_heading(page, "You are in the waiting room")
    patient.expect_says(page, "Your camera is off. You will talk with sound only.")

    stage.console.go("Today")
    card = stage.console.window.find(f"Visit of {name}", within_s=20)
    card.find("No camera, wants to talk by voice", within_s=20)
    card.find("Agreed to the visit")
    card.find(f"Admit {name}")


def test_a_link_whose_time_is_over(stage: Stage) -> None:
    page = stage.open_browser().context(phone=True).new_page()
    patient.open_link(page, stage.clinic.expired_link)
    patient.expect_heading(page, "This link is no longer open")
    patient.expect_says(page, NOT_OPEN)
    patient.expect_says(page, "Nothing that you sent before is lost.")


def test_the_same_link_in_a_second_window(stage: Stage) -> None:
    visit = stage.clinic.visits[1]
    name = stage.clinic.fhir.patient_name(visit.patient_id)
    context = stage.open_browser().context()
    first = context.new_page()
    patient.open_link(first, visit.link)
    patient.check_and_wait(first)

    second = context.new_page()
    patient.open_link(second, visit.link)
    patient.expect_heading(first, "Open in another window")
    patient.expect_says(first, ELSEWHERE)
    patient.expect_heading(second, "You are in the waiting room")

    stage.console.go("Today")
    card = stage.console.window.find(f"Visit of {name}", within_s=20)
    card.find(f"Write to {name}").press()
    stage.console.fill(f"Message to {name}", "Five more minutes, please.")
    stage.console.press(f"Send message to {name}")
    patient.expect_says(second, "Five more minutes, please.")
    patient.expect_heading(first, "Open in another window")


def test_photos_that_are_large_or_none(stage: Stage) -> None:
    clinic, console = stage.clinic, stage.console
    photo, drawing = _large_photo(stage.folder), stage.folder / "drawing.jpg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    link = clinic.submit_link("general")
    page = stage.open_browser().context(phone=True).new_page()
    patient.open_link(page, link.link)
    patient.answer_questions(page, REASON, STORY)
    patient.choose_files(page, "Choose one I have", [drawing, photo])
    patient.expect_says(page, UNREADABLE)
    patient.expect_uploaded(page, photo.name)
    page.reload()
    patient.expect_heading(page, "Show us with photos")
    patient.expect_uploaded(page, photo.name)
    patient.go_on(page)
    patient.skip(page, "the video")
    patient.skip(page, "documents")
    patient.send(page)

    console.wait_case(REASON)
    console.open_case("marigold", REASON)
    console.says(STORY)
    console.press(f"Photo 1: {photo.name}", within_s=20)
    console.starting(f"Picture: 1 of 1, {photo.name}, ", within_s=20)
    console.press("Close the viewer")
    (case,) = [task for task in clinic.fhir.tasks(link.patient_id) if task.get("description") == REASON]
    (evidence,) = clinic.fhir.evidence(case["id"], "photo")
    stored = clinic.fhir.binary(evidence["content"][0]["attachment"]["url"])
    assert hashlib.sha256(stored).digest() == hashlib.sha256(photo.read_bytes()).digest()


def test_a_keyring_that_is_locked_at_the_start(stage: Stage) -> None:
    console, keyring = stage.console, stage.desktop.keyring
    console.close()
    keyring.lock()
    try:
        console.start()
        console.says(KEYRING_LOCKED, within_s=30)
        console.unlock()
        console.wait_work()
    finally:
        keyring.unlock()
    console.open_first_case()
    console.wait_synced()


def test_a_server_that_stalls(stage: Stage) -> None:
    clinic, console = stage.clinic, stage.console
    console.wait_synced()
    with clinic.stalled_fhir():
        goes_on_s = time.monotonic() + float(os.environ.get(STALL_VARIABLE, "0"))
        console.press("Online")
        console.window.find("Server does not answer", within_s=20)
        console.go("To send")
        console.window.find(f"Server: {NO_ANSWER}")
        console.open_first_case()
        console.write("Reply", "Reply text", REPLY, "Send")
        console.shown("what waits to be sent", _is_to_send)
        wait_until(lambda: time.monotonic() > goes_on_s, "the stall is long enough", within_s=120)
    console.window.find("Online", within_s=BACK_WITHIN_S)
    wait_until(
        lambda: not any(_is_to_send(each) for each in console.window.walk(showing=True)),
        "everything is sent",
        within_s=BACK_WITHIN_S,
        seen=console.window.names_told,
    )
    sent = [
        part["contentString"]
        for each in clinic.fhir.search("Communication")
        for part in each.get("payload", [])
        if part.get("contentString") == REPLY
    ]
    assert sent == [REPLY]
    console.go("To send")
    assert console.window.look(f"Server: {NO_ANSWER}") is None


def _is_to_send(control: Control) -> bool:
    return TO_SEND.fullmatch(control.name_or_empty()) is not None


def _large_photo(folder: Path) -> Path:
    """A JPEG of a little over 12 MB, which is allowed."""
    photo = folder / "large.jpg"
    Image.effect_noise((4000, 3000), 80).convert("RGB").save(photo, quality=97)
    assert PHOTO_BYTES < photo.stat().st_size < 2 * PHOTO_BYTES, photo.stat().st_size
    return photo
