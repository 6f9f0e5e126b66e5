"""Sound that must not be bent: it waits longer, and is stretched only where it would break or come far too late."""

from teleconsole.host.media_limits import NETEQ_HOLD_MOST_OVER_MS, NETEQ_HOLD_MS, NETEQ_TARGET_MAX_MS, NETEQ_UNDER_MS


class Hold:
    """Decides for a stream of heart or lung sounds: a period more or less there is a wrong rhythm.

    At its beginning the delay is brought to the target, before anybody listens closely. From then on it may wander
    between what the network needs and the most that is allowed; only beyond that it is brought back to the target.
    """

    def __init__(self) -> None:
        self._is_mending = True

    def target_ms(self, learnt_ms: int) -> int:
        """Return how long sound should wait; `learnt_ms` is what the network needs."""
        return max(learnt_ms, NETEQ_HOLD_MS)

    def may_stretch(self, delay_ms: float, learnt_ms: int) -> bool:
        """Tell whether the delay of now is a reason to stretch; while it is, it is mended all the way."""
        target_ms = self.target_ms(learnt_ms)
        most_ms = max(NETEQ_TARGET_MAX_MS, target_ms + NETEQ_HOLD_MOST_OVER_MS)
        if delay_ms > most_ms or delay_ms < learnt_ms - NETEQ_UNDER_MS:
            self._is_mending = True
        elif abs(delay_ms - target_ms) <= NETEQ_UNDER_MS:
            self._is_mending = False
        return self._is_mending
