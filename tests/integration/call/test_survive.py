"""Outages of every kind with the real call process, the real gateway and the real page in Chromium: how long they last."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Page
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.real_page import open_waiting_room
from tests.integration.call.two_networks import Cable, SignalWire, cable, chromium_in
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig import counter
from tests.journeys.rig.tones import pulsed_tone, write_wav

WATCH = """() => {
  const log = { veil: [], pictures: 0, picture_ms: 0, sound_ms: 0 };
  window.watched = log;
  const veil = () => document.querySelector(".veil");
  let shown = false;
  setInterval(() => {
    const now = Boolean(veil() && !veil().hidden);
    if (now !== shown) log.veil.push([now, Date.now()]);
    shown = now;
  }, 20);
  const follow = (video) => {
    const each = () => { log.pictures += 1; log.picture_ms = Date.now(); video.requestVideoFrameCallback(each); };
    video.requestVideoFrameCallback(each);
  };
  follow(document.querySelector("video.remote"));
}"""


@dataclass
class Story:
    """A call between two networks, and what is seen of it."""

    call: ClinicCall
    page: Page
    cable: Cable
    wire: SignalWire
    told: list[tuple[float, str]] = field(default_factory=list)

    async def picture_here(self, after: int) -> float:
        """Wait for a further picture of the patient; return when it came."""
        await until(lambda: self.call.remote.look() > after, "the patient's picture", within_s=20)
        return time.time()

    async def picture_there(self, after: int) -> float:
        """Wait for a further picture on the page; return when it came."""
        await until_async(lambda: self.pictures_there(after), "the picture on the page", within_s=20)
        return float(await self.page.evaluate("watched.picture_ms")) / 1000

    async def pictures_there(self, after: int) -> bool:
        """Whether the page showed more pictures than these."""
        return bool(await self.page.evaluate("watched.pictures") > after)

    async def veils(self) -> list[tuple[bool, float]]:
        """When the page said "reconnecting" (True) and when it stopped, Unix seconds."""
        return [(shown, at_ms / 1000) for shown, at_ms in await self.page.evaluate("watched.veil")]


@pytest.fixture
def wired() -> Iterator[Cable]:
    """Two networks."""
    with cable() as joined:
        yield joined


@asynccontextmanager
async def story(wired: Cable, folder: Path) -> AsyncIterator[Story]:
    """A call that stands."""
    camera = counter.write_mjpeg(folder / "camera.mjpeg", 900)
    microphone = write_wav(folder / "voice.wav", pulsed_tone(440, 6))
    flags = (f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}")
    wire = SignalWire()
    async with clinic_call(folder) as call:
        port = int(call.clinic.base_url.rpartition(":")[2])
        async with wire.joined(wired.patient, port), chromium_in(wired.patient, folder, *flags) as browser:
            page = await open_waiting_room(browser, call.link)
            await call.until_stage("waiting")
            await call.start()
            await call.until_connected()
            await until(lambda: call.remote.look() >= 20, "pictures of the patient")
            await page.evaluate(WATCH)
            await until_async(lambda: Story(call, page, wired, wire).pictures_there(20), "pictures on the page")
            yield Story(call, page, wired, wire)


async def test_outage_of_five_seconds_and_the_old_connection_carries_on(wired: Cable, tmp_path: Path) -> None:
    async with story(wired, tmp_path) as told:
        call = told.call
        told.wire.hold()
        told.cable.pull()
        pulled = time.time()
        await until(lambda: call.snapshot.phase == "reconnecting", "the console says so", within_s=4)
        said_here = time.time() - pulled
        await asyncio.sleep(max(0.0, 5.0 - (time.time() - pulled)))
        here = call.remote.look()
        there = int(await told.page.evaluate("watched.pictures"))
        told.cable.plug()
        told.wire.free()
        plugged = time.time()
        back_here, back_there = await asyncio.gather(told.picture_here(here), told.picture_there(there))
        await until(lambda: call.snapshot.phase == "connected", "connected")
        veils = await told.veils()
        said_there = next(at for shown, at in veils if shown) - pulled
        print(
            f"\noutage 5 s: said after {said_here:.2f} s (console), {said_there:.2f} s (page); "
            f"picture back after {back_here - plugged:.2f} s (console), {back_there - plugged:.2f} s (page)"
        )
        assert said_here <= 1.8 and said_there <= 1.8
        assert back_here - plugged <= 1.0
