"""Fixtures of the journeys: a network, a desktop, the accessibility bus, programs and browsers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from tests.journeys.rig.atspi import Accessibility
from tests.journeys.rig.browser import Browser, driver
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.net import Net, NetUnavailableError
from tests.journeys.rig.process import Program, teleconsole
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console

SKIP_VARIABLE = "TELECONSOLE_SKIP_JOURNEYS"
FAILED = pytest.StashKey[bool]()
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the journeys out, visibly, only when the environment says so."""
    if os.environ.get(SKIP_VARIABLE) != "1":
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"{SKIP_VARIABLE}=1"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure, so that the desktop keeps a picture of it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        module = item.getparent(pytest.Module)
        if module is not None:
            module.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def net() -> Iterator[Net]:
    """The journeys' network namespace; pytest's main thread is inside from here to the end of the run."""
    made, refusal = None, ""
    try:
        made = Net()
        made.enter()
    except NetUnavailableError as unavailable:
        refusal = str(unavailable)
    if made is not None and refusal:
        made.close()
    if made is None or refusal:
        pytest.fail(refusal, pytrace=False)
    yield made
    left_running = made.close()
    assert not left_running, f"Left running by the journeys: {left_running}"


@pytest.fixture
def desktop(net: Net, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desktop]:
    """A desktop of the test's own, 1600x1000 (or `@pytest.mark.parametrize("desktop", [(w, h)], indirect=True)`).

    After a failure `tmp_path` holds screen.png and accessible.txt, and the parts' logs.
    """
    width, height = getattr(request, "param", (1600, 1000))
    with Desktop(net, width=width, height=height) as made:
        yield made
        if request.node.stash.get(FAILED, False):
            keep_evidence(made, tmp_path)


@pytest.fixture
def accessibility(desktop: Desktop) -> Iterator[Accessibility]:
    """The driver of what is on this test's desktop."""
    with Accessibility(desktop.env) as driver:
        yield driver


class StartApp:
    """Starts `python -m teleconsole` on one desktop, and ends at the end of the test what it started."""

    def __init__(self, desktop: Desktop, folder: Path) -> None:
        self._desktop = desktop
        self._folder = folder
        self._started: list[Program] = []

    def __call__(self, *arguments: str | Path, env: Mapping[str, str] | None = None, name: str = "app") -> Program:
        """Start it; `env` adds to the desktop's, output goes to `<name>-<n>.out` and `.err` in the test's folder."""
        program = teleconsole(
            self._desktop.net,
            arguments,
            env={**self._desktop.env, **(env or {})},
            log_stem=self._folder / f"{name}-{len(self._started)}",
        )
        self._started.append(program)
        return program

    def close(self) -> None:
        """End all that still run, the youngest first."""
        for program in reversed(self._started):
            program.stop()


class OpenBrowser:
    """Starts browsers for patients on one desktop; the driver is started with the first of them."""

    def __init__(self, desktop: Desktop, closing: contextlib.ExitStack) -> None:
        self._desktop = desktop
        self._closing = closing
        self._playwright: Playwright | None = None

    def __call__(
        self, *, camera: Path | None = None, microphone: Path | None = None, starter: Path | None = None
    ) -> Browser:
        """Start one; see `Browser` for the files."""
        if self._playwright is None:
            self._playwright = self._closing.enter_context(driver())
        browser = Browser(
            self._playwright,
            self._desktop.net,
            self._desktop.env,
            camera=camera,
            microphone=microphone,
            starter=starter,
        )
        self._closing.callback(browser.close)
        return browser


@pytest.fixture
def start_app(desktop: Desktop, tmp_path: Path) -> Iterator[StartApp]:
    """Start the app or another command: `start_app("demo", "--headless-clinic")`; ended after the test."""
    starter = StartApp(desktop, tmp_path)
    yield starter
    starter.close()


@pytest.fixture
def open_browser(desktop: Desktop) -> Iterator[OpenBrowser]:
    """Start Chromium for a patient: `open_browser(camera=…, microphone=…)`; closed after the test."""
    with contextlib.ExitStack() as closing:
        yield OpenBrowser(desktop, closing)


@pytest.fixture
def clinic(desktop: Desktop, tmp_path: Path) -> Iterator[Clinic]:
    """A made-up clinic of this test's own, running."""
    made = Clinic(desktop.net, desktop.env, tmp_path / "clinic")
    yield made
    made.close()


@pytest.fixture
def console(
    desktop: Desktop, accessibility: Accessibility, clinic: Clinic, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Console]:
    """The app after its first run: signed in and synced."""
    made = Console(desktop, accessibility, tmp_path / "console", clinic.gateway)
    try:
        made.first_run(clinic.code)
        yield made
    finally:
        if request.node.stash.get(FAILED, False):
            keep_evidence(desktop, tmp_path)
        made.close()
    made.check_no_stall()


@dataclass(frozen=True)
class Stage:
    """One desktop with a clinic, the signed-in console and patients' browsers, for the tests of a whole module."""

    desktop: Desktop
    accessibility: Accessibility
    clinic: Clinic
    console: Console
    open_browser: OpenBrowser
    folder: Path


@pytest.fixture(scope="module")
def stage(net: Net, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything running once for the module; its tests come in any order and leave the console usable."""
    folder = tmp_path_factory.mktemp("stage")
    with contextlib.ExitStack() as closing:
        desktop = closing.enter_context(Desktop(net))
        accessibility = closing.enter_context(Accessibility(desktop.env))
        clinic = Clinic(desktop.net, desktop.env, folder / "clinic")
        closing.callback(clinic.close)
        patients = closing.enter_context(contextlib.ExitStack())
        console = Console(desktop, accessibility, folder / "console", clinic.gateway)
        try:
            console.first_run(clinic.code)
            yield Stage(desktop, accessibility, clinic, console, OpenBrowser(desktop, patients), folder)
        finally:
            if request.node.stash.get(FAILED, False):
                keep_evidence(desktop, folder)
            console.close()
    console.check_no_stall()


def keep_evidence(desktop: Desktop, folder: Path) -> None:
    """Keep what the screen shows and what a screen reader finds there, and the parts' logs; once for a test."""
    if (folder / "screen.png").exists():  # kept while the console was still there
        return
    desktop.screenshot(folder / "screen.png")
    with Accessibility(desktop.env) as driver:
        (folder / "accessible.txt").write_text("".join(found.dump() for found in driver.applications()))
    for log in desktop.folder.glob("*.log"):
        (folder / log.name).write_bytes(log.read_bytes())
