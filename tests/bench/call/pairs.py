"""The two kinds of call that are compared: the console with the patient's page, and a browser with a browser.

Both stand with the clinic's end in one namespace and the patient's in the other, wait until a person would be admitted,
and are told apart by nothing else than their clinic's end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
from playwright.async_api import Page, Playwright, expect
from tests.bench.call.browser import chromium, clock_offset_ms, take_notes
from tests.bench.call.link import LOOPBACK, PROJECT, Link, carried
from tests.bench.call.notes import Notes, Paint
from tests.bench.call.pages import pair_server
from tests.bench.call.sound import URGENT, environment_of
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.waiting import until_async

from teleconsole.contracts.call import CallChanged, HangUp, StatsChanged
from teleconsole.contracts.wire import News

AUDIO_VARIABLES = frozenset({"PULSE_SERVER", "PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR", "PULSE_SINK", "PULSE_SOURCE"})
SEATED_WITHIN_S = 40.0
_LINE_BYTES = 1 << 26


class Pair(Protocol):
    """A call that can be begun.

    Attributes:
        name: of the pair.
        pids: first process of the clinic's end and of the patient's.
    """

    name: str
    pids: tuple[int, int]

    async def admit(self) -> None:
        """Begin the call now."""
        ...

    async def pictures(self) -> tuple[bool, bool]:
        """Whether the clinic's end shows a picture, and the patient's."""
        ...

    async def notes(self) -> tuple[Notes, Notes]:
        """What the clinic's end noted, and the patient's."""
        ...


@dataclass(frozen=True)
class Setting:
    """What a pair needs from around it.

    Attributes:
        shown: pictures count when they are on the screen (the console has a window), else when they are handed over.
        display: the X screen of that window.
    """

    link: Link
    playwright: Playwright
    env: Mapping[str, str]
    folder: Path
    clip: Path
    clip_url: str
    shown: bool = False
    display: str = ""


class BrowserPair:
    """Chromium and Chromium."""

    name = "chromium"

    def __init__(self, pages: tuple[Page, Page], pids: tuple[int, int], setting: Setting) -> None:
        self.pids = pids
        self._pages = pages
        self._shown = setting.shown

    async def admit(self) -> None:
        """The clinic's page calls."""
        await self._pages[0].evaluate("call()")

    async def pictures(self) -> tuple[bool, bool]:
        """Whether each shows one."""
        clinic, patient = [bool(await page.evaluate("probe.firstPaint")) for page in self._pages]
        return clinic, patient

    async def notes(self) -> tuple[Notes, Notes]:
        """Both probes'."""
        clinic, patient = [
            await take_notes(page, await clock_offset_ms(page), shown=self._shown) for page in self._pages
        ]
        return clinic, patient


@contextlib.asynccontextmanager
async def browser_pair(setting: Setting) -> AsyncIterator[BrowserPair]:
    """Both pages open, with camera and microphone, and connected to the relay."""
    link = setting.link
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(pair_server())
        await stack.enter_async_context(carried(link, port))
        ends = []
        for side, net in (("clinic", link.clinic), ("patient", link.patient)):
            env = environment_of(side, dict(setting.env))
            browser = chromium(setting.playwright, net, env, setting.folder, setting.clip_url)
            ends.append(await stack.enter_async_context(browser))
        pages = [await end.page() for end in ends]
        for page in pages:
            await page.goto(f"http://{LOOPBACK}:{port}/")
        await asyncio.gather(*(page.evaluate("open()") for page in pages))
        yield BrowserPair((pages[0], pages[1]), (ends[0].pid, ends[1].pid), setting)


class ConsolePair:
    """The call process as the console starts it, and the real patient's page."""

    name = "console"

    def __init__(self, call: ClinicCall, watcher: Watcher, page: Page, pids: tuple[int, int], setting: Setting) -> None:
        self.pids = pids
        self._call = call
        self._watcher = watcher
        self._page = page
        self._shown = setting.shown
        self._counters: list[dict[str, Any]] = []
        self._told: list[tuple[float, str]] = []
        self._steps: list[tuple[float, str]] = []
        call.peer.on_news(News, self._note)

    def _note(self, news: News) -> None:
        if isinstance(news, StatsChanged):
            self._counters.append({"at_s": time.time(), **msgspec.to_builtins(news.stats)})
        elif isinstance(news, CallChanged):
            self._told.append((time.time(), news.snapshot.phase))
            if not self._steps or self._steps[-1][1] != news.snapshot.step:
                self._steps.append((time.time(), news.snapshot.step))

    async def admit(self) -> None:
        """The console admits."""
        await self._call.start()

    async def pictures(self) -> tuple[bool, bool]:
        """Whether each shows one."""
        clinic = bool((await self._watcher.take())["painted"])
        return clinic, bool(await self._page.evaluate("probe.firstPaint"))

    async def notes(self) -> tuple[Notes, Notes]:
        """The slots' watcher's, the call process's own figures, and the page's."""
        seen = await self._watcher.take()
        clinic = Notes(
            captures=[(at_s, number) for at_s, number in seen["captured"]],
            paints=[Paint(*paint) for paint in seen["painted"]],
            counters=self._counters,
            told=[(at_s, phase) for at_s, phase in self._told if phase == "reconnecting"],
            steps=self._steps,
            paint_ms=seen.get("paint_ms"),
        )
        return clinic, await take_notes(self._page, await clock_offset_ms(self._page), shown=self._shown)


@contextlib.asynccontextmanager
async def console_pair(setting: Setting) -> AsyncIterator[ConsolePair]:
    """The patient sits in the waiting room, and the console has joined the gateway."""
    link = setting.link
    clinic_env = environment_of("clinic", dict(setting.env))
    patient_env = environment_of("patient", dict(setting.env))
    folder = setting.folder / "clinic"
    folder.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(_environment({name: clinic_env[name] for name in (*AUDIO_VARIABLES, "HOME")}))
        call = await stack.enter_async_context(
            clinic_call(folder, f"file:{setting.clip}", "", "", environment=AUDIO_VARIABLES)
        )
        watcher = await stack.enter_async_context(_watcher(call, setting))
        port = int(call.clinic.base_url.rpartition(":")[2])
        await stack.enter_async_context(carried(link, port))
        browser = await stack.enter_async_context(
            chromium(setting.playwright, link.patient, patient_env, setting.folder, setting.clip_url)
        )
        page = await browser.page()
        await page.goto(call.link)
        await page.get_by_role("button", name="Start").click()
        await page.get_by_role("button", name="Yes, it works").click()
        await page.get_by_role("button", name="I agree").click()
        await expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
        await call.until_stage("waiting")
        # a person waits for minutes: what the console does meanwhile is done
        await page.wait_for_function("probe.peers.some((peer) => peer.connectionState === 'connected')")
        try:
            yield ConsolePair(call, watcher, page, (call.child.pid, browser.pid), setting)
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(call.peer.ask(HangUp()), 2)


class Watcher:
    """The process that looks into the slots."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def take(self) -> dict[str, Any]:
        """All that it saw so far."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        seen: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return seen

    async def close(self) -> None:
        """End it by the end of its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


@contextlib.asynccontextmanager
async def _watcher(call: ClinicCall, setting: Setting) -> AsyncIterator[Watcher]:
    slots = call.remote.slot, call.own.slot
    screen = {"DISPLAY": setting.display, "QT_QPA_PLATFORM": "xcb"} if setting.shown else {}
    module = "tests.bench.call.watch_window" if setting.shown else "tests.bench.call.watch_slots"
    process = await asyncio.create_subprocess_exec(
        *(*URGENT, sys.executable, "-m", module),
        *(f"--remote={slots[0].fd}", f"--own={slots[1].fd}", f"--capacity={slots[0].capacity_bytes}"),
        f"--clip={setting.clip}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **screen},
        pass_fds=[slot.fd for slot in slots],
        cwd=PROJECT,
        limit=_LINE_BYTES,
    )
    watcher = Watcher(process)
    try:
        yield watcher
    finally:
        await watcher.close()


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Our own environment has these for the length of the block: children of `Child` get theirs from it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


PAIRS: dict[str, Callable[[Setting], contextlib.AbstractAsyncContextManager[Pair]]] = {
    "console": console_pair,
    "chromium": browser_pair,
}


async def until_pictures(pair: Pair, *, within_s: float = SEATED_WITHIN_S) -> None:
    """Wait until both ends show a picture."""

    async def both() -> bool:
        return all(await pair.pictures())

    await until_async(both, f"both ends of the pair {pair.name} show a picture", within_s=within_s)
