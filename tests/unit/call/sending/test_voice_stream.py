"""The voice between microphone and network: what its reports say of when it was spoken."""

import asyncio
import fractions

import numpy as np
import pytest
from aiortc.clock import current_ntp_time
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame
from tests.unit.call.sending.test_transmitter import FakePort

from teleconsole.call.webrtc.sending.opus import VoiceSettings
from teleconsole.call.webrtc.sending.transmitter import Transmitter
from teleconsole.call.webrtc.sending.voice_stream import VoiceStream

PIECES = 3
PIECE_S = 0.02


class FakeVoice(MediaStreamTrack):
    """A few pieces of 20 ms, then the end."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._given = 0

    async def recv(self) -> AudioFrame:
        if self._given == PIECES:
            raise MediaStreamError
        frame = AudioFrame.from_ndarray(np.full((1, 960), 1000, np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.time_base = 48_000, fractions.Fraction(1, 48_000)
        frame.pts = self._given * 960
        self._given += 1
        return frame


class VoicePort(FakePort):
    """A port with a microphone."""

    def __init__(self) -> None:
        super().__init__(has_transport_cc=False)
        self.kind = "audio"
        self.voice = FakeVoice()

    @property
    def track(self) -> MediaStreamTrack | None:
        return self.voice


@pytest.mark.parametrize("age_s", [0.0, 0.075])
async def test_reports_say_when_it_was_spoken_not_when_it_was_packed(age_s: float) -> None:
    port, transmitter = VoicePort(), Transmitter()
    settings = VoiceSettings(40_000, 20, 10, False, True, 0)
    before = current_ntp_time()
    await asyncio.wait_for(VoiceStream(port, transmitter, settings, lambda: age_s).run(), 5)
    after = current_ntp_time()
    assert len(port.counted) == PIECES
    for ntp_time, _, _ in port.counted:
        spoken_to_packed = age_s + PIECE_S
        assert before - ntp_time <= spoken_to_packed * (1 << 32) <= after - ntp_time
