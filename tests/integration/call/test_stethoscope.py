"""The stethoscope mode over a real connection: the call process, and `teleconsole peer` as the patient."""

from pathlib import Path

import pytest
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.peer_process import PeerProcess
from tests.integration.call.waiting import until
from tests.journeys.rig.net import Net

from teleconsole.contracts.call import HangUp, SetMicrophone, SetStep
from teleconsole.contracts.sound import SetStethoscope
from teleconsole.ipc.peer import RemoteFailure


async def test_stethoscope_of_either_side_in_a_call(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:320x180@15")
        with pytest.raises(RemoteFailure):
            await call.peer.ask(SetStethoscope("patient"))
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()

        await call.peer.ask(SetStethoscope("patient"))
        assert not call.snapshot.microphone_on
        await until(lambda: call.snapshot.stethoscope_phase == "on", "the patient's sound comes as it is", within_s=15)
        assert patient.of("stethoscope")[-1]["state"] == "on"
        await call.peer.ask(SetStep("voice-and-stills"))
        await call.peer.ask(SetStethoscope("own"))
        await until(lambda: call.snapshot.stethoscope == "own", "it is ours now")
        assert call.snapshot.stethoscope_phase == "plain", "the step affords a thin voice"
        assert call.snapshot.microphone_on
        await call.peer.ask(SetStep(""))
        await until(lambda: call.snapshot.stethoscope_phase == "on", "ours goes as it is", within_s=40)
        await until(lambda: (patient.stat("audio_level_in") or 0) > 0.001, "it is heard there")
        await call.peer.ask(SetMicrophone(on=False))
        await call.peer.ask(SetStethoscope(""))
        await until(lambda: call.snapshot.stethoscope_phase == "off", "it is off")
        assert not call.snapshot.microphone_on
        await call.peer.ask(HangUp())
        assert await patient.end() == (0, "")
