"""Sound and picture of one moment at one moment.

Both streams have their own timestamps; sender reports say which moment of the sender's clock each stands for (RFC 3550
section 6.4.1). The picture is held back for the sound; the sound is never held back for the picture.
"""

from teleconsole.call.webrtc.video_in.delay import PlayoutDelay
from teleconsole.host.media_limits import (
    LIPS_BELIEVED_MS,
    LIPS_BROWSER_CAPTURE_MS,
    LIPS_PICTURE_MS,
    LIPS_SMOOTHING,
    LIPS_TOLERATED_MS,
    VIDEO_DELAY_MOST_MS,
)

_NTP_PER_MS = (1 << 32) / 1000
_RTP_MODULO = 1 << 32


class SenderClock:
    """Knows when something of a stream was taken, by the sender's clock.

    Args:
        ticks_per_ms: of the stream's timestamps: 90 for pictures, 48 for sound.
    """

    def __init__(self, ticks_per_ms: int) -> None:
        self._ticks_per_ms = ticks_per_ms
        self._report: tuple[float, int] | None = None

    def note(self, ntp_time: int, rtp_timestamp: int) -> None:
        """Take a sender report's two times: NTP's 64 bits, RTP's 32 bits; one without a clock (0) says nothing."""
        if ntp_time:
            self._report = ntp_time / _NTP_PER_MS, rtp_timestamp

    def taken_ms(self, timestamp: int) -> float | None:
        """Return when what has this timestamp was taken, in ms of the sender's clock; None before its first report."""
        if self._report is None:
            return None
        ntp_ms, reported = self._report
        ahead = (timestamp - reported) % _RTP_MODULO
        if ahead >= _RTP_MODULO // 2:
            ahead -= _RTP_MODULO
        return ntp_ms + ahead / self._ticks_per_ms


class LipSync:
    """Holds the pictures back so that they are not earlier than their sound.

    Attributes:
        offset_ms: how much later the picture is shown than its sound is heard; None = not known.

    Args:
        delay: of the pictures; its `least_ms` is set.
        pictures: clock of the pictures' sender.
    """

    def __init__(self, delay: PlayoutDelay, pictures: SenderClock) -> None:
        self.offset_ms: float | None = None
        self._delay = delay
        self._pictures = pictures
        self._sound_lead_ms: float | None = None

    def update(self, sound: SenderClock, sound_timestamp: int, heard_ms: float) -> None:
        """Compare, about once a second.

        Args:
            sound: clock of the sound's sender; one sender has one clock for both.
            sound_timestamp: RTP's, 32 bits, of a sound.
            heard_ms: when it leaves the loudspeaker, of the clock of the pictures' arrival.
        """
        sound_way_ms = _way_ms(sound, sound_timestamp, heard_ms + LIPS_BROWSER_CAPTURE_MS - LIPS_PICTURE_MS)
        newest, fastest_ms = self._delay.newest_timestamp, self._delay.fastest_ms
        if sound_way_ms is None or newest is None or fastest_ms is None:
            return
        picture_way_ms = _way_ms(self._pictures, newest % _RTP_MODULO, newest / 90 + fastest_ms)
        if picture_way_ms is None:
            return
        late_ms = sound_way_ms - picture_way_ms
        if abs(late_ms) > LIPS_BELIEVED_MS:
            self._sound_lead_ms, self.offset_ms, self._delay.least_ms = None, None, 0.0
            return
        before_ms = late_ms if self._sound_lead_ms is None else self._sound_lead_ms
        self._sound_lead_ms = before_ms + LIPS_SMOOTHING * (late_ms - before_ms)
        self._delay.least_ms = min(VIDEO_DELAY_MOST_MS, max(0.0, self._sound_lead_ms - LIPS_TOLERATED_MS))
        self.offset_ms = self._delay.current_ms - late_ms


def _way_ms(clock: SenderClock, timestamp: int, here_ms: float) -> float | None:
    """Return how long something took from its sender to here; only differences of it mean something."""
    taken_ms = clock.taken_ms(timestamp)
    return None if taken_ms is None else here_ms - taken_ms
