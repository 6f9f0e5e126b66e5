"""One call of the real call process with the patient's real page, each side on its own sound clock."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from playwright.async_api import Page, Playwright, expect
from tests.bench.call.browser import launch_inside
from tests.bench.call.hearing import hear
from tests.bench.call.link import Link, carried, wait_ping
from tests.bench.call.measure import percentile
from tests.bench.call.pairs import AUDIO_VARIABLES
from tests.bench.soak.device_clock import DeviceClock, build_clock
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.waiting import until_async

SLICE_S = 10.0
_SEARCH_S = 3.0
"""As `hearing`: a voice is sought so far before the ear."""
_LAG_S = 0.3
"""The newest chunks of both recorders are there after this."""
CAMERA = "test:bars:640x360@15"


@dataclass
class LongCall:
    """A call that goes on.

    Attributes:
        clinic: the console's end.
        page: the patient's.
        clocks: sound of the clinic and of the patient.
        link: between them, without faults.
    """

    clinic: ClinicCall
    page: Page
    clocks: tuple[DeviceClock, DeviceClock]
    link: Link

    async def patient_counters(self) -> dict[str, Any]:
        """W3C's inbound-rtp of the page, by kind."""
        found: dict[str, Any] = await self.page.evaluate("soakCounters()")
        return found

    async def hear(self) -> dict[str, Any]:
        """Mouth to ear of the last `SLICE_S`, to each side: median, spread, and windows where no voice was found."""
        return await asyncio.to_thread(self._hear)

    def _hear(self) -> dict[str, Any]:
        to_s = time.monotonic() - _LAG_S
        from_s = to_s - SLICE_S - _SEARCH_S
        try:
            (clinic_ear, clinic_mouth), (patient_ear, patient_mouth) = (
                clock.take(from_s, to_s) for clock in self.clocks
            )
        except LookupError as error:
            return {"error": str(error)}
        found: dict[str, Any] = {}
        for name, mouth, ear in (
            ("to_clinic", patient_mouth, clinic_ear),
            ("to_patient", clinic_mouth, patient_ear),
        ):
            heard = hear(mouth, ear, _SEARCH_S, _SEARCH_S + SLICE_S)
            delays = [ms for _, ms in heard.delays]
            found[name] = {
                "ms": percentile(delays, 50),
                "ms_p10": percentile(delays, 10),
                "ms_p90": percentile(delays, 90),
                "windows": heard.windows,
                "found": len(delays),
                "silent_percent": round(heard.silent_percent, 2),
            }
        return found


@contextlib.asynccontextmanager
async def long_call(playwright: Playwright, folder: Path, skew_ppm: float) -> AsyncIterator[LongCall]:
    """The patient is admitted, and both ends show a picture.

    Raises:
        AssertionError: the call did not come about.
        NetUnavailableError: this machine can't.
    """
    library = build_clock(folder)
    async with contextlib.AsyncExitStack() as stack:
        link = Link()
        stack.callback(link.close)
        wait_ping(link)
        clocks = []
        for side, ppm in (("clinic", skew_ppm), ("patient", 0.0)):
            clock = DeviceClock(link.clinic, folder / f"sound-{side}", side, ppm, library)
            stack.callback(clock.close)
            clock.begin()
            clocks.append(clock)
        named = {name: clocks[0].env[name] for name in (*AUDIO_VARIABLES, "HOME") if name in clocks[0].env}
        stack.enter_context(mock.patch.dict(os.environ, named))
        places = folder / "clinic"
        places.mkdir()
        call = await stack.enter_async_context(clinic_call(places, CAMERA, "", "", environment=AUDIO_VARIABLES))
        port = int(call.clinic.base_url.rpartition(":")[2])
        await stack.enter_async_context(carried(link, port))
        page = await stack.enter_async_context(_patient_page(playwright, link, clocks[1].env, folder))
        await page.goto(call.link)
        await page.get_by_role("button", name="Start").click()
        await page.get_by_role("button", name="Yes, it works").click()
        await page.get_by_role("button", name="I agree").click()
        await expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        long = LongCall(call, page, (clocks[0], clocks[1]), link)

        async def seen() -> bool:
            return bool((await long.patient_counters()).get("video", {}).get("framesDecoded"))

        await until_async(seen, "the page shows a picture", within_s=20)
        yield long


@contextlib.asynccontextmanager
async def _patient_page(playwright: Playwright, link: Link, env: dict[str, str], folder: Path) -> AsyncIterator[Page]:
    browser = await launch_inside(playwright, link.patient, env, folder)
    try:
        context = await browser.new_context(permissions=["camera", "microphone"], bypass_csp=True)
        await context.add_init_script(path=Path(__file__).with_name("patient.js"))
        yield await context.new_page()
    finally:
        await browser.close()
