"""Loudspeakers: which there are, and one that is open and empties the playout."""

import threading
import time
from typing import Protocol

from teleconsole.call.media.playout import Playout
from teleconsole.call.media.portaudio import SoundStream, list_sound_devices
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import Samples
from teleconsole.contracts.call import Device
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES, CALL_CLOSE_S

_BLOCK_S = CALL_BLOCK_SAMPLES / CALL_AUDIO_HZ


class Speaker(Protocol):
    """Takes 10 ms from the playout every 10 ms."""

    device_id: str

    @property
    def failed(self) -> bool:
        """Whether the device went away."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


def list_speakers() -> tuple[Device, ...]:
    """Return the loudspeakers that the system shows."""
    return list_sound_devices("output")


def open_speaker(device_id: str, playout: Playout, processing: VoiceProcessing) -> Speaker:
    """Return the open loudspeaker of an id; empty = the system's default, "none" = nothing is heard.

    Raises:
        DeviceUnavailable: there is none, or it cannot be opened.
    """
    if device_id == "none":
        return SilentSpeaker(playout)
    return SystemSpeaker(device_id, playout, processing)


class SystemSpeaker:
    """A real one: what it is handed is what the echo canceller is told."""

    def __init__(self, device_id: str, playout: Playout, processing: VoiceProcessing) -> None:
        self.device_id = device_id
        self._playout = playout
        self._processing = processing
        self._stream = SoundStream("output", device_id, self._next_block)

    @property
    def failed(self) -> bool:
        """Whether the device went away."""
        return not self._stream.active

    def close(self) -> None:
        """Give the device back."""
        self._stream.close()

    def _next_block(self, _: Samples | None) -> Samples:
        block = self._playout.pull()
        self._processing.played(block)
        return block


class SilentSpeaker:
    """No loudspeaker: a thread empties the playout at the same pace, so that nothing piles up."""

    device_id = "none"
    failed = False

    def __init__(self, playout: Playout) -> None:
        self._playout = playout
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="silent-speaker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(CALL_CLOSE_S)

    def _run(self) -> None:
        due_s = time.monotonic()
        while not self._stopping.wait(max(0.0, due_s - time.monotonic())):
            self._playout.pull()
            due_s = max(due_s + _BLOCK_S, time.monotonic() - 1.0)
