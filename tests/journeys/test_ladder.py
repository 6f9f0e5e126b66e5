"""The ladder to the bottom and back in one visit: by hand, and by a link that is gone; one Encounter with its gap."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import counter, tones
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console
from tests.journeys.steps.fhir import Resource, case_of

pytestmark = pytest.mark.journey

PATIENT_HZ = 900
FIRST_PICTURE, PICTURES = 4000, 300
GONE_WITHIN_S = 40.0
BACK_WITHIN_S = 60.0
UP_WITHIN_S = 90.0
SENT_WITHIN_S = 60.0
GAP = "urn:teleconsole:visit-gap"
HAND_DOWN = (
    ("Picture small", "step 3 of 6", "The picture is small now."),
    ("Voice only", "step 4 of 6", "with sound only."),
    ("Voice and stills", "step 5 of 6", "A still picture comes every few seconds."),
)


def test_to_the_bottom_and_back_with_one_encounter(
    desktop: Desktop,
    clinic: Clinic,
    console: Console,
    open_browser: OpenBrowser,
    tmp_path: Path,
) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", PICTURES, first=FIRST_PICTURE)
    voice = tones.write_wav(tmp_path / "voice.wav", tones.pulsed_tone(PATIENT_HZ, 10))
    visit = clinic.visits[0]
    name = clinic.fhir.patient_name(visit.patient_id)
    page = open_browser(camera=camera, microphone=voice).context(phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)
    console.go("Today")
    console.admit(name)
    console.see_patient(numbers=2, within_s=UP_WITHIN_S)
    patient.see_clinician(page, numbers=2, within_s=UP_WITHIN_S)

    for choice, counted, words in HAND_DOWN:
        choose(console, choice)
        console.says(counted)
        console.says("chosen by the clinician")
        expect_step(page, words)
    console.starting("Picture: Still, ", within_s=30)
    expect(page.locator(".remote-still")).to_be_visible(timeout=30_000)
    choose(console, "Automatic")
    expect(page.locator(".quality")).to_be_hidden(timeout=20_000)
    console.see_patient(numbers=2, within_s=UP_WITHIN_S)

    desktop.net.configure("link set lo down")
    console.says("step 6 of 6", within_s=GONE_WITHIN_S)
    console.says("What you write is kept and delivered when it is back")
    write_into_the_case(console, "Keep the arm still.")
    patient.write_chat(page, "Can you hear me?")
    desktop.net.configure("link set lo up")

    patient.expect_chat(page, "Keep the arm still.")
    patient.expect_received(page, "Can you hear me?")
    console.window.find("Patient: Can you hear me?", within_s=BACK_WITHIN_S)
    wait_until(
        lambda: console.count_says("step 6 of 6") == 0, "the call is a call again", within_s=BACK_WITHIN_S,
        seen=console.window.names_told,
    )  # fmt: skip
    console.see_patient(numbers=2, within_s=UP_WITHIN_S)
    patient.see_clinician(page, numbers=2, within_s=UP_WITHIN_S)
    console.hang_up()
    patient.expect_ended(page)

    encounter = wait_finished(clinic, visit.patient_id, visit.visit_id)
    check_encounter(encounter)
    ours = [each for each in clinic.fhir.encounters(visit.patient_id) if each["id"] == encounter["id"]]
    assert len(ours) == 1, "the visit stayed one Encounter"
    case_id = case_of(encounter)
    wait_until(
        lambda: clinic.fhir.messages(case_id, "visit-chat") == ["Keep the arm still.", "Can you hear me?"],
        "both lines are on the server, once",
        within_s=SENT_WITHIN_S,
        seen=lambda: str(clinic.fhir.messages(case_id, "visit-chat")),
    )
    check_report(clinic, case_id, encounter)
    check_line_for_it(console)


def choose(console: Console, choice: str) -> None:
    """Open the choices by their button, take one by its name; they close, and the button says what holds."""
    console.shown(
        "the button of the picture",
        lambda each: each.name.startswith("Picture: ") and each.role == "push button" and each.is_("enabled"),
    ).press()
    console.window.find(choice, role="radio button").press()
    console.window.find(f"Picture: {choice}", role="push button")
    console.window.wait_gone("Picture of the call")


def expect_step(page: Page, words: str) -> None:
    """The page says where the call stands, and that the clinician chose it."""
    told = page.locator(".quality")
    expect(told).to_contain_text(words, timeout=15_000)
    expect(told).to_contain_text("has chosen this.")


def write_into_the_case(console: Console, text: str) -> None:
    """Write a line while nobody can be reached: it is called saved, and no more."""
    console.press("Chat tab")
    console.fill("Chat message", text)
    console.press("Send chat message")
    console.window.find(f"You: {text}")
    console.says("Saved")


def wait_finished(clinic: Clinic, patient_id: str, visit_id: str) -> Resource:
    """The Encounter as it stands on the server after the visit."""

    def finished() -> Resource | None:
        found = clinic.fhir.visit(patient_id, visit_id)
        return found if found is not None and found["status"] == "finished" else None

    return wait_until(finished, "the finished Encounter is on the server", within_s=SENT_WITHIN_S)


def check_encounter(encounter: Resource) -> None:
    """One gap is stated, it lies inside of the visit, and the case's extension is still there."""
    (gap,) = [each["valuePeriod"] for each in encounter["extension"] if each["url"] == GAP]
    period = encounter["period"]
    assert period["start"] < gap["start"] < gap["end"] < period["end"]
    assert case_of(encounter)


def check_report(clinic: Clinic, case_id: str, encounter: Resource) -> None:
    """The report of the call lies in the case, with the steps that were taken."""
    (report,) = wait_until(
        lambda: clinic.fhir.evidence(case_id, "call-report"), "the report is there", within_s=SENT_WITHIN_S
    )
    text = base64.b64decode(report["content"][0]["attachment"]["data"]).decode()
    for words in ("How the call went", "ITU-T G.107", "step 180p (chosen)", "step case (gone)", "s without connection"):
        assert words in text
    assert report["context"]["encounter"] == [{"reference": f"Encounter/{encounter['id']}"}]


def check_line_for_it(console: Console) -> None:
    """IT's copy: one line, and nothing that names anybody."""
    lines = (console.profile / "logs" / "calls.jsonl").read_text().splitlines()
    (line,) = lines
    told = json.loads(line)
    assert set(told) == {"day", "whole", "pieces", "steps"}
    assert {"step": "case", "cause": "gone"}.items() <= told["steps"][-1].items() or any(
        each["step"] == "case" for each in told["steps"]
    )
