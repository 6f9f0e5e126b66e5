"""A visit over the clinic's relay only: no packet takes another way, and the call outlives what happens to it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import FAILED, OpenBrowser, keep_evidence
from tests.journeys.rig import counter, tones
from tests.journeys.rig.atspi import Accessibility
from tests.journeys.rig.browser import starter_in, wait_page
from tests.journeys.rig.by_relay import CONSOLE, RELAY, ByRelay
from tests.journeys.rig.candidates import KEEP_CONNECTIONS, SELECTED_PAIRS
from tests.journeys.rig.carrier import Carrier
from tests.journeys.rig.coturn import SECRET, Coturn
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.sound import MIC, PATIENT_SPEAKER, SPEAKER
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console
from tests.journeys.steps.fhir import case_of
from tests.journeys.steps.notice import Notice

pytestmark = pytest.mark.journey

CLINICIAN_HZ, PATIENT_HZ = 700, 900
FIRST_PICTURE, PICTURES = 4000, 300
ANY_PORT = 50_000
AGAIN_WITHIN_S = 30.0
SENT_WITHIN_S = 30.0
RECONNECTING = "The connection to the patient is interrupted."
NO_RELAY = "The clinic's relay does not answer, and calls may go over it only."
RECONNECTING_ON_THE_PAGE = "The connection is gone. We connect you again. Please stay here."
NO_RELAY_ON_THE_PAGE = "Sound and picture can't get through to the clinic right now."
LISTEN = """() => {
  window.said = [];
  const veil = document.querySelector(".veil");
  new MutationObserver(() => {
    const words = veil.hidden ? "" : veil.textContent;
    if (words !== said.at(-1)) said.push(words);
  }).observe(veil, { attributes: true, childList: true, subtree: true });
}"""
"""What stands over the picture of the clinician from now on."""


@dataclass(frozen=True)
class Strict:
    """A clinic that allows its relay only, with a console and a patient's browser in networks of their own."""

    ways: ByRelay
    desktop: Desktop
    clinic: Clinic
    console: Console
    open_browser: OpenBrowser


@pytest.fixture
def strict(
    desktop: Desktop,
    accessibility: Accessibility,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[Strict]:
    """Everything running; the console is signed in."""
    with contextlib.ExitStack() as closing:
        ways = closing.enter_context(ByRelay(desktop.net))
        relay = Coturn(ways.relay, tmp_path / "coturn", RELAY)
        closing.callback(relay.close)
        gateway = {
            "relayOnly": True,
            "turn": {"urls": [relay.url("udp"), relay.url("tcp"), relay.url("tls")], "secret": SECRET},
        }
        clinic = Clinic(desktop.net, desktop.env, tmp_path / "clinic", gateway_config=gateway)
        closing.callback(clinic.close)
        carrier = Carrier(ways.patient, urlsplit(clinic.gateway).port or 0)
        closing.callback(carrier.close)
        patients = closing.enter_context(contextlib.ExitStack())
        policy = {"relayOnly": True, "extraCaFile": str(relay.authority)}
        console = Console(desktop, accessibility, tmp_path / "console", clinic.gateway, policy)
        closing.callback(console.close)
        wait_until(relay.is_ready, "the relay listens")
        console.first_run(clinic.code)
        yield Strict(ways, desktop, clinic, console, OpenBrowser(desktop, patients))
        if request.node.stash.get(FAILED, False):
            keep_evidence(desktop, tmp_path)
    console.check_no_stall()


def test_everything_goes_by_the_relay_and_the_call_comes_back_over_it(strict: Strict, tmp_path: Path) -> None:
    console, clinic = strict.console, strict.clinic
    check_that_a_direct_packet_would_be_counted(strict.ways)
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", PICTURES, first=FIRST_PICTURE)
    voice = tones.write_wav(tmp_path / "voice.wav", tones.pulsed_tone(PATIENT_HZ, 10))
    starter = starter_in(strict.ways.patient, tmp_path)
    visit = clinic.visits[0]
    page = strict.open_browser(camera=camera, microphone=voice, starter=starter).context(phone=True).new_page()
    page.add_init_script(KEEP_CONNECTIONS)
    before = strict.ways.direct_packets()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)
    console.go("Today")
    console.admit(clinic.fhir.patient_name(visit.patient_id))

    console.see_patient(numbers=2)
    patient.see_clinician(page, numbers=2)
    tones.wait_heard(strict.desktop.sound, SPEAKER, PATIENT_HZ)
    with tones.playing(strict.desktop.sound, MIC, CLINICIAN_HZ, tmp_path):
        tones.wait_heard(strict.desktop.sound, PATIENT_SPEAKER, CLINICIAN_HZ)
    wait_route(console, page, "udp", there=("udp", "tcp"))
    console.chat("Does it still hurt?")
    patient.open_chat(page)
    patient.expect_chat(page, "Does it still hurt?")

    notice = Notice(console)
    page.evaluate(LISTEN)
    strict.ways.close_udp()
    notice.wait(RECONNECTING)
    patient.write_chat(page, "Only at night.")
    notice.wait_without(RECONNECTING, NO_RELAY)
    wait_back(console, page)
    wait_route(console, page, "tcp")
    assert page.evaluate("said") == [RECONNECTING_ON_THE_PAGE, ""]
    patient.expect_received(page, "Only at night.")
    console.window.find("Patient: Only at night.")

    strict.ways.cut_off()
    notice.wait(NO_RELAY)
    expect(page.locator(".veil")).to_contain_text(NO_RELAY_ON_THE_PAGE, timeout=AGAIN_WITHIN_S * 1000)
    expect(page.locator(".self-frame")).to_be_hidden()  # it would cover the words
    expect(page.locator(".quality")).to_be_hidden()  # nobody is heard
    strict.ways.let_through()
    notice.wait_without(RECONNECTING, NO_RELAY)
    wait_back(console, page)
    wait_route(console, page, "tcp", "tls")
    assert strict.ways.direct_packets() == before, "no packet took another way than the relay's"

    console.hang_up()
    patient.expect_ended(page)
    check_one_encounter(clinic, visit.patient_id, visit.visit_id)


def check_that_a_direct_packet_would_be_counted(ways: ByRelay) -> None:
    """One that goes from the patient's network to the console's arrives, and is counted."""
    before = ways.direct_packets()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind((CONSOLE, 0))
        here.settimeout(5)
        address = here.getsockname()

        def send() -> None:
            ways.patient.enter()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
                there.sendto(b"straight", address)
            ways.patient.leave()

        sending = threading.Thread(target=send)
        sending.start()
        sending.join()
        assert here.recv(16) == b"straight"
    assert ways.direct_packets() == before + 1


def wait_route(console: Console, page: Page, *here: str, there: tuple[str, ...] = ("tcp",)) -> None:
    """Both sides say by their own numbers that the call goes over the relay, and how each reaches it.

    Args:
        console: reaches it by one of `here`: "udp", "tcp" or "tls".
        page: reaches it by one of `there`; a browser takes what answers it first.
        here: see above.
        there: see above.
    """
    words = [f"Over the clinic's relay, by {each.upper()}." for each in here]
    console.shown(
        f"a call over the relay by {here}",
        lambda each: each.name.startswith("Quality: ") and each.description.endswith(tuple(words)),
    )

    def is_relayed() -> bool:
        return page.evaluate(SELECTED_PAIRS) in [[["relay", each, "relay"]] for each in there]

    wait_page(page, is_relayed, f"a relayed pair by {there}", seen=lambda: str(page.evaluate(SELECTED_PAIRS)))


def wait_back(console: Console, page: Page) -> None:
    """The call is back on both screens."""
    expect(page.locator(".veil")).to_be_hidden(timeout=AGAIN_WITHIN_S * 1000)
    console.see_patient(numbers=2)
    patient.see_clinician(page, numbers=2)


def check_one_encounter(clinic: Clinic, patient_id: str, visit_id: str) -> None:
    """The visit stayed one Encounter, and every line is on the server once."""

    def finished() -> str:
        found = clinic.fhir.visit(patient_id, visit_id)
        return case_of(found) if found is not None and found["status"] == "finished" else ""

    case_id = wait_until(finished, "the finished Encounter is on the server", within_s=SENT_WITHIN_S)
    wait_until(
        lambda: clinic.fhir.messages(case_id, "visit-chat") == ["Does it still hurt?", "Only at night."],
        "both lines are on the server, once",
        within_s=SENT_WITHIN_S,
        seen=lambda: str(clinic.fhir.messages(case_id, "visit-chat")),
    )
