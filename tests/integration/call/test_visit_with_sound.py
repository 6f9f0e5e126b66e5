"""Real loudspeaker and microphone through PortAudio: PulseAudio with null sinks, tones found on the far side."""

import asyncio
from pathlib import Path

from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.conftest import AUDIO
from tests.integration.call.peer_process import PeerProcess
from tests.integration.call.waiting import until
from tests.journeys.rig.sound import MIC, SPEAKER, Sound
from tests.journeys.rig.tones import playing, pulsed_tone, wait_heard

from teleconsole.contracts.call import HangUp, ListDevices, PlayPcm


async def test_sound_is_heard_both_ways_and_recordings_are_played(sound: Sound, tmp_path: Path) -> None:
    try:
        async with clinic_call(tmp_path, "none", "", "", environment=AUDIO) as call:
            devices = await call.peer.ask(ListDevices())
            assert devices.microphones
            assert devices.speakers
            patient = await PeerProcess.start(call.link, "--camera", "none", "--microphone", "test:tone:440")
            await call.until_stage("waiting")
            await call.start()
            await until(lambda: call.snapshot.phase == "connected", "connected")
            await asyncio.to_thread(wait_heard, sound, SPEAKER, 440)
            assert call.snapshot.sentence == ""
            with playing(sound, MIC, 880, tmp_path):
                await until(lambda: (patient.stat("audio_level_in") or 0) > 0.01, "the patient hears", within_s=15)
            await call.peer.ask(HangUp())
            await patient.end()

            recording = (pulsed_tone(660, 2.0) * 32767).astype("<i2").tobytes()
            await call.peer.ask(PlayPcm(recording, begin=True, end=True))
            await asyncio.to_thread(wait_heard, sound, SPEAKER, 660)
    finally:
        sound.close()
