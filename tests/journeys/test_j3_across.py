"""J3: a case that needs a talk becomes a call with its pictures beside it, and one timeline tells both."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console
from tests.journeys.steps.fhir import case_of
from tests.journeys.steps.submission import FIRST_PICTURE, PICTURES, REASON, submit_case

pytestmark = pytest.mark.journey

LINE = "Do you see the result on paper?"
NOTE = "Explained by video, no danger."
SENT_WITHIN_S = 30.0


def test_call_from_a_case(clinic: Clinic, console: Console, open_browser: OpenBrowser, tmp_path: Path) -> None:
    page = submit_case(clinic, open_browser, tmp_path)
    patient_id = clinic.submit_link("general").patient_id
    name = clinic.fhir.patient_name(patient_id)
    window = console.window
    console.wait_case(REASON)
    console.starting("Incomplete here: 0", within_s=60)
    console.open_case("worries", REASON)

    console.press("Call now")
    window.find(f"Patient: {name}", within_s=20)
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
    console.take_still()
    console.write_note(NOTE)
    console.hang_up()
    patient.expect_ended(page)

    (case,) = [task for task in clinic.fhir.tasks(patient_id) if task.get("description") == REASON]
    (encounter,) = wait_until(
        lambda: [each for each in clinic.fhir.encounters(patient_id) if each["status"] == "finished"],
        "the finished Encounter is on the server",
        within_s=SENT_WITHIN_S,
    )
    assert case_of(encounter) == case["id"]
    wait_until(lambda: clinic.fhir.messages(case["id"], "visit-chat") == [LINE], "the chat", within_s=SENT_WITHIN_S)
    wait_until(lambda: len(clinic.fhir.evidence(case["id"], "still")) == 1, "the still", within_s=SENT_WITHIN_S)

    console.open_case("worries", REASON)
    timeline = window.find("Timeline")
    timeline.find_starting("Video visit")
    for text in (NOTE, LINE):
        console.says(text)
    for file in ("Photo 1: photo-0.jpg", "Video 4: Video message.webm"):
        timeline.find(file)
    timeline.find_starting("Still ")
