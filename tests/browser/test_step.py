"""The page obeys the step of the ladder: what it sends, measured on the other side, and what it says."""

import asyncio
import base64
import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, expect
from tests.browser.conftest import until
from tests.browser.test_visit import open_call

pytestmark = pytest.mark.asyncio(loop_scope="session")


ESTIMATE = """() => {
  const stock = RTCPeerConnection.prototype.getStats;
  let believed_bps = 0;
  window.believe = (bps) => { believed_bps = bps; };
  RTCPeerConnection.prototype.getStats = async function () {
    const entries = [...(await stock.call(this)).entries()];
    return new Map(entries.map(([id, report]) => [id,
      report.type === "candidate-pair" ? { ...report, availableOutgoingBitrate: believed_bps } : report]));
  };
}"""
"""Lets the page's browser believe of its link what the test says."""


async def go(console: Page, step: str, cause: str = "slow") -> None:
    """Tell the page a step, as the call process does."""
    await console.evaluate(f"double.send({{type: 'step', step: '{step}', why: '', cause: '{cause}'}})")


async def until_rate(console: Page, kind: str, fits: Callable[[dict[str, float]], bool], seconds: float = 1.0) -> None:
    """Wait until what arrives in so many seconds fits: an encoder needs a moment to obey."""
    deadline_s = time.monotonic() + 15
    while not fits(found := await rates(console, kind, seconds)):
        assert time.monotonic() < deadline_s, f"{kind}: {found}"


async def rates(console: Page, kind: str, seconds: float = 2.0) -> dict[str, float]:
    """What arrives from the page, a second."""
    before: dict[str, Any] = await console.evaluate(f"double.received('{kind}')")
    await asyncio.sleep(seconds)
    after: dict[str, Any] = await console.evaluate(f"double.received('{kind}')")
    span_s = (after["at_ms"] - before["at_ms"]) / 1000
    return {name: (after[name] - before[name]) / span_s for name in ("packets", "bytes", "frames", "energy")}


async def until_height(console: Page, height: int) -> None:
    """Wait until the page's picture has this many lines."""
    await until(console, f"double.received('video').then((it) => it.height === {height})")


async def test_picture_sizes_and_the_voice_alone(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    full = await rates(console, "audio")
    await go(console, "180p")
    await until_height(console, 180)
    await expect(page.locator(".quality")).to_have_text("The picture is small now. The connection is slow.")
    await go(console, "audio-only", "voice")
    await expect(page.locator(".quality")).to_contain_text("sound only. The voices were breaking up.")
    await expect(page.locator(".no-picture")).to_be_visible()
    await until_rate(console, "video", lambda found: found["frames"] == 0)
    assert (await rates(console, "audio"))["packets"] > 40
    assert full["packets"] > 40
    await go(console, "720p", "better")
    await until(console, "double.received('video').then((it) => it.height > 180)")
    await expect(page.locator(".quality")).to_be_hidden()
    assert (await rates(console, "video"))["frames"] > 3


async def test_the_thin_voice_is_sixteen_kbit_in_packets_of_sixty_ms(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await go(console, "voice-and-stills")
    await expect(page.locator(".quality")).to_contain_text("A still picture comes every few seconds.")
    await until_rate(console, "audio", lambda thin: 15 < thin["packets"] < 18.5 and thin["bytes"] * 8 < 20_000, 3.0)
    await go(console, "360p", "better")
    await until_rate(console, "audio", lambda found: found["packets"] > 40)
    await until_rate(console, "video", lambda found: found["frames"] > 3)


async def test_stills_go_both_ways_small_and_with_their_age(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await go(console, "voice-and-stills")
    await until(console, "double.stills.length === 1")
    jpeg = base64.b64decode(await console.evaluate("double.stills[0]"))
    assert len(jpeg) <= 5_120
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.format == "JPEG"
    assert max(picture.size) <= 320
    pieces = await console.evaluate("double.pieces.map(({ part, parts, jpeg }) => [part, parts, jpeg.length])")
    assert [part for part, _, _ in pieces] == list(range(pieces[0][1]))
    assert max(length for _, _, length in pieces) <= 500
    await console.evaluate("double.pieces.slice(1).forEach((piece) => double.send(piece))")
    await console.evaluate("double.send({type: 'link-still', jpeg: double.stills[0].slice(0, 500), part: 0, parts: 2})")
    await console.evaluate("double.send({type: 'notice', kind: 'still-captured'})")
    await expect(page.get_by_text("took a still picture")).to_be_visible()
    await expect(page.locator(".remote-still")).to_be_hidden()
    await console.evaluate("double.send({type: 'link-still', jpeg: double.stills[0].slice(500), part: 1, parts: 2})")
    await expect(page.locator(".remote-still")).to_be_visible()
    assert await page.evaluate("document.querySelector('.remote-still').decode().then(() => true)")
    await expect(page.locator(".still-age")).to_have_text("Picture from 2 seconds ago", timeout=8_000)
    await go(console, "180p", "better")
    await expect(page.locator(".remote-still")).to_be_hidden()


async def test_what_is_no_step_and_no_picture_changes_nothing(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await go(console, "720p", "start")
    await go(console, "1080p")
    await go(console, "180p", "weather")
    await console.evaluate("double.send({type: 'link-still', jpeg: 5})")
    await console.evaluate("double.send({type: 'link-still', jpeg: 'x'.repeat(20000)})")
    await console.evaluate("double.send({type: 'notice', kind: 'still-captured'})")
    await expect(page.get_by_text("took a still picture")).to_be_visible()
    await expect(page.locator(".quality")).to_be_hidden()
    await expect(page.locator(".remote-still")).to_be_hidden()


async def test_the_page_tells_how_its_sending_goes(context: BrowserContext, origin: str, console: Page) -> None:
    await open_call(context, origin, console)
    await until(console, "double.reports.some(({estimateBps}) => estimateBps > 0)")
    report = await console.evaluate("double.reports.at(-1)")
    assert report["limitedBy"] in ("none", "bandwidth", "cpu", "other")
    assert 0 <= report["lossFraction"] <= 1
    assert 0 <= report["concealedFraction"] <= 1
    assert report["roundTripMs"] >= 0


async def test_at_the_last_step_the_chat_opens(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await go(console, "case", "gone")
    await expect(page.get_by_role("textbox", name="Write a message")).to_be_visible()
    await expect(page.locator(".quality")).to_contain_text("it is kept and sent when the connection is back")


async def test_a_picture_that_starves_the_voice_gives_way_before_the_console_says_so(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await until_rate(console, "video", lambda found: found["frames"] > 3)
    await page.evaluate(ESTIMATE)
    await page.evaluate("believe(50_000)")
    await until_rate(console, "video", lambda found: found["frames"] == 0)
    assert (await rates(console, "audio"))["packets"] > 10
    await go(console, "360p")
    await until_rate(console, "video", lambda found: found["frames"] > 3)
    await until_rate(console, "video", lambda found: found["frames"] == 0)
    await page.evaluate("believe(1_000_000)")
    await until_rate(console, "video", lambda found: found["frames"] > 3)


AS_FIREFOX = """() => {
  const stock = RTCPeerConnection.prototype.getStats;
  let [aimed_bytes, frames, aim_bps] = [0, 0, 2_400_000];
  window.aim = (bps) => { aim_bps = bps; };
  RTCPeerConnection.prototype.getStats = async function () {
    const entries = [...(await stock.call(this)).values()].map((entry) => ({ ...entry }));
    const source = entries.find(({ type, kind }) => type === "media-source" && kind === "video");
    for (const entry of entries) {
      delete entry.availableOutgoingBitrate;
      delete entry.qualityLimitationReason;
      if (entry.type !== "outbound-rtp" || entry.kind !== "video") continue;
      if (entry.framesEncoded > frames && source?.framesPerSecond) {
        aimed_bytes += (entry.framesEncoded - frames) * aim_bps / 8 / source.framesPerSecond;
      }
      frames = entry.framesEncoded;
      [entry.totalEncodedBytesTarget, entry.bytesSent, entry.headerBytesSent] = [aimed_bytes, aimed_bytes, 0];
    }
    return new Map(entries.map((entry) => [entry.id, entry]));
  };
}"""
"""Lets the page's browser tell no more of its link than Firefox does; its encoder aims at what the test says."""


async def test_without_an_estimate_what_the_encoder_aims_at_tells_of_the_link(
    context: BrowserContext, origin: str, console: Page
) -> None:
    page = await open_call(context, origin, console)
    await page.evaluate(AS_FIREFOX)
    newest = "double.reports.slice(-2).every(({estimateBps, limitedBy}) => %s)"
    await until(console, newest % "estimateBps === 0 && limitedBy === 'none'")
    await page.evaluate("aim(200_000)")
    await until(console, newest % "estimateBps >= 200_000 && estimateBps < 300_000 && limitedBy === 'bandwidth'")
    await page.evaluate("aim(5_000)")
    await until(console, newest % "estimateBps < 60_000 && limitedBy === 'bandwidth'")
    await until_rate(console, "video", lambda found: found["frames"] == 0)
    await page.evaluate("aim(2_400_000)")
    await until_rate(console, "video", lambda found: found["frames"] > 3)
    await until(console, newest % "estimateBps === 0 && limitedBy === 'none'")


VOICE_CODECS = """() => {
  const stock = RTCRtpSender.prototype.setParameters;
  window.voiceCodecs = [];
  RTCRtpSender.prototype.setParameters = function (parameters) {
    if (this.track?.kind === "audio") window.voiceCodecs.push(parameters.encodings[0].codec?.mimeType ?? "as agreed");
    return stock.call(this, parameters);
  };
}"""
"""Notes which codec the page chooses for its voice."""


async def test_a_thin_step_repeats_nothing_of_the_voice(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await page.evaluate(VOICE_CODECS)
    for step, codec in (("180p", "audio/opus"), ("360p", "as agreed"), ("voice-and-stills", "audio/opus")):
        await go(console, step)
        await until(page, f"voiceCodecs.at(-1) === '{codec}'")
    await until_rate(console, "audio", lambda found: found["packets"] > 10)


HELD_BY_FIREFOX = """v=0\r
m=audio 9 UDP/TLS/RTP/SAVPF 96\r
a=fmtp:96 maxplaybackrate=0;stereo=0;useinbandfec=1\r
a=rtpmap:96 opus/48000/2\r
"""
"""An offer that says `useinbandfec=1` of Opus and nothing else, as Firefox gives it back."""


async def test_the_voice_keeps_its_in_band_fec_when_an_offer_is_taken_once_more(
    context: BrowserContext, origin: str
) -> None:
    page = await context.new_page()
    await page.goto(f"{origin}/v#unknown")
    again = """([sdp, bits]) => import("/pages/step.js").then(
      ({ withoutUnsaid, withWholeSound }) => withWholeSound(withoutUnsaid(sdp), bits))"""
    assert "a=fmtp:96 useinbandfec=1\r" in await page.evaluate(again, [HELD_BY_FIREFOX, 0])
    whole = await page.evaluate(again, [HELD_BY_FIREFOX, 96_000])
    assert "a=fmtp:96 useinbandfec=1;stereo=1;usedtx=0;maxaveragebitrate=96000\r" in whole
    assert "a=fmtp:96 useinbandfec=1\r" in await page.evaluate(again, [whole, 0])
