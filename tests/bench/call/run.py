"""One pair in one scenario, from its begin to its notes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from playwright.async_api import Playwright
from tests.bench.call import clips
from tests.bench.call.link import Counts, Link, wait_ping
from tests.bench.call.notes import Notes
from tests.bench.call.pages import clip_server
from tests.bench.call.pairs import PAIRS, Pair, Setting, until_pictures
from tests.bench.call.scenarios import STALL_S, STALL_SPAN_S, Scenario
from tests.bench.call.sound import Heard, Sound
from tests.journeys.rig.display import Display

_COUNT_S = 0.5
_TAIL_S = 0.5
"""After the measured time, so that what was said in it is heard."""


@dataclass
class Raw:
    """What was noted; moments are Unix time in seconds.

    Attributes:
        recording: moment of its first sample, and the channels of `sound.CHANNELS`.
        cpu_s: of the clinic's end and of the patient's in the measured time.
        idle_cpu: share of a core that each used before the call.
        moments: of each phase's begin.
        load: of the machine, a minute's average at the end.
    """

    pair: str
    scenario: Scenario
    admitted_s: float = 0.0
    begun_s: float = 0.0
    ended_s: float = 0.0
    clinic: Notes = field(default_factory=Notes)
    patient: Notes = field(default_factory=Notes)
    recording: tuple[float, dict[str, Heard]] = (0.0, {})
    counts: list[Counts] = field(default_factory=list)
    cpu_s: tuple[float, float] = (0.0, 0.0)
    idle_cpu: tuple[float, float] = (0.0, 0.0)
    moments: list[float] = field(default_factory=list)
    load: float = 0.0


async def run(pair_name: str, scenario: Scenario, playwright: Playwright, *, shown: bool = False) -> Raw:
    """Make both ends, call, measure, end all.

    Args:
        pair_name: of `PAIRS`.
        scenario: the network.
        playwright: the driver.
        shown: measure pictures on the screen, see `pairs.Setting`.

    Raises:
        AssertionError: the call did not come about.
        NetUnavailableError: this machine can't.
    """
    clip = await asyncio.to_thread(clips.clip, scenario.clip)
    raw = Raw(pair_name, scenario)
    link = Link()
    try:
        wait_ping(link)
        with tempfile.TemporaryDirectory(prefix="teleconsole-bench-") as name:
            folder = Path(name)
            sound = Sound(link.clinic, folder)
            try:
                sound.talk()
                async with clip_server(link, clip) as clip_url:
                    with _screen(link, folder, sound.env, wanted=shown) as display:
                        setting = Setting(link, playwright, sound.env, folder, clip, clip_url, shown, display)
                        async with PAIRS[pair_name](setting) as pair:
                            await _measure(raw, link, sound, pair)
            finally:
                sound.close()
    finally:
        link.close()
    return raw


@contextlib.contextmanager
def _screen(link: Link, folder: Path, env: dict[str, str], *, wanted: bool) -> Iterator[str]:
    """A screen in memory for the console's window, its name; empty when none is wanted."""
    if not wanted:
        yield ""
        return
    display = Display(link.clinic, folder, env, width=1400, height=900)
    try:
        yield display.name
    finally:
        display.close()


async def _measure(raw: Raw, link: Link, sound: Sound, pair: Pair) -> None:
    scenario = raw.scenario
    idle = _cpu(pair), time.time()
    await asyncio.sleep(1)
    raw.idle_cpu = _difference(_cpu(pair), idle[0], time.time() - idle[1])
    recorder = sound.record()
    link.set(*scenario.link)
    raw.admitted_s = time.time()
    await pair.admit()
    await until_pictures(pair)
    await asyncio.sleep(max(0.0, raw.admitted_s + scenario.warm_s - time.time()))
    cpu = _cpu(pair)
    raw.begun_s = time.time()
    counting = asyncio.create_task(_count(raw, link))
    stalling = asyncio.create_task(_stall(raw)) if scenario.stalls else None
    for phase in scenario.phases:
        await asyncio.sleep(max(0.0, raw.begun_s + phase.at_s - time.time()))
        raw.moments.append(link.set(*phase.link))
    await asyncio.sleep(max(0.0, raw.begun_s + scenario.seconds - time.time()))
    raw.ended_s = time.time()
    if stalling is not None:
        stalling.cancel()
    raw.cpu_s = _difference(_cpu(pair), cpu, 1.0)
    await asyncio.sleep(_TAIL_S)
    counting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await counting
    raw.clinic, raw.patient = await pair.notes()
    recorder.stop()
    raw.recording = recorder.heard()
    raw.load = os.getloadavg()[0]


async def _stall(raw: Raw) -> None:
    """Hold this event loop, which is the console's, for a part of each second of every other span."""
    while True:
        await asyncio.sleep(1.0 - STALL_S)
        if int((time.time() - raw.begun_s) / STALL_SPAN_S) % 2:
            time.sleep(STALL_S)  # noqa: ASYNC251 -- that is what is measured
        else:
            await asyncio.sleep(STALL_S)


async def _count(raw: Raw, link: Link) -> None:
    while True:
        raw.counts.append(link.counts())
        await asyncio.sleep(_COUNT_S)


def _cpu(pair: Pair) -> tuple[float, float]:
    clinic, patient = (_tree_s(pid) for pid in pair.pids)
    return clinic, patient


def _difference(now: tuple[float, float], before: tuple[float, float], over: float) -> tuple[float, float]:
    return (now[0] - before[0]) / over, (now[1] - before[1]) / over


def _tree_s(pid: int) -> float:
    """CPU seconds of a process and all below it."""
    total = 0.0
    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        for process in [first, *first.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
    return total
