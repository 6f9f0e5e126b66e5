"""J1: a live visit, from the patient's link to what lies on the FHIR server afterwards."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import counter, tones
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.sound import MIC, PATIENT_SPEAKER, SPEAKER
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console, TakenStill
from tests.journeys.steps.fhir import Resource, case_of

pytestmark = pytest.mark.journey

CLINICIAN_HZ, PATIENT_HZ = 700, 900
FIRST_PICTURE, PICTURES = 4000, 300
SENT_WITHIN_S = 30.0


def test_live_visit(
    desktop: Desktop, clinic: Clinic, console: Console, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", PICTURES, first=FIRST_PICTURE)
    voice = tones.write_wav(tmp_path / "voice.wav", tones.pulsed_tone(PATIENT_HZ, 10))
    visit = clinic.visits[0]
    name = clinic.fhir.patient_name(visit.patient_id)
    window = console.window

    page = open_browser(camera=camera, microphone=voice).context(phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)

    console.go("Today")
    window.find(f"Visit of {name}", within_s=20)
    assert console.starting("Waiting: ").endswith("min")
    console.admit(name)

    assert all(number - FIRST_PICTURE in range(PICTURES) for number in console.see_patient())
    seen = patient.see_clinician(page)
    assert seen == sorted(seen), "the clinician's pictures are in order"
    tones.wait_heard(desktop.sound, SPEAKER, PATIENT_HZ)
    with tones.playing(desktop.sound, MIC, CLINICIAN_HZ, tmp_path):
        tones.wait_heard(desktop.sound, PATIENT_SPEAKER, CLINICIAN_HZ)

    console.chat("Does it still hurt?")
    patient.open_chat(page)
    patient.expect_chat(page, "Does it still hurt?")
    patient.write_chat(page, "Only at night.")
    patient.expect_received(page, "Only at night.")
    window.find("Patient: Only at night.")

    sealed = [console.take_still(), console.take_still()]
    console.write_note("Closing well, change the dressing daily.")
    console.hang_up()
    patient.expect_ended(page)

    encounter = _wait_finished(clinic, visit.patient_id, visit.visit_id)
    assert encounter["class"]["code"] == "VR"
    assert encounter["period"]["start"] < encounter["period"]["end"]
    assert encounter["subject"]["reference"] == f"Patient/{visit.patient_id}"
    case_id = case_of(encounter)
    assert case_id in [task["id"] for task in clinic.fhir.tasks(visit.patient_id)], "the case is this patient's"
    _wait_messages(clinic, case_id, ["Does it still hurt?", "Only at night."])
    _check_note(clinic, case_id, encounter)
    _check_stills(clinic, case_id, encounter, sealed)


def _wait_finished(clinic: Clinic, patient_id: str, visit_id: str) -> Resource:
    def finished() -> Resource | None:
        found = clinic.fhir.visit(patient_id, visit_id)
        return found if found is not None and found["status"] == "finished" else None

    return wait_until(finished, "the finished Encounter is on the server", within_s=SENT_WITHIN_S)


def _wait_messages(clinic: Clinic, case_id: str, texts: list[str]) -> None:
    wait_until(
        lambda: clinic.fhir.messages(case_id, "visit-chat") == texts,
        "the chat is on the server, each line once and in order",
        within_s=SENT_WITHIN_S,
        seen=lambda: str(clinic.fhir.messages(case_id, "visit-chat")),
    )


def _check_note(clinic: Clinic, case_id: str, encounter: Resource) -> None:
    (note,) = wait_until(lambda: clinic.fhir.evidence(case_id, "note"), "the note is there", within_s=SENT_WITHIN_S)
    text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
    assert text == "Closing well, change the dressing daily."
    assert note["context"]["encounter"] == [{"reference": f"Encounter/{encounter['id']}"}]


def _check_stills(clinic: Clinic, case_id: str, encounter: Resource, sealed: list[TakenStill]) -> None:
    """Two pictures of the patient's camera: the bytes that the call process sealed, each with its SHA-256."""
    received: list[TakenStill] = []
    stills = wait_until(
        lambda: found if len(found := clinic.fhir.evidence(case_id, "still")) == 2 else None,
        "two stills are on the server",
        within_s=SENT_WITHIN_S,
    )
    for still in stills:
        attachment = still["content"][0]["attachment"]
        png = clinic.fhir.binary(attachment["url"])
        assert len(png) == attachment["size"]
        assert base64.b64encode(hashlib.sha1(png, usedforsecurity=False).digest()).decode() == attachment["hash"]
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.format == "PNG"
            received.append(TakenStill(f"{picture.width} by {picture.height}", hashlib.sha256(png).hexdigest()))
            assert picture.width * 9 == picture.height * 16
            number = counter.read(picture.convert("RGB"))
        assert number is not None
        assert number - FIRST_PICTURE in range(PICTURES), "the still shows what the patient's camera saw"
        assert {"reference": f"Encounter/{encounter['id']}"} in still["context"]["encounter"]
        assert {"reference": f"Task/{case_id}"} in still["context"]["related"]
    assert len(set(sealed)) == 2, "two stills of a moving picture differ"
    assert set(received) == set(sealed), "what lies on the server is what the call process sealed"
