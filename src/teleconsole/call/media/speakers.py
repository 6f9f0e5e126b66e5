"""Loudspeakers: one that is open and empties the playout."""

import threading
import time
from typing import Protocol

from teleconsole.call.media.levels import Meter
from teleconsole.call.media.playout import Playout
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import Samples
from teleconsole.call.media.slot import Openable
from teleconsole.call.media.sound_system import SoundSystem, Turn
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES, CALL_CLOSE_S
from teleconsole.host.media_limits import SOUND_FIRST_BLOCK_S

_BLOCK_S = CALL_BLOCK_SAMPLES / CALL_AUDIO_HZ


class Outlet:
    """The way out: the playout, and what is told to the echo canceller. One loudspeaker at a time empties it.

    Attributes:
        meter: of what is heard.
    """

    def __init__(self, playout: Playout, processing: VoiceProcessing) -> None:
        self.turn = Turn()
        self.meter = Meter()
        self._playout = playout
        self._processing = processing

    def give(self, who: object) -> None:
        """Let this loudspeaker play from the next block on, and no other. Thread: any."""
        self.turn.give(who)
        self._processing.begin_anew()

    def next_block(self, who: object) -> Samples | None:
        """Return the next 10 ms, None for one whose turn it is not. Thread: the loudspeaker's."""
        return self.turn.work(who, self._pull)

    def _pull(self) -> Samples:
        block = self._playout.pull()
        self._processing.played(block)
        self.meter.note(self._playout.level)
        return block


class Speaker(Openable, Protocol):
    """Takes 10 ms from the outlet every 10 ms, from `take_over` on."""

    @property
    def latency_ms(self) -> float:
        """From the outlet to the ear."""
        ...

    @property
    def late_ms(self) -> float:
        """Silence that it played so far because it was served too late."""
        ...


def open_speaker(device_id: str, outlet: Outlet, sound: SoundSystem) -> Speaker:
    """Return the open loudspeaker of an id; empty = the system's default, "none" = nothing is heard.

    Raises:
        DeviceUnavailable: there is none, or it cannot be opened.
    """
    if device_id == "none":
        return SilentSpeaker(outlet)
    return SystemSpeaker(device_id, outlet, sound)


class SystemSpeaker:
    """A real one: what it is handed is what the echo canceller is told."""

    def __init__(self, device_id: str, outlet: Outlet, sound: SoundSystem) -> None:
        self.device_id = device_id
        self._outlet = outlet
        self._runs = threading.Event()
        self._stream = sound.open("output", device_id, self._next_block)

    @property
    def failed(self) -> bool:
        """Whether the device went away."""
        return not self._stream.active

    @property
    def latency_ms(self) -> float:
        """From the outlet to the ear."""
        return self._stream.latency_ms

    @property
    def late_ms(self) -> float:
        """Silence that it played so far because it was served too late."""
        return self._stream.late_ms

    def wait_until_runs(self) -> None:
        """Return when its first block was there, or after a moment."""
        self._runs.wait(SOUND_FIRST_BLOCK_S)

    def take_over(self) -> None:
        """Play from now, and no other."""
        self._outlet.give(self)

    def close(self) -> None:
        """Give the device back."""
        self._stream.close()

    def _next_block(self, _: Samples | None) -> Samples | None:
        self._runs.set()
        return self._outlet.next_block(self)


class SilentSpeaker:
    """No loudspeaker: a thread empties the playout at the same pace, so that nothing piles up."""

    device_id = "none"
    failed = False
    latency_ms = 0.0
    late_ms = 0.0

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="silent-speaker", daemon=True)
        self._thread.start()

    def wait_until_runs(self) -> None:
        """It runs."""

    def take_over(self) -> None:
        """Empty the playout from now, and no other."""
        self._outlet.give(self)

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(CALL_CLOSE_S)

    def _run(self) -> None:
        due_s = time.monotonic()
        while not self._stopping.wait(max(0.0, due_s - time.monotonic())):
            self._outlet.next_block(self)
            due_s = max(due_s + _BLOCK_S, time.monotonic() - 1.0)
