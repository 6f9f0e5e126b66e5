"""A computer's sound that a test plugs in and out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from teleconsole.call.media.ring import Samples
from teleconsole.call.media.sound_system import Direction, OnBlock
from teleconsole.contracts.call import Device
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.media_limits import SOUND_LATENCY_MS

SILENCE = np.zeros(480, np.int16)


class FakeStream:
    """An open stream; the test says when a block passes."""

    def __init__(self, sound: FakeSound, direction: Direction, device_id: str, on_block: OnBlock) -> None:
        self.direction = direction
        self.device_id = device_id
        self.active = True
        self.latency_ms = SOUND_LATENCY_MS
        self.late_ms = 0.0
        self.on_block = on_block
        self._sound = sound
        if sound.runs_at_once:
            on_block(SILENCE if direction == "input" else None)

    def pass_block(self, block: Samples | None = None) -> Samples | None:
        """Give a block to a microphone's stream, or take one from a loudspeaker's."""
        return self.on_block(block if block is not None or self.direction == "output" else SILENCE)

    def close(self) -> None:
        self.active = False
        self._sound.story.append(f"close {self.direction} {self.device_id or 'default'}")


class FakeSound:
    """A `SoundSystem` whose devices are two lists of ids; the first is the default.

    Attributes:
        story: what was opened and closed, in order.
        broken: ids that are listed and cannot be opened.
        streams: all that were opened.
    """

    def __init__(self, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()) -> None:
        self.there: dict[Direction, list[str]] = {"input": list(inputs), "output": list(outputs)}
        self.story: list[str] = []
        self.broken: set[str] = set()
        self.streams: list[FakeStream] = []
        self.runs_at_once = True
        self.closed = False
        self._on_change: Callable[[], None] = lambda: None

    def devices(self, direction: Direction) -> tuple[Device, ...]:
        return tuple(Device(device_id, device_id.title()) for device_id in self.there[direction])

    def open(self, direction: Direction, device_id: str, on_block: OnBlock) -> FakeStream:
        there = self.there[direction]
        if not there or (device_id and device_id not in there) or device_id in self.broken:
            raise DeviceUnavailable
        self.story.append(f"open {direction} {device_id or 'default'}")
        self.streams.append(FakeStream(self, direction, device_id, on_block))
        return self.streams[-1]

    def listen(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    def close(self) -> None:
        self.closed = True

    def plug(self, direction: Direction, device_id: str) -> None:
        """A device comes."""
        self.there[direction].append(device_id)
        self._on_change()

    def pull(self, direction: Direction, device_id: str, *, moves: bool = False) -> None:
        """A device goes; its streams end, or the server moves them to another (`moves`)."""
        self.there[direction].remove(device_id)
        for stream in self.streams:
            if stream.direction == direction and stream.device_id == device_id and not moves:
                stream.active = False
        self._on_change()
