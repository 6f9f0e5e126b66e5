"""J2: a patient's submission is reviewed with the network gone, and the answer reaches them once it is back."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import eyes, tones
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.sound import SPEAKER
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console
from tests.journeys.steps.submission import FIRST_PICTURE, PICTURES, REASON, VOICE_HZ, submit_case

pytestmark = pytest.mark.journey

REPLY = "Please drink more and repeat the test."
DECISION = "Nothing dangerous. See us again in a week."
ANSWER = "Thank you, I will."
BACK_WITHIN_S = 40.0


def test_offline_review(
    desktop: Desktop, clinic: Clinic, console: Console, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    page = submit_case(clinic, open_browser, tmp_path)
    link = clinic.submit_link("general")
    name = clinic.fhir.patient_name(link.patient_id)
    console.wait_case(REASON)
    console.starting("Synced")
    console.starting("Incomplete here: 0", within_s=60)

    clinic.stop_fhir()
    console.close()
    desktop.keyring.stop()
    console.start()
    console.unlock("not this passphrase")
    console.starting("Message: ")
    console.unlock()
    console.wait_work()
    console.starting("Offline since", within_s=20)

    row = console.open_case("worries", REASON)
    assert row.startswith(name)
    assert "3 photos, 1 video, 1 document" in row
    _look_at_everything(desktop, console)

    console.write("Reply", "Reply text", REPLY, "Send")
    console.write("Decide", "Decision text", DECISION, "Send decision")
    waits = "Stored on this computer, goes out when the network is back."
    wait_until(lambda: console.count_says(waits) == 2, "both texts wait", seen=console.window.names_told)
    console.window.find("2 to send when the network is back")

    clinic.start_fhir()
    patient.expect_message(page, REPLY, within_s=BACK_WITHIN_S)
    patient.expect_message(page, DECISION)
    console.window.find("Online", within_s=BACK_WITHIN_S)
    console.window.wait_gone("2 to send when the network is back")
    (case,) = [task for task in clinic.fhir.tasks(link.patient_id) if task.get("description") == REASON]
    assert clinic.fhir.messages(case["id"], "message").count(REPLY) == 1
    assert clinic.fhir.messages(case["id"], "decision") == [DECISION]

    patient.answer(page, ANSWER)
    console.window.find(ANSWER, within_s=BACK_WITHIN_S)
    page.reload()
    for text in (REPLY, DECISION, ANSWER):
        patient.expect_message(page, text)
    assert clinic.fhir.messages(case["id"], "message").count(ANSWER) == 1


def _look_at_everything(desktop: Desktop, console: Console) -> None:
    """Open all five files in the viewer; they are on this computer."""
    console.press("Photo 1: photo-0.jpg")
    for number in (1, 2, 3):
        console.starting(f"Picture: {number} of 5, photo-{number - 1}.jpg, 1200 by 900", within_s=20)
        console.press("Next file")
    video = console.shown("the film", lambda each: each.name.startswith("Video: 4 of 5"), within_s=20)
    console.press("Play")
    tones.wait_heard(desktop.sound, SPEAKER, VOICE_HZ)
    console.starting("Time: ")
    if console.window.look("Pause") is None:  # it was played to its end meanwhile
        console.press("Play")
    numbers = eyes.wait_moving(desktop, video)
    assert all(number - FIRST_PICTURE in range(PICTURES) for number in numbers)
    console.press("Next file")
    document = console.shown("the page", lambda each: each.name.startswith("Document: 5 of 5"), within_s=20)
    wait_until(lambda: "Laboratory report" in document.description, "the page's text is said")
    console.press("Close the viewer")
    console.window.find("Timeline")
