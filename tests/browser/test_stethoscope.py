"""The page lends its microphone as it is for heart and lung sounds, says so, and goes back by itself."""

import math

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.browser.conftest import until
from tests.browser.test_step import go, rates, until_rate
from tests.browser.test_visit import open_call

pytestmark = pytest.mark.asyncio(loop_scope="session")

ON = "The clinic listens to your heart or lungs: hold the phone or stethoscope still. Use headphones."
PLAIN = "The connection is weak. The clinic hears your voice, and listens to your heart or lungs when it is better."
REFUSED = "Your microphone can't be switched for listening to your heart or lungs. It goes on as before."

WATCH = """
  if (navigator.mediaDevices) {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.tracks = [];
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      if (window.refuses && wanted.audio) throw new DOMException("no", "NotAllowedError");
      const stream = await real(wanted);
      window.tracks.push(...stream.getAudioTracks());
      return stream;
    };
    window.sent = () => window.tracks.findLast(({ readyState }) => readyState === "live").getSettings();
    const change = MediaStreamTrack.prototype.applyConstraints;
    MediaStreamTrack.prototype.applyConstraints = function (wanted) {
      if (window.refuses) return Promise.reject(new DOMException("no", "OverconstrainedError"));
      return change.call(this, wanted);
    };
  }
"""
HUM = """
  if (navigator.mediaDevices) {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await real(wanted);
      if (!wanted.audio) return stream;
      const sound = new AudioContext();
      const tone = new OscillatorNode(sound, { frequency: 30 });
      const quiet = new GainNode(sound, { gain: 0.3 });
      const out = sound.createMediaStreamDestination();
      tone.connect(quiet).connect(out);
      tone.start();
      for (const track of stream.getAudioTracks()) { stream.removeTrack(track); track.stop(); }
      stream.addTrack(out.stream.getAudioTracks()[0]);
      return stream;
    };
  }
"""


async def ask(console: Page, *, on: bool, bits_per_s: int = 96_000) -> None:
    """Ask the page, as the call process does."""
    await console.evaluate(f"double.send({{type: 'stethoscope', on: {str(on).lower()}, bitsPerS: {bits_per_s}}})")


async def until_state(console: Page, *states: str) -> None:
    """Wait until the page has told exactly these."""
    await until(console, f"JSON.stringify(double.stethoscope) === JSON.stringify({list(states)})")


async def level_db(console: Page) -> float:
    """How loud the page's sound is for two seconds, peaks against full scale."""
    energy = (await rates(console, "audio"))["energy"]
    return 10 * math.log10(max(energy, 1e-12))


async def test_the_microphone_is_lent_unprocessed_and_given_back(
    context: BrowserContext, origin: str, console: Page
) -> None:
    await context.add_init_script(WATCH)
    page = await open_call(context, origin, console)
    assert (await page.evaluate("sent().echoCancellation")) is not False
    await ask(console, on=True)
    await until_state(console, "on")
    await expect(page.get_by_role("status").filter(has_text=ON)).to_be_visible()
    settings = await page.evaluate("sent()")
    assert not any(settings[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl"))
    await until_rate(console, "audio", lambda found: found["packets"] > 40)
    await ask(console, on=False)
    await expect(page.get_by_text(ON)).to_be_hidden()
    assert await page.evaluate("sent().echoCancellation")
    assert await page.evaluate("tracks.filter(({readyState}) => readyState === 'live').length") == 1
    await until_rate(console, "audio", lambda found: found["packets"] > 40)
    await until_state(console, "on")


async def test_a_deep_hum_arrives_in_the_mode_and_hardly_without_it(
    context: BrowserContext, origin: str, console: Page
) -> None:
    await context.add_init_script(HUM)
    await open_call(context, origin, console)
    await console.mouse.click(1, 1)  # Chromium plays only after a press, and knows the level only of what it plays
    await console.evaluate("double.heard.play()")
    await until_rate(console, "audio", lambda found: found["packets"] > 40 and found["energy"] > 0)
    voice_db, voice = await level_db(console), await rates(console, "audio")
    await ask(console, on=True)
    await until_state(console, "on")
    await until_rate(console, "audio", lambda found: found["bytes"] * 8 > 80_000)
    whole_db = await level_db(console)
    assert whole_db == pytest.approx(20 * math.log10(0.3), abs=1.0)
    assert voice_db < whole_db - 6
    await ask(console, on=False)
    await until_rate(console, "audio", lambda found: found["bytes"] < voice["bytes"] * 1.5)


async def test_a_refusal_leaves_the_microphone_and_both_sides_hear_of_it(
    context: BrowserContext, origin: str, console: Page
) -> None:
    await context.add_init_script(WATCH)
    page = await open_call(context, origin, console)
    await page.evaluate("window.refuses = true")
    await ask(console, on=True)
    await until_state(console, "refused")
    await ask(console, on=False)  # what the console does then
    await expect(page.get_by_text(REFUSED)).to_be_visible()
    assert await page.evaluate("sent().echoCancellation")
    await until_rate(console, "audio", lambda found: found["packets"] > 40)
    await page.evaluate("window.refuses = false")
    await ask(console, on=True)
    await until_state(console, "refused", "on")
    await expect(page.get_by_text(REFUSED)).to_be_hidden()


async def test_a_thin_step_and_a_thin_link_are_a_plain_voice_until_they_are_better(
    context: BrowserContext, origin: str, console: Page
) -> None:
    await context.add_init_script(WATCH)
    page = await open_call(context, origin, console)
    await go(console, "voice-and-stills")
    await ask(console, on=True)
    await until_state(console, "plain")
    await expect(page.get_by_text(PLAIN)).to_be_visible()
    assert await page.evaluate("sent().echoCancellation")
    await go(console, "360p", "better")
    await until_state(console, "plain", "on")
    await expect(page.get_by_text(ON)).to_be_visible()
    await ask(console, on=True, bits_per_s=0)
    await until_state(console, "plain", "on", "plain")
    assert await page.evaluate("sent().echoCancellation")


async def test_the_mode_ends_with_the_call(context: BrowserContext, origin: str, console: Page) -> None:
    await context.add_init_script(WATCH)
    page = await open_call(context, origin, console)
    await ask(console, on=True)
    await until_state(console, "on")
    await console.evaluate("double.frame({type: 'end-visit', visitId: double.visitId})")
    await expect(page.get_by_text(ON)).to_be_hidden()
    await until(page, "tracks.every(({readyState}) => readyState === 'ended')")


async def test_a_new_connection_goes_on_in_the_mode_and_a_page_that_missed_the_end_goes_back(
    context: BrowserContext, origin: str, console: Page
) -> None:
    await context.add_init_script(HUM)
    page = await open_call(context, origin, console)
    await ask(console, on=True)
    await until_state(console, "on")
    await console.evaluate("double.breakLink()")
    await until(console, "double.generation === 2")
    await until_rate(console, "audio", lambda found: found["bytes"] * 8 > 80_000)
    await expect(page.get_by_text(ON)).to_be_visible()
    await ask(console, on=False)
    await until_rate(console, "audio", lambda found: 0 < found["bytes"] * 8 < 60_000)
    await expect(page.get_by_text(ON)).to_be_hidden()


async def test_a_frame_that_makes_no_sense_changes_nothing(context: BrowserContext, origin: str, console: Page) -> None:
    page = await open_call(context, origin, console)
    await console.evaluate("double.send({type: 'stethoscope', on: 'yes', bitsPerS: 96000})")
    await console.evaluate("double.send({type: 'notice', kind: 'still-captured'})")
    await expect(page.get_by_text("took a still picture")).to_be_visible()
    await expect(page.locator(".listening")).to_be_empty()
    assert await console.evaluate("double.stethoscope") == []
