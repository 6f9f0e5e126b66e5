"""How much sound waits before a loudspeaker: little, and more while this computer is late with it."""

from collections import deque

from teleconsole.host.limits import CALL_AUDIO_HZ
from teleconsole.host.media_limits import (
    SOUND_BUFFER_BLOCKS,
    SOUND_BUFFER_CALM_S,
    SOUND_BUFFER_GROWTH_BLOCKS,
    SOUND_BUFFER_MOST_BLOCKS,
    SOUND_CLOCK_REQUESTS,
    SOUND_DRY_AGAIN_S,
    SOUND_LATE_MOST_S,
    SOUND_OPENING_S,
)

SAMPLE_BYTES = 2
_BYTES_PER_S = SAMPLE_BYTES * CALL_AUDIO_HZ


class DeviceBuffer:
    """Knows when a loudspeaker has run dry, and how much should wait before it.

    A loudspeaker that runs dry plays silence, and its server goes on counting: what is handed over afterwards takes
    the place of that silence, is too late for it and is thrown away, in the middle of a word. So the silence is left
    out instead (`skip_bytes`) and the word goes on behind it. Some hundredths of a second more in the buffer then keep
    it from happening again, and are given back when it has not for a while.

    A request that waited for us does not say so. It tells which sample is played at the moment at which it is made,
    and the promptest ones of the last seconds tell how that and our clock stand to each other: so it is known since
    when it waits.

    Attributes:
        blocks: of 10 ms, that should wait before the loudspeaker.
        late_ms: silence that it played so far because nobody handed it sound; not while it was being opened.

    Thread: the sound's.
    """

    def __init__(self) -> None:
        self.blocks = SOUND_BUFFER_BLOCKS
        self.late_ms = 0.0
        self._opened_s: float | None = None
        self._offsets_s: deque[float] = deque(maxlen=SOUND_CLOCK_REQUESTS)
        self._handed_bytes = 0
        self._made_s = 0.0
        self._level_bytes = 0
        self._changed_s = float("-inf")

    def begin(self, now_s: float, wanted_bytes: int, length_bytes: int) -> None:
        """Begin to answer a request.

        Args:
            now_s: when it came.
            wanted_bytes: how much it asks for; more than the buffer's length when it has run dry since the last one.
            length_bytes: of the buffer.
        """
        if self._opened_s is None:
            self._opened_s = now_s
        self._level_bytes = length_bytes - wanted_bytes
        self._made_s = now_s - self._waited_s(now_s)

    def skip_bytes(self, now_s: float, block_bytes: int) -> int:
        """Return how much silence to leave out before a block that is handed over at a moment; 0 when it is in time.

        Args:
            now_s: the clock of `begin`.
            block_bytes: of the block.
        """
        played_bytes = int((now_s - self._made_s) * CALL_AUDIO_HZ) * SAMPLE_BYTES
        late_bytes = max(0, played_bytes - self._level_bytes)
        if late_bytes:
            # On the way there the loudspeaker goes on: rather a longer pause than a lost sound.
            late_bytes += block_bytes
            self.late_ms += late_bytes / _BYTES_PER_S * 1000 if self._is_open(now_s) else 0.0
            self._offsets_s.clear()  # the clocks are compared anew: what is skipped once is not skipped again
        elif now_s - self._changed_s > SOUND_BUFFER_CALM_S:
            self._change(now_s, -1)
        self._level_bytes += late_bytes + block_bytes
        self._handed_bytes += late_bytes + block_bytes
        return late_bytes

    def ran_dry(self, now_s: float) -> None:
        """The loudspeaker has run dry: more should wait before it. Once for all that is told of the same time.

        While it is being opened, and a call with it, every computer is late; that says nothing about later.
        """
        if self._is_open(now_s) and now_s - self._changed_s > SOUND_DRY_AGAIN_S:
            self._change(now_s, SOUND_BUFFER_GROWTH_BLOCKS)

    def _is_open(self, now_s: float) -> bool:
        return self._opened_s is not None and now_s - self._opened_s > SOUND_OPENING_S

    def _waited_s(self, now_s: float) -> float:
        """Return how long ago the request of now was made."""
        played_bytes = self._handed_bytes - self._level_bytes
        offset_s = now_s - played_bytes / _BYTES_PER_S
        self._offsets_s.append(offset_s)
        waited_s = offset_s - min(self._offsets_s)
        if waited_s > SOUND_LATE_MOST_S or not self._is_open(now_s):
            self._offsets_s.clear()  # a server that reads ahead in another way, not a program that is late
            self._offsets_s.append(offset_s)
            return 0.0
        return waited_s

    def _change(self, now_s: float, blocks: int) -> None:
        self._changed_s = now_s
        self.blocks = min(max(self.blocks + blocks, SOUND_BUFFER_BLOCKS), SOUND_BUFFER_MOST_BLOCKS)
