"""The rating of a call against values of the published model."""

from __future__ import annotations

import pytest

from teleconsole.call.webrtc.quality import Freezes, one_way_ms, opinion_score, rating, word_of


@pytest.mark.parametrize(
    ("r", "score"), [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1.0), (100, 4.5)]
)
def test_the_opinion_score_is_that_of_g107_annex_b(r: float, score: float) -> None:
    assert opinion_score(r) == pytest.approx(score, abs=0.01)


def test_nothing_wrong_is_the_best_rating() -> None:
    assert rating(0, 0) == pytest.approx(93.2)


@pytest.mark.parametrize(("delay_ms", "impairment"), [(100, 2.4), (150, 3.6), (177.3, 4.26), (300, 20.7), (400, 34.1)])
def test_delay_costs_as_in_the_simple_form_of_g107(delay_ms: float, impairment: float) -> None:
    assert 93.2 - rating(delay_ms, 0) == pytest.approx(impairment, abs=0.1)


@pytest.mark.parametrize(("lost", "impairment"), [(1, 3.6), (5, 15.8), (10, 27.1), (20, 42.1)])
def test_loss_costs_as_for_g711_with_concealment(lost: float, impairment: float) -> None:
    assert 93.2 - rating(0, lost) == pytest.approx(impairment, abs=0.1)


def test_a_rating_is_never_below_nothing() -> None:
    assert rating(5_000, 100) == 0


@pytest.mark.parametrize(
    ("round_trip_ms", "playout_ms", "lost", "word"),
    [
        (20, 40, 0, "good"),
        (100, 60, 0.5, "good"),
        (100, 60, 5, "fair"),
        (200, 60, 2, "fair"),
        (100, 60, 12, "poor"),
        (700, 60, 0, "poor"),
    ],
)
def test_the_word_follows_delay_and_loss(round_trip_ms: float, playout_ms: float, lost: float, word: str) -> None:
    delay_ms = one_way_ms(round_trip_ms, playout_ms)
    assert word_of(rating(delay_ms, lost), delay_ms) == word


def test_a_freeze_is_a_pause_much_longer_than_the_pictures_before() -> None:
    freezes = Freezes()
    at_s = 0.0
    for _ in range(60):
        freezes.shown(at_s)
        at_s += 1 / 30
    freezes.shown(at_s + 0.1)
    assert freezes.count == 0
    freezes.shown(at_s + 0.6)
    assert (freezes.count, round(freezes.total_s, 2)) == (1, 0.5)


def test_a_camera_that_was_off_is_no_freeze() -> None:
    freezes = Freezes()
    for number in range(60):
        freezes.shown(number / 30)
    freezes.stopped()
    freezes.shown(90.0)
    assert freezes.count == 0
