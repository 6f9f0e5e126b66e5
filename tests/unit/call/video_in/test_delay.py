"""How long pictures are held back."""

import itertools

import pytest

from teleconsole.call.webrtc.video_in.delay import PlayoutDelay
from teleconsole.host.media_limits import VIDEO_DELAY_MOST_MS

TICKS = 90


def feed(delay: PlayoutDelay, late_ms: list[float], *, start: int = 0, repaired: bool = False) -> list[float]:
    """Feed a frame each 33 ms, so much later than its time; return the delay after each."""
    seen = []
    for index, late in enumerate(late_ms, start):
        delay.add(round(index * 33 * TICKS), index * 33 + 50 + late, was_repaired=repaired and late > 0)
        seen.append(delay.current_ms)
    return seen


def test_clean_link_is_not_delayed_at_all() -> None:
    delay = PlayoutDelay()
    assert feed(delay, [0, 3, 1, 7] * 100) == [0.0] * 400
    assert delay.due_ms(400 * 33 * TICKS) == 400 * 33 + 50


def test_late_pictures_raise_the_delay_to_what_most_need_and_no_more() -> None:
    delay = PlayoutDelay()
    feed(delay, [0, 0, 0, 110] * 100)
    assert (delay.target_ms, delay.current_ms) == (110.0, 110.0)
    assert delay.due_ms(400 * 33 * TICKS) == 400 * 33 + 50 + 110


def test_few_late_pictures_that_freeze_nothing_raise_nothing() -> None:
    delay = PlayoutDelay()
    feed(delay, ([0.0] * 49 + [120.0]) * 6, repaired=True)
    assert delay.target_ms == 0.0


def test_one_repaired_picture_that_froze_the_screen_raises_the_delay_so_that_the_next_does_not() -> None:
    delay = PlayoutDelay()
    feed(delay, [0.0] * 100)
    feed(delay, [260.0], start=100, repaired=True)
    assert (delay.target_ms, delay.current_ms) == (100.0, 100.0)  # its lateness is not waited for again
    feed(delay, [260.0], start=101, repaired=False)
    assert delay.target_ms == 100.0


def test_delay_has_a_bound() -> None:
    delay = PlayoutDelay()
    feed(delay, [0.0, 700.0] * 50, repaired=True)
    assert delay.target_ms == VIDEO_DELAY_MOST_MS


def test_delay_goes_away_slowly_when_the_link_is_clean_again() -> None:
    delay = PlayoutDelay()
    feed(delay, [0, 0, 0, 110] * 100)
    after = feed(delay, [0.0] * 500, start=400)
    assert delay.current_ms == 0.0
    steps = [a - b for a, b in itertools.pairwise(after)]
    assert max(steps) == pytest.approx(0.03 * 33)
    assert min(steps) == 0.0


def test_delay_asked_for_from_outside_is_reached_slowly_enough_to_be_smooth() -> None:
    delay = PlayoutDelay()
    feed(delay, [0.0] * 40)
    delay.least_ms = 60.0
    after = feed(delay, [0.0] * 10, start=40)
    assert after[0] == pytest.approx(0.3 * 33) and after[-1] == 60.0


def test_timestamps_that_begin_anew_begin_a_new_measure() -> None:
    delay = PlayoutDelay()
    feed(delay, [0, 0, 0, 110] * 100)
    delay.add(400 * 33 * TICKS + 5_000_000, 400 * 33 + 50, was_repaired=False)
    assert delay.due_ms(400 * 33 * TICKS + 5_000_000) <= 400 * 33 + 50 + delay.current_ms
    assert delay.target_ms == 0.0


def test_longer_way_is_the_new_normal_after_three_seconds() -> None:
    delay = PlayoutDelay()
    feed(delay, [0.0] * 100)
    feed(delay, [80.0] * 100, start=100)
    assert delay.due_ms(0) - delay.current_ms == 130.0
