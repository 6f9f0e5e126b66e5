"""The time as the server has it, which "late" and "synced at" are measured by."""

from teleconsole.host.clock import Clock, to_ms


class ServerClock:
    """This computer's clock, corrected by the offset that sync found."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset_ms = 0

    def now_ms(self) -> int:
        """Return Unix milliseconds."""
        return to_ms(self._clock.now()) + self.offset_ms
