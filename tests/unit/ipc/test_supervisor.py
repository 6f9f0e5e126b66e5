"""A child that is kept alive."""

import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.unit.ipc.helpers import SERVICE, Kind, is_gone, open_descriptors, until
from tests.unit.ipc.service import CONTRACT, Echo, Stop, Ticked

from teleconsole.ipc.child import Child
from teleconsole.ipc.errors import PeerLost
from teleconsole.ipc.peer import Peer
from teleconsole.ipc.supervisor import Supervisor


class Owner:
    """What a part of the console is to its supervisor."""

    def __init__(self, kind: Kind, args: list[str]) -> None:
        self.events: list[str] = []
        self.lost_s: list[float] = []
        self.news: list[int] = []
        self.args = args
        self.command = SERVICE
        self.kind = kind
        self.supervisor = Supervisor(self.make, CONTRACT, title="The test", on_up=self.rebuild, on_lost=self.lost)

    def make(self) -> Child:
        return Child("test", transport=self.kind, command=self.command, args=self.args)

    async def rebuild(self, peer: Peer) -> None:
        peer.on_news(Ticked, lambda news: self.news.append(news.number))
        self.events.append("up " + await peer.ask(Echo("again")))

    def lost(self, sentence: str) -> None:
        self.lost_s.append(time.monotonic())
        self.events.append(sentence)

    @property
    def pid(self) -> int:
        assert self.supervisor.pid is not None
        return self.supervisor.pid


@pytest.fixture
async def make_owner(kind: Kind) -> AsyncIterator[Callable[..., Owner]]:
    owners: list[Owner] = []

    def make(*args: str) -> Owner:
        owners.append(Owner(kind, list(args)))
        return owners[-1]

    yield make
    for owner in owners:
        await owner.supervisor.stop()


Make = Callable[..., Any]
KILLED = "The test was ended from outside or crashed (SIGKILL)."


async def test_a_killed_child_is_noticed_told_and_back(make_owner: Make) -> None:
    owner = make_owner()
    owner.supervisor.start()
    await until(lambda: owner.events == ["up again"])
    first = owner.pid
    began_s = time.monotonic()
    os.kill(first, signal.SIGKILL)
    await until(lambda: len(owner.events) == 3)
    assert owner.lost_s[0] - began_s < 0.5
    assert owner.events == ["up again", KILLED, "up again"]
    assert owner.pid != first
    assert is_gone(first)
    assert owner.news == [-1, -1], "the first news of each life came to its listener"


async def test_a_child_that_hangs_is_found_by_its_heartbeat(make_owner: Make) -> None:
    owner = make_owner()
    owner.supervisor.start()
    await until(lambda: owner.events)
    await owner.supervisor.ask(Stop())
    await until(lambda: len(owner.events) == 3)
    assert owner.events[1] == "The test stopped answering and was ended."


async def test_our_own_standstill_is_not_held_against_the_child(make_owner: Make) -> None:
    owner = make_owner()
    owner.supervisor.start()
    await until(lambda: owner.events)
    pid = owner.pid
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: owner.supervisor.peer.waiting)
    os.kill(pid, signal.SIGCONT)
    time.sleep(2.6)  # noqa: ASYNC251 -- the standstill under test: the answer lies unread while the deadline passes
    await owner.supervisor.ask(Echo("still there"))
    await until(lambda: not owner.supervisor.peer.waiting)
    assert owner.events == ["up again"]
    assert owner.pid == pid


async def test_twenty_restarts_leave_nothing_behind(make_owner: Make) -> None:
    owner = make_owner()
    owner.supervisor.start()
    await until(lambda: owner.events)
    descriptors, threads = open_descriptors(), threading.active_count()
    for life in range(20):
        os.kill(owner.pid, signal.SIGKILL)
        await until(lambda life=life: len(owner.events) == 2 * life + 3)  # type: ignore[misc] # bound now
        owner.supervisor.resume()  # forget the deaths: no back-off in this test
        assert owner.events[-2:] == [KILLED, "up again"]
    await until(lambda: open_descriptors() == descriptors)
    await until(lambda: threading.active_count() == threads)


async def test_a_lock_kills_and_stays_until_the_unlock(make_owner: Make) -> None:
    owner = make_owner()
    owner.supervisor.start()
    await until(lambda: owner.events)
    pid = owner.pid
    await owner.supervisor.suspend()
    assert is_gone(pid)
    assert owner.supervisor.peer is None
    with pytest.raises(PeerLost):
        await owner.supervisor.ask(Echo("x"))
    owner.supervisor.resume()
    await until(lambda: len(owner.events) == 2)
    assert owner.events == ["up again", "up again"], "a lock is not a loss"


async def test_stop_ends_in_good_order(make_owner: Make) -> None:
    owner = make_owner()
    owner.supervisor.start()
    await until(lambda: owner.events)
    pid = owner.pid
    await owner.supervisor.stop()
    assert is_gone(pid)
    assert owner.events == ["up again"]


async def test_a_child_that_cannot_live_is_tried_less_and_less(make_owner: Make) -> None:
    owner = make_owner("die-at-start")
    owner.supervisor.start()
    await until(lambda: len(owner.events) == 4)
    assert set(owner.events) == {"The test ended with an error (status 7)."}
    pauses_s = [later - sooner for sooner, later in zip(owner.lost_s, owner.lost_s[1:], strict=False)]
    assert pauses_s[1] >= 0.5
    assert pauses_s[2] >= 1.0
    owner.args.clear()
    owner.supervisor.resume()
    await until(lambda: owner.events[-1] == "up again", within_s=1.9)


async def test_a_program_that_is_not_there_is_told_and_tried_again(make_owner: Make) -> None:
    owner = make_owner()
    owner.command = ["/nonexistent/teleconsole"]
    owner.supervisor.start()
    await until(lambda: owner.events)
    assert owner.events[0] == "The test could not be started."
    owner.command = SERVICE
    await until(lambda: owner.events[-1] == "up again")


async def test_garbage_is_told_as_such(make_owner: Make) -> None:
    owner = make_owner("raw-malformed")
    owner.supervisor.start()
    await until(lambda: owner.events)
    assert owner.events[0] == "The test broke off and was ended."


async def test_a_bug_in_the_owner_does_not_end_the_supervision(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    lives: list[Peer] = []

    def on_up(peer: Peer) -> None:
        lives.append(peer)
        raise KeyError("Erika Mustermann")

    def on_lost(sentence: str) -> None:
        raise ValueError(sentence)

    supervisor = Supervisor(
        lambda: Child("test", transport=kind, command=SERVICE),
        CONTRACT,
        title="The test",
        on_up=on_up,
        on_lost=on_lost,
    )
    supervisor.start()
    await until(lambda: lives)
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    await until(lambda: len(lives) == 2)
    await supervisor.stop()
    assert "KeyError in the owner of test at test_supervisor.py:" in caplog.text
    assert "Erika" not in caplog.text
