"""What the loudspeaker plays, beside what the microphone hears: what the echo canceller compares."""

import time
from collections.abc import Callable

from teleconsole.call.media.ring import SampleRing, Samples, padded
from teleconsole.host.limits import CALL_BLOCK_SAMPLES, CALL_FAR_RING_SAMPLES
from teleconsole.host.media_limits import FAR_END_LOOK_READS, FAR_END_PAUSE_S, FAR_END_SLACK_SAMPLES


class FarEnd:
    """Sound waits here from the loudspeaker's thread for the microphone's, never much longer than it has to.

    A canceller finds an echo only in what it knew before: a loudspeaker's sound that it gets later than the microphone
    has heard it is none to it, and nothing is cancelled. Two threads that are late now and then leave more and more
    waiting; so does a loudspeaker that runs while there is no microphone. What is never used up is let go.

    Args:
        clock_s: monotonic.

    Thread: `played` from the loudspeaker's, `beside` from the microphone's.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._ring = SampleRing(CALL_FAR_RING_SAMPLES)
        self._read_s = float("-inf")
        self._least, self._reads = CALL_FAR_RING_SAMPLES, 0

    def played(self, block: Samples) -> None:
        """Take what the loudspeaker was handed now."""
        self._ring.write(block)

    def beside(self) -> Samples:
        """Return the loudspeaker's 10 ms for the microphone's next; silence where there is nothing."""
        now_s = self._clock_s()
        if now_s - self._read_s > FAR_END_PAUSE_S:
            self._ring.drop(max(0, self._ring.level - CALL_BLOCK_SAMPLES))
            self._begin_look()
        self._read_s = now_s
        block = padded(self._ring.read(CALL_BLOCK_SAMPLES), CALL_BLOCK_SAMPLES)
        self._least = min(self._least, self._ring.level)
        self._reads += 1
        if self._reads >= FAR_END_LOOK_READS:
            if self._least > FAR_END_SLACK_SAMPLES:
                self._ring.drop(self._least - FAR_END_SLACK_SAMPLES)
            self._begin_look()
        return block

    def _begin_look(self) -> None:
        self._least, self._reads = CALL_FAR_RING_SAMPLES, 0
