"""J4: every child is killed, and the screen is locked, in the middle of the work: what was called saved is not lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import counter
from tests.journeys.rig.process import signal_and_wait
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console
from tests.journeys.steps.fhir import case_of
from tests.journeys.steps.submission import REASON, submit_case

pytestmark = pytest.mark.journey

FIRST_PICTURE, PICTURES = 4000, 300
BACK_WITHIN_S = 30.0
SENT_WITHIN_S = 40.0
STORE_BACK = "The case store had stopped and works again. What was saved is safe."
CALLS_BACK = "The part that makes calls had stopped and works again. Chat, notes and stills are kept."
FILES_STOPPED = "The original is kept; open it again."
DRAFT = "Leg looks better than last week."


def kill(console: Console, child: str) -> None:
    """Kill a child and wait until its successor runs."""
    victim = console.child(child)
    signal_and_wait(victim, signal.SIGKILL)
    console.child(child, other_than=victim.pid)


def test_kills_and_a_lock_in_a_visit(
    clinic: Clinic, console: Console, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", PICTURES, first=FIRST_PICTURE)
    visit = clinic.visits[0]
    name = clinic.fhir.patient_name(visit.patient_id)
    window = console.window
    page = open_browser(camera=camera).context(phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)
    console.go("Today")
    console.admit(name)
    console.see_patient()
    patient.see_clinician(page)
    console.chat("Before everything.")
    patient.open_chat(page)
    patient.expect_chat(page, "Before everything.")

    kill(console, "vault")
    console.starting("Message: ")
    console.take_still()
    patient.write_chat(page, "While the store was away.")
    patient.expect_received(page, "While the store was away.")
    console.window.wait_gone("Case store is starting", within_s=BACK_WITHIN_S)
    console.see_patient()

    console.says(STORE_BACK, within_s=BACK_WITHIN_S)

    kill(console, "call")
    console.says(CALLS_BACK, within_s=BACK_WITHIN_S)
    console.see_patient(within_s=BACK_WITHIN_S)
    patient.see_clinician(page, within_s=BACK_WITHIN_S)
    patient.expect_chat(page, "While the store was away.")

    console.press("Notes tab")
    console.fill("Visit note", DRAFT)
    console.lock()
    assert window.look(f"Patient: {name}") is None, "the lock hides who it is"
    console.starting("In call: ")
    assert not console.program.children("vault"), "the lock ends the vault"
    patient.see_clinician(page)
    patient.write_chat(page, "Behind the lock.")
    patient.expect_received(page, "Behind the lock.")
    console.unlock()
    window.find(f"Patient: {name}", within_s=BACK_WITHIN_S)
    console.see_patient()
    console.press("Chat tab")
    window.find("Patient: Behind the lock.", within_s=BACK_WITHIN_S)

    kill(console, "call")
    console.says(CALLS_BACK, within_s=BACK_WITHIN_S)
    console.see_patient(within_s=BACK_WITHIN_S)
    patient.see_clinician(page, within_s=BACK_WITHIN_S)
    console.press("Notes tab")
    note = window.find("Visit note", role="text")
    wait_until(lambda: note.text() == DRAFT, "the note's draft is back", seen=note.text)
    console.press("Write note")
    window.find("Note: In the record", within_s=20)
    console.hang_up()
    patient.expect_ended(page)

    def finished() -> bool:
        found = clinic.fhir.visit(visit.patient_id, visit.visit_id)
        return found is not None and found["status"] == "finished"

    wait_until(finished, "the finished Encounter is on the server", within_s=SENT_WITHIN_S)
    encounter = clinic.fhir.visit(visit.patient_id, visit.visit_id)
    assert encounter is not None
    case_id = case_of(encounter)
    said = ["Before everything.", "While the store was away.", "Behind the lock."]
    wait_until(
        lambda: clinic.fhir.messages(case_id, "visit-chat") == said,
        "each line is on the server, once",
        within_s=SENT_WITHIN_S,
        seen=lambda: str(clinic.fhir.messages(case_id, "visit-chat")),
    )
    wait_until(lambda: len(clinic.fhir.evidence(case_id, "still")) == 1, "the still is there", within_s=SENT_WITHIN_S)
    wait_until(lambda: len(clinic.fhir.evidence(case_id, "note")) == 1, "the note is there", within_s=SENT_WITHIN_S)


def test_kills_and_a_lock_in_a_review(
    clinic: Clinic, console: Console, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    page = submit_case(clinic, open_browser, tmp_path)
    window = console.window
    console.wait_case(REASON)
    console.starting("Incomplete here: 0", within_s=60)
    console.open_case("worries", REASON)

    console.press("Photo 1: photo-0.jpg")
    console.starting("Picture: 1 of 5", within_s=20)
    victim = console.child("render")
    signal_and_wait(victim, signal.SIGKILL)
    console.says(FILES_STOPPED, within_s=BACK_WITHIN_S)
    console.press("Next file")
    console.starting("Picture: 2 of 5", within_s=BACK_WITHIN_S)
    console.child("render", other_than=victim.pid)
    console.press("Previous file")
    console.starting("Picture: 1 of 5", within_s=BACK_WITHIN_S)
    console.press("Close the viewer")

    console.press("Reply")
    console.fill("Reply text", "Half a rep")
    console.starting("Saved ", within_s=10)
    kill(console, "vault")
    console.starting("Message: ")
    window.wait_gone("Case store is starting", within_s=BACK_WITHIN_S)
    console.says(STORE_BACK, within_s=BACK_WITHIN_S)
    window.find(f"Reason: {REASON}", within_s=BACK_WITHIN_S)
    editor = window.find("Reply text", role="text", within_s=BACK_WITHIN_S)
    assert editor.text() == "Half a rep"
    editor.set_text("A whole reply.")
    console.lock()
    assert window.look(f"Reason: {REASON}") is None
    console.unlock("not this passphrase")
    console.says("does not open this computer")
    console.unlock()
    window.find(f"Reason: {REASON}", within_s=BACK_WITHIN_S)
    editor = window.find("Reply text", role="text", within_s=BACK_WITHIN_S)
    wait_until(lambda: editor.text() == "A whole reply.", "the draft is back", seen=editor.text)
    console.press("Send")
    window.find("A whole reply.")
    victim = console.child("vault")
    signal_and_wait(victim, signal.SIGKILL)
    patient.expect_message(page, "A whole reply.", within_s=SENT_WITHIN_S)
