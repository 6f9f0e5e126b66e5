"""What the ladder is told once a second: the link as it is, the weaker of its two directions."""

from dataclasses import dataclass
from typing import Literal

LimitedBy = Literal["none", "network", "cpu", "profile"]


@dataclass(frozen=True)
class LinkSample:
    """The link over about the last second.

    Attributes:
        at_s: of a clock that never goes back.
        estimate_bps: what congestion control believes that the weaker direction takes, 0 = not known.
        limited_by: what holds the picture down: the link, a computer, the step itself, or nothing.
        loss_fraction: of packets, the worse direction, 0 to 1.
        concealed_fraction: of the other side's voice that had to be made up, 0 to 1.
        round_trip_ms: 0 = not measured.
        queue_ms: what waits in our pacer.
        silent_s: for how long nothing at all has arrived.
        generation: of the connection that carries the call, 0 = none.
    """

    at_s: float
    estimate_bps: int = 0
    limited_by: LimitedBy = "none"
    loss_fraction: float = 0.0
    concealed_fraction: float = 0.0
    round_trip_ms: float = 0.0
    queue_ms: float = 0.0
    silent_s: float = 0.0
    generation: int = 1
