"""The loss-based half of congestion control (draft-ietf-rmcat-gcc-02 section 6), which knows lossy links.

A radio link may lose packets at any rate; going down does not help there. So a cut is repeated only where the first
one made the loss smaller, and loss without any queue does not keep the rate from rising for ever.
"""

_LOW, _HIGH = 0.02, 0.10
_LEAST_PACKETS, _LEAST_MS = 20, 250.0
_CUT_PAUSE_MS = 300.0
_RAISE, _RAISE_SLOWLY = 0.08, 0.04
_HELPED, _WORSE = 0.75, 0.05
_CALM_QUEUE_MS = 30.0
_SMOOTHING = 0.3
FLOOD = 0.3
"""A link's own loss is never that high: much more is sent than it takes."""
_FLOOD_BETA, _MOST_INHERENT = 0.85, 0.25


class LossControl:
    """The loss-based rate.

    Attributes:
        bps: the rate now.
        least_bps: see below; it may be changed.
        loss: of the packets lately, 0 to 1.

    Args:
        start_bps: at the beginning.
        least_bps: never below.
        most_bps: never above.
    """

    def __init__(self, start_bps: float, least_bps: float, most_bps: float) -> None:
        self.bps = start_bps
        self.most_bps = most_bps
        self.loss = 0.0
        self.least_bps = least_bps
        self._lost = self._seen = 0
        self._since_ms: float | None = None
        self._cut_ms = 0.0
        self._loss_at_cut = 0.0
        self._inherent = 0.0
        self._cuts = 0
        self._arriving_bps: float | None = None

    def add(
        self, lost: int, seen: int, now_ms: float, round_trip_ms: float, queue_ms: float, arriving_bps: float | None
    ) -> bool:
        """Take what a feedback says; return whether the rate was cut.

        Args:
            lost: packets that did not arrive.
            seen: packets that the feedback speaks of.
            now_ms: our clock.
            round_trip_ms: measured.
            queue_ms: how long packets wait on the way.
            arriving_bps: what arrives at the other side, None = not known yet.
        """
        self._arriving_bps = arriving_bps
        if self._since_ms is None:
            self._since_ms = now_ms
        self._lost, self._seen = self._lost + lost, self._seen + seen
        span_ms = now_ms - self._since_ms
        if span_ms < _LEAST_MS or self._seen < _LEAST_PACKETS:
            return False
        part = self._lost / self._seen
        self.loss = part if part > 2 * self.loss else (1 - _SMOOTHING) * self.loss + _SMOOTHING * part
        self._lost = self._seen = 0
        self._since_ms = now_ms
        return self._react(part, span_ms, now_ms, round_trip_ms, queue_ms)

    def follow(self, bps: float) -> None:
        """Take the rate that a probe or the delay found: loss control rises from there."""
        self.bps = min(max(bps, self.least_bps), self.most_bps)

    def _react(self, part: float, span_ms: float, now_ms: float, round_trip_ms: float, queue_ms: float) -> bool:
        caused = max(0.0, self.loss - self._inherent)
        if part <= _LOW:
            self._inherent = min(self._inherent, self.loss)
            self._cuts = 0
        if caused > _HIGH and part > _HIGH / 2:
            return self._cut(now_ms, round_trip_ms, queue_ms)
        if caused <= _LOW:
            self._raise(_RAISE, span_ms)
        elif queue_ms < _CALM_QUEUE_MS:
            self._raise(_RAISE_SLOWLY, span_ms)
        return False

    def _cut(self, now_ms: float, round_trip_ms: float, queue_ms: float) -> bool:
        if now_ms - self._cut_ms < _CUT_PAUSE_MS + round_trip_ms:
            return False
        if self.loss > FLOOD and self._arriving_bps is not None:
            self._cut_ms = now_ms
            self.bps = max(self.least_bps, min(self.bps, _FLOOD_BETA * self._arriving_bps))
            return True
        if self._cuts >= 2 and queue_ms < _CALM_QUEUE_MS and self.loss > _HELPED * self._loss_at_cut:
            self._inherent = min(
                _MOST_INHERENT, max(0.0, self.loss - _WORSE)
            )  # going down did not help: the link is like that
            self._cuts = 0
            return False
        if not self._cuts:
            self._loss_at_cut = self.loss
        self._cuts += 1
        self._cut_ms = now_ms
        self.bps = max(self.least_bps, self.bps * (1 - 0.5 * self.loss))
        return True

    def _raise(self, part_a_second: float, span_ms: float) -> None:
        self.bps = min(self.most_bps, self.bps * (1 + part_a_second * min(1.0, span_ms / 1000)) + 1000 * span_ms / 1000)
