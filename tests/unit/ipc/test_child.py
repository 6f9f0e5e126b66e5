"""One real child process."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.unit.ipc.helpers import SERVICE, Kind, is_gone, until
from tests.unit.ipc.service import (
    CONTRACT,
    Bequeath,
    Big,
    CountSleeps,
    Draw,
    Echo,
    Fail,
    Flood,
    Poke,
    Process,
    Sleep,
    Ticked,
)

from teleconsole.ipc.child import BASE_ENVIRONMENT, FIXED_ENVIRONMENT, Child, program
from teleconsole.ipc.errors import DeadlineExceeded, PeerLost, RemoteFailure
from teleconsole.ipc.exit_watch import exit_sentence
from teleconsole.ipc.slot import FrameSlot

Start = Callable[..., Any]


async def test_round_trips_news_and_an_orderly_end(start: Start) -> None:
    child, peer = await start()
    got: list[int] = []
    peer.on_news(Ticked, lambda news: got.append(news.number))
    assert await asyncio.gather(*(peer.ask(Echo(str(n))) for n in range(100))) == [str(n) for n in range(100)]
    await peer.tell(Poke(5))
    await until(lambda: got == [-1, 5])
    assert len(await peer.ask(Big(900_000))) == 900_000
    began_s = time.monotonic()
    await child.close()
    assert child.exited.value == 0
    assert time.monotonic() - began_s < 1, "it ended by itself"
    assert is_gone(child.pid)


async def test_errors_of_the_domain_come_through(start: Start) -> None:
    _, peer = await start()
    with pytest.raises(RemoteFailure) as failure:
        await peer.ask(Fail("domain"))
    assert (failure.value.code, failure.value.text) == ("wrong-key", "That is not it.")
    assert failure.value.sentence == "That is not it."
    with pytest.raises(RemoteFailure) as failure:
        await peer.ask(Fail("bug"))
    assert (failure.value.code, failure.value.text) == ("bug", "KeyError")
    with pytest.raises(RemoteFailure) as failure:
        await peer.ask(Fail("wrong type"))
    assert failure.value.code == "malformed-answer"


async def test_deadline_and_cancel_reach_the_child(start: Start) -> None:
    _, peer = await start()
    await peer.ask(Echo("it is up"))
    with pytest.raises(DeadlineExceeded):
        await peer.ask(Sleep(60), deadline_s=0.3)
    task = asyncio.create_task(peer.ask(Sleep(60)))
    await peer.ask(Echo("after it"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    counted = await peer.ask(CountSleeps())
    # On a very busy machine the first one may have been cancelled before it began.
    assert counted.begun == counted.cancelled >= 1


async def test_a_flood_into_a_parent_that_stands_still_is_bounded(start: Start) -> None:
    child, peer = await start()
    await peer.ask(Echo(""))
    process, ours = psutil.Process(child.pid), psutil.Process()
    before_bytes = process.memory_info().rss, ours.memory_info().rss
    grown_bytes: list[int] = []
    numbers: list[int] = []

    def stand_still(news: Ticked) -> None:
        numbers.append(news.number)
        if news.number == 0:
            cpu_s = -1.0
            while cpu_s < (cpu_s := sum(process.cpu_times()[:2])):
                time.sleep(0.25)  # the child works on until its pipe is full
            grown_bytes.append(process.memory_info().rss - before_bytes[0])
            grown_bytes.append(ours.memory_info().rss - before_bytes[1])

    peer.on_news(Ticked, stand_still)
    await peer.ask(Flood(count=20_000, size=4096), deadline_s=30)
    await until(lambda: len(numbers) == 20_001, within_s=30)
    assert numbers == [-1, *range(20_000)]
    assert max(grown_bytes) < 40 << 20, "80 MB were on their way"


@pytest.mark.parametrize("how", ["raw-oversized", "raw-malformed"])
async def test_a_child_that_sends_garbage_is_cut_off_and_ended(start: Start, how: str) -> None:
    child, peer = await start(args=[how])
    reason = await peer.closed
    assert "4294967295 bytes" in reason or "not a message" in reason
    with pytest.raises(PeerLost):
        await peer.ask(Echo(""))
    assert await child.exited == -signal.SIGKILL


async def test_a_kill_is_noticed_and_open_asks_fail(start: Start) -> None:
    child, peer = await start()
    await peer.ask(Echo(""))
    task = asyncio.create_task(peer.ask(Sleep(60)))
    await peer.ping(deadline_s=10)
    began_s = time.monotonic()
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(PeerLost):
        await task
    assert await child.exited == -signal.SIGKILL
    assert time.monotonic() - began_s < 0.5


async def test_a_child_that_does_not_end_is_killed(start: Start) -> None:
    child, peer = await start()
    await peer.ask(Echo(""))
    os.kill(child.pid, signal.SIGSTOP)
    await child.close()
    assert child.exited.value == -signal.SIGKILL


async def test_a_contract_without_all_handlers_does_not_start(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    child, peer = await start(args=["half"])
    assert await child.exited == 1
    await peer.closed
    assert "has no handler for Sleep, CountSleeps" in capfd.readouterr().err


async def test_the_environment_is_what_was_allowed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setenv("TELECONSOLE_PROFILE", "/nowhere")
    _, peer = await start()
    facts = await peer.ask(Process())
    names = set(facts["environment"].split())
    assert "TELECONSOLE_PROFILE" in names
    assert names <= BASE_ENVIRONMENT | FIXED_ENVIRONMENT.keys()
    _, peer = await start(environment=[*BASE_ENVIRONMENT, "DBUS_SESSION_BUS_ADDRESS"])
    facts = await peer.ask(Process())
    assert "DBUS_SESSION_BUS_ADDRESS" in facts["environment"]


async def test_frames_come_through_the_slot_of_every_life(start: Start) -> None:
    slot = FrameSlot(4096)
    into = memoryview(bytearray(4096))
    for life in (1, 2):
        child, peer = await start(slots={"view": slot.argument})
        await peer.ask(Draw(life))
        info = slot.reader.take(into)
        assert info is not None
        assert (info.pts_us, info.width_px, bytes(into)) == (life, 1024, bytes([life]) * 4096)
        child.kill()
        await child.exited
        assert slot.reader.take(into) is None
    slot.close()


async def test_what_has_to_be_done_at_the_end_is_done(start: Start, tmp_path: Path) -> None:
    child, peer = await start(args=[f"goodbye={tmp_path / 'goodbye'}"])
    await peer.ask(Echo(""))
    await child.close()
    assert child.exited.value == 0
    assert (tmp_path / "goodbye").read_text() == "goodbye"


async def test_an_heir_does_not_hide_the_death(start: Start) -> None:
    child, peer = await start()
    heir = psutil.Process(await peer.ask(Bequeath()))
    try:
        child.kill()
        assert await peer.closed == "the other side closed the connection"
    finally:
        heir.kill()


async def test_children_start_from_the_main_thread_only() -> None:
    refused: list[str] = []

    def run() -> None:
        try:
            asyncio.run(Child("test", command=SERVICE).start({}, CONTRACT))
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert refused == ["children are started from the main thread only"]


async def test_a_program_that_is_not_there(kind: Kind) -> None:
    child = Child("test", transport=kind, command=["/nonexistent/teleconsole"])
    with pytest.raises(FileNotFoundError):
        await child.start({}, CONTRACT)
    await child.close()


async def test_a_life_is_lived_once(start: Start) -> None:
    child, _ = await start()
    with pytest.raises(RuntimeError, match="one life"):
        await child.start({}, CONTRACT)


def test_the_program_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program() == [sys.executable, "-m", "teleconsole"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program() == [sys.executable]


def test_exit_sentences() -> None:
    assert exit_sentence("The case store", 0) == "The case store ended."
    assert "status 7" in exit_sentence("The case store", 7)
    assert "SIGKILL" in exit_sentence("The case store", -9)
    assert "(250)" in exit_sentence("The case store", -250)
