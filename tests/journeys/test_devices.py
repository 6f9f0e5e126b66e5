"""Another headset in the middle of a call: tried out before, changed, pulled, remembered; and speech while muted."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.bench.call.speech import speech
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.headset import HEADSET, plug, pull
from tests.journeys.rig.net import end
from tests.journeys.rig.sound import MIC, SPEAKER
from tests.journeys.rig.sound_gap import Ears, hopping_tone
from tests.journeys.rig.tones import write_wav
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic
from tests.journeys.steps.console import Console

pytestmark = pytest.mark.journey

GAP_BAND_S = 0.9
"""Three times the goal of 300 ms: the machine of the tests is shared. The figure itself is logged."""
GONE = "The loudspeaker that you chose is not there."
MUTED = "You are muted: the patient does not hear you. Press M to be heard."

_log = logging.getLogger(__name__)


def test_devices_are_tried_changed_pulled_and_remembered(
    desktop: Desktop,
    clinic: Clinic,
    console: Console,
    open_browser: OpenBrowser,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    sound, window = desktop.sound, console.window
    visit = clinic.visits[0]
    headset = plug(sound)

    console.go("Settings")
    with Ears(sound, [SPEAKER]) as ears:
        console.press("Try camera and sound")
        window.find("Echo test", role="push button", within_s=20)
        console.press("Play a tone")
        wait_until(lambda: ears.is_heard_now(SPEAKER), "the tone is heard before a call", within_s=15)
    console.starting("Your camera: 640 by 360", within_s=20)
    console.press("Close devices")

    voice = write_wav(tmp_path / "voice.wav", hopping_tone(20))
    page = open_browser(microphone=voice).context(phone=True).new_page()
    patient.open_link(page, visit.link)
    patient.check_and_wait(page)
    console.go("Today")
    console.admit(clinic.fhir.patient_name(visit.patient_id))

    with Ears(sound, [SPEAKER, HEADSET]) as ears:
        wait_until(lambda: ears.is_heard_now(SPEAKER), "the patient is heard", within_s=30)
        console.press("Devices")
        box = window.find_labelled("Loudspeaker", within_s=10)
        wait_until(lambda: "Headset" in [each.name_or_empty() for each in box.walk()], "the headset is offered")
        box.choose("Headset")
        wait_until(lambda: ears.is_heard_now(HEADSET), "the patient is heard in the headset", within_s=15)
        wait_until(lambda: not ears.is_heard_now(SPEAKER), "and no more in the loudspeaker")
        gap_s = ears.longest_gap_s()
    record_property("gap_ms", round(gap_s * 1000))
    _log.warning("change of loudspeaker by the window: longest gap %.0f ms", gap_s * 1000)
    assert gap_s <= GAP_BAND_S
    console.press("Close devices")
    settings = console.profile / "settings.json"
    wait_until(lambda: json.loads(settings.read_text()).get("speaker") == HEADSET, "the choice is remembered")

    with Ears(sound, [SPEAKER]) as ears:
        pull(sound, headset)
        console.says(GONE)
        wait_until(lambda: ears.is_heard_now(SPEAKER), "it goes on at the default", within_s=10)
    plug(sound)
    with Ears(sound, [HEADSET]) as ears:
        wait_until(lambda: ears.is_heard_now(HEADSET), "it goes back to the headset", within_s=15)

    console.press("Mic on")
    words = write_wav(tmp_path / "words.wav", speech(20, 5) * 0.5)
    talking = sound.net.popen(["paplay", f"--device={MIC}", words], env=sound.env)
    try:
        console.says(MUTED, within_s=15)
    finally:
        end(talking)
    wait_until(lambda: window.look(f"Notice: {MUTED}") is None, "it is gone after a while", within_s=20)
    console.hang_up()
    patient.expect_ended(page)
