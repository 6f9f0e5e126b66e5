"""The devices of this computer: which are there, which are chosen, which are open.

Neither a camera nor a microphone is a must: without them the call goes on with what there is, and `problem` says so
in one sentence.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from av import VideoFrame

from teleconsole.call.media.cameras import Camera, list_cameras
from teleconsole.call.media.libopus import libopus_problem
from teleconsole.call.media.microphones import Microphone, list_microphones, open_microphone
from teleconsole.call.media.playout import Playout
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import Samples
from teleconsole.call.media.speakers import SilentSpeaker, Speaker, list_speakers, open_speaker
from teleconsole.contracts.call import Device, Devices
from teleconsole.domain.errors import DeviceUnavailable

NO_CAMERA = "No camera was found. You can talk and write; the other side does not see you."
NO_MICROPHONE = "No microphone was found. The other side does not hear you; write in the chat, or plug one in."
NO_SPEAKER = "No loudspeaker was found. You do not hear the other side; plug one in, or write in the chat."
_SENTENCES = (NO_CAMERA, NO_MICROPHONE, NO_SPEAKER)
FORBIDDEN = "Test devices are not allowed on this computer. Choose a real camera and microphone."


class PictureView(Protocol):
    """Shows pictures somewhere."""

    def show(self, frame: VideoFrame) -> None:
        """Show this one soon; returns at once. Thread: any."""
        ...


class OpenDevices:
    """Chosen devices, opened for a call and given back after it.

    Attributes:
        camera: open camera, None when there is none.
        camera_on: whether the picture is sent.
        microphone_on: False = silence is sent.
        playout: what the loudspeaker plays.
        problem: one sentence, empty when all chosen devices are open or none are needed.

    Args:
        allow_test: whether "test:" and "file:" may be chosen.
        on_change: called when something failed or changed.
        self_view: where our own picture goes, None = nowhere.

    Thread: the event loop's.
    """

    def __init__(
        self, *, allow_test: bool, on_change: Callable[[], None], self_view: PictureView | None = None
    ) -> None:
        self.camera: Camera | None = None
        self.camera_on = True
        self.microphone_on = True
        self.playout = Playout()
        self.problem = ""
        self._allow_test = allow_test
        self._on_change = on_change
        self._self_view = self_view
        self._processing = VoiceProcessing()
        self._microphone: Microphone | None = None
        self._speaker: Speaker | None = None
        self._chosen = ("", "", "")
        self._in_call = False
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()

    @property
    def has_microphone(self) -> bool:
        """Whether a microphone is open."""
        return self._microphone is not None

    async def describe(self) -> Devices:
        """Return what is there and what is chosen; asks the system in a thread."""
        cameras, microphones, speakers = await asyncio.gather(
            asyncio.to_thread(list_cameras), asyncio.to_thread(list_microphones), asyncio.to_thread(list_speakers)
        )
        problem = self.problem
        if not self._in_call:
            found = zip(self._chosen, (cameras, microphones, speakers), _SENTENCES, strict=True)
            missing = [sentence for chosen, there, sentence in found if not chosen and not there]
            problem = _joined(libopus_problem(), *missing)
        camera, microphone, speaker = self._chosen
        return Devices(cameras, microphones, speakers, camera, microphone, speaker, problem)

    async def select(self, camera: str, microphone: str, speaker: str) -> None:
        """Choose; in a call the change is made now.

        Raises:
            DeviceUnavailable: one of them cannot be opened or is not allowed; the others were taken.
        """
        if not self._allow_test and any(device.startswith(("test:", "file:")) for device in (camera, microphone)):
            raise DeviceUnavailable(FORBIDDEN)
        async with self._lock:
            before, self._chosen = self._chosen, (camera, microphone, speaker)
            if not self._in_call:
                return
            changed = [new != old for new, old in zip(self._chosen, before, strict=True)]
            await self._open(*changed, named_only=True)

    async def open_for_call(self) -> None:
        """Open everything that is chosen; what is not there is told by `problem`."""
        async with self._lock:
            self._in_call = True
            self.camera_on = self.microphone_on = True
            self.playout.reset()
            await self._open(camera=True, microphone=True, speaker=self._speaker is None, named_only=False)

    async def open_speaker_alone(self) -> None:
        """Open the loudspeaker to play a recording outside of a call.

        Raises:
            DeviceUnavailable: there is none.
        """
        async with self._lock:
            if self._speaker is None:
                self._speaker = await asyncio.to_thread(open_speaker, self._chosen[2], self.playout, self._processing)

    async def close_after_call(self) -> None:
        """Give everything back."""
        async with self._lock:
            self._in_call = False
            self.problem = ""
            await self._close(camera=True, microphone=True, speaker=True)
            self.playout.reset()

    async def close_idle_speaker(self) -> None:
        """Give the loudspeaker back if no call needs it."""
        async with self._lock:
            if not self._in_call:
                await self._close(speaker=True)

    async def replace_failed(self) -> None:
        """Look after devices that went away: say so, and go on without them or with the system's default."""
        async with self._lock:
            if not self._in_call:
                return
            camera = self.camera is not None and self.camera.failed
            microphone = self._microphone is not None and self._microphone.failed
            speaker = self._speaker is not None and self._speaker.failed
            if camera or microphone or speaker:
                await self._open(camera, microphone, speaker, named_only=False)
                self._on_change()

    def set_camera_on(self, on: bool) -> None:
        """Send the picture or not."""
        self.camera_on = on
        self._tell_change()

    def read_microphone(self, count: int) -> Samples:
        """Return exactly `count` samples to send."""
        samples = self._microphone.read(count) if self._microphone else np.zeros(count, np.int16)
        return samples if self.microphone_on else np.zeros(count, np.int16)

    async def wait_for_change(self) -> None:
        """Return when the camera was changed or switched."""
        await self._changed.wait()

    def _tell_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _open(self, camera: bool, microphone: bool, speaker: bool, *, named_only: bool) -> None:
        """Close and open again what is marked. `named_only`: a named device that fails is the caller's error."""
        await self._close(camera=camera, microphone=microphone, speaker=speaker)
        problems: list[str] = []
        refused: DeviceUnavailable | None = None
        for wanted, chosen, opener, sentence in (
            (camera, self._chosen[0], self._open_camera, NO_CAMERA),
            (microphone, self._chosen[1], self._open_microphone, NO_MICROPHONE),
            (speaker, self._chosen[2], self._open_speaker, NO_SPEAKER),
        ):
            try:
                if wanted:
                    await opener(chosen)
            except DeviceUnavailable as error:
                problems.append(sentence)
                refused = error if chosen else refused
        if speaker and self._speaker is None:
            self._speaker = SilentSpeaker(self.playout)
        self.problem = _joined(libopus_problem(), *problems)
        self._tell_change()
        if refused is not None and named_only:
            raise refused

    async def _open_camera(self, device_id: str) -> None:
        if device_id == "none":
            return
        for candidate in [device_id] if device_id else _ids(await asyncio.to_thread(list_cameras)):
            with contextlib.suppress(DeviceUnavailable):
                self.camera = await _open_in_thread(candidate)
                if self._self_view is not None:
                    self.camera.frames.listen(self._self_view.show)
                return
        raise DeviceUnavailable

    async def _open_microphone(self, device_id: str) -> None:
        if device_id != "none":
            self._microphone = await asyncio.to_thread(open_microphone, device_id, self._processing)

    async def _open_speaker(self, device_id: str) -> None:
        self._speaker = await asyncio.to_thread(open_speaker, device_id, self.playout, self._processing)

    async def _close(self, *, camera: bool = False, microphone: bool = False, speaker: bool = False) -> None:
        closing: list[Camera | Microphone | Speaker | None] = []
        if camera:
            closing.append(self.camera)
            self.camera = None
        if microphone:
            closing.append(self._microphone)
            self._microphone = None
        if speaker:
            closing.append(self._speaker)
            self._speaker = None
        await asyncio.gather(*(asyncio.to_thread(device.close) for device in closing if device is not None))


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _ids(devices: Iterable[Device]) -> list[str]:
    return [device.device_id for device in devices]


async def _open_in_thread(device_id: str) -> Camera:
    """Open a camera in a thread: a device may take seconds, and the sound must not wait for it."""
    return await asyncio.to_thread(Camera, device_id, asyncio.get_running_loop())
