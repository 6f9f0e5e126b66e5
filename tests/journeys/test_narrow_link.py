"""A link that becomes narrow and wide again: the ladder goes down and up without a press, in one Encounter."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from tests.bench.call.impairment import Impairment
from tests.bench.call.link import Link
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import counter, tones
from tests.journeys.rig.browser import starter_in
from tests.journeys.rig.carrier import Carrier
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.sound import SPEAKER
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console
from tests.journeys.steps.fhir import Resource, case_of
from tests.journeys.steps.notice import Notice

pytestmark = pytest.mark.journey

ADDRESSES = ("10.78.0.1", "10.78.0.2")
PATIENT_HZ = 900
FIRST_PICTURE, PICTURES = 4000, 300
WIDE, NARROW = Impairment(delay_ms=20), Impairment(delay_ms=20, rate_kbps=200)
DOWN_WITHIN_S, UP_WITHIN_S, SENT_WITHIN_S = 20.0, 60.0, 60.0
GAP = "urn:teleconsole:visit-gap"


@pytest.fixture
def link(desktop: Desktop, clinic: Clinic) -> Iterator[Link]:
    """The patient's network behind a link that can be narrow; the clinic's pages are reached there."""
    made = Link(desktop.net, ADDRESSES)
    with contextlib.ExitStack() as closing:
        carrier = Carrier(made.patient, urlsplit(clinic.gateway).port or 0)
        closing.callback(carrier.close)
        made.set(WIDE)
        yield made
    left = made.close()
    assert not left, f"left running: {left}"


def test_the_ladder_goes_down_and_up_by_itself(
    desktop: Desktop, clinic: Clinic, console: Console, link: Link, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", PICTURES, first=FIRST_PICTURE)
    voice = tones.write_wav(tmp_path / "voice.wav", tones.pulsed_tone(PATIENT_HZ, 10))
    starter = starter_in(link.patient, tmp_path)
    visit = clinic.visits[0]
    page = open_browser(camera=camera, microphone=voice, starter=starter).context(phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)
    console.go("Today")
    console.admit(clinic.fhir.patient_name(visit.patient_id))
    console.see_patient(numbers=2)
    patient.see_clinician(page, numbers=2)
    notice = Notice(console)
    quality = page.locator(".quality")

    link.set(NARROW)
    notice.wait("Small picture: the connection is slow", within_s=DOWN_WITHIN_S)
    expect(quality).to_contain_text("The picture is small now. The connection is slow.", timeout=DOWN_WITHIN_S * 1000)
    tones.wait_heard(desktop.sound, SPEAKER, PATIENT_HZ)

    link.set(WIDE)
    notice.wait("the connection is better.", within_s=UP_WITHIN_S)
    expect(quality).to_contain_text("The connection is better.")
    console.see_patient(numbers=2)
    patient.see_clinician(page, numbers=2)
    console.hang_up()
    patient.expect_ended(page)

    encounter = wait_finished(clinic, visit.patient_id, visit.visit_id)
    assert len([each for each in clinic.fhir.encounters(visit.patient_id) if each["id"] == encounter["id"]]) == 1
    gaps = [each for each in encounter["extension"] if each["url"] == GAP]
    assert gaps == [], "the voice went on, so there is no gap"
    check_report(clinic, case_of(encounter))


def check_report(clinic: Clinic, case_id: str) -> None:
    """The report in the case tells of the way down and up."""
    (report,) = wait_until(
        lambda: clinic.fhir.evidence(case_id, "call-report"), "the report is there", within_s=SENT_WITHIN_S
    )
    text = base64.b64decode(report["content"][0]["attachment"]["data"]).decode()
    assert text.index("step 180p (slow)") < text.index("(better)")


def wait_finished(clinic: Clinic, patient_id: str, visit_id: str) -> Resource:
    """The Encounter as it stands on the server after the visit."""

    def finished() -> Resource | None:
        found = clinic.fhir.visit(patient_id, visit_id)
        return found if found is not None and found["status"] == "finished" else None

    return wait_until(finished, "the finished Encounter is on the server", within_s=SENT_WITHIN_S)
