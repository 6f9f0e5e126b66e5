"""The call process and the real patient's page in a real Firefox, over the real gateway and a link that can be bad."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from tests.bench.call.impairment import Impairment
from tests.bench.call.link import Link, carried
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.firefox import Firefox, FirefoxPage, firefox_in
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig.net import NetUnavailableError

from teleconsole.contracts.call import CallStats, ChatChanged, SendChat, SetStep
from teleconsole.contracts.signal import LadderStep
from teleconsole.contracts.sound import SetStethoscope

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEEP = """() => {
  const Real = window.RTCPeerConnection;
  window.peers = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.peers.push(this); }
  };
  const send = RTCDataChannel.prototype.send;
  window.reports = [];
  RTCDataChannel.prototype.send = function (data) {
    if (String(data).includes("link-report")) window.reports.push(JSON.parse(data));
    return send.call(this, data);
  };
}"""
"""Lets a test look at the page's connections, and at what it tells of the link."""
STREAMS = """async () => {
  const peer = window.peers.filter((each) => each.connectionState === "connected").at(-1);
  const counted = peer ? [...(await peer.getStats()).values()] : [];
  const streams = counted.filter(({ type }) => type === "inbound-rtp" || type === "outbound-rtp");
  return Object.fromEntries(streams.map((each) => [`${each.type} ${each.kind}`, each]));
}"""
"""What the page's newest connection counts, by direction and kind."""
KEEP_TIMES = """() => {
  const video = document.querySelector("video.remote");
  window.times = [];
  const each = () => { window.times.push(performance.now()); video.requestVideoFrameCallback(each); };
  video.requestVideoFrameCallback(each);
}"""
"""When the page shows a picture."""
THIN, FULL, WHOLE = ((10, 25), (8_000, 24_000)), ((40, 60), (24_000, 48_000)), ((40, 60), (70_000, 110_000))
"""What the page's voice takes, by how it is sent: packets and bits a second."""
STANDS = "() => window.peers.some((each) => each.connectionState === 'connected')"
IS_VEILED = "() => Boolean(document.querySelector('.veil')?.checkVisibility())"
LISTENED = "() => document.querySelector('.listening').textContent.includes('heart')"
IN_BAND = """() => {
  const peer = window.peers.filter((each) => each.connectionState === "connected").at(-1);
  return peer.remoteDescription.sdp.includes("useinbandfec=1");
}"""


@dataclass
class Visit:
    """A call that stands."""

    call: ClinicCall
    page: FirefoxPage
    link: Link

    @property
    def stats(self) -> CallStats:
        """The console's numbers of the last second."""
        return self.call.stats[-1].stats

    async def counted(self, stream: str, name: str) -> float:
        """A number of getStats; 0 without one."""
        return float((await self.page.evaluate(STREAMS)).get(stream, {}).get(name, 0))

    async def until_counted(self, stream: str, name: str, more_than: float, *, within_s: float = 15) -> None:
        """Wait until a number of getStats is higher."""

        async def counted() -> bool:
            return await self.counted(stream, name) > more_than

        await until_async(counted, f"{name} of {stream} over {more_than}", within_s=within_s)

    async def until_both_show(self, *, within_s: float = 20) -> None:
        """Wait until both sides have decoded further pictures and sounds."""
        before = self.stats
        there = await self.counted("inbound-rtp video", "framesDecoded")
        await until(
            lambda: self.stats.received_fps > 5 and self.stats.audio_frames_received > before.audio_frames_received,
            "the patient's picture and sound",
            within_s=within_s,
        )
        await self.until_counted("inbound-rtp video", "framesDecoded", there + 10, within_s=within_s)

    async def sends_voice(self, packets_per_s: tuple[float, float], bits_per_s: tuple[float, float]) -> bool:
        """Whether the page's voice now takes so much: at least, at most."""
        first = (await self.page.evaluate(STREAMS))["outbound-rtp audio"]
        await asyncio.sleep(0.5)
        second = (await self.page.evaluate(STREAMS))["outbound-rtp audio"]
        seconds = (second["timestamp"] - first["timestamp"]) / 1000
        packets = (second["packetsSent"] - first["packetsSent"]) / seconds
        bits = 8 * (second["bytesSent"] - first["bytesSent"]) / seconds
        return bool(packets_per_s[0] < packets < packets_per_s[1] and bits_per_s[0] < bits < bits_per_s[1])

    async def choose(self, step: LadderStep | Literal[""], words: str) -> None:
        """Choose a step at the console and wait until the page says it; "" = as the link allows."""
        await self.call.peer.ask(SetStep(step))
        await self.page.until(
            "(words) => document.querySelector('.quality').textContent.includes(words)", words, what=f"{words!r}"
        )


@pytest.fixture(scope="module")
def two_networks() -> Iterator[Link]:
    """Clinic and patient; this thread is in the clinic's network."""
    try:
        link = Link()
    except NetUnavailableError as unavailable:
        pytest.skip(str(unavailable))
    yield link
    assert not link.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def firefox(two_networks: Link, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firefox]:
    """One browser in the patient's network for all tests."""
    async with firefox_in(two_networks.patient, tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@asynccontextmanager
async def visit(link: Link, browser: Firefox, folder: Path) -> AsyncIterator[Visit]:
    """From the link to the call, on a clean link."""
    link.set(Impairment())
    async with clinic_call(folder) as call:
        port = int(call.clinic.base_url.rpartition(":")[2])
        async with carried(link, port):
            page = await browser.new_page()
            await page.before_scripts(KEEP)
            await page.goto(call.link)
            await page.press("Start")
            await page.press("Yes, it works")
            await page.press("I agree")
            await page.until(
                "() => document.body.innerText.includes('You are in the waiting room')", what="waiting room"
            )
            await call.until_stage("waiting")
            await page.until(STANDS, what="the page is connected while it waits")
            await call.start()
            await call.until_connected()
            told = Visit(call, page, link)
            await until(lambda: call.stats, "the first numbers")
            await told.until_both_show()
            yield told
            await page.close()
            assert [line for line in browser.noted if "/signal" not in line] == []  # an outage breaks the WebSocket


async def test_firefox_pictures_sound_words_and_chat(two_networks: Link, firefox: Firefox, tmp_path: Path) -> None:
    async with visit(two_networks, firefox, tmp_path) as told:
        call, page = told.call, told.page
        await until(lambda: told.stats.audio_level_in > 0.005, "the patient's tone is heard")
        await told.until_counted("inbound-rtp audio", "audioLevel", 0.005)

        words = await page.until("() => document.querySelector('.safety strong')?.textContent", what="safety words")
        assert len(call.snapshot.safety_words) == 4
        assert words == " · ".join(call.snapshot.safety_words)

        line_id = await call.peer.ask(SendChat("Since when?"))
        await until(
            lambda: any(c.item_id == line_id and c.state == "acknowledged" for c in call.of(ChatChanged)),
            "the page has our line",
        )
        await page.press("Chat")
        await page.evaluate(
            """() => {
              const field = document.querySelector("#chat-field");
              field.value = "Since Monday.";
              field.form.requestSubmit();
            }"""
        )
        await until(lambda: any(c.from_patient for c in call.of(ChatChanged)), "the patient's line")
        assert [c.text for c in call.of(ChatChanged) if c.from_patient] == ["Since Monday."]


async def test_firefox_obeys_each_step(two_networks: Link, firefox: Firefox, tmp_path: Path) -> None:
    async with visit(two_networks, firefox, tmp_path) as told:
        call = told.call
        await told.choose("180p", "small")
        await until(lambda: 0 < told.stats.frame_height <= 180, "the page sends 180 lines", within_s=15)
        await until(lambda: 5 < told.stats.received_fps < 18, "15 pictures a second", within_s=10)
        assert await told.counted("outbound-rtp video", "frameHeight") <= 180

        await told.choose("audio-only", "sound only")
        await until(lambda: told.stats.received_fps == 0, "no picture comes", within_s=10)
        await until(lambda: told.stats.audio_level_in > 0.005, "the voice goes on")

        await told.choose("voice-and-stills", "still picture")
        await until(lambda: call.snapshot.still_ms > 0, "the page's still is shown", within_s=15)
        await until_async(lambda: told.sends_voice(*THIN), "packets of 60 ms", within_s=15)

        await told.choose("", "large")
        await told.until_both_show()
        await until_async(lambda: told.sends_voice(*FULL), "packets of 20 ms again", within_s=15)
        await until(lambda: told.stats.frame_height > 180, "a larger picture", within_s=20)
        assert await told.page.evaluate(IN_BAND), "the voice goes on with its in-band FEC"


async def test_firefox_sends_heart_and_lung_sounds(two_networks: Link, firefox: Firefox, tmp_path: Path) -> None:
    async with visit(two_networks, firefox, tmp_path) as told:
        call = told.call
        await call.peer.ask(SetStethoscope("patient"))
        await until(lambda: call.snapshot.stethoscope_phase == "on", "the patient's sound comes as it is", within_s=15)
        await told.page.until(LISTENED, what="the page says so")
        await until_async(lambda: told.sends_voice(*WHOLE), "it is sent whole", within_s=15)
        await call.peer.ask(SetStethoscope(""))
        await until(lambda: call.snapshot.stethoscope_phase == "off", "it is off")
        await told.page.until(f"() => !({LISTENED})()", what="the page says nothing more")
        await until_async(lambda: told.sends_voice(*FULL), "it is a voice again", within_s=15)


async def test_firefox_an_interruption_and_a_reload_end_with_media(
    two_networks: Link, firefox: Firefox, tmp_path: Path
) -> None:
    async with visit(two_networks, firefox, tmp_path) as told:
        call, page = told.call, told.page
        told.link.set_outage(True)
        await until(lambda: call.snapshot.phase == "reconnecting", "the console says so", within_s=6)
        await page.until(IS_VEILED, what="the page says so", within_s=6)
        told.link.set_outage(False)
        await until(lambda: call.snapshot.phase == "connected", "the console is connected", within_s=20)
        await page.until(f"() => !({IS_VEILED})()", what="the page is clear", within_s=20)
        await told.until_both_show()

        await page.reload()
        await page.until(f"async () => Boolean((await ({STREAMS})())['inbound-rtp video'])", what="another connection")
        await told.until_both_show()
        assert [phase for phase in call.phases if phase in ("ended", "admitting")] == ["admitting"]


async def test_firefox_at_5_percent_loss_the_pictures_go_on_both_ways(
    two_networks: Link, firefox: Firefox, tmp_path: Path
) -> None:
    async with visit(two_networks, firefox, tmp_path) as told:
        told.link.set(Impairment(loss_percent=5, delay_ms=30))
        await told.page.evaluate(KEEP_TIMES)
        await until(lambda: told.stats.loss_percent > 1, "the loss is seen", within_s=15)
        decoded = told.stats.frames_decoded
        await until(lambda: told.stats.frames_decoded > decoded + 120, "pictures here", within_s=30)
        await told.page.until("() => window.times.length > 60", what="pictures there", within_s=30)
        held = "() => window.reports.some((each) => each.limitedBy === 'bandwidth' && each.estimateBps > 0)"
        await told.page.until(held, what="the page tells that the link holds its picture down")
        times = await told.page.evaluate("() => window.times")
        assert max(after - before for before, after in pairwise(times)) < 3_000
        assert told.stats.freezes_s < 3
        assert await told.page.evaluate(IN_BAND), "what is lost of the voice comes back out of the next packet"
