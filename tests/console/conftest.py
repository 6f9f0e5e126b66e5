"""The console over fakes, in Qt's own loop."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import pytest_asyncio
import pytestqt.plugin
import qasync
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from teleconsole.console.console import Console, Ports, Surroundings
from teleconsole.console.garbage import GarbageCollector
from teleconsole.host.clock import from_ms
from teleconsole.host.policy import LoadedPolicy, Policy
from teleconsole.host.settings import Settings
from tests.console import made_up
from tests.console.fakes import FakeCall, FakeRender, FakeVault

WITHIN_S = 5.0


@pytest.fixture(scope="session", autouse=True)
def _application(qapp_cls: type[QApplication]) -> QApplication:
    """The application is there before the first loop that runs in it, and lives as long as the session."""
    app = QApplication.instance()
    return app if isinstance(app, QApplication) else qapp_cls(["tests"])


@pytest.fixture(scope="session", autouse=True)
def _garbage(_application: QApplication) -> Iterator[None]:
    """Collected as in the program: threads of the tests would destroy what is Qt's otherwise."""
    collector = GarbageCollector()
    collector.start()
    yield
    collector.stop()


@pytest.fixture(autouse=True)
def _collected(_garbage: None) -> Iterator[None]:
    yield
    gc.collect()


def _qt_loop() -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(QApplication.instance(), set_running_loop=False)
    return loop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """All async tests of the console run in Qt's loop."""
    return {"qt": _qt_loop}


class StillClock:
    """Stands still at the time of the made-up day."""

    def now(self) -> datetime:
        return from_ms(made_up.NOW_MS).astimezone(UTC)


async def until(true: Callable[[], object], what: str, within_s: float = WITHIN_S) -> None:
    """Wait for a condition; fail with its name after the deadline."""
    try:
        async with asyncio.timeout(within_s):
            while not true():  # noqa: ASYNC110 -- any condition, also one that tells nobody when it comes true
                await asyncio.sleep(0.005)
    except TimeoutError:
        pytest.fail(f"not within {within_s} s: {what}")


@dataclass
class Desk:
    """A console over fakes, shown and open."""

    console: Console
    vault: FakeVault
    call: FakeCall
    render: FakeRender
    saved: list[Settings] = field(default_factory=list)

    def named(self, name: str, kind: type[QWidget] = QWidget) -> QWidget:
        """The visible control of that accessible name."""
        found = [
            widget
            for widget in self.console.window.findChildren(kind)
            if widget.accessibleName() == name and widget.isVisible()
        ]
        assert found, f"no visible {kind.__name__} named {name!r}"
        return found[0]

    def names(self) -> set[str]:
        """All accessible names that are visible."""
        return {
            widget.accessibleName()
            for widget in self.console.window.findChildren(QWidget)
            if widget.isVisible() and widget.accessibleName()
        }

    def press(self, name: str) -> None:
        """Click a control."""
        QTest.mouseClick(self.named(name), Qt.MouseButton.LeftButton)

    async def open_case(self, case_id: str = "case-1") -> None:
        """Show a case."""
        self.console.open_case(case_id)
        case = self.console.cases.case
        await until(lambda: case.detail is not None and case.detail.row.case_id == case_id, "the case is open")
        count = len(self.vault.details[case_id].timeline)
        await until(lambda: len(case.timeline.entries) == count, "its timeline is whole")
        await until(lambda: case.timeline.entries[-1].isVisible(), "its timeline is shown")
        await until(lambda: not case.thumbnails.is_working, "its pictures are there")


def make_desk(qapp: QApplication, vault: FakeVault, policy: Policy | None = None) -> Desk:
    """A console over fakes, not yet shown."""
    saved: list[Settings] = []
    call, render = FakeCall(), FakeRender()
    around = Surroundings(StillClock(), LoadedPolicy(policy or Policy()), Settings(theme="light"), "0.0", saved.append)
    return Desk(Console(qapp, Ports(vault, call, render), around), vault, call, render, saved)


async def close(desk: Desk) -> None:
    """End everything that runs."""
    console = desk.console
    for pane in (*console.window.panes.values(), console.cases.queue, console.cases.case):
        pane.scope.cancel()
        await pane.scope.settle()
    console.scope.cancel()
    await console.scope.settle()
    console.window.hide()
    for thing in (console.window, console.idle, console.theme, console):
        thing.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    await asyncio.sleep(0)


@pytest_asyncio.fixture
async def desk(qapp: QApplication) -> AsyncIterator[Desk]:
    """A console that is open, at the list of cases."""
    made = make_desk(qapp, FakeVault())
    made.console.window.show()
    made.vault.restart()
    made.console.actions["go.cases"].trigger()
    await until(lambda: made.console.cases.queue.state == "list", "the list is shown")
    yield made
    await close(made)


@pytest.fixture(autouse=True)
def _only_the_loop_turns_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-qt turns Qt's events after a test; tasks would then run while no loop is running."""
    monkeypatch.setattr(pytestqt.plugin, "_process_events", lambda: None)


@pytest.fixture(autouse=True)
def _no_strange_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
