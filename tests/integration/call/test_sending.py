"""What a real Chromium gets from us over links of two namespaces: clean, narrow, lossy, suddenly narrow."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from av import VideoFrame
from playwright.async_api import Page, async_playwright
from tests.bench.call.impairment import Impairment
from tests.bench.call.link import Link
from tests.bench.call.precedence import prefer
from tests.integration.call.chromium import answering
from tests.integration.call.listening import Listener
from tests.integration.call.waiting import until_async
from tests.journeys.rig.browser import FLAGS, find_chromium
from tests.journeys.rig.net import NetUnavailableError

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.profile import SendProfile

OPEN = Impairment(delay_ms=20)


class LightListener(Listener):
    """Reads no numbers: work on this loop would look like a full link."""

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        pass


@pytest.fixture
def link() -> Iterator[Link]:
    """Two namespaces and the link between them; this thread is on the clinic's side.

    A starved computer looks like a narrow link, so these processes go before others, where the kernel allows it.
    """
    prefer()
    try:
        made = Link()
    except NetUnavailableError as unavailable:
        pytest.skip(str(unavailable))
    try:
        yield made
    finally:
        left = made.close()
        assert not left, f"left running: {left}"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of 1280x720 with fine texture and noise: it needs what the link gives."""
    path = tmp_path_factory.mktemp("clip") / "texture.avi"
    dice = np.random.default_rng(5)
    texture = dice.integers(60, 200, (720 // 4, 1280 // 4), np.uint8).repeat(4, 0).repeat(4, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuvj420p"
        for number in range(30):
            luma = np.roll(texture, (2 * number, 3 * number), (0, 1)) + dice.integers(0, 6, texture.shape, np.uint8)
            planes = np.vstack([luma, np.full((360, 1280), 128, np.uint8)])
            container.mux(stream.encode(VideoFrame.from_ndarray(planes, "yuvj420p")))
        container.mux(stream.encode())
    return path


class Patient:
    """The page's counters."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.before: dict[str, Any] = {}

    async def counters(self, kind: str) -> dict[str, Any]:
        """Of a stream that it receives."""
        found: dict[str, Any] = (await self._page.evaluate("patient.received()")).get(kind, {})
        return found

    async def kbps(self) -> float:
        """Of the pictures, since the last call."""
        now = await self.counters("video")
        span_ms = now.get("timestamp", 0) - self.before.get("timestamp", 0)
        received = now.get("bytesReceived", 0) - self.before.get("bytesReceived", 0)
        if span_ms < 900:
            return -1.0
        self.before = now
        return float(received * 8 / span_ms)


@asynccontextmanager
async def call(link: Link, camera: str, folder: Path) -> AsyncIterator[tuple[Peer, Patient]]:
    """Our peer at the clinic, a Chromium at the patient's."""
    adapt_aiortc()
    starter = folder / "chromium"
    starter.write_text(f'#!/bin/sh\nexec nsenter --net={link.patient.path} -- {find_chromium()} "$@"\n')
    starter.chmod(0o755)
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select(camera, "test:tone:880", "none")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=starter, args=[*FLAGS], chromium_sandbox=os.geteuid() != 0, timeout=30_000
        )
        for child in psutil.Process().children(recursive=True):
            prefer(child.pid)
        page = await answering(browser)
        await devices.open_for_call()
        peer = Peer(1, IcePlan(), devices, LightListener())
        try:
            offer = await peer.make_offer()
            await peer.take_answer(await page.evaluate("sdp => patient.answer(sdp, 320, 180, 10, 440)", offer))
            yield peer, Patient(page)
        finally:
            await peer.close()
            await devices.close_after_call()
            await browser.close()


@pytest.mark.slow
async def test_sending_clean_link_carries_two_megabits_soon_in_full_size(
    link: Link, clip: Path, tmp_path: Path
) -> None:
    link.set(OPEN)
    async with call(link, f"file:{clip}", tmp_path) as (peer, patient):

        async def much() -> bool:
            return await patient.kbps() > 2000

        await until_async(much, "2 Mbit/s", within_s=20)
        seen = await patient.counters("video")
        assert (seen["frameWidth"], seen["frameHeight"]) == (1280, 720)
        report = peer.send_report()
        assert report.estimate_bps > 2_000_000
        assert 0 < report.encode_ms < 200
        assert 20 < report.round_trip_ms < 1000


@pytest.mark.slow
async def test_sending_follows_a_link_that_becomes_narrow_and_wide_again(
    link: Link, clip: Path, tmp_path: Path
) -> None:
    link.set(OPEN)
    async with call(link, f"file:{clip}", tmp_path) as (peer, _):

        async def above(bps: int) -> bool:
            return peer.send_report().estimate_bps > bps

        await until_async(lambda: above(1_500_000), "the link is found wide", within_s=20)
        link.set(Impairment(delay_ms=20, rate_kbps=300, queue_ms=300))

        async def fits() -> bool:
            report = peer.send_report()
            return report.estimate_bps < 330_000 and report.limited_by == "network" and report.video_bps < 330_000

        await until_async(fits, "it sends what the narrow link takes", within_s=8)
        link.set(OPEN)
        await until_async(lambda: above(1_500_000), "it is found wide again", within_s=30)


@pytest.mark.slow
async def test_sending_over_five_percent_loss_the_voice_stays_whole(link: Link, clip: Path, tmp_path: Path) -> None:
    link.set(Impairment(delay_ms=50, loss_percent=5), Impairment(delay_ms=50))
    async with call(link, f"file:{clip}", tmp_path) as (peer, patient):

        async def protected() -> bool:
            return peer.send_report().loss_fraction > 0.02

        await until_async(protected, "the loss is seen", within_s=15)
        before = await patient.counters("audio")

        async def long_enough() -> bool:
            now = await patient.counters("audio")
            return bool(now["totalSamplesReceived"] - before["totalSamplesReceived"] > 8 * 48_000)

        await until_async(long_enough, "8 s of sound", within_s=20)
        after = await patient.counters("audio")
        heard = after["totalSamplesReceived"] - before["totalSamplesReceived"]
        concealed = after["concealedSamples"] - before["concealedSamples"]
        lost = after["packetsLost"] - before["packetsLost"]
        assert lost > 5
        assert concealed / heard < 0.03
        assert peer.send_report().estimate_bps > 500_000


async def test_sending_obeys_the_step(link: Link, tmp_path: Path) -> None:
    link.set(OPEN)
    async with call(link, "test:bars", tmp_path) as (peer, patient):

        async def height(pixels: int) -> bool:
            return bool((await patient.counters("video")).get("frameHeight") == pixels)

        await until_async(lambda: height(720), "the full picture", within_s=20)
        peer.apply(SendProfile(320, 180, 15, 220_000))
        await until_async(lambda: height(180), "the small picture", within_s=20)
        peer.apply(SendProfile(0, 0, 0, 0, audio="thin"))

        async def no_picture() -> bool:
            before = (await patient.counters("video"))["framesReceived"]
            packets = (await patient.counters("audio"))["packetsReceived"]
            await until_async(lambda: more(packets + 8), "the thin voice goes on")
            return bool((await patient.counters("video"))["framesReceived"] == before)

        async def more(packets: int) -> bool:
            return bool((await patient.counters("audio"))["packetsReceived"] >= packets)

        await until_async(no_picture, "no picture is sent")
        assert peer.send_report().video_bps == 0
        assert peer.send_report().limited_by == "profile"
        peer.apply(SendProfile(1280, 720, 30, 2_500_000))
        await until_async(lambda: height(720), "the full picture again", within_s=20)
