"""From irregular packets to a loudspeaker that wants 10 ms every 10 ms.

Packets wait in an inbox without a lock; all the work on them is done in the loudspeaker's thread, by `neteq.Stream`.
Sound of a recording (`play_pcm`) is mixed in, so that the echo canceller hears it.
"""

import dataclasses
import logging
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from teleconsole.call.media.libopus import LibopusMissingError, OpusDecoder
from teleconsole.call.media.neteq.counters import Counters, Hearing
from teleconsole.call.media.neteq.noise import Background
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.media.neteq.stream import Stream, VoiceDecoder
from teleconsole.call.media.neteq.stretch import cross_fade
from teleconsole.call.media.ring import SampleRing, Samples, level_of, padded
from teleconsole.host.limits import CALL_BLOCK_SAMPLES, CALL_PCM_QUEUE_SAMPLES
from teleconsole.host.media_limits import NETEQ_INBOX_PACKETS, NETEQ_TARGET_MIN_MS

_log = logging.getLogger(__name__)


class Playout:
    """What stands before the loudspeaker.

    Attributes:
        level: of the last block handed out, root mean square, full scale 1.0.
        holds: heart or lung sounds are heard: they wait longer and are not stretched.

    Args:
        clock_s: the clock of `SoundPacket.arrival_s`.
        make_decoder: for each new source.

    Thread: `insert`, `reset`, `play_pcm` and `holds` from any, `pull` from the loudspeaker's; what is read is a
        moment's.
    """

    def __init__(
        self,
        clock_s: Callable[[], float] = time.monotonic,
        make_decoder: Callable[[], VoiceDecoder] = OpusDecoder,
    ) -> None:
        self.level = 0.0
        self.holds = False
        self._clock_s = clock_s
        self._make_decoder = make_decoder
        self._inbox: deque[SoundPacket | None] = deque(maxlen=NETEQ_INBOX_PACKETS)
        self._pcm = SampleRing(CALL_PCM_QUEUE_SAMPLES)
        self._counters = Counters()
        self._background = Background()
        self._stream: Stream | None = None
        self._coming: Stream | None = None
        self._pulled_s = 0.0

    @property
    def blocks(self) -> int:
        """Blocks of 10 ms handed out while a voice was expected."""
        return self._counters.samples // CALL_BLOCK_SAMPLES

    @property
    def concealed_blocks(self) -> int:
        """Of those, how many were made up."""
        return self._counters.concealed_samples // CALL_BLOCK_SAMPLES

    @property
    def target_ms(self) -> int:
        """How long sound should wait, in milliseconds after the fastest packet's arrival."""
        stream = self._stream
        return stream.target_ms if stream is not None else NETEQ_TARGET_MIN_MS

    @property
    def delay_ms(self) -> float:
        """How long sound does wait; 0 before the first. The picture waits as long, for the lips."""
        stream = self._stream
        return stream.delay_ms if stream is not None else 0.0

    @property
    def pcm_room(self) -> int:
        """How many samples `play_pcm` takes now."""
        return self._pcm.room

    @property
    def pcm_waiting(self) -> int:
        """Samples of a recording that were not played yet."""
        return self._pcm.level

    def hearing(self) -> Hearing:
        """Return counters, delay, and which moment of the sound is played now."""
        stream = self._stream
        return Hearing(
            counters=dataclasses.replace(self._counters),
            target_ms=self.target_ms,
            delay_ms=self.delay_ms,
            source=stream.source if stream is not None else None,
            timestamp=stream.timestamp if stream is not None else None,
            at_s=self._pulled_s,
        )

    def insert(self, packet: SoundPacket) -> None:
        """Take a packet; another source begins as soon as its sound is due, the old one fades into it."""
        self._inbox.append(packet)

    def play_pcm(self, samples: Samples) -> None:
        """Take samples of a recording; at most `pcm_room`, or the oldest go."""
        self._pcm.write(samples)

    def stop_pcm(self) -> None:
        """Forget the recording."""
        self._pcm.clear()

    def reset(self) -> None:
        """Forget the voice: a call has ended."""
        self._inbox.clear()
        self._inbox.append(None)

    def pull(self) -> Samples:
        """Return the next 10 ms."""
        self._pulled_s = self._clock_s()
        try:
            self._sort()
            block = self._voice(self._pulled_s * 1000.0)
        except Exception as error:  # noqa: BLE001 -- a stranger's packet must never end the loudspeaker; it is logged
            _log.error("%s while sound was made: its stream begins anew", type(error).__name__)
            self._stream = self._coming = None
            block = np.zeros(CALL_BLOCK_SAMPLES, np.int16)
        recording = self._pcm.read(CALL_BLOCK_SAMPLES)
        if len(recording):
            mixed = block.astype(np.int32) + padded(recording, CALL_BLOCK_SAMPLES)
            block = np.clip(mixed, -32768, 32767).astype(np.int16)
        self.level = level_of(block)
        return block

    def _sort(self) -> None:
        while self._inbox:
            packet = self._inbox.popleft()
            if packet is None:
                self._stream = self._coming = None
                self._background = Background()
                continue
            for stream in (self._stream, self._coming):
                if stream is not None and stream.source == packet.source:
                    stream.insert(packet)
                    break
            else:
                self._open(packet)

    def _open(self, packet: SoundPacket) -> None:
        try:
            stream = Stream(packet.source, self._make_decoder(), self._background, self._counters)
        except LibopusMissingError as error:
            _log.error("no sound: %s", error)
            return
        stream.insert(packet)
        if self._stream is None:
            self._stream = stream
        else:
            self._coming = stream

    def _voice(self, now_ms: float) -> Samples:
        if self._stream is None:
            return np.zeros(CALL_BLOCK_SAMPLES, np.int16)
        self._stream.hold(on=self.holds)
        block = self._stream.block(now_ms)
        if self._coming is not None:
            self._coming.hold(on=self.holds)
            following = self._coming.block(now_ms)
            if self._coming.started:
                self._stream, self._coming = self._coming, None
                return cross_fade(block, following)
        return block
