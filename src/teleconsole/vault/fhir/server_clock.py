"""The server's time, learned from the Date header of its answers."""

import statistics
from collections import deque
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from teleconsole.host import limits
from teleconsole.host.clock import Clock, from_ms, to_ms


class ServerClock:
    """Tells the server's time from this computer's clock and the offset seen in the last answers.

    Args:
        clock: this computer's.
        offset_ms: known from before, used until the first answer.
    """

    def __init__(self, clock: Clock, offset_ms: int = 0) -> None:
        self._clock = clock
        self._start_ms = offset_ms
        self._samples: deque[int] = deque(maxlen=limits.FHIR_CLOCK_SAMPLES)

    @property
    def offset_ms(self) -> int:
        """The server's clock minus this computer's: the median of the last answers."""
        return round(statistics.median(self._samples)) if self._samples else self._start_ms

    def now(self) -> datetime:
        """Return the server's time now, aware, in UTC."""
        return from_ms(self.now_ms())

    def now_ms(self) -> int:
        """Return the server's time now, in Unix milliseconds."""
        return to_ms(self._clock.now()) + self.offset_ms

    def saw(self, date_header: str) -> None:
        """Take the Date of an answer that just began to arrive; nonsense is passed over."""
        try:
            at = parsedate_to_datetime(date_header)
        except ValueError:
            return
        # the header has whole seconds: on average half a second was cut off
        server_ms = to_ms(at if at.tzinfo else at.replace(tzinfo=UTC)) + 500
        offset_ms = server_ms - to_ms(self._clock.now())
        self._samples.append(0 if abs(offset_ms) < 1_000 else offset_ms)
