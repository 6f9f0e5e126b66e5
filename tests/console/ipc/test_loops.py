"""The same mechanism under Qt's event loop and under uvloop, where it has to work unchanged."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import qasync
import uvloop
from PySide6.QtWidgets import QApplication

from teleconsole.ipc.child import Child
from teleconsole.ipc.supervisor import Supervisor
from tests.unit.ipc.helpers import SERVICE, Kind, make_child, until
from tests.unit.ipc.service import CONTRACT, Echo, Flood, Poke, Ticked

Run = Callable[[Any], None]


@pytest.fixture(params=["qasync", "uvloop"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a coroutine under that loop."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    if request.param == "uvloop":

        def under_uvloop(coroutine: Any) -> None:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(coroutine)

        return under_uvloop
    qapp: QApplication = request.getfixturevalue("qapp")

    def under_qt(coroutine: Any) -> None:
        loop = qasync.QEventLoop(qapp)
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(coroutine)
        finally:
            loop.close()
            asyncio.set_event_loop(None)

    return under_qt


def test_asks_news_and_a_flood(kind: Kind, run: Run) -> None:
    async def story() -> None:
        child, peer = await make_child(kind)
        got: list[int] = []
        peer.on_news(Ticked, lambda news: got.append(news.number))
        assert await asyncio.gather(*(peer.ask(Echo(str(n))) for n in range(20))) == [str(n) for n in range(20)]
        await peer.tell(Poke(5))
        await until(lambda: got == [-1, 5])
        await peer.ask(Flood(6000, 10))
        await until(lambda: len(got) == 6002)
        assert got[2:] == list(range(6000))
        await child.close()
        assert child.exited.value == 0

    run(story())


def test_a_killed_child_comes_back(kind: Kind, run: Run) -> None:
    async def story() -> None:
        events: list[str] = []
        supervisor = Supervisor(
            lambda: Child("test", transport=kind, command=SERVICE),
            CONTRACT,
            title="The test",
            on_up=lambda _: events.append("up"),
            on_lost=events.append,
        )
        supervisor.start()
        await until(lambda: events)
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        await until(lambda: len(events) == 3)
        assert events == ["up", "The test was ended from outside or crashed (SIGKILL).", "up"]
        assert await supervisor.ask(Echo("hello")) == "hello"
        await supervisor.stop()

    run(story())
