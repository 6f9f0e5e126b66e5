"""Twenty seconds at 720p30 with the real page in a real Chromium: the figures of the call process. Slow."""

import statistics
from pathlib import Path

import psutil
import pytest
from tests.integration.call.chromium import chromium
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.real_page import open_waiting_room
from tests.integration.call.waiting import until
from tests.journeys.rig.net import Net

SECONDS = 20

FRAMES = "() => document.querySelector('video.remote').getVideoPlaybackQuality().totalVideoFrames"


@pytest.mark.slow
async def test_720p30_with_chromium_both_ways(net: Net, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with clinic_call(tmp_path, camera="test:bars") as call, chromium(frames_per_s=30) as browser:
        page = await open_waiting_room(browser, call.link)
        await call.until_stage("waiting")
        process = psutil.Process(call.child.pid)
        idle_mb = process.memory_info().rss / 2**20
        await call.start()
        await call.until_connected()
        await until(lambda: len(call.stats) >= 3, "the call has settled")
        shown = await page.evaluate(FRAMES)
        process.cpu_percent()
        await until(lambda: len(call.stats) >= 3 + SECONDS, f"{SECONDS} s of statistics", within_s=SECONDS + 10)
        cpu_percent = process.cpu_percent()
        at_page_fps = (await page.evaluate(FRAMES) - shown) / SECONDS
        told = [news.stats for news in call.stats[3:]]
        received = [stats.received_fps for stats in told]
        figures = {
            "admit_to_first_frame_ms": call.snapshot.first_frame_ms,
            "received_fps": round(statistics.mean(received), 1),
            "received_fps_least": round(min(received), 1),
            "at_page_fps": round(at_page_fps, 1),
            "received_kbps": round(statistics.mean(stats.received_kbps for stats in told[-5:])),
            "sent_kbps": round(statistics.mean(stats.sent_kbps for stats in told[-5:])),
            "size": f"{told[-1].frame_width}x{told[-1].frame_height}",
            "concealed_percent": round(statistics.mean(stats.audio_concealed_percent for stats in told), 2),
            "cpu_percent_of_a_core": cpu_percent,
            "rss_mb_idle": round(idle_mb),
            "rss_mb_in_call": round(process.memory_info().rss / 2**20),
        }
        with capsys.disabled():
            print(f"\n{figures}")  # noqa: T201 -- figures for the person who runs it
        assert figures["size"] == "1280x720"
        assert statistics.mean(received) > 27
        assert at_page_fps > 27
