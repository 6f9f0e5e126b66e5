"""The ladder on made-up links: whole sequences of steps, with their seconds and causes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from tests.unit.call.ladder.trace import link, silence, steps, walk

from teleconsole.call.webrtc.ladder.machine import Ladder
from teleconsole.call.webrtc.ladder.sample import LinkSample
from teleconsole.host.media_limits import LADDER_NARROW_GRACE_S

GOOD: dict[str, Any] = {"estimate_bps": 2_500_000, "round_trip_ms": 40.0}


def now(ladder: Ladder) -> tuple[str, str]:
    """Where the ladder stands, and why."""
    return ladder.step, ladder.cause


def test_a_good_link_stays_at_the_top() -> None:
    assert walk(Ladder(), link(600, **GOOD)) == []


def test_a_link_without_any_measure_stays_at_the_top() -> None:
    assert walk(Ladder(), link(600)) == []


def test_random_loss_of_ten_per_cent_alone_takes_nothing_away() -> None:
    assert walk(Ladder(), link(600, estimate_bps=2_000_000, loss_fraction=0.1, concealed_fraction=0.01)) == []


def test_the_estimate_may_grow_at_the_beginning() -> None:
    assert walk(Ladder(), link(3.5, estimate_bps=150_000, limited_by="network"), link(60, **GOOD)) == []


def test_a_drop_to_sixty_kbit_goes_straight_to_the_thin_voice_within_two_seconds() -> None:
    down = walk(Ladder(), link(10, **GOOD), link(15, estimate_bps=60_000, limited_by="network"))
    assert down == [(11.0, "voice-and-stills", "slow")]


@pytest.mark.parametrize(
    ("kbps", "step"), [(500, "720p"), (300, "360p"), (200, "180p"), (90, "audio-only"), (60, "voice-and-stills")]
)
def test_each_rate_has_its_step(kbps: int, step: str) -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD), link(600, estimate_bps=kbps * 1000, limited_by="network"))
    assert ladder.step == step


def test_all_the_way_down_and_up_again_without_a_press() -> None:
    changes = walk(
        Ladder(),
        link(10, **GOOD),
        link(10, estimate_bps=300_000, limited_by="network"),
        link(10, estimate_bps=120_000, limited_by="network"),
        link(10, estimate_bps=90_000, limited_by="network"),
        link(10, estimate_bps=30_000, limited_by="network"),
        link(20, estimate_bps=8_000, limited_by="network"),
        link(60, **GOOD),
    )
    assert changes == [
        (11.5, "360p", "slow"),
        (21.5, "180p", "slow"),
        (31.5, "audio-only", "slow"),
        (41.5, "voice-and-stills", "slow"),
        (56.0, "case", "slow"),
        (76.0, "voice-and-stills", "better"),
        (82.5, "audio-only", "better"),
        (89.0, "180p", "better"),
        (95.5, "360p", "better"),
        (102.0, "720p", "better"),
    ]


def test_a_link_between_two_steps_is_tried_ever_more_seldom() -> None:
    """The next step up looks possible, and breaks the voice each time."""
    ladder = Ladder()
    changes: list[tuple[float, str, str]] = []
    for number in range(3_600):
        broken = 0.15 if ladder.step in ("720p", "360p") else 0.0
        sample = LinkSample(at_s=number / 2, estimate_bps=1_000_000, loss_fraction=0.03, concealed_fraction=broken)
        if ladder.take(sample):
            changes.append((sample.at_s, ladder.step, ladder.cause))
    assert steps(changes[:2]) == ["360p", "180p"]
    rises = [at_s for at_s, step, _ in changes[2:] if step == "360p"]
    pauses = [round(later - before) for before, later in pairwise(rises)]
    assert pauses[:5] == sorted(pauses[:5])
    assert pauses[-1] >= 96
    assert len(rises) <= 22  # in half an hour


def test_a_voice_that_breaks_gives_up_the_picture_at_once() -> None:
    changes = walk(
        Ladder(), link(10, **GOOD), link(6, estimate_bps=2_000_000, loss_fraction=0.05, concealed_fraction=0.3)
    )
    assert changes[0] == (13.0, "audio-only", "voice")


def test_a_computer_at_its_limit_makes_the_picture_smaller_and_no_more() -> None:
    changes = walk(Ladder(), link(120, estimate_bps=2_000_000, limited_by="cpu"))
    assert [(step, cause) for _, step, cause in changes] == [("360p", "cpu")]


def test_a_voice_that_breaks_without_fault_of_the_link_makes_the_picture_smaller_and_no_more() -> None:
    changes = walk(Ladder(), link(60, round_trip_ms=20.0, concealed_fraction=0.5), link(60, concealed_fraction=0.15))
    assert changes[0][1:] == ("360p", "cpu")
    assert set(steps(changes)) <= {"720p", "360p"}


def test_what_comes_late_leads_down_until_the_stills_and_no_further() -> None:
    changes = walk(Ladder(), link(300, round_trip_ms=2_000.0))
    assert steps(changes) == ["360p", "180p", "audio-only", "voice-and-stills"]


def test_silence_becomes_a_case_and_comes_back_with_the_voice_first() -> None:
    changes = walk(Ladder(), link(10, **GOOD), silence(40), link(30, **GOOD))
    assert changes == [
        (30.0, "case", "gone"),
        (50.0, "audio-only", "better"),
        (56.5, "180p", "better"),
        (63.0, "360p", "better"),
        (69.5, "720p", "better"),
    ]


def test_after_an_outage_the_steps_come_back_soon_also_without_an_estimate() -> None:
    changes = walk(Ladder(), link(10), silence(30), link(40))
    assert steps(changes) == ["case", "audio-only", "180p", "360p", "720p"]
    assert changes[-1][0] - changes[1][0] < 21


def test_a_short_silence_takes_nothing_away() -> None:
    assert walk(Ladder(), link(10, **GOOD), silence(19), link(30, **GOOD)) == []


def test_an_outage_with_every_number_bad_leaves_the_step() -> None:
    bad: dict[str, Any] = {
        "estimate_bps": 20_000,
        "loss_fraction": 1.0,
        "concealed_fraction": 1.0,
        "limited_by": "network",
    }
    outage = (replace(sample, **bad) for sample in silence(10))
    assert walk(Ladder(), link(10, **GOOD), outage, link(1, **bad), link(30, **GOOD)) == []


def test_a_spike_of_a_second_takes_nothing_away() -> None:
    spike = {"estimate_bps": 20_000, "loss_fraction": 0.5, "concealed_fraction": 0.5, "limited_by": "network"}
    assert walk(Ladder(), link(10, **GOOD), link(1, **spike), link(30, **GOOD)) == []


def test_a_choice_holds_from_above_and_the_link_may_still_lower_it() -> None:
    ladder = Ladder()
    walk(ladder, link(5, **GOOD))
    assert ladder.choose("180p")
    assert (ladder.step, ladder.cause) == ("180p", "chosen")
    assert walk(ladder, link(200, **GOOD)) == []
    changes = walk(ladder, link(10, estimate_bps=30_000, limited_by="network"), link(100, **GOOD))
    assert steps(changes) == ["voice-and-stills", "audio-only", "180p"]
    assert (ladder.step, ladder.cause) == ("180p", "chosen")


def test_automatic_goes_back_to_the_top_and_down_again_if_the_link_does_not_carry_it() -> None:
    ladder = Ladder()
    walk(ladder, link(5, **GOOD))
    ladder.choose("audio-only")
    assert ladder.choose("")
    assert ladder.step == "720p"
    assert steps(walk(ladder, link(20, estimate_bps=120_000, limited_by="network"))) == ["180p"]


def test_a_higher_choice_is_tried_at_once() -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD), link(10, estimate_bps=90_000, limited_by="network"))
    assert now(ladder) == ("audio-only", "slow")
    assert ladder.choose("360p")
    assert now(ladder) == ("360p", "chosen")


def test_nothing_is_tried_while_nothing_arrives() -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD), silence(30))
    assert not ladder.choose("720p")
    assert ladder.step == "case"


def test_the_case_chosen_by_hand_stays_until_it_is_left_by_hand() -> None:
    ladder = Ladder()
    walk(ladder, link(5, **GOOD))
    ladder.choose("case")
    assert walk(ladder, link(300, **GOOD)) == []
    ladder.choose("")
    assert ladder.step == "720p"


@pytest.mark.parametrize(
    ("width_bps", "step"), [(480_000, "720p"), (300_000, "360p"), (190_000, "180p"), (55_000, "voice-and-stills")]
)
def test_a_link_that_becomes_narrow_all_at_once_is_not_waited_for(width_bps: float, step: str) -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD))
    assert ladder.narrow(width_bps, 10.5) is (step != "720p")
    assert ladder.step == step
    assert not ladder.narrow(width_bps, 10.6)


def test_an_estimate_that_fell_with_a_narrow_link_takes_no_picture_away_before_it_could_grow() -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD))
    ladder.narrow(190_000, 0.0)
    low: dict[str, Any] = {"estimate_bps": 85_000, "limited_by": "network"}
    assert (
        walk(ladder, link(LADDER_NARROW_GRACE_S - 1, **low), link(10, estimate_bps=130_000, limited_by="network")) == []
    )
    assert ladder.step == "180p"


def test_a_link_that_stays_narrower_than_it_seemed_is_followed_all_the_same() -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD))
    ladder.narrow(190_000, 0.0)
    walk(ladder, link(LADDER_NARROW_GRACE_S + 4, estimate_bps=85_000, limited_by="network"))
    assert now(ladder) == ("audio-only", "slow")


def test_losses_on_a_narrow_link_are_no_matter_of_its_estimate() -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD))
    ladder.narrow(190_000, 0.0)
    walk(ladder, link(8, estimate_bps=85_000, limited_by="network", loss_fraction=0.3))
    assert now(ladder) == ("audio-only", "loss")


def test_a_link_that_is_gone_does_not_become_narrow() -> None:
    ladder = Ladder()
    walk(ladder, link(10, **GOOD), silence(30))
    assert now(ladder) == ("case", "gone")
    assert not ladder.narrow(55_000, 50.0)
