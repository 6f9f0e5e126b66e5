"""The receiving end of a video stream: what to decode, what to ask for, and when to look again.

No clock, thread or socket in here: `aiortc_receive` brings packets and time, and does what `step` says.
"""

from dataclasses import dataclass, field

from teleconsole.call.webrtc.video_in.assembly import Assembly, Frame, Packet
from teleconsole.call.webrtc.video_in.counting import Unwrapper
from teleconsole.call.webrtc.video_in.delay import PlayoutDelay
from teleconsole.call.webrtc.video_in.nack import NackList
from teleconsole.host.media_limits import (
    NARROW_KEY_PAUSE_MOST_MS,
    NARROW_KEY_PAUSE_MS,
    VIDEO_GAP_PACKETS,
    VIDEO_HOLE_MOST_MS,
    VIDEO_HOLE_MS,
    VIDEO_KEY_FRAME_EVERY_MS,
    VIDEO_OUTAGE_MS,
)

_HOLE_ROUND_TRIPS = 4
_EARLY_MS = 1.0
"""So much before its time a frame is due: timers are no finer, and RTP's clock rounds."""


@dataclass
class Step:
    """What is to be done now.

    Attributes:
        frames: for the decoder, in order.
        lost: sequence numbers (16 bits) for a NACK.
        wants_key_frame: send a PLI.
        again_ms: when to call `step` again if no packet comes before; None = not needed.
    """

    frames: list[Frame] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    wants_key_frame: bool = False
    again_ms: float | None = None


class VideoReceiver:
    """Puts assembly, requests and delay together. Thread: one.

    Attributes:
        delay: how long frames are held back.
        nacks: what is missing.
        key_frames_asked: PLIs so far.
        frames_dropped: whole frames that were given up because the decoder did not follow.
        is_expected: False while the other side was told to send no pictures: nothing is asked for.
    """

    def __init__(self) -> None:
        self.delay = PlayoutDelay()
        self.nacks = NackList()
        self.key_frames_asked = 0
        self.frames_dropped = 0
        self.is_expected = True
        self._assembly = Assembly()
        self._numbers = Unwrapper(16)
        self._measured: Frame | None = None
        self._packet_ms: float | None = None
        self._hole: tuple[int, float] | None = None
        self._asked_key_ms: float | None = None
        self._key_is_needed = False
        self._overrun_ms = self._overrun_until_ms = 0.0

    def add(self, packet: Packet, now_ms: float, *, is_retransmission: bool = False, is_parity: bool = False) -> None:
        """Take a packet; call `step` after it. A parity shows nothing, but more of them may follow."""
        number = self._numbers.unwrap(packet.sequence_number)
        if self._is_after_outage(number, now_ms):
            self._give_up(number)
        was_asked_for = self.nacks.add(number, now_ms, is_retransmission=is_retransmission)
        if not is_retransmission:
            self._packet_ms = now_ms
        if is_parity:
            self.nacks.note_parity(now_ms)
        self._assembly.add(packet, number, now_ms, was_repaired=was_asked_for)
        self._measure(now_ms)

    def add_repaired(self, packet: Packet, now_ms: float) -> None:
        """Take a packet that was computed from others; one that was not missed is dropped."""
        number = self._numbers.unwrap(packet.sequence_number)
        if self.nacks.highest is None or number >= self.nacks.highest:
            return
        self.nacks.settle(number)
        self._assembly.add(packet, number, now_ms)
        self._measure(now_ms)

    def step(self, now_ms: float, *, decoder_waits: int = 0, decoder_most: int = 1 << 30) -> Step:
        """Return what is to be done.

        Args:
            now_ms: of the same clock as in `add`.
            decoder_waits: frames that wait in front of the decoder.
            decoder_most: with more than so many, all is given up until a key frame.
        """
        if decoder_waits > decoder_most:
            self.frames_dropped += len(self._assembly.whole)
            self._assembly.give_up_whole()
        frames = self._due_frames(now_ms)
        self._watch_hole(now_ms)
        step = Step(frames, wants_key_frame=self._asks_for_key(now_ms))
        if self._assembly.next_number is not None:
            self.nacks.forget_before(self._assembly.next_number)
        step.lost = [number & 0xFFFF for number in self.nacks.due(now_ms)]
        step.again_ms = self._again_ms()
        return step

    def overrun(self, now_ms: float, *, begins: bool) -> None:
        """More is sent than the link carries: what is asked for again would be sent instead of what is new."""
        if begins:
            self._overrun_ms = now_ms
        elif now_ms - self._overrun_ms > NARROW_KEY_PAUSE_MOST_MS:
            return
        self._overrun_until_ms = now_ms + NARROW_KEY_PAUSE_MS
        self._asked_key_ms = self._overrun_until_ms - VIDEO_KEY_FRAME_EVERY_MS
        if self.nacks.highest is not None:
            self._give_up(self.nacks.highest)

    def decoding_failed(self) -> None:
        """Ask for a key frame: the decoder could make nothing of a frame. Frames go on to it meanwhile."""
        self._key_is_needed = True

    def _give_up(self, number: int) -> None:
        """Go on with this packet, and with a key frame."""
        self.nacks.restart(number)
        self._assembly.give_up(number)
        self._hole, self._key_is_needed = None, True

    def _is_after_outage(self, number: int, now_ms: float) -> bool:
        if self.nacks.highest is None or self._packet_ms is None:
            return False
        ahead = number - self.nacks.highest
        if ahead > 1 and (now_ms < self._overrun_until_ms or not self.is_expected):
            return True
        return ahead > VIDEO_GAP_PACKETS or (ahead > 1 and now_ms - self._packet_ms > VIDEO_OUTAGE_MS)

    def _measure(self, now_ms: float) -> None:
        whole = self._assembly.whole
        new = []
        for frame in reversed(whole):
            if frame is self._measured:
                break
            new.append(frame)
        for frame in reversed(new):
            self.delay.add(frame.timestamp, now_ms, was_repaired=frame.was_repaired)
        if whole:
            self._measured = whole[-1]

    def _due_frames(self, now_ms: float) -> list[Frame]:
        frames: list[Frame] = []
        whole = self._assembly.whole
        while True:
            if whole and self.delay.due_ms(whole[0].timestamp) <= now_ms + _EARLY_MS:
                frames.append(whole.popleft())
            elif whole or not self._may_jump(now_ms) or not self._assembly.jump(now_ms):
                break
            else:
                self._hole = None
                self._measure(now_ms)
        for frame in frames[:-1]:
            frame.is_shown = False
        return frames

    def _may_jump(self, now_ms: float) -> bool:
        """Behind the hole is a key frame whose time has come: what is missing before it would be too late."""
        timestamp = self._assembly.key_frame_behind()
        return timestamp is not None and (
            self._assembly.needs_key or self.delay.due_ms(timestamp) <= now_ms + _EARLY_MS
        )

    def _watch_hole(self, now_ms: float) -> None:
        number = self._assembly.hole
        if number is None:
            self._hole = None
        elif self._hole is None or self._hole[0] != number:
            self._hole = (number, now_ms)

    def _asks_for_key(self, now_ms: float) -> bool:
        is_old = self._hole is not None and now_ms - self._hole[1] >= self._hole_bound_ms()
        is_needed = is_old or self._key_is_needed or self._assembly.needs_key or self.nacks.overflows
        if not is_needed or not self.is_expected:
            return False
        began_ms = self._assembly.key_frame_began_ms
        is_coming = began_ms is not None and now_ms - began_ms < self._hole_bound_ms()
        if self._packet_ms is None or is_coming:
            return False
        every_ms = max(VIDEO_KEY_FRAME_EVERY_MS, 1.5 * self.nacks.round_trip_ms)
        if self._asked_key_ms is not None and now_ms - self._asked_key_ms < every_ms:
            return False
        self._asked_key_ms, self._key_is_needed = now_ms, False
        self.key_frames_asked += 1
        return True

    def _hole_bound_ms(self) -> float:
        return min(VIDEO_HOLE_MOST_MS, max(VIDEO_HOLE_MS, _HOLE_ROUND_TRIPS * self.nacks.round_trip_ms))

    def _again_ms(self) -> float | None:
        times = [self.nacks.next_due_ms()]
        if self._assembly.whole:
            times.append(self.delay.due_ms(self._assembly.whole[0].timestamp))
        elif (timestamp := self._assembly.key_frame_behind()) is not None:
            times.append(self.delay.due_ms(timestamp))
        if self._hole is not None:
            bound_ms = self._hole[1] + self._hole_bound_ms()
            times.append(max(bound_ms, (self._asked_key_ms or 0.0) + VIDEO_KEY_FRAME_EVERY_MS))
        return min((time for time in times if time is not None), default=None)
