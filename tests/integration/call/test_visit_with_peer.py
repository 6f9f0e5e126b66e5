"""The call process and `teleconsole peer`, over the real gateway, as two processes."""

import asyncio
import hashlib
import io
import signal
from pathlib import Path

import pytest
from PIL import Image
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.peer_process import PeerProcess
from tests.integration.call.waiting import until
from tests.journeys.rig import counter
from tests.journeys.rig.net import Net

from teleconsole.contracts.call import (
    CaptureStill,
    ChatChanged,
    HangUp,
    ItemSealed,
    PatientLeft,
    SelectDevices,
    SendChat,
    SetCamera,
    TokenNeeded,
)
from teleconsole.contracts.dropbox import ChatItem, SpanItem, StillItem
from teleconsole.ipc.peer import RemoteFailure


async def test_visit_whole_story_pictures_chat_still_and_end(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15", "--say", "It itches.")
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        await until(lambda: call.remote.look() >= 8, "8 numbers in the patient's picture")
        await until(lambda: call.own.look() >= 8, "8 numbers in our own picture")
        assert call.remote.info is not None
        assert (call.remote.info.width_px, call.remote.info.height_px) == (640, 360)

        line_id = await call.peer.ask(SendChat("Since when?"))

        def acknowledged() -> bool:
            return any(c.item_id == line_id and c.state == "acknowledged" for c in call.of(ChatChanged))

        await until(acknowledged, "our line is acknowledged")
        await until(lambda: patient.of("chat-acknowledged"), "the patient's line is acknowledged")
        still = await call.peer.ask(CaptureStill())
        await until(lambda: patient.of("notice"), "the patient is told of the still")
        await until(lambda: call.stats and call.stats[-1].stats.received_fps > 10, "statistics")
        assert call.stats[-1].stats.audio_level_in > 0.001
        await until(lambda: (patient.stat("audio_level_in") or 0) > 0.001, "sound there")
        assert tuple(patient.of("safety-words")[-1]["words"]) == call.snapshot.safety_words
        assert len(call.snapshot.safety_words) == 4
        await call.peer.ask(HangUp())
        status, errors = await patient.end()
        assert (status, errors) == (0, "")
        assert patient.of("ended")[-1]["reason"] == "ended-by-clinician"

        assert call.phases == ["idle", "admitting", "connecting", "connected", "ended"]
        bodies = {item.item_id: item.body for item in call.items()}
        lines = [(body.from_patient, body.text) for body in bodies.values() if isinstance(body, ChatItem)]
        assert sorted(lines) == [(False, "Since when?"), (True, "It itches.")]
        kept = bodies[still.item_id]
        assert isinstance(kept, StillItem)
        assert hashlib.sha256(kept.png).hexdigest() == still.sha256 == kept.sha256
        picture = Image.open(io.BytesIO(kept.png))
        assert picture.size == (640, 360)
        assert counter.read(picture) is not None
        spans = [body for body in bodies.values() if isinstance(body, SpanItem)]
        assert [(span.why, span.to_ms > 0) for span in spans] == [("connected", False), ("ended-by-clinician", True)]
        assert {news.kind for news in call.of(ItemSealed)} == {"visit-start", "chat", "still", "visit-end", "report"}


async def test_visit_patient_leaves_the_console_is_told(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "none", "--microphone", "none", "--seconds", "5")
        await call.until_stage("waiting")
        await call.start()
        await until(lambda: call.snapshot.phase == "connected", "connected without any device of the patient's")
        await until(lambda: call.of(PatientLeft), "the patient left", within_s=15)
        assert call.of(PatientLeft)[0].reason == "ended-by-patient"
        assert "reconnecting" not in call.phases
        status, errors = await patient.end()
        assert (status, errors) == (0, "")


async def test_visit_a_silent_link_is_told_and_made_again(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15")
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        first = patient.of("connected")[0]["generation"]
        patient.process.send_signal(signal.SIGSTOP)
        await until(lambda: call.snapshot.phase == "reconnecting", "the screen says so", within_s=3)
        line_id = await call.peer.ask(SendChat("Are you there?"))
        await asyncio.sleep(3.5)  # longer than CALL_LOST_S: a new connection is offered meanwhile
        patient.process.send_signal(signal.SIGCONT)
        await until(lambda: call.snapshot.phase == "connected", "connected again", within_s=15)
        before = len(call.remote.numbers)
        await until(lambda: call.remote.look() > before + 5, "the picture goes on", within_s=15)

        def acknowledged() -> bool:
            return any(c.item_id == line_id and c.state == "acknowledged" for c in call.of(ChatChanged))

        await until(acknowledged, "the line written meanwhile arrives", within_s=15)
        assert patient.of("connected")[-1]["generation"] > first
        await call.peer.ask(HangUp())
        status, errors = await patient.end()
        assert (status, errors) == (0, "")


async def test_visit_the_camera_switched_off_and_devices_changed(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link)
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        await call.peer.ask(SetCamera(False))
        await until(lambda: patient.stat("received_fps") == 0, "no picture any more")
        await call.peer.ask(SelectDevices("test:bars:320x180@15", "none", "none"))
        await call.peer.ask(SetCamera(True))
        await until(lambda: patient.stat("frame_width") == 320, "the other camera's picture")
        await until(lambda: (patient.stat("audio_level_in") or 0) < 0.001, "silence")
        with pytest.raises(RemoteFailure) as refused:
            await call.peer.ask(SelectDevices("file:nowhere.mp4", "none", "none"))
        assert refused.value.code == "device-unavailable"
        await until(lambda: call.stats[-1].stats.received_fps > 10, "the patient is still seen")
        await call.peer.ask(HangUp())
        await patient.end()


async def test_visit_restarted_gateway_costs_nothing(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15")
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        await call.clinic.gateway.stop()
        await until(lambda: call.snapshot.gateway == "lost", "the gateway is away")
        before = call.remote.look()
        await until(lambda: call.remote.look() > before + 10, "pictures go on without it")
        await call.clinic.gateway.start()
        await until(lambda: call.of(TokenNeeded) or call.snapshot.gateway == "connected", "back", within_s=15)
        if call.snapshot.gateway != "connected":
            await call.clinic.sign_in()
            await call.join()
        assert call.snapshot.phase == "connected"
        await call.peer.ask(HangUp())
        status, _ = await patient.end()
        assert status == 0


async def test_visit_hung_up_while_the_gateway_is_away_ends_for_the_patient_when_it_is_back(
    net: Net, tmp_path: Path
) -> None:
    async with clinic_call(tmp_path) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15")
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        await call.clinic.gateway.stop()
        await until(lambda: call.snapshot.gateway == "lost", "the gateway is away")
        await call.peer.ask(HangUp())
        assert call.snapshot.phase == "ended"
        await call.clinic.gateway.start()
        await call.clinic.sign_in()
        await call.join()
        status, _ = await patient.end()
        assert status == 0
        assert patient.of("ended")[-1]["reason"] == "ended-by-clinician"
