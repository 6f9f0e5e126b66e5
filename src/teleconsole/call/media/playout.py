"""From irregular packets to a loudspeaker that wants 10 ms every 10 ms.

A small buffer whose target grows when it ran empty and shrinks when that does not happen; what is missing is
concealed by fading the last block; what is too much is dropped, so that delay never grows. Sound of a recording
(`play_pcm`) is mixed in, so that the echo canceller hears it.
"""

import threading

import numpy as np

from teleconsole.call.media.ring import SampleRing, Samples, level_of, padded
from teleconsole.host.limits import (
    CALL_AUDIO_HZ,
    CALL_BLOCK_SAMPLES,
    CALL_CONCEAL_BLOCKS,
    CALL_PCM_QUEUE_SAMPLES,
    CALL_PLAYOUT_BOUND_MS,
    CALL_PLAYOUT_MAX_MS,
    CALL_PLAYOUT_MIN_MS,
)

_PER_MS = CALL_AUDIO_HZ // 1000
_STEP_MS = 20
_CALM_BLOCKS = 500
"""Five seconds without running empty: the target shrinks by a step."""
_EXCESS_MS = 60
_EXCESS_BLOCKS = 50
_FADE = 0.7


class Playout:
    """The buffer before the loudspeaker.

    Attributes:
        blocks: handed out so far while a voice was expected.
        concealed_blocks: of those, how many were made up.
        level: of the last block handed out, root mean square, full scale 1.0.

    Thread: `push` and `play_pcm` from one, `pull` from the loudspeaker's.
    """

    def __init__(self) -> None:
        self.blocks = 0
        self.concealed_blocks = 0
        self.level = 0.0
        self._voice = SampleRing(CALL_PLAYOUT_BOUND_MS * _PER_MS)
        self._pcm = SampleRing(CALL_PCM_QUEUE_SAMPLES)
        self._lock = threading.Lock()
        self._target_ms = CALL_PLAYOUT_MIN_MS
        self._filling = True
        self._last: Samples = np.zeros(CALL_BLOCK_SAMPLES, np.int16)
        self._missing = CALL_CONCEAL_BLOCKS
        self._calm = 0
        self._excess = 0

    @property
    def target_ms(self) -> int:
        """How much it wants to hold, in milliseconds."""
        return self._target_ms

    @property
    def held_ms(self) -> int:
        """How much of the voice it holds, in milliseconds."""
        return self._voice.level // _PER_MS

    @property
    def pcm_room(self) -> int:
        """How many samples `play_pcm` takes now."""
        return self._pcm.room

    @property
    def pcm_waiting(self) -> int:
        """Samples of a recording that were not played yet."""
        return self._pcm.level

    def push(self, samples: Samples) -> None:
        """Take what was decoded."""
        self._voice.write(samples)

    def play_pcm(self, samples: Samples) -> None:
        """Take samples of a recording; at most `pcm_room`, or the oldest go."""
        self._pcm.write(samples)

    def stop_pcm(self) -> None:
        """Forget the recording."""
        self._pcm.clear()

    def reset(self) -> None:
        """Forget the voice: a call has ended."""
        with self._lock:
            self._voice.clear()
            self._filling, self._missing, self._target_ms = True, CALL_CONCEAL_BLOCKS, CALL_PLAYOUT_MIN_MS

    def pull(self) -> Samples:
        """Return the next 10 ms."""
        with self._lock:
            block = self._next_voice()
        recording = self._pcm.read(CALL_BLOCK_SAMPLES)
        if len(recording):
            mixed = block.astype(np.int32) + padded(recording, CALL_BLOCK_SAMPLES)
            block = np.clip(mixed, -32768, 32767).astype(np.int16)
        self.level = level_of(block)
        return block

    def _next_voice(self) -> Samples:
        if self._filling and self._voice.level >= self._target_ms * _PER_MS:
            self._filling = False
        if self._filling or self._voice.level < CALL_BLOCK_SAMPLES:
            return self._conceal()
        self._shrink()
        self._last = self._voice.read(CALL_BLOCK_SAMPLES)
        self._missing = 0
        self.blocks += 1
        return self._last

    def _conceal(self) -> Samples:
        if not self._filling:
            self._filling, self._calm = True, 0
            self._target_ms = min(CALL_PLAYOUT_MAX_MS, self._target_ms + _STEP_MS)
        if self._missing >= CALL_CONCEAL_BLOCKS:
            return np.zeros(CALL_BLOCK_SAMPLES, np.int16)
        self._missing += 1
        self.blocks += 1
        self.concealed_blocks += 1
        # Backwards, so that there is no jump where the last block ended.
        self._last = (self._last[::-1] * _FADE).astype(np.int16)
        return self._last

    def _shrink(self) -> None:
        self._calm += 1
        if self._calm >= _CALM_BLOCKS:
            self._calm = 0
            self._target_ms = max(CALL_PLAYOUT_MIN_MS, self._target_ms - _STEP_MS)
        over_ms = self.held_ms - self._target_ms - _EXCESS_MS
        self._excess = self._excess + 1 if over_ms > 0 else 0
        if self._excess >= _EXCESS_BLOCKS:
            self._voice.drop(CALL_BLOCK_SAMPLES)
            self._excess = _EXCESS_BLOCKS // 2
