"""How many parities a picture gets, and of which packets each is made.

A picture of ten packets is whole at 5 % loss in 60 % of cases. With four parities, each packet in two of them, it is
in 99 %; with one for each part of it (no packet in two), in 96 %. A request costs a round trip instead.
"""

import math

from teleconsole.host.media_limits import (
    FEC_LEAST_ESTIMATE_BPS,
    FEC_LEAST_ROUND_TRIP_MS,
    FEC_LOSS_FORGET_MS,
    FEC_LOSS_OFF,
    FEC_LOSS_ON,
    FEC_MOST_QUEUE_MS,
    FEC_SHARE,
    FEC_SHARE_MOST,
    FEC_SHARE_PER_LOSS,
)


def positions(packets: int, parities: int) -> list[list[int]]:
    """Return for each parity the positions of the packets in it, ascending.

    Every packet is in one, in two from three parities on; neighbours are in different ones, for losses come in bursts.
    """
    chosen: list[list[int]] = [[] for _ in range(parities)]
    for at in range(packets):
        first = at % parities
        chosen[first].append(at)
        if parities >= 3:
            chosen[(first + 1 + (at // parities) % (parities - 1)) % parities].append(at)
    return [one for one in chosen if one]


class Protection:
    """Decides for each picture.

    Attributes:
        overhead: part of a picture's size that goes out as parities now.
    """

    def __init__(self) -> None:
        self.overhead = 0.0
        self._loss = 0.0
        self._looked_ms: float | None = None

    def parities(self, packets: int) -> int:
        """Return how many a picture of so many packets gets now."""
        return math.ceil(packets * self.overhead)

    def update(self, loss: float, round_trip_ms: float, estimate_bps: float, queue_ms: float, now_ms: float) -> None:
        """Take what is known of the link; call it for each picture.

        Args:
            loss: part of our packets, 0 to 1.
            round_trip_ms: a request costs that.
            estimate_bps: what the link takes.
            queue_ms: that waits on the way: then losses are our own doing, and parities would make more of them.
            now_ms: of a monotonic clock.
        """
        passed_ms = now_ms - self._looked_ms if self._looked_ms is not None else 0.0
        self._looked_ms = now_ms
        self._loss = max(loss, self._loss - self._loss * min(1.0, passed_ms / FEC_LOSS_FORGET_MS))
        is_wanted = self._loss >= (FEC_LOSS_OFF if self.overhead else FEC_LOSS_ON)
        affords = estimate_bps >= FEC_LEAST_ESTIMATE_BPS and queue_ms <= FEC_MOST_QUEUE_MS
        if not is_wanted or not affords or round_trip_ms < FEC_LEAST_ROUND_TRIP_MS:
            self.overhead = 0.0
        else:
            self.overhead = min(FEC_SHARE_MOST, FEC_SHARE + FEC_SHARE_PER_LOSS * self._loss)
