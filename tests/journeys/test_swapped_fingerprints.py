"""Whoever sits between the two ends of a call is heard when the safety words are read aloud, or comes to nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import counter
from tests.journeys.rig.atspi import Accessibility
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.middleman import MiddleMan
from tests.journeys.rig.net import Net
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic, VisitLink
from tests.journeys.steps.console import Console

pytestmark = pytest.mark.journey

CODE = "Safety code: "
REFUSED_AT_THE_CONSOLE = "The connection to the patient could not be proved secure, so it was stopped."
REFUSED_ON_THE_PAGE = "This connection could not be proved safe, so it was stopped. We connect you again."


@dataclass(frozen=True)
class Intercepted:
    """The console behind a gateway that may be dishonest, and the patients' browser."""

    man: MiddleMan
    clinic: Clinic
    console: Console
    open_page: OpenBrowser


@pytest.fixture(scope="module")
def intercepted(net: Net, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intercepted]:
    """Running once for the module; each test takes a visit of its own."""
    folder = tmp_path_factory.mktemp("intercepted")
    with contextlib.ExitStack() as closing:
        desktop = closing.enter_context(Desktop(net))
        accessibility = closing.enter_context(Accessibility(desktop.env))
        clinic = Clinic(desktop.net, desktop.env, folder / "clinic")
        closing.callback(clinic.close)
        man = MiddleMan(clinic.gateway)
        closing.callback(man.close)
        patients = closing.enter_context(contextlib.ExitStack())
        console = Console(desktop, accessibility, folder / "console", man.address)
        closing.callback(console.close)
        console.first_run(clinic.code)
        yield Intercepted(man, clinic, console, OpenBrowser(desktop, patients))


@contextlib.contextmanager
def admitted(stage: Intercepted, visit: VisitLink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The patient of this visit has opened the link and was admitted; the call is ended afterwards."""
    camera = counter.write_mjpeg(tmp_path_factory.mktemp("camera") / "camera.mjpeg", 300, first=100)
    page = stage.open_page(camera=camera).context(phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)
    stage.console.go("Today")
    stage.console.admit(stage.clinic.fhir.patient_name(visit.patient_id))
    try:
        yield page
    finally:
        stage.console.hang_up()
        patient.expect_ended(page)
        page.context.close()


def words_on_both(stage: Intercepted, page: Page) -> tuple[list[str], list[str]]:
    """Both see each other; what each screen shows to read aloud."""
    stage.console.see_patient()
    patient.see_clinician(page)
    at_the_console = stage.console.starting(CODE).removeprefix(CODE).split()
    page.get_by_text("Safety code", exact=True).click()
    shown = page.locator(".safety strong")
    expect(shown).to_be_visible()
    return at_the_console, (shown.text_content() or "").split(" · ")


def test_through_an_honest_gateway_both_screens_show_the_same_four_words(
    intercepted: Intercepted, tmp_path_factory: pytest.TempPathFactory
) -> None:
    intercepted.man.mode = "honest"
    with admitted(intercepted, intercepted.clinic.visits[0], tmp_path_factory) as page:
        at_the_console, on_the_page = words_on_both(intercepted, page)
        assert len(at_the_console) == 4
        assert at_the_console == on_the_page


def test_with_somebody_between_both_are_in_the_call_and_the_words_differ(
    intercepted: Intercepted, tmp_path_factory: pytest.TempPathFactory
) -> None:
    intercepted.man.mode = "between"
    with admitted(intercepted, intercepted.clinic.visits[1], tmp_path_factory) as page:
        at_the_console, on_the_page = words_on_both(intercepted, page)
        assert len(at_the_console) == len(on_the_page) == 4
        assert at_the_console != on_the_page


def test_fingerprints_that_are_only_rewritten_lead_to_no_connection_and_a_sentence(
    intercepted: Intercepted, tmp_path_factory: pytest.TempPathFactory
) -> None:
    intercepted.man.mode = "rewrites"
    with admitted(intercepted, intercepted.clinic.visits[2], tmp_path_factory) as page:
        intercepted.console.says(REFUSED_AT_THE_CONSOLE, within_s=20)
        patient.expect_says(page, REFUSED_ON_THE_PAGE)
        assert intercepted.console.window.look("Call pane") is not None
        assert not any(each.name.startswith(CODE) for each in intercepted.console.window.walk(showing=True))
        assert page.locator(".safety strong").count() == 0
        assert page.locator(patient.REMOTE).evaluate("(video) => video.videoWidth") == 0
        intercepted.man.mode = "honest"
        at_the_console, on_the_page = words_on_both(intercepted, page)
        assert at_the_console == on_the_page, "the honest connection that follows is a good one"
