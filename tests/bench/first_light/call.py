"""Calls between the real console and real Chromium: the first picture of each, and a minute of the last."""

from __future__ import annotations

import itertools
import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from tests.bench.first_light import memory
from tests.bench.first_light.console import BenchConsole
from tests.bench.first_light.lag_window import LagWindow
from tests.bench.first_light.results import CallFigures, Direction, FirstFrame
from tests.journeys.rig.atspi import Control, GoneError
from tests.journeys.rig.browser import Browser, wait_page
from tests.journeys.rig.waiting import wait_until

PAGE_SCRIPT = Path(__file__).with_name("page.js")
REMOTE = "Patient's video: "
NUMBERS = re.compile(r"Picture (\d+) by (\d+), (\d+) a second in, (\d+) out\..*Round trip (\d+) ms")
WAIT_MS = 30_000
PICTURE_WITHIN_S = 30.0
POLL_S = 0.01
PRESSES = 5
SECOND_MS = 1_000


@dataclass(frozen=True)
class Patient:
    """Who waits: the name on the clinician's screen, and the link."""

    name: str
    link: str


@dataclass
class Minute:
    """What both sides count while a call goes on."""

    console_in: list[int] = field(default_factory=list)
    console_out: list[int] = field(default_factory=list)
    page: list[dict[str, Any]] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    round_trip_ms: list[int] = field(default_factory=list)


class Calls:
    """Makes calls one after another.

    Args:
        console: signed in.
        browser: with a camera of 720p30.
    """

    def __init__(self, console: BenchConsole, browser: Browser) -> None:
        self._console = console
        self._browser = browser
        self.in_call_mib: dict[str, float] = {}
        self.cpu_percent: dict[str, float] = {}

    def measure(self, patients: Sequence[Patient], *, seconds: int) -> CallFigures:
        """Admit each patient; the last one stays for a minute (or `seconds`)."""
        first_frames = []
        for patient in patients[:-1]:
            context, page = self._seat(patient)
            first_frames.append(self._admit(patient, page))
            self._hang_up(page, context)
        context, page = self._seat(patients[-1])
        window = LagWindow(self._console.program, self._console.lag_file)
        first_frames.append(self._admit(patients[-1], page))
        minute = self._watch(page, seconds)
        figures = window.figures()
        self.in_call_mib = memory.sizes_mib(self._console.program)
        self._hang_up(page, context)
        return CallFigures(
            first_frames=first_frames,
            seconds=(minute.page[-1]["at_ms"] - minute.page[0]["at_ms"]) / SECOND_MS,
            to_console=_to_console(minute),
            to_page=_to_page(minute),
            page_limited_by=Counter(str(each["outbound"]["qualityLimitationReason"]) for each in minute.page[1:]),
            page_may_send_kbps=[
                round(each["link"]["availableOutgoingBitrate"] / 1000)
                for each in minute.page
                if "availableOutgoingBitrate" in each["link"]
            ],
            round_trip_ms=statistics.median(minute.round_trip_ms),
            lag=figures,
        )

    def _seat(self, patient: Patient) -> tuple[BrowserContext, Page]:
        """Open the link, check the devices, agree, and wait to be admitted."""
        context = self._browser.context()
        context.add_init_script(path=PAGE_SCRIPT)
        page = context.new_page()
        page.goto(patient.link)
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Yes, it works").click(timeout=WAIT_MS)
        page.get_by_role("button", name="I agree").click()
        expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible(timeout=WAIT_MS)
        return context, page

    def _admit(self, patient: Patient, page: Page) -> FirstFrame:
        self._console.go("Today")
        video = self._console.hidden(REMOTE)
        wait_until(lambda: " by " not in video.name, "the view is empty before the call")
        pressed_s, pressed_ms = self._press_admit(patient)
        wait_until(
            lambda: " by " in video.name,
            "the patient's picture is on the screen",
            within_s=PICTURE_WITHIN_S,
            poll_s=POLL_S,
            seen=self._console.window().names_told,
        )
        console_ms = round((time.monotonic() - pressed_s) * 1000)
        shown_ms = wait_page(
            page, lambda: page.evaluate("bench.firstPicture_ms"), "the page shows a picture", within_s=PICTURE_WITHIN_S
        )
        return FirstFrame(console_ms=console_ms, page_ms=int(shown_ms) - pressed_ms)

    def _press_admit(self, patient: Patient) -> tuple[float, int]:
        """Press, and return the moment on the monotonic clock (s) and on the wall (ms)."""
        for _ in range(PRESSES):
            admit = self._console.button(f"Admit {patient.name}")
            pressed_s, pressed_ms = time.monotonic(), time.time_ns() // 1_000_000
            try:
                admit.press()
            except GoneError:  # the card was drawn anew just then
                continue
            return pressed_s, pressed_ms
        raise AssertionError(f"the card of a waiting patient was drawn anew {PRESSES} times under the press")

    def _watch(self, page: Page, seconds: int) -> Minute:
        """Read both sides' counters once a second."""
        quality = self._console.window().find_starting("Quality: ")
        wait_page(page, lambda: page.evaluate("bench.counters()"), "the page's connection works")
        wait_page(page, lambda: _numbers(quality), "the console has numbers of the call")
        page.wait_for_timeout(3 * SECOND_MS)  # both sides' estimates of the link settle; the minute begins after it
        minute = Minute()
        cpu_before, begun_s = memory.cpu_s(self._console.program), time.monotonic()
        minute.page.append(page.evaluate("bench.counters()"))
        for second in range(1, seconds + 1):
            page.wait_for_timeout(max(0.0, (begun_s + second - time.monotonic()) * SECOND_MS))
            width, height, received, sent, round_trip_ms = _numbers(quality) or (0, 0, 0, 0, 0)
            minute.sizes.append(f"{width}x{height}")
            minute.console_in.append(received)
            minute.console_out.append(sent)
            minute.round_trip_ms.append(round_trip_ms)
            minute.page.append(page.evaluate("bench.counters()"))
        passed_s = time.monotonic() - begun_s
        cpu_after = memory.cpu_s(self._console.program)
        self.cpu_percent = {
            name: (cpu_after[name] - before) / passed_s * 100
            for name, before in cpu_before.items()
            if name in cpu_after
        }
        return minute

    def _hang_up(self, page: Page, context: BrowserContext) -> None:
        self._console.press("End the call")
        self._console.press("End the call for both")
        expect(page.get_by_role("heading", name="The visit is over")).to_be_visible(timeout=WAIT_MS)
        context.close()


def _numbers(quality: Control) -> tuple[int, int, int, int, int] | None:
    """Width, height, pictures in, pictures out, round trip in ms: the numbers behind the word of quality."""
    match = NUMBERS.search(quality.description)
    if match is None:
        return None
    width, height, received, sent, round_trip_ms = (int(value) for value in match.groups())
    return width, height, received, sent, round_trip_ms


def _to_console(minute: Minute) -> Direction:
    """What the page encoded and sent, and the console decoded."""
    sent = _a_second(minute.page, "outbound", "framesSent")
    return Direction(
        seconds_at=Counter(minute.sizes),
        sent_fps=statistics.fmean(sent),
        received_fps=statistics.fmean(minute.console_in),
        median_second_fps=statistics.median(minute.console_in),
        slowest_second_fps=min(minute.console_in),
    )


def _to_page(minute: Minute) -> Direction:
    """What the console sent, and the page decoded."""
    received = _a_second(minute.page, "inbound", "framesDecoded")
    inbound = [each["inbound"] for each in minute.page[1:]]
    return Direction(
        seconds_at=Counter(f"{each.get('frameWidth', 0)}x{each.get('frameHeight', 0)}" for each in inbound),
        sent_fps=statistics.fmean(minute.console_out),
        received_fps=statistics.fmean(received),
        median_second_fps=statistics.median(received),
        slowest_second_fps=min(received),
    )


def _a_second(readings: list[dict[str, Any]], way: str, counter: str) -> list[float]:
    """Counts a second between neighbouring readings."""
    return [
        (after[way][counter] - before[way][counter]) * SECOND_MS / (after["at_ms"] - before["at_ms"])
        for before, after in itertools.pairwise(readings)
    ]
