"""Another loudspeaker in the call, one that is pulled, one that comes back: through the real sound server."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.conftest import AUDIO
from tests.integration.call.peer_process import PeerProcess
from tests.integration.call.waiting import until
from tests.journeys.rig.headset import HEADSET, pactl, plug, pull
from tests.journeys.rig.net import end
from tests.journeys.rig.sound import MIC, PATIENT_SPEAKER, SPEAKER, Sound
from tests.journeys.rig.sound_gap import Ears, hopping_tone
from tests.journeys.rig.tones import write_wav

from teleconsole.call.media.devices import SPEAKER_GONE
from teleconsole.contracts.call import DevicesChanged, HangUp, ListDevices, SelectDevices
from teleconsole.contracts.sound import EchoTestChanged, LevelsChanged, PlayTestTone, RunEchoTest, TryDevices

GAP_BAND_S = 0.6
"""Twice the goal: the machine of the tests is shared. The figure itself is printed."""


_log = logging.getLogger(__name__)


async def call_with_voice(call: ClinicCall, folder: Path) -> PeerProcess:
    """Connect with a patient who never pauses."""
    voice = write_wav(folder / "voice.wav", hopping_tone(20))
    patient = await PeerProcess.start(call.link, "--camera", "none", "--microphone", f"file:{voice}")
    await call.until_stage("waiting")
    await call.start()
    await until(lambda: call.snapshot.phase == "connected", "connected")
    return patient


async def test_the_loudspeaker_is_changed_in_the_call_without_a_gap(
    sound: Sound, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    plug(sound)
    async with clinic_call(tmp_path, "none", "none", "", environment=AUDIO) as call:
        patient = await call_with_voice(call, tmp_path)
        with Ears(sound, [SPEAKER, HEADSET]) as ears:
            await until(lambda: ears.is_heard_now(SPEAKER), "it is heard", within_s=15)
            await asyncio.sleep(1.5)
            await call.peer.ask(SelectDevices("none", "none", HEADSET))
            await until(lambda: ears.is_heard_now(HEADSET), "it is heard on the other one", within_s=10)
            await until(lambda: not ears.is_heard_now(SPEAKER), "it is not heard on the first one any more")
        record_property("gap_ms", round(ears.longest_gap_s() * 1000))
        _log.info("change of loudspeaker: longest gap %.0f ms", ears.longest_gap_s() * 1000)
        assert ears.longest_gap_s() <= GAP_BAND_S
        await call.peer.ask(HangUp())
        await patient.end()


async def test_the_microphone_is_changed_in_the_call_without_a_gap(
    sound: Sound, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    pactl(sound, "load-module", "module-null-sink", "sink_name=feed", "rate=48000")
    pactl(sound, "load-module", "module-remap-source", "source_name=headset-microphone", "master=feed.monitor")
    voice = write_wav(tmp_path / "voice.wav", hopping_tone(60))
    talking = [sound.net.popen(["paplay", f"--device={sink}", voice], env=sound.env) for sink in (MIC, "feed")]
    async with clinic_call(tmp_path, "none", "microphone", "none", environment=AUDIO) as call:
        patient = await PeerProcess.start(
            call.link, "--camera", "none", "--microphone", "none", "--speaker", PATIENT_SPEAKER
        )
        await call.until_stage("waiting")
        await call.start()
        with Ears(sound, [PATIENT_SPEAKER]) as ears:
            await until(lambda: ears.is_heard_now(PATIENT_SPEAKER), "the patient hears", within_s=20)
        with Ears(sound, [PATIENT_SPEAKER]) as ears:
            await asyncio.sleep(1.5)
            await call.peer.ask(SelectDevices("none", "headset-microphone", "none"))
            await asyncio.sleep(2.0)
            assert ears.is_heard_now(PATIENT_SPEAKER)
        assert "headset-microphone" in pactl(sound, "list", "sources", "short")
        record_property("gap_ms", round(ears.longest_gap_s() * 1000))
        _log.info("change of microphone: longest gap %.0f ms", ears.longest_gap_s() * 1000)
        assert ears.longest_gap_s() <= GAP_BAND_S
        for process in talking:
            end(process)
        await call.peer.ask(HangUp())
        await patient.end()


async def test_a_headset_is_pulled_and_plugged_in_again_in_the_call(sound: Sound, tmp_path: Path) -> None:
    module = plug(sound)
    async with clinic_call(tmp_path, "none", "none", HEADSET, environment=AUDIO) as call:
        patient = await call_with_voice(call, tmp_path)
        with Ears(sound, [SPEAKER]) as ears:
            await asyncio.sleep(1.0)
            assert not ears.is_heard_now(SPEAKER)
            pull(sound, module)
            await until(lambda: ears.is_heard_now(SPEAKER), "it goes on at the default", within_s=10)
            await until(lambda: call.snapshot.sentence == SPEAKER_GONE, "it is said")
            plug(sound)
            with Ears(sound, [HEADSET]) as headset:
                await until(lambda: headset.is_heard_now(HEADSET), "it is back at the headset", within_s=10)
            await until(lambda: call.snapshot.sentence == "", "nothing is wrong any more")
        told = [news.devices for news in call.of(DevicesChanged)]
        assert any(SPEAKER_GONE in devices.problem for devices in told)
        assert told[-1].speaker == HEADSET
        assert HEADSET in [device.device_id for device in told[-1].speakers]
        await call.peer.ask(HangUp())
        await patient.end()


async def test_devices_are_tried_out_before_a_call(sound: Sound, tmp_path: Path) -> None:
    async with clinic_call(tmp_path, "none", "", "", environment=AUDIO) as call:
        await call.peer.ask(ListDevices())
        await call.peer.ask(TryDevices(on=True))
        with Ears(sound, [SPEAKER]) as ears:
            await call.peer.ask(PlayTestTone())
            await until(lambda: ears.is_heard_now(SPEAKER), "the chime is heard", within_s=10)
            await until(lambda: any(news.speaker > 0.01 for news in call.of(LevelsChanged)), "its level is told")
            await until(lambda: not ears.is_heard_now(SPEAKER), "it is over", within_s=10)
            voice = write_wav(tmp_path / "said.wav", hopping_tone(3.5))
            await call.peer.ask(RunEchoTest())
            said = sound.net.popen(["paplay", "--device=mic", voice], env=sound.env)
            await until(lambda: any(news.microphone > 0.01 for news in call.of(LevelsChanged)), "it hears", within_s=10)
            await until(lambda: ears.is_heard_now(SPEAKER), "what was said is played", within_s=15)
            phases = [news.phase for news in call.of(EchoTestChanged)]
            assert phases[:2] == ["recording", "playing"]
            await until(lambda: call.of(EchoTestChanged)[-1].phase == "idle", "it ends", within_s=10)
            await asyncio.to_thread(said.wait, 10)
        await call.peer.ask(TryDevices(on=False))
        await until(lambda: "Call" not in pactl(sound, "list", "source-outputs"), "the microphone is given back")
