"""The figures of a visit, second by second: told to the console, and what is made of them."""

import time
from collections.abc import Callable

from av import VideoFrame

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.state import CallState
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.stats import Reading, Statistics, quality_of
from teleconsole.contracts.call import CallStats


class Figures:
    """Gathers what a second has brought.

    Attributes:
        received_bps: as much as came lately; 0 before the first second.

    Args:
        devices: what is heard.
        state: of the call; its quality is written here.
        changed: the state changed.

    Thread: the event loop's.
    """

    def __init__(self, devices: OpenDevices, state: CallState, changed: Callable[[], None]) -> None:
        self.received_bps = 0.0
        self._devices = devices
        self._state = state
        self._changed = changed
        self._statistics = Statistics(devices.playout)
        self._level_out = 0.0

    def sent(self, level: float) -> None:
        """How loud what is sent is."""
        self._level_out = max(self._level_out, level)

    def shown(self) -> None:
        """A picture of the patient's video is shown."""
        self._statistics.freezes.shown(time.monotonic())

    def camera_off(self) -> None:
        """The patient sends no picture now: that is no freeze."""
        self._statistics.freezes.stopped()

    def take(self, reading: Reading, peer: Peer, picture: VideoFrame | None) -> CallStats:
        """Return the figures of the last second; the pictures are held back as the sound is.

        Args:
            reading: of the connection that carries the call.
            peer: that connection.
            picture: the newest one of the patient.
        """
        size = (picture.width, picture.height) if picture is not None else (0, 0)
        late_ms = self._devices.speaker_late_ms
        stats = self._statistics.take(
            reading, level_out=self._level_out, size=size, sounds=peer.sounds, late_ms=late_ms
        )
        self._level_out = 0.0
        peer.match_lips(self._devices.hearing())
        if self._state.phase == "connected":
            self.received_bps = max(stats.received_kbps * 1000, self.received_bps / 2)  # the last second may be half
        return stats

    def judge(self, stats: CallStats) -> None:
        """Say how good the call is."""
        quality = quality_of(stats) if self._state.phase == "connected" else "lost"
        if quality != self._state.quality:
            self._state.quality = quality
            self._changed()
