"""The devices of this computer: which are there, which are chosen, which are open.

Neither a camera nor a microphone is a must: without them the call goes on with what there is, and `problem` says so
in one sentence. A device that goes away is replaced by the system's default, and taken again when it is back.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from typing import Literal, Protocol

from av import VideoFrame

from teleconsole.call.media.cameras import Camera, list_cameras
from teleconsole.call.media.levels import Meter, MicrophoneHearer
from teleconsole.call.media.libopus import libopus_problem
from teleconsole.call.media.microphone_feed import MicrophoneFeed, MicrophoneReader
from teleconsole.call.media.microphones import Inlet, Microphone, open_microphone
from teleconsole.call.media.neteq.counters import Hearing
from teleconsole.call.media.playout import Playout
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.slot import Slot, SlotWords
from teleconsole.call.media.sound_system import SoundSystem
from teleconsole.call.media.speakers import Outlet, SilentSpeaker, Speaker, open_speaker
from teleconsole.call.media.system_sound import SystemSound
from teleconsole.contracts.call import Device, Devices
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.media_limits import SOUND_LOOK_ROUNDS, SOUND_SETTLE_S

NO_CAMERA = "No camera was found. You can talk and write; the other side does not see you."
NO_MICROPHONE = "No microphone was found. The other side does not hear you; write in the chat, or plug one in."
NO_SPEAKER = "No loudspeaker was found. You do not hear the other side; plug one in, or write in the chat."
CAMERA_GONE = "The camera that you chose is not there. Another one is used until it is back."
MICROPHONE_GONE = "The microphone that you chose is not there. This computer's own is used until it is back."
SPEAKER_GONE = "The loudspeaker that you chose is not there. This computer's own is used until it is back."
FORBIDDEN = "Test devices are not allowed on this computer. Choose a real camera and microphone."

Reason = Literal["call", "trial", "recording"]
"""What devices are open for: a visit, trying them out, or a loudspeaker alone for a recording."""


class PictureView(Protocol):
    """Shows pictures somewhere."""

    def show(self, frame: VideoFrame) -> None:
        """Show this one soon; returns at once. Thread: any."""
        ...


class OpenDevices:
    """Chosen devices, opened for a call and given back after it.

    Attributes:
        camera_on: whether the picture is sent.
        playout: what the loudspeaker plays.
        hearer: levels of the microphone, and speech into one that is off.

    Args:
        allow_test: whether "test:" and "file:" may be chosen.
        on_change: called when devices came, went, failed or were replaced.
        self_view: where our own picture goes, None = nowhere.
        sound: of this computer.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        allow_test: bool,
        on_change: Callable[[], None],
        self_view: PictureView | None = None,
        sound: SoundSystem | None = None,
    ) -> None:
        self.camera_on = True
        self.playout = Playout()
        self.hearer = MicrophoneHearer()
        self._allow_test = allow_test
        self._on_change = on_change
        self._self_view = self_view
        self._sound: SoundSystem = SystemSound() if sound is None else sound
        self._processing = VoiceProcessing()
        self._feed = MicrophoneFeed()
        self._inlet = Inlet(self._processing, self.hearer, self._feed)
        self._outlet = Outlet(self.playout, self._processing)
        self._cameras: Slot[Camera] = Slot(self._open_camera, SlotWords(NO_CAMERA, CAMERA_GONE), can_share=False)
        self._microphones: Slot[Microphone] = Slot(self._open_microphone, SlotWords(NO_MICROPHONE, MICROPHONE_GONE))
        self._speakers: Slot[Speaker] = Slot(
            self._open_speaker, SlotWords(NO_SPEAKER, SPEAKER_GONE), stand_in=lambda: SilentSpeaker(self._outlet)
        )
        self._reasons: set[Reason] = set()
        self._microphone_on = True
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._rounds = 0
        self._known: tuple[tuple[Device, ...], ...] = ()
        self._following: asyncio.Task[None] | None = None

    @property
    def camera(self) -> Camera | None:
        """The open camera, None when there is none."""
        return self._cameras.device

    @property
    def has_microphone(self) -> bool:
        """Whether a microphone is open."""
        return self._microphones.device is not None

    @property
    def microphone_on(self) -> bool:
        """False = silence is sent."""
        return self._microphone_on

    @microphone_on.setter
    def microphone_on(self, on: bool) -> None:
        self._microphone_on = on
        self.hearer.is_muted = not on
        self.hearer.muted_speech.forget()

    @property
    def microphone_raw(self) -> bool:
        """Whether the microphone's sound is left as it is, without any processing: for heart and lung sounds."""
        return self._processing.bypassed

    @microphone_raw.setter
    def microphone_raw(self, raw: bool) -> None:
        self._processing.bypassed = raw

    @property
    def problem(self) -> str:
        """Sentences about what is open, empty when all is well."""
        slots = (self._cameras, self._microphones, self._speakers)
        return _joined(libopus_problem(), *(slot.problem for slot in slots if slot.is_open))

    @property
    def speaker_meter(self) -> Meter:
        """Of what is heard."""
        return self._outlet.meter

    async def describe(self) -> Devices:
        """Return what is there and what is chosen; asks the system in a thread."""
        cameras, microphones, speakers = await self._look()
        problem = self.problem
        if not self._reasons & {"call", "trial"}:
            missing = [
                slot_words
                for slot, there, slot_words in (
                    (self._cameras, cameras, NO_CAMERA),
                    (self._microphones, microphones, NO_MICROPHONE),
                    (self._speakers, speakers, NO_SPEAKER),
                )
                if not slot.chosen and not there
            ]
            problem = _joined(libopus_problem(), *missing)
        chosen = (self._cameras.chosen, self._microphones.chosen, self._speakers.chosen)
        return Devices(cameras, microphones, speakers, *chosen, problem)

    async def select(self, camera: str, microphone: str, speaker: str) -> None:
        """Choose; what is open is changed now, and the old device works on until the new one does.

        Raises:
            DeviceUnavailable: one of them cannot be opened or is not allowed; the others were taken.
        """
        if not self._allow_test and any(device.startswith(("test:", "file:")) for device in (camera, microphone)):
            raise DeviceUnavailable(FORBIDDEN)
        refused: DeviceUnavailable | None = None
        async with self._lock:
            changes = (
                self._speakers.choose(speaker),
                self._microphones.choose(microphone),
                self._cameras.choose(camera),
            )
            for change in changes:
                try:
                    await change
                except DeviceUnavailable as error:
                    refused = error
            self._tell_change()
        if refused is not None:
            raise refused

    async def open_for_call(self) -> None:
        """Open everything that is chosen; what is not there is told by `problem`."""
        self.camera_on = self.microphone_on = True
        self.microphone_raw = self.playout.holds = False
        self.playout.reset()
        await self._open("call")

    async def open_for_trial(self) -> None:
        """Open everything that is chosen to try it out; nothing of it is sent."""
        await self._open("trial")

    async def open_speaker_alone(self) -> None:
        """Open the loudspeaker to play a recording outside of a call.

        Raises:
            DeviceUnavailable: there is none.
        """
        async with self._lock:
            self._reasons.add("recording")
            await self._speakers.open()
            if self._speakers.device is None or self._speakers.problem == NO_SPEAKER:
                self._reasons.discard("recording")
                await self._close_unneeded()
                raise DeviceUnavailable(NO_SPEAKER)

    async def close_after_call(self) -> None:
        """Give everything back that nothing else needs."""
        await self._done("call")
        if not self._reasons:
            self.playout.reset()

    async def close_after_trial(self) -> None:
        """Give everything back that nothing else needs."""
        await self._done("trial")

    async def close_idle_speaker(self) -> None:
        """Give the loudspeaker back if nothing else needs it."""
        await self._done("recording")

    async def close(self) -> None:
        """Give everything back: the process ends."""
        if self._following is not None:
            self._following.cancel()
        async with self._lock:
            self._reasons.clear()
            await self._close_unneeded()
        await asyncio.to_thread(self._sound.close)

    async def replace_failed(self) -> None:
        """Look after devices that went away or came back without a word; call it once a second."""
        self._rounds += 1
        devices = (self._cameras.device, self._microphones.device, self._speakers.device)
        is_gone = any(device is not None and device.failed for device in devices)
        is_lacking = self._cameras.is_lacking or self._microphones.is_lacking or self._speakers.is_lacking
        if is_gone or (is_lacking and self._rounds % SOUND_LOOK_ROUNDS == 0):
            await self._follow()

    def set_camera_on(self, on: bool) -> None:
        """Send the picture or not."""
        self.camera_on = on
        self._tell_change()

    def microphone_reader(self) -> MicrophoneReader:
        """Return one that hears the microphone from now on, also while it is off: `microphone_on` is the sender's."""
        return self._feed.reader()

    @property
    def microphone_age_s(self) -> float:
        """How long ago the sound was made that the microphone gives now; the sender reports tell it."""
        microphone = self._microphones.device
        return microphone.age_ms / 1000 if microphone is not None else 0.0

    def hearing(self) -> Hearing:
        """Return how the voice is heard; `at_s` is when it leaves the loudspeaker."""
        speaker, hearing = self._speakers.device, self.playout.hearing()
        latency_ms = speaker.latency_ms if speaker is not None else 0.0
        return dataclasses.replace(hearing, at_s=hearing.at_s + latency_ms / 1000)

    @property
    def speaker_late_ms(self) -> float:
        """Silence that the open loudspeaker played so far because it was served too late."""
        speaker = self._speakers.device
        return speaker.late_ms if speaker is not None else 0.0

    async def wait_for_change(self) -> None:
        """Return when the camera was changed or switched."""
        await self._changed.wait()

    # --- inside ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Follow from now what is plugged in and out."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._sound_changed)

        self._sound.listen(changed)

    def _tell_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _sound_changed(self) -> None:
        if self._following is None or self._following.done():
            self._following = asyncio.get_running_loop().create_task(self._follow_soon())

    async def _follow_soon(self) -> None:
        await asyncio.sleep(SOUND_SETTLE_S)
        self._following = None  # what changes from here on is looked at again
        await self._follow()

    async def _follow(self) -> None:
        async with self._lock:
            known = await self._look()
            cameras, microphones, speakers = ([device.device_id for device in there] for there in known)
            changed = await self._cameras.follow(cameras)
            changed |= await self._microphones.follow(microphones)
            changed |= await self._speakers.follow(speakers)
            is_told = changed or known != self._known
            self._known = known
            if changed:
                self._tell_change()
        if is_told:
            self._on_change()

    async def _look(self) -> tuple[tuple[Device, ...], tuple[Device, ...], tuple[Device, ...]]:
        self._listen()
        return await asyncio.gather(
            asyncio.to_thread(list_cameras),
            asyncio.to_thread(self._sound.devices, "input"),
            asyncio.to_thread(self._sound.devices, "output"),
        )

    async def _open(self, reason: Reason) -> None:
        async with self._lock:
            self._listen()
            self._reasons.add(reason)
            await asyncio.gather(self._cameras.open(), self._microphones.open(), self._speakers.open())
            self._tell_change()

    async def _done(self, reason: Reason) -> None:
        async with self._lock:
            self._reasons.discard(reason)
            await self._close_unneeded()

    async def _close_unneeded(self) -> None:
        slots: list[Slot[Camera] | Slot[Microphone] | Slot[Speaker]] = []
        if not self._reasons & {"call", "trial"}:
            slots += [self._cameras, self._microphones]
        if not self._reasons:
            slots.append(self._speakers)
        await asyncio.gather(*(slot.close() for slot in slots))
        self._tell_change()

    async def _open_camera(self, device_id: str) -> Camera:
        candidates = [device_id] if device_id else [each.device_id for each in await asyncio.to_thread(list_cameras)]
        for candidate in candidates:
            with contextlib.suppress(DeviceUnavailable):
                # in a thread: a device may take seconds, and the sound must not wait for it
                camera = await asyncio.to_thread(Camera, candidate, asyncio.get_running_loop())
                if self._self_view is not None:
                    camera.frames.listen(self._self_view.show)
                return camera
        raise DeviceUnavailable

    async def _open_microphone(self, device_id: str) -> Microphone:
        return await asyncio.to_thread(open_microphone, device_id, self._inlet, self._sound)

    async def _open_speaker(self, device_id: str) -> Speaker:
        return await asyncio.to_thread(open_speaker, device_id, self._outlet, self._sound)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
