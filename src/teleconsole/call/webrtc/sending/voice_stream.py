"""The voice on its way out: 20 ms from the microphone, encoded, protected, sent at once."""

import logging
import math
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from aiortc.clock import current_ntp_time
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from teleconsole.call.media.ring import Samples, level_of
from teleconsole.call.webrtc.sending.opus import OpusVoice, VoiceSettings
from teleconsole.call.webrtc.sending.redundancy import Redundancy
from teleconsole.call.webrtc.sending.rtp_stream import Parcel, Port, RtpStream, next_frame
from teleconsole.call.webrtc.sending.transmitter import Transmitter
from teleconsole.host.limits import CALL_AUDIO_HZ

_LEAST_LEVEL = 127
_SILENCE_BYTES = 2

_log = logging.getLogger(__name__)


class VoiceStream:
    """Sends the sound of a port's track, mono 48 kHz, until the track ends.

    Attributes:
        settings: how it is encoded from the next packet on.

    Args:
        age_s: how long ago the sound was made that the track gives next; sender reports count it in, for the lips.

    Raises:
        LibopusMissingError: there is no library.
    """

    def __init__(
        self, port: Port, transmitter: Transmitter, settings: VoiceSettings, age_s: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._age_s = age_s
        self.settings = settings
        self.rtp = RtpStream(port)
        self._port = port
        self._transmitter = transmitter
        self._encoder = OpusVoice()
        self._redundancy = Redundancy()
        self._piece = np.zeros(0, np.int16)
        self._piece_pts = 0
        self._was_silent = True

    async def run(self) -> None:
        """Send until the track ends or the connection is gone."""
        self._transmitter.add_stream(self.rtp)
        try:
            with suppress(MediaStreamError, ConnectionError):
                while True:
                    frame = await next_frame(self._port)
                    if isinstance(frame, AudioFrame):
                        await self._take(frame)
        finally:
            self._transmitter.remove_stream(self.rtp)
            self._encoder.close()

    async def _take(self, frame: AudioFrame) -> None:
        samples: Samples = frame.to_ndarray()[0]
        pts = frame.pts or 0
        if len(self._piece) and pts != self._piece_pts + len(self._piece):
            self._piece = self._piece[:0]  # the microphone stood still
        if not len(self._piece):
            self._piece_pts = pts
        self._piece = np.concatenate([self._piece, samples])
        wanted = CALL_AUDIO_HZ * self.settings.packet_ms // 1000
        while len(self._piece) >= wanted:
            piece, self._piece = self._piece[:wanted].copy(), self._piece[wanted:]
            at, self._piece_pts = self._piece_pts, self._piece_pts + wanted
            await self._send(piece, at)

    async def _send(self, samples: Samples, timestamp: int) -> None:
        settings = self.settings
        captured_ntp = current_ntp_time() - _ntp_of(len(samples) / CALL_AUDIO_HZ + self._age_s())
        try:
            payload = self._encoder.encode(samples, settings)  # 0.2 ms, less than a way through another thread and back
        except ValueError:
            _log.warning("a piece of sound could not be encoded")
            return
        if not payload:
            self._was_silent = True
            return
        starts, self._was_silent = self._was_silent, len(payload) <= _SILENCE_BYTES
        payload_type = self._port.payload_type
        if self._port.red_payload_type is not None and settings.redundancy:
            payload = self._redundancy.wrap(timestamp, payload, payload_type, settings.redundancy)
            payload_type = self._port.red_payload_type
        else:
            self._redundancy.remember(timestamp, payload)
        level = _dbov(samples)
        parcel = Parcel(self.rtp, payload, payload_type, timestamp, starts, captured_ntp, level)
        await self._transmitter.send_now(parcel)


def _dbov(samples: Samples) -> int:
    level = level_of(samples)
    return _LEAST_LEVEL if level <= 0 else min(_LEAST_LEVEL, max(0, round(-20 * math.log10(level))))


def _ntp_of(seconds: float) -> int:
    return int(seconds * (1 << 32))
