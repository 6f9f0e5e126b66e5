"""What is sent: the newest picture of the camera, and the microphone in pieces of 20 ms.

Each peer connection has tracks of its own (aiortc stops them with it); the devices behind them live on. A connection
that is made before the patient is admitted holds its tracks back: whatever is open meanwhile, nothing of it is given.
"""

import asyncio
import fractions
from collections.abc import Callable

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.microphone_feed import MicrophoneReader
from teleconsole.call.media.ring import level_of
from teleconsole.host.limits import CALL_AUDIO_HZ

_SAMPLES = CALL_AUDIO_HZ // 50


class CameraTrack(MediaStreamTrack):
    """The newest picture, each at most once; nothing at all while the camera is off.

    Attributes:
        frames: how many were given to the encoder.

    Args:
        admitted: nothing is given before it is set.
    """

    kind = "video"

    def __init__(self, devices: OpenDevices, admitted: asyncio.Event) -> None:
        super().__init__()
        self._devices = devices
        self._admitted = admitted
        self._version = 0
        self._source: object = None
        self.frames = 0

    async def recv(self) -> VideoFrame:
        """Return the next picture.

        Raises:
            MediaStreamError: the track has ended.
        """
        await self._admitted.wait()
        while self.readyState == "live":
            camera = self._devices.camera
            if camera is None or not self._devices.camera_on:
                await self._devices.wait_for_change()
                continue
            if camera is not self._source:
                self._source, self._version = camera, 0
            try:
                self._version, frame = await camera.frames.after(self._version)
            except EOFError:
                await self._devices.wait_for_change()
                continue
            if self._devices.camera_on:
                self.frames += 1
                return frame
        raise MediaStreamError


class MicrophoneTrack(MediaStreamTrack):
    """The microphone's sound, silence while it is muted or there is none.

    Args:
        admitted: nothing is given before it is set.
        on_level: told the level of each piece, root mean square, full scale 1.0.
    """

    kind = "audio"

    def __init__(self, devices: OpenDevices, admitted: asyncio.Event, on_level: Callable[[float], None]) -> None:
        super().__init__()
        self._devices = devices
        self._admitted = admitted
        self._on_level = on_level
        self._reader: MicrophoneReader | None = None
        self._pts = 0

    @property
    def age_s(self) -> float:
        """How long ago the sound was made that is given next."""
        waiting_s = self._reader.waiting_s if self._reader is not None else 0.0
        return self._devices.microphone_age_s + waiting_s

    async def recv(self) -> AudioFrame:
        """Return the next 20 ms, as soon as the microphone has given them.

        Raises:
            MediaStreamError: the track has ended.
        """
        await self._admitted.wait()
        if self.readyState != "live":
            raise MediaStreamError
        if self._reader is None:
            self._reader = self._devices.microphone_reader()
        piece = await self._reader.next(_SAMPLES)
        samples = piece.samples if self._devices.microphone_on else np.zeros(_SAMPLES, np.int16)
        self._pts += piece.skipped
        self._on_level(level_of(samples))
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = CALL_AUDIO_HZ
        frame.pts = self._pts
        frame.time_base = fractions.Fraction(1, CALL_AUDIO_HZ)
        self._pts += _SAMPLES
        return frame

    def stop(self) -> None:
        """End it."""
        super().stop()
        if self._reader is not None:
            self._reader.close()
