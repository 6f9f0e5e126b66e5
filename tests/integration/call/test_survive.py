"""Outages of every kind with the real call process, gateway and page in Chromium: how long they last for both."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Page
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.real_page import open_waiting_room
from tests.integration.call.two_networks import Cable, SignalWire, cable, chromium_in
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig import counter
from tests.journeys.rig.tones import pulsed_tone, write_wav

from teleconsole.contracts.call import TokenNeeded

pytestmark = pytest.mark.slow
"""Seconds are measured: `make slow`, on a machine that does nothing else."""

Record = Callable[[str, object], None]

KEEP = """(() => {
  const Real = RTCPeerConnection;
  window.made = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.made.push(this); }
  };
})()"""
"""Every connection that the page makes, for the count at the end."""
WATCH = """() => {
  const log = { veil: [], pictures: 0, times: [] };
  window.watched = log;
  const veil = () => document.querySelector(".veil");
  let shown = false;
  setInterval(() => {
    const now = Boolean(veil() && !veil().hidden);
    if (now !== shown) log.veil.push([now, Date.now()]);
    shown = now;
  }, 20);
  const follow = (video) => {
    const each = () => { log.pictures += 1; log.times.push(Date.now()); video.requestVideoFrameCallback(each); };
    video.requestVideoFrameCallback(each);
  };
  follow(document.querySelector("video.remote"));
}"""


SLOW_S = 1.5
"""This machine may be shared; the figures that are printed are the ones to read."""


@dataclass
class Story:
    """A call between two networks, and what is seen of it."""

    call: ClinicCall
    page: Page
    cable: Cable
    wire: SignalWire

    async def pictures(self) -> tuple[int, int]:
        """How many pictures each side has shown: console, page."""
        return self.call.remote.look(), int(await self.page.evaluate("watched.pictures"))

    async def until_shown_here(self, more_than: int) -> float:
        """Wait for a further picture of the patient; return when it came, Unix seconds."""
        await until(lambda: self.call.remote.look() > more_than, "the patient's picture", within_s=20)
        return time.time()

    async def until_shown_there(self, more_than: int) -> float:
        """Wait for a further picture on the page; return when it came, Unix seconds."""

        async def shown() -> list[int]:
            times = await self.page.evaluate("watched.times")
            return list(times[more_than:])

        return (await until_async(shown, "the picture on the page", within_s=20))[0] / 1000

    async def until_both_show(self, since_s: float) -> tuple[float, float]:
        """Wait until both sides show further pictures; return the seconds that it took at the console and the page."""
        here, there = await self.pictures()
        times = await asyncio.gather(self.until_shown_here(here), self.until_shown_there(there))
        return times[0] - since_s, times[1] - since_s

    async def until_both_say_so(self, since_s: float) -> tuple[float, float]:
        """Wait until both screens say "reconnecting"; return after how many seconds: console, page."""
        await until(lambda: self.call.snapshot.phase == "reconnecting", "the console says so", within_s=6)
        here = time.time()

        async def said() -> float:
            shown = [at_ms / 1000 for is_shown, at_ms in await self.page.evaluate("watched.veil") if is_shown]
            return shown[-1] if shown and shown[-1] > since_s else 0.0

        there = await until_async(said, "the page says so", within_s=6)
        return here - since_s, there - since_s

    async def until_nobody_says_so(self) -> None:
        """Wait until both screens are clear."""
        await until(lambda: self.call.snapshot.phase == "connected", "the console is connected", within_s=10)
        await until_async(self.is_clear_there, "the page is clear", within_s=10)

    async def is_clear_there(self) -> bool:
        """Whether the page shows no word over the picture."""
        return not await self.page.evaluate(
            "document.querySelector('.veil') && !document.querySelector('.veil').hidden"
        )

    async def has_one_connection_there(self) -> bool:
        """Whether the page has one connection open, no more."""
        return bool(await self.page.evaluate("made.filter((each) => each.connectionState !== 'closed').length === 1"))


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
            page = await open_waiting_room(browser, call.link, KEEP)
            await call.until_stage("waiting")
            await call.start()
            await call.until_connected()
            await until(lambda: call.remote.look() >= 20, "pictures of the patient")
            await page.evaluate(WATCH)
            told = Story(call, page, wired, wire)
            await told.until_shown_there(20)
            yield told
            await until_async(told.has_one_connection_there, "the page has one connection, no call twice")
            assert [each for each in call.phases if each in ("ended", "admitting")] == ["admitting"]


def tell(record_property: Record, what: str, **seconds: float) -> None:
    """Print what was measured, and keep it for the report of the run."""
    for name, value in seconds.items():
        record_property(f"{what}: {name}", round(value, 2))
    line = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())
    sys.stdout.write(f"\n{what}: {line}\n")


async def test_outage_of_five_seconds_the_old_connection_carries_on(
    wired: Cable, tmp_path: Path, record_property: Record
) -> None:
    async with story(wired, tmp_path) as told:
        generation = told.call.stats[-1].stats.frames_decoded
        told.wire.hold()
        told.cable.pull()
        pulled_s = time.time()
        here, there = await told.until_both_say_so(pulled_s)
        await asyncio.sleep(max(0.0, 5.0 - (time.time() - pulled_s)))
        told.cable.plug()
        told.wire.free()
        back_here, back_there = await told.until_both_show(time.time())
        tell(record_property, "outage 5 s", said_here=here, said_there=there, here=back_here, there=back_there)
        assert max(here, there) <= 1.5 + SLOW_S
        assert max(back_here, back_there) <= 0.5 + SLOW_S
        await told.until_nobody_says_so()
        assert told.call.stats[-1].stats.frames_decoded > generation
        await asyncio.sleep(1.0)
        await told.until_nobody_says_so()


async def test_the_patients_computer_changes_its_network(wired: Cable, tmp_path: Path, record_property: Record) -> None:
    async with story(wired, tmp_path) as told:
        told.wire.lose()
        told.cable.move_patient()
        moved_s = time.time()
        here, there = await told.until_both_say_so(moved_s)
        back_here, back_there = await told.until_both_show(moved_s)
        tell(record_property, "patient moved", said_here=here, said_there=there, here=back_here, there=back_there)
        assert max(back_here, back_there) <= 3.5 + SLOW_S
        await told.until_nobody_says_so()


async def test_the_consoles_computer_changes_its_network(wired: Cable, tmp_path: Path, record_property: Record) -> None:
    async with story(wired, tmp_path) as told:
        told.cable.move_console()
        moved_s = time.time()
        here, there = await told.until_both_say_so(moved_s)
        back_here, back_there = await told.until_both_show(moved_s)
        tell(record_property, "console moved", said_here=here, said_there=there, here=back_here, there=back_there)
        assert max(back_here, back_there) <= 3.0 + SLOW_S
        await told.until_nobody_says_so()


async def test_the_call_process_sleeps(wired: Cable, tmp_path: Path, record_property: Record) -> None:
    async with story(wired, tmp_path) as told:
        process = psutil.Process(told.call.child.pid)
        process.suspend()
        await asyncio.sleep(5.0)
        woken_s = time.time()
        process.resume()
        back_here, back_there = await told.until_both_show(woken_s)
        tell(record_property, "call process slept 5 s", here=back_here, there=back_there)
        assert max(back_here, back_there) <= 1.0 + SLOW_S
        await told.until_nobody_says_so()


async def test_the_browser_sleeps(wired: Cable, tmp_path: Path, record_property: Record) -> None:
    async with story(wired, tmp_path) as told:
        processes = [psutil.Process(pid) for pid in wired.patient.pids()]
        for process in processes:
            process.suspend()
        slept_s = time.time()
        await until(lambda: told.call.snapshot.phase == "reconnecting", "the console says so", within_s=4)
        said_s = time.time() - slept_s
        await asyncio.sleep(max(0.0, 5.0 - said_s))
        woken_s = time.time()
        for process in processes:
            process.resume()
        back_here, back_there = await told.until_both_show(woken_s)
        tell(record_property, "browser slept 5 s", said_here=said_s, here=back_here, there=back_there)
        assert max(back_here, back_there) <= 1.0 + SLOW_S
        await told.until_nobody_says_so()


async def test_the_gateway_is_started_again_and_nothing_is_missed(
    wired: Cable, tmp_path: Path, record_property: Record
) -> None:
    async with story(wired, tmp_path) as told:
        call = told.call
        await call.clinic.gateway.stop()
        await until(lambda: call.snapshot.gateway == "lost", "the gateway is away")
        here, there = await told.until_both_show(time.time())
        await call.clinic.gateway.start()
        started_s = time.time()
        await until(lambda: call.of(TokenNeeded) or call.snapshot.gateway == "connected", "back", within_s=15)
        if call.snapshot.gateway != "connected":
            await call.clinic.sign_in()
            await call.join()
        tell(record_property, "gateway restarted", here=here, there=there, signalling=time.time() - started_s)
        assert "reconnecting" not in call.phases
        assert await told.is_clear_there()


async def test_the_call_process_is_killed(wired: Cable, tmp_path: Path, record_property: Record) -> None:
    async with story(wired, tmp_path) as told:
        killed_s = time.time()
        await told.call.restart()
        await told.call.start()
        back_here, back_there = await told.until_both_show(killed_s)
        tell(record_property, "call process killed", here=back_here, there=back_there)
        assert max(back_here, back_there) <= 8.0 + SLOW_S
        await told.until_nobody_says_so()
