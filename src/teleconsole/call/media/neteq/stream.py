"""One voice: packets go in when they come, 10 ms come out when they are asked for, whatever happened to the packets."""

from typing import Protocol

import numpy as np

from teleconsole.call.media.libopus import OpusError, carries_previous, packet_samples
from teleconsole.call.media.neteq.counters import Counters
from teleconsole.call.media.neteq.delay import DelayTracker
from teleconsole.call.media.neteq.hold import Hold
from teleconsole.call.media.neteq.mender import Mender
from teleconsole.call.media.neteq.noise import Background, ComfortNoise
from teleconsole.call.media.neteq.packet import OpusPiece, SoundPacket, Unwrapper, opus_pieces
from teleconsole.call.media.neteq.packet_buffer import PacketBuffer
from teleconsole.call.media.neteq.stretch import WINDOW, cross_fade
from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES
from teleconsole.host.media_limits import (
    NETEQ_CONCEAL_MS,
    NETEQ_DROP_OVER_MS,
    NETEQ_EXPECTED_MS,
    NETEQ_OVER_MS,
    NETEQ_TARGET_MAX_MS,
)

_PER_MS = CALL_AUDIO_HZ // 1000
_GRAIN = 120
"""libopus conceals in multiples of 2.5 ms."""
_FADE = CALL_BLOCK_SAMPLES // 2
_SMOOTH = 0.03
_DUE_EARLY_MS = 5.0


class VoiceDecoder(Protocol):
    """What is asked of libopus; it raises OpusError for what it does not take."""

    def decode(self, data: bytes) -> Samples:
        """Return the sound of a packet."""
        ...

    def recover(self, following: bytes, count: int) -> Samples:
        """Return the sound before a packet out of it."""
        ...

    def conceal(self, count: int) -> Samples:
        """Return sound made up."""
        ...


class Stream:
    """The playout of one source, as libwebrtc's NetEq.

    It plays, or it rests: before the first packet, in a pause of the sender (DTX), and when nothing came for long.
    Rest ends when the first packet has waited for the target delay, so in a rest the delay is set anew for nothing.

    Attributes:
        source: as in the packets.
        started: whether anything was played.
        delay_ms: smoothed.

    Thread: the loudspeaker's.
    """

    def __init__(
        self, source: tuple[int, int], decoder: VoiceDecoder, background: Background, counters: Counters
    ) -> None:
        self.source = source
        self.started = False
        self.delay_ms = 0.0
        self._decoder = decoder
        self._background = background
        self._noise = ComfortNoise(background)
        self._counters = counters
        self._delay = DelayTracker()
        self._buffer = PacketBuffer()
        self._mender = Mender()
        self._hold: Hold | None = None
        self._sequences, self._timestamps = Unwrapper(16), Unwrapper(32)
        self._ready: Samples = np.zeros(0, np.int16)
        self._fade_in: Samples | None = None
        self._resting, self._paused = True, True
        self._next = 0
        self._last_sequence = 0
        self._made_up = self._ahead = 0
        self._now_ms = self._heard_ms = 0.0

    @property
    def target_ms(self) -> int:
        """How long sound should wait."""
        learnt_ms = self._delay.target_ms
        return learnt_ms if self._hold is None else self._hold.target_ms(learnt_ms)

    def hold(self, *, on: bool) -> None:
        """Leave the sound unbent from now, or stretch it again as a voice; told again it does nothing."""
        if on is not (self._hold is not None):
            self._hold = Hold() if on else None

    @property
    def timestamp(self) -> int | None:
        """RTP's, of the next sample handed out; None while there is only noise."""
        return None if self._resting else (self._next - len(self._ready)) % (1 << 32)

    def insert(self, packet: SoundPacket) -> None:
        """Take a packet; one that makes no sense is counted and forgotten."""
        sequence = self._sequences.unwrap(packet.sequence)
        timestamp = self._timestamps.unwrap(packet.timestamp)
        arrival_ms = packet.arrival_s * 1000.0
        try:
            pieces = opus_pieces(packet, sequence, timestamp)
            lengths = [packet_samples(piece.data) for piece in pieces]
        except ValueError:
            self._counters.malformed += 1
            return
        self._counters.received += 1
        if self._delay.jumped(arrival_ms, timestamp):
            self._begin_anew()
        self._heard_ms = arrival_ms
        late = self.started and timestamp < self._next
        kept = [self._buffer.insert(piece) for piece in pieces if not self.started or piece.timestamp >= self._next]
        if late:
            self._counters.late += 1
        elif not kept[-1]:
            self._counters.duplicates += 1
            return
        self._delay.add(arrival_ms, timestamp, lengths[-1], late=late)

    def block(self, now_ms: float) -> Samples:
        """Return the next 10 ms; `now_ms` is of the clock of `arrival_s`."""
        self._now_ms = now_ms
        while len(self._ready) < CALL_BLOCK_SAMPLES:
            if not self._resting:
                self._advance()
            elif self._is_due():
                self._begin()
            else:
                self._append(self._noise.block() if self.started else np.zeros(CALL_BLOCK_SAMPLES, np.int16))
                self._count_noise()
        if not self._resting:
            raw_ms = self._delay.delay_of(now_ms, self._next - len(self._ready))
            self.delay_ms += _SMOOTH * (raw_ms - self.delay_ms)
            over_ms = raw_ms - self.target_ms
            if over_ms > NETEQ_DROP_OVER_MS + NETEQ_CONCEAL_MS:
                self._hurry(over_ms)
            self._stretch()
            self._counters.samples += CALL_BLOCK_SAMPLES
        out, self._ready = self._ready[:CALL_BLOCK_SAMPLES], self._ready[CALL_BLOCK_SAMPLES:]
        return out

    # --- rest ----------------------------------------------------------------------------------------------

    def _is_due(self) -> bool:
        first = self._buffer.first()
        while first is not None and self._paused and self.started and first.is_pause:
            self._skip(self._buffer.take_first())
            first = self._buffer.first()
        return first is not None and self._delay_if_begun(first) >= self.target_ms - _DUE_EARLY_MS

    def _delay_if_begun(self, piece: OpusPiece) -> float:
        return self._delay.delay_of(self._now_ms + len(self._ready) / _PER_MS, piece.timestamp)

    def _begin(self) -> None:
        first = self._buffer.first()
        if first is None:
            return
        over_ms = self._delay_if_begun(first) - self.target_ms
        if over_ms > NETEQ_DROP_OVER_MS and len(self._buffer) > 1:
            last = self._buffer.last() or first
            old = first.timestamp + round((over_ms - NETEQ_DROP_OVER_MS) * _PER_MS)
            self._counters.late += self._buffer.drop_before(min(old, last.timestamp))
            first = self._buffer.first() or last
        delay_ms = self._delay_if_begun(first)
        self._fade_in = self._noise.block()[:_FADE] if self.started else np.zeros(_FADE, np.int16)
        if self._play(self._buffer.take_first()):
            self.started, self._resting, self.delay_ms = True, False, delay_ms

    def _rest(self, *, paused: bool) -> None:
        self._resting, self._paused = True, paused
        self._append(cross_fade(self._decoder.conceal(CALL_BLOCK_SAMPLES), self._noise.block()))
        self._made_up = self._ahead = 0
        if not paused:
            self._counters.concealed_samples += CALL_BLOCK_SAMPLES
            self._counters.samples += CALL_BLOCK_SAMPLES

    def _count_noise(self) -> None:
        if self.started and not self._paused and self._now_ms - self._heard_ms < NETEQ_EXPECTED_MS:
            self._counters.samples += CALL_BLOCK_SAMPLES
            self._counters.concealed_samples += CALL_BLOCK_SAMPLES

    def _begin_anew(self) -> None:
        self._counters.resyncs += 1
        self._buffer.clear()
        self._delay = DelayTracker()
        if not self._resting:
            self._rest(paused=True)
        self._next = self._last_sequence = 0

    # --- playing -------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        self._counters.late += self._buffer.drop_before(self._next)
        first = self._buffer.first()
        if first is None:
            self._wait()
        elif first.timestamp == self._next:
            self._play(self._buffer.take_first())
        else:
            self._bridge(first)

    def _play(self, piece: OpusPiece) -> bool:
        try:
            samples = self._decoder.decode(piece.data)
        except OpusError:
            self._counters.malformed += 1
            return False
        self._skip(piece)
        self._next = piece.timestamp + len(samples)
        self._made_up = self._ahead = 0
        if piece.is_copy:
            self._counters.red_samples += len(samples)
            self._delay.repaired(self._now_ms, piece.behind / _PER_MS)
        if not piece.is_pause:
            self._background.learn(samples)
        self._append(samples)
        return True

    def _skip(self, piece: OpusPiece) -> None:
        self._next, self._last_sequence, self._paused = piece.timestamp, piece.sequence, piece.is_pause

    def _wait(self) -> None:
        """Nothing is there: make something up, in the hope that what is due still comes."""
        if self._paused or self._made_up >= NETEQ_CONCEAL_MS * _PER_MS:
            self._rest(paused=self._paused)
            return
        self._make_up(CALL_BLOCK_SAMPLES)
        if self.delay_ms < NETEQ_TARGET_MAX_MS + NETEQ_CONCEAL_MS:
            self._ahead += CALL_BLOCK_SAMPLES
            self.delay_ms += CALL_BLOCK_SAMPLES / _PER_MS
        else:
            self._next += CALL_BLOCK_SAMPLES

    def _bridge(self, first: OpusPiece) -> None:
        """Something is missing before `first`."""
        gap = first.timestamp - self._next
        if first.sequence <= self._last_sequence + 1:
            self._rest(paused=True)  # nothing was lost: the sender paused
            return
        own = packet_samples(first.data)
        repeats = carries_previous(first.data)
        if repeats and gap == own:
            self._recover(first, gap)
        elif self._ahead:
            known = min(self._ahead, gap - own if repeats and gap > own else gap)
            self._ahead -= known
            self._next += known
            self._counters.missing_samples += known
        elif self._made_up >= NETEQ_CONCEAL_MS * _PER_MS:
            self._rest(paused=False)
        else:
            self._conceal(min(CALL_BLOCK_SAMPLES, gap - own if repeats and gap > own else gap))

    def _recover(self, first: OpusPiece, gap: int) -> None:
        try:
            samples = self._decoder.recover(first.data, gap)
        except OpusError:
            self._counters.malformed += 1
            self._conceal(min(CALL_BLOCK_SAMPLES, gap))
            return
        self._counters.fec_samples += len(samples)
        self._delay.repaired(self._now_ms, (first.behind + len(samples)) / _PER_MS)
        self._made_up = self._ahead = 0
        self._next += gap
        self._append(samples)

    def _conceal(self, count: int) -> None:
        self._next += count
        if count >= _GRAIN:
            self._make_up(count - count % _GRAIN)
        self._counters.missing_samples += count

    def _make_up(self, count: int) -> None:
        self._append(self._decoder.conceal(count))
        self._made_up += count
        self._counters.concealed_samples += count

    def _append(self, samples: Samples) -> None:
        fade, self._fade_in = self._fade_in, None
        if fade is not None:
            count = min(len(fade), len(samples))
            samples = np.concatenate((cross_fade(fade[:count], samples[:count]), samples[count:]))
        self._ready = np.concatenate((self._ready, samples))

    # --- nearer to the target --------------------------------------------------------------------------------

    def _stretch(self) -> None:
        over_ms = self.delay_ms - self.target_ms
        if self._hold is not None and not self._hold.may_stretch(self.delay_ms, self._delay.target_ms):
            return
        if not self._mender.wanted(over_ms, self._now_ms):
            return
        self._decode_ahead()
        before = len(self._ready)
        if before < WINDOW:
            return
        self._ready = self._mender.mend(self._ready, over_ms, self._now_ms)
        change = len(self._ready) - before
        self._counters.accelerated_samples += max(0, -change)
        self._counters.expanded_samples += max(0, change)
        self.delay_ms += change / _PER_MS

    def _hurry(self, over_ms: float) -> None:
        """Nobody pulled for long (the device stood still): leave out what is old, in one step."""
        last = self._buffer.last()
        if last is None:
            return
        old = self._next + round((over_ms - NETEQ_OVER_MS) * _PER_MS)
        self._counters.late += self._buffer.drop_before(min(old, last.timestamp))
        first = self._buffer.first() or last
        tail = self._ready[:CALL_BLOCK_SAMPLES]
        self._ready, self._ahead, self._made_up = np.zeros(0, np.int16), 0, 0
        self._fade_in, self.delay_ms = tail, self._delay.delay_of(self._now_ms, first.timestamp)
        self._next, self._last_sequence = first.timestamp, first.sequence - 1
        self._advance()
        if len(self._ready) < CALL_BLOCK_SAMPLES:
            self._ready = tail

    def _decode_ahead(self) -> None:
        first = self._buffer.first()
        while len(self._ready) < WINDOW and first is not None and first.timestamp == self._next:
            self._play(self._buffer.take_first())
            first = self._buffer.first()
