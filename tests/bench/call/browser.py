"""A real Chromium in one of the two namespaces, and what the probe in its page noted."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, BrowserContext, Page, Playwright, ViewportSize
from tests.bench.call import clips, stamp
from tests.bench.call.notes import Notes, Paint
from tests.bench.call.precedence import prefer
from tests.journeys.rig.browser import FLAGS, find_chromium
from tests.journeys.rig.net import Net

VIEWPORT: ViewportSize = {"width": 1280, "height": 720}
_PROBES = 8
_CLOCK = "performance.timeOrigin + performance.now()"


class Chromium:
    """One browser, as a person's own: `context` opens its page.

    Attributes:
        pid: of its first process; its tree is what it costs.
    """

    def __init__(self, context: BrowserContext, pid: int) -> None:
        self.context = context
        self.pid = pid

    async def page(self) -> Page:
        """An empty page with the probe in it."""
        return await self.context.new_page()


async def launch_inside(playwright: Playwright, net: Net, env: Mapping[str, str], folder: Path) -> Browser:
    """Start a Chromium inside a namespace, heard and never throttled; whoever asked closes it."""
    starter = folder / f"chromium-{net.name}"
    starter.write_text(f'#!/bin/sh\nexec nsenter --net={net.path} -- {find_chromium()} "$@"\n')
    starter.chmod(0o755)
    return await playwright.chromium.launch(
        executable_path=starter,
        args=[*FLAGS, "--disable-background-timer-throttling", "--disable-renderer-backgrounding"],
        ignore_default_args=["--mute-audio"],
        chromium_sandbox=os.geteuid() != 0,
        env=dict(env),
        timeout=30_000,
    )


@contextlib.asynccontextmanager
async def chromium(
    playwright: Playwright, net: Net, env: Mapping[str, str], folder: Path, clip_url: str
) -> AsyncIterator[Chromium]:
    """Start one inside a namespace; ended with the block.

    Args:
        playwright: the driver.
        net: where.
        env: with the side's loudspeaker and microphone.
        folder: takes its starter.
        clip_url: what its camera shows.
    """
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    browser = await launch_inside(playwright, net, env, folder)
    try:
        children = psutil.Process().children(recursive=True)
        (pid,) = [child.pid for child in children if child.pid not in before and _is_first(child)]
        prefer(pid)
        context = await browser.new_context(permissions=["camera", "microphone"], viewport=VIEWPORT, bypass_csp=True)
        await context.add_init_script(f"({_probe()})({_config(clip_url)})")
        yield Chromium(context, pid)
    finally:
        await browser.close()


async def clock_offset_ms(page: Page) -> float:
    """What has to be added to the page's clock to get this process's Unix time, in ms: of the promptest answer."""
    best = float("inf"), 0.0
    for _ in range(_PROBES):
        asked = time.time()
        theirs_ms = await page.evaluate(_CLOCK)
        answered = time.time()
        best = min(best, (answered - asked, (asked + answered) / 2 * 1e3 - theirs_ms))
    return best[1]


async def take_notes(page: Page, offset_ms: float, *, shown: bool) -> Notes:
    """Everything that the page's probe noted, in this process's time (s).

    Args:
        page: with the probe.
        offset_ms: of `clock_offset_ms`.
        shown: count a picture when the browser expects it on the screen, else when it was given to the compositor.
    """
    taken: dict[str, Any] = await page.evaluate("probe.take()")

    def at_s(moment_ms: float) -> float:
        return (moment_ms + offset_ms) / 1e3

    return Notes(
        captures=[(at_s(moment), number) for moment, number in taken["captured"]],
        paints=[
            Paint(at_s(displayed if shown else submitted), number, width, height, quality)
            for submitted, displayed, number, width, height, quality in taken["painted"]
        ],
        counters=[{**counter, "at_s": at_s(counter["at"])} for counter in taken["counters"]],
        told=[(at_s(moment), "veil") for moment, veiled in taken["veiled"] if veiled]
        + [(at_s(moment), state) for moment, _, state in taken["states"] if state == "disconnected"],
    )


def _is_first(process: psutil.Process) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return bool(line) and "chromium" in line[0] and not any(word.startswith("--type=") for word in line)


def _probe() -> str:
    text = Path(__file__).with_name("probe.js").read_text()
    return text[text.index("(config) =>") :].rstrip()


def _config(clip_url: str) -> str:
    values = {
        "headerBytes": clips.header_bytes(),
        "frameHeaderBytes": len(clips.FRAME_HEADER),
        "frameBytes": clips.FRAME_BYTES,
        "frames": clips.FRAMES,
        "framesPerS": clips.FRAMES_PER_S,
        "width": stamp.WIDTH,
        "height": stamp.HEIGHT,
        "cellPx": stamp.CELL_PX,
    }
    numbers = ", ".join(f"{name}: {value}" for name, value in values.items())
    return f'{{clipUrl: "{clip_url}", {numbers}}}'
