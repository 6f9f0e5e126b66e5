"""The patient's browser: a real Chromium inside the tests' network, with files as camera and microphone.

Playwright's blocking API keeps an event loop of its own on the thread that uses it: journeys are plain `def` tests,
and the browser is closed at the end of the test that opened it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as PlaywrightBrowser
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright
from tests.journeys.rig import counter
from tests.journeys.rig.net import Net
from tests.journeys.rig.sound import PATIENT_SPEAKER
from tests.journeys.rig.waiting import NotInTimeError

T = TypeVar("T")

CHROMIUM_VARIABLE = "TELECONSOLE_TEST_CHROMIUM"
CHROMIUM_PLACES = ("/usr/lib/chromium/chromium", "/usr/lib64/chromium-browser/chromium-browser")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
PHONE = {"width": 390, "height": 844}

FLAGS = (
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-pings",
)


def find_chromium() -> Path:
    """The browser's own program, not the shell script that starts it.

    Raises:
        FileNotFoundError: none is installed; the message says how to get it.
    """
    names = [os.environ.get(CHROMIUM_VARIABLE), *CHROMIUM_PLACES, *map(shutil.which, CHROMIUM_NAMES)]
    for name in names:
        if name and (path := Path(name).resolve()).is_file() and _is_elf(path):
            return path
    raise FileNotFoundError(
        f"No Chromium was found: run packaging/linux/system-packages.sh test, or set {CHROMIUM_VARIABLE}."
    )


def starter_in(net: Net, folder: Path) -> Path:
    """Write a program that starts Chromium in another network than the calling thread's, and return where it lies."""
    starter = folder / "chromium"
    starter.write_text(f'#!/bin/sh\nexec nsenter --net={net.path} -- {find_chromium()} "$@"\n')
    starter.chmod(0o700)
    return starter


class Browser:
    """One Chromium process. Each `context` is a person of its own: cookies, permissions, storage."""

    def __init__(
        self,
        playwright: Playwright,
        net: Net,
        env: Mapping[str, str],
        *,
        camera: Path | None = None,
        microphone: Path | None = None,
        frames_per_s: int = 15,
        starter: Path | None = None,
    ) -> None:
        """Start Chromium.

        Args:
            playwright: the driver; one a thread serves any number of browsers (`driver`).
            net: the network; the calling thread must be inside it (`Net.enter`), unless `starter` goes there.
            env: the desktop's environment; sound goes to the sink `patient` of its PulseAudio.
            camera: .mjpeg or .y4m played in a loop; None: Chromium's own test picture.
            microphone: .wav played in a loop; None: Chromium's own beeps.
            frames_per_s: of Chromium's own test picture.
            starter: a program that starts Chromium in `net` (`starter_in`).
        """
        assert starter is not None or net.holds_this_thread(), (
            "start the browser on a thread that has entered the network"
        )
        flags = [*FLAGS, f"--use-fake-device-for-media-stream=fps={frames_per_s}"]
        if camera is not None:
            flags.append(f"--use-file-for-fake-video-capture={camera}")
        if microphone is not None:
            flags.append(f"--use-file-for-fake-audio-capture={microphone}")
        self._browser: PlaywrightBrowser = playwright.chromium.launch(
            executable_path=starter or find_chromium(),
            args=flags,
            chromium_sandbox=os.geteuid() != 0,
            ignore_default_args=["--mute-audio"],
            env={**env, "PULSE_SINK": PATIENT_SPEAKER},
            timeout=30_000,
        )

    def context(
        self, permissions: Sequence[str] = ("camera", "microphone"), *, phone: bool = False, **options: Any
    ) -> BrowserContext:
        """A fresh person's browser window group.

        Args:
            permissions: what this person allows every page; () and the pages are refused camera and microphone.
            phone: a phone's screen, touch and pixels.
            options: passed on to Playwright's `new_context`.
        """
        if phone:
            options = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2, **options}
        context = self._browser.new_context(locale="en-GB", **options)
        context.grant_permissions(list(permissions))  # what is not in the list is refused without a question
        context.set_default_timeout(15_000)
        return context

    def close(self) -> None:
        """End Chromium."""
        self._browser.close()


@contextlib.contextmanager
def driver() -> Iterator[Playwright]:
    """Playwright's driver for the length of a block. One at a time on a thread."""
    with sync_playwright() as playwright:
        yield playwright


def read_counter(page: Page, selector: str) -> int | None:
    """The number in the current picture of a <video>, <img> or <canvas>, or None (see counter.py)."""
    number = page.evaluate(
        f"""selector => {{
          const element = document.querySelector(selector);
          if (!element || element.tagName === "VIDEO" && element.readyState < 2) return null;
          return {counter.javascript()}.read(element);
        }}""",
        selector,
    )
    return None if number is None else int(number)


def wait_page(
    page: Page,
    probe: Callable[[], T | None],
    what: str,
    *,
    within_s: float = 15.0,
    seen: Callable[[], str] | None = None,
) -> T:
    """Like `wait_until`, but lets the page's events in while it waits.

    Raises:
        NotInTimeError: at the deadline, with `seen` or else the page's text.
    """
    deadline = time.monotonic() + within_s
    while not (answer := probe()):
        if time.monotonic() > deadline:
            told = seen() if seen is not None else f"The page says: {page.inner_text('body')[:2000]}"
            raise NotInTimeError(f"Not within {within_s:g} s: {what}.\n{told}")
        page.wait_for_timeout(50)
    return answer


def wait_moving(page: Page, selector: str, *, numbers: int = 5, within_s: float = 15.0) -> list[int]:
    """Wait until so many different numbers were read from a picture, and return them in order of arrival."""
    seen: list[int] = []

    def enough() -> bool:
        number = read_counter(page, selector)
        if number is not None and number not in seen:
            seen.append(number)
        return len(seen) >= numbers

    what = f"{numbers} different numbers in the picture {selector!r}"
    wait_page(page, enough, what, within_s=within_s, seen=lambda: f"Read were: {seen}")
    return seen


def accessibility_violations(page: Page, tags: Sequence[str] = WCAG_2_2_AA) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA: one line each, with rule, help and the elements; [] is right."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(tags)}})
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: "
        + "; ".join(re.sub(r"\s+", " ", node["html"])[:200] for node in found["nodes"][:5])
        for found in results.response["violations"]
    ]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
