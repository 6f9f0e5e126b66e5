"""The ladder over the real page: each step is obeyed by both sides, told to both, and left again without a press."""

from pathlib import Path

from playwright.async_api import Page, expect
from tests.integration.call.chromium import chromium
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.real_page import numbers_in, open_waiting_room
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig import counter
from tests.journeys.rig.net import Net
from tests.journeys.rig.tones import pulsed_tone, write_wav

from teleconsole.contracts.call import HangUp, SetStep
from teleconsole.contracts.dropbox import SpanItem
from teleconsole.contracts.signal import LadderStep

_PICTURE = """() => {
  const { videoWidth, videoHeight } = document.querySelector("video.remote");
  return `${videoWidth}x${videoHeight}`;
}"""


async def choose(call: ClinicCall, page: Page, step: LadderStep | str, words: str) -> None:
    """Choose a step at the console and wait until the page says it."""
    await call.peer.ask(SetStep(step))  # type: ignore[arg-type]  # also a plain str from a table
    assert call.snapshot.step == (step or "720p")
    await expect(page.locator(".quality span")).to_contain_text(words)


async def test_ladder_every_step_by_hand_both_sides_obey(net: Net, tmp_path: Path) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", 300)
    voice = write_wav(tmp_path / "voice.wav", pulsed_tone(440, 6))  # a fake microphone's short beep is easily missed
    flags = (f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={voice}")
    async with clinic_call(tmp_path) as call, chromium(*flags, frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link)
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        await numbers_in(page, 4)

        await choose(call, page, "180p", "small")
        assert (call.snapshot.step_cause, call.snapshot.chosen_step) == ("chosen", "180p")
        await until(lambda: call.stats[-1].stats.frame_height == 180, "the page sends 180 lines", within_s=15)
        await until_async(lambda: page.evaluate(f"({_PICTURE})() === '320x180'"), "it shows 180 lines", within_s=15)

        await choose(call, page, "audio-only", "sound only")
        await until(lambda: call.stats[-1].stats.received_fps == 0, "no picture comes", within_s=10)
        await until(lambda: call.stats[-1].stats.audio_level_in > 0.001, "the voice goes on")

        await choose(call, page, "voice-and-stills", "still picture")
        await until(lambda: call.snapshot.still_ms > 0, "the page's still is shown", within_s=15)
        await expect(page.locator(".remote-still")).to_be_visible(timeout=15_000)
        await until(lambda: 0 < call.stats[-1].stats.sent_kbps < 60, "the thin voice and stills", within_s=15)

        await choose(call, page, "case", "Write in the chat")
        await choose(call, page, "", "large")
        before = len(call.remote.numbers)
        await until(lambda: call.remote.look() > before + 5, "the picture is back", within_s=20)
        await until(lambda: call.snapshot.still_ms == 0, "it is video again")
        await call.peer.ask(HangUp())
        spans = [item.body for item in call.items() if isinstance(item.body, SpanItem)]
        assert [span.why for span in spans] == ["connected", "lost", "connected", "ended-by-clinician"]
        assert spans[1].from_ms == spans[0].from_ms < spans[1].to_ms < spans[2].from_ms == spans[3].from_ms


async def test_ladder_a_link_that_is_gone_becomes_a_case_and_comes_back_by_itself(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call, chromium(frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link)
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        net.configure("link set lo down")
        await until(lambda: call.snapshot.phase == "reconnecting", "it is told", within_s=10)
        await until(lambda: call.snapshot.step == "case", "the call became a case", within_s=30)
        assert call.snapshot.step_cause == "gone"
        net.configure("link set lo up")
        await until(lambda: call.snapshot.phase == "connected", "connected again", within_s=40)
        await until(lambda: call.snapshot.step == "audio-only", "the voice first", within_s=10)
        await until(lambda: call.snapshot.step == "720p", "all the way up without a press", within_s=60)
        await expect(page.locator(".quality")).to_be_hidden()
        await call.peer.ask(HangUp())
        spans = [item.body for item in call.items() if isinstance(item.body, SpanItem)]
        assert [span.why for span in spans] == ["connected", "lost", "connected", "ended-by-clinician"]
