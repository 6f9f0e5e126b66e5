"""Fixtures of the journeys: a network, a desktop, the accessibility bus, programs and browsers."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from tests.journeys.rig.atspi import Accessibility
from tests.journeys.rig.browser import Browser
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.net import Net, NetUnavailableError
from tests.journeys.rig.process import Program, teleconsole

SKIP_VARIABLE = "TELECONSOLE_SKIP_JOURNEYS"
FAILED = pytest.StashKey[bool]()
HERE = Path(__file__).parent

StartApp = Callable[..., Program]
OpenBrowser = Callable[..., Browser]


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
    return report


@pytest.fixture(scope="session")
def net() -> Iterator[Net]:
    """The journeys' network namespace; pytest's main thread is inside from here to the end of the run."""
    try:
        made = Net()
        made.enter()
    except NetUnavailableError as unavailable:
        pytest.fail(str(unavailable), pytrace=False)
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
            _keep_evidence(made, tmp_path)


@pytest.fixture
def accessibility(desktop: Desktop) -> Iterator[Accessibility]:
    """The driver of what is on this test's desktop."""
    with Accessibility(desktop.env) as driver:
        yield driver


@pytest.fixture
def start_app(desktop: Desktop, tmp_path: Path) -> Iterator[StartApp]:
    """Start `python -m teleconsole ARGUMENTS` on the desktop: `start_app("demo", "--headless-clinic", env={…})`.

    `env` adds to the desktop's. All are ended after the test; output stays in `tmp_path`.
    """
    started: list[Program] = []

    def start(*arguments: str | Path, env: dict[str, str] | None = None, name: str = "app") -> Program:
        program = teleconsole(
            desktop.net, arguments, env={**desktop.env, **(env or {})}, log_stem=tmp_path / f"{name}-{len(started)}"
        )
        started.append(program)
        return program

    yield start
    for program in reversed(started):
        program.stop()


@pytest.fixture
def open_browser(desktop: Desktop) -> Iterator[OpenBrowser]:
    """Start Chromium for a patient: `open_browser(camera=…, microphone=…)`; closed after the test."""
    opened: list[Browser] = []

    def open_one(**options: object) -> Browser:
        browser = Browser(desktop.net, desktop.env, **options)  # type: ignore[arg-type] # passed through as given
        opened.append(browser)
        return browser

    yield open_one
    for browser in reversed(opened):
        browser.close()


def _keep_evidence(desktop: Desktop, folder: Path) -> None:
    desktop.screenshot(folder / "screen.png")
    with Accessibility(desktop.env) as driver:
        (folder / "accessible.txt").write_text("".join(found.dump() for found in driver.applications()))
    for log in desktop.folder.glob("*.log"):
        (folder / log.name).write_bytes(log.read_bytes())
