"""Sound and picture at one moment."""

import pytest

from teleconsole.call.webrtc.video_in.delay import PlayoutDelay
from teleconsole.call.webrtc.video_in.lips import LipSync, SenderClock
from teleconsole.host.media_limits import (
    LIPS_BROWSER_CAPTURE_MS,
    LIPS_PICTURE_MS,
    LIPS_TOLERATED_MS,
    VIDEO_DELAY_MOST_MS,
)

NTP_MS = (1 << 32) / 1000
FRAME_MS = 33.0


class Call:
    """A sender whose sound and picture are taken at the same moments, and how late each comes here."""

    def __init__(self, *, picture_way_ms: float, sound_way_ms: float) -> None:
        self.delay = PlayoutDelay()
        self.pictures, self.sound = SenderClock(90), SenderClock(48)
        self.lips = LipSync(self.delay, self.pictures)
        self.picture_way_ms, self.sound_way_ms = picture_way_ms, sound_way_ms
        self._picture_zero, self._sound_zero = 4_294_000_000, 4_294_900_000  # both wrap soon
        self._taken_ms = 0.0

    def report(self) -> None:
        ntp = int((3_900_000_000_000 + self._taken_ms) * NTP_MS)
        self.pictures.note(ntp, int(self._picture_zero + self._taken_ms * 90) % (1 << 32))
        self.sound.note(ntp, int(self._sound_zero + self._taken_ms * 48) % (1 << 32))

    def second(self) -> float | None:
        for _ in range(30):
            self._taken_ms += FRAME_MS
            timestamp = int(self._picture_zero + self._taken_ms * 90)
            self.delay.add(timestamp, self._taken_ms + self.picture_way_ms, was_repaired=False)
        sounding = int(self._sound_zero + self._taken_ms * 48) % (1 << 32)
        self.lips.update(
            self.sound, sounding, self._taken_ms + self.sound_way_ms + LIPS_PICTURE_MS - LIPS_BROWSER_CAPTURE_MS
        )
        return self.lips.offset_ms


def test_clock_counts_from_its_report_in_both_directions_and_over_the_end() -> None:
    clock = SenderClock(48)
    assert clock.taken_ms(1) is None
    clock.note(0, 1)
    assert clock.taken_ms(1) is None  # a sender without a clock
    clock.note(int(1_000_000 * NTP_MS), 100)
    assert clock.taken_ms(100 + 4800) == pytest.approx(1_000_100, abs=0.01)
    assert clock.taken_ms((100 - 4800) % (1 << 32)) == pytest.approx(999_900, abs=0.01)


def test_sound_a_little_later_than_the_picture_changes_nothing() -> None:
    call = Call(picture_way_ms=10, sound_way_ms=35)
    call.report()
    assert [call.second() for _ in range(3)] == [pytest.approx(-25, abs=0.1)] * 3
    assert call.delay.current_ms == 0.0


def test_picture_waits_for_a_late_sound_up_to_what_nobody_sees() -> None:
    call = Call(picture_way_ms=10, sound_way_ms=160)
    call.report()
    offsets = [call.second() for _ in range(6)]
    assert offsets[0] == pytest.approx(-150, abs=0.1)
    assert offsets[-1] == pytest.approx(-LIPS_TOLERATED_MS, abs=0.1)
    assert call.delay.current_ms == pytest.approx(120, abs=0.1)


def test_picture_that_is_held_back_for_losses_is_held_back_no_more_for_the_sound() -> None:
    call = Call(picture_way_ms=50, sound_way_ms=150)
    call.report()
    for _ in range(4):
        call.second()
    assert call.delay.least_ms == pytest.approx(70, abs=0.1)
    call.delay.current_ms = 120.0
    call.second()
    assert call.delay.current_ms > call.delay.least_ms
    assert call.lips.offset_ms == pytest.approx(call.delay.current_ms - 100, abs=0.1)


def test_what_waits_is_bounded_and_a_wrong_clock_is_not_believed() -> None:
    call = Call(picture_way_ms=10, sound_way_ms=700)
    call.report()
    call.second()
    assert call.delay.least_ms == VIDEO_DELAY_MOST_MS
    call.sound_way_ms = 5_000
    assert (call.second(), call.delay.least_ms) == (None, 0.0)


def test_nothing_is_done_before_both_have_reported() -> None:
    call = Call(picture_way_ms=10, sound_way_ms=160)
    assert call.second() is None
    call.pictures.note(int(1e6 * NTP_MS), 5)
    assert (call.second(), call.delay.least_ms) == (None, 0.0)
