"""J2: a patient's submission is reviewed with the network gone, and the answer reaches them once it is back.
J3: that case then needs a talk: a call with its pictures beside it, and one timeline tells both.

J3 goes on where J2 ended, on the same case, clinic and console.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page
from tests.journeys.conftest import Stage
from tests.journeys.rig import eyes, tones
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.sound import SPEAKER
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.console import Console
from tests.journeys.steps.fhir import case_of
from tests.journeys.steps.submission import FIRST_PICTURE, PICTURES, REASON, VOICE_HZ, submit_case

pytestmark = pytest.mark.journey

REPLY = "Please drink more and repeat the test."
DECISION = "Nothing dangerous. See us again in a week."
ANSWER = "Thank you, I will."
LINE = "Do you see the result on paper?"
NOTE = "Explained by video, no danger."
BACK_WITHIN_S = 40.0
SENT_WITHIN_S = 30.0


@dataclass(frozen=True)
class Reviewed:
    """J2's case after its review: the answer was delivered, and the patient has answered."""

    page: Page
    patient_id: str
    case_id: str


@pytest.fixture(scope="module")
def reviewed(stage: Stage) -> Reviewed:
    """J2: submitted, synced, reviewed with the server gone and the program started anew, delivered, answered."""
    clinic, console = stage.clinic, stage.console
    page = submit_case(clinic, stage.open_browser, stage.folder)
    patient_id = clinic.submit_link("general").patient_id
    name = clinic.fhir.patient_name(patient_id)
    console.wait_case(REASON)
    console.starting("Synced")
    console.starting("Incomplete here: 0", within_s=60)

    clinic.stop_fhir()
    console.close()
    stage.desktop.keyring.stop()
    console.start()
    console.unlock("not this passphrase")
    console.says("does not open this computer")
    console.unlock()
    console.wait_work()
    console.starting("Offline since", within_s=20)

    row = console.open_case("worries", REASON)
    assert row.startswith(name)
    assert "3 photos, 1 video, 1 document" in row
    _look_at_everything(stage.desktop, console)

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

    patient.answer(page, ANSWER)
    console.window.find(ANSWER, within_s=BACK_WITHIN_S)
    page.reload()
    for text in (REPLY, DECISION, ANSWER):
        patient.expect_message(page, text)
    (case,) = [task for task in clinic.fhir.tasks(patient_id) if task.get("description") == REASON]
    return Reviewed(page, patient_id, case["id"])


def test_offline_review(stage: Stage, reviewed: Reviewed) -> None:
    clinic = stage.clinic
    assert clinic.fhir.messages(reviewed.case_id, "message").count(REPLY) == 1
    assert clinic.fhir.messages(reviewed.case_id, "message").count(ANSWER) == 1
    assert clinic.fhir.messages(reviewed.case_id, "decision") == [DECISION]


def test_call_from_the_reviewed_case(stage: Stage, reviewed: Reviewed) -> None:
    clinic, console, page = stage.clinic, stage.console, reviewed.page
    window = console.window
    console.open_case("worries", REASON)
    console.press("Call now")
    window.find(f"Patient: {clinic.fhir.patient_name(reviewed.patient_id)}", within_s=20)
    patient.join_call(page)
    patient.check_and_agree(page)
    assert all(number - FIRST_PICTURE in range(PICTURES) for number in console.see_patient())
    patient.see_clinician(page)

    beside = window.find("Case beside the call")
    for number in (1, 2, 3):
        beside.find(f"Photo {number}: photo-{number - 1}.jpg")
    before = console.see_patient(numbers=2)
    assert set(console.see_patient(numbers=3)) != set(before), "the picture moves on beside the case's pictures"

    console.chat(LINE)
    patient.open_chat(page)
    patient.expect_chat(page, LINE)
    sealed = console.take_still()
    console.write_note(NOTE)
    console.hang_up()
    patient.expect_ended(page)

    (encounter,) = wait_until(
        lambda: [each for each in clinic.fhir.encounters(reviewed.patient_id) if each["status"] == "finished"],
        "the finished Encounter is on the server",
        within_s=SENT_WITHIN_S,
    )
    assert case_of(encounter) == reviewed.case_id
    wait_until(
        lambda: clinic.fhir.messages(reviewed.case_id, "visit-chat") == [LINE], "the chat", within_s=SENT_WITHIN_S
    )
    (still,) = wait_until(
        lambda: clinic.fhir.evidence(reviewed.case_id, "still"), "the still is there", within_s=SENT_WITHIN_S
    )
    png = clinic.fhir.binary(still["content"][0]["attachment"]["url"])
    assert hashlib.sha256(png).hexdigest() == sealed.sha256

    console.open_case("worries", REASON)
    timeline = window.find("Timeline")
    timeline.find_starting("Video visit")
    for text in (REPLY, DECISION, ANSWER, NOTE, LINE):
        console.says(text)
    for file in ("Photo 1: photo-0.jpg", "Video 4: Video message.webm"):
        timeline.find(file)
    timeline.find_starting("Still ")


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
