"""What this computer's sound can do, whichever library asks it: list devices, open one, tell of changes."""

import threading
from collections.abc import Callable
from typing import Literal, Protocol

from teleconsole.call.media.ring import Samples
from teleconsole.contracts.call import Device

Direction = Literal["input", "output"]
OnBlock = Callable[[Samples | None], Samples | None]
"""For input takes each block of 10 ms; for output is given None and returns the next one. The sound's thread."""


class SoundStream(Protocol):
    """An open device."""

    @property
    def active(self) -> bool:
        """False when the device went away or is stuck."""
        ...

    @property
    def latency_ms(self) -> float:
        """How long sound takes between us and the device; a usual value while nobody knows."""
        ...

    @property
    def late_ms(self) -> float:
        """Silence that a loudspeaker played so far because sound was handed over too late."""
        ...

    def close(self) -> None:
        """Stop and give the device back."""
        ...


class SoundSystem(Protocol):
    """The devices for sound. Thread: any; every call may take a second, so not the event loop's."""

    def devices(self, direction: Direction) -> tuple[Device, ...]:
        """Return the devices that give ("input") or take ("output") sound, none when the system can't tell."""
        ...

    def open(self, direction: Direction, device_id: str, on_block: OnBlock) -> SoundStream:
        """Return an open stream of mono blocks of 10 ms; an empty id = the system's default.

        Raises:
            DeviceUnavailable: there is none, or it cannot be opened.
        """
        ...

    def listen(self, on_change: Callable[[], None]) -> None:
        """Call this whenever devices came, went or another one is the default; from any thread."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class Turn:
    """Several streams of a direction may be open while one takes over from another; one of them works at a time.

    Thread: any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: object = None

    def give(self, holder: object) -> None:
        """Let this one work from the next block on, and no other."""
        with self._lock:
            self._holder = holder

    def work(self, who: object, work: Callable[[], Samples]) -> Samples | None:
        """Return the result of the work if it is this one's turn, else None."""
        with self._lock:
            return work() if who is self._holder else None
