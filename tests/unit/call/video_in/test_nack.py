"""The list of missing packets: when each is asked for."""

import pytest

from teleconsole.call.webrtc.video_in.nack import NackList
from teleconsole.host.media_limits import (
    VIDEO_NACK_AGE_MS,
    VIDEO_NACK_MISSING,
    VIDEO_NACK_PARITY_MS,
    VIDEO_NACK_ROUNDS,
    VIDEO_PARITY_SEEN_MS,
    VIDEO_ROUND_TRIP_START_MS,
)


def asked_until(nacks: NackList, until_ms: float) -> list[tuple[float, list[int]]]:
    """Call `due` whenever it wants to be called; return what was asked when."""
    asked = []
    while (at_ms := nacks.next_due_ms()) is not None and at_ms <= until_ms:
        if lost := nacks.due(at_ms):
            asked.append((at_ms, lost))
    return asked


def test_lost_packet_is_asked_for_at_once_and_each_round_trip_twice() -> None:
    nacks = NackList()
    nacks.add(10, 0.0)
    nacks.add(12, 5.0)
    assert asked_until(nacks, 240.0) == [(at, [11]) for at in (5.0, 25.0, 110.0, 130.0, 215.0, 235.0)]
    assert not nacks.add(11, 250.0) or nacks.missing == []


def test_round_trip_is_measured_by_what_was_asked_for_in_one_round() -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.add(3, 0.0)
    assert nacks.due(0.0) == [2]
    assert nacks.add(2, 40.0, is_retransmission=True)
    assert (nacks.round_trip_ms, nacks.missing, nacks.repaired, nacks.asked) == (40.0, [], 1, 1)
    nacks.add(5, 50.0)
    assert asked_until(nacks, 110.0) == [(50.0, [4]), (70.0, [4]), (95.0, [4])]
    nacks.add(4, 112.0, is_retransmission=True)
    assert nacks.round_trip_ms == 40.0  # of two rounds nobody knows which one was answered


def test_short_round_trip_has_no_echo_and_waits_twenty_milliseconds() -> None:
    nacks = NackList()
    nacks.round_trip_ms = 4.0
    nacks.add(1, 0.0)
    nacks.add(3, 0.0)
    assert asked_until(nacks, 65.0) == [(at, [2]) for at in (0.0, 20.0, 40.0, 60.0)]


def test_overtaken_packet_makes_the_next_gap_wait_a_little() -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.add(3, 0.0)
    nacks.add(2, 8.0)
    assert nacks.tolerance_ms == 10.0
    nacks.add(5, 10.0)
    assert nacks.next_due_ms() == pytest.approx(10.0 + 10.0 * 0.98)
    nacks.add(4, 15.0)
    assert (nacks.next_due_ms(), nacks.asked) == (None, 0)
    for number in range(6, 200):
        nacks.add(number, 20.0)
    nacks.add(201, 20.0)
    assert nacks.next_due_ms() == 20.0  # forgotten


def test_packets_are_asked_for_in_order_and_together() -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.add(4, 0.0)
    nacks.add(8, 0.0)
    assert nacks.due(0.0) == [2, 3, 5, 6, 7]


def test_request_ends_after_its_rounds_or_its_age() -> None:
    nacks = NackList()
    nacks.round_trip_ms = 4.0
    nacks.add(1, 0.0)
    nacks.add(3, 0.0)
    assert len(asked_until(nacks, 10_000.0)) == VIDEO_NACK_ROUNDS
    assert nacks.missing == []
    slow = NackList()
    slow.round_trip_ms = 700.0
    slow.add(1, 0.0)
    slow.add(3, 0.0)
    assert [at for at, _ in asked_until(slow, 10_000.0)] == [0.0, 20.0, 705.0, 725.0, 1410.0, 1430.0]
    assert slow.missing == [] and VIDEO_NACK_AGE_MS == 1500.0


def test_what_is_given_up_is_not_asked_for() -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.add(5, 0.0)
    nacks.forget_before(4)
    assert nacks.due(0.0) == [4]
    nacks.restart(9)
    nacks.add(10, 1.0)
    assert (nacks.missing, nacks.due(1e3)) == ([], [])


def test_list_is_bounded_and_says_so() -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.add(20_000, 0.0)
    assert nacks.overflows and len(nacks.missing) == VIDEO_NACK_MISSING + 1


def test_after_a_parity_a_lost_packet_is_missed_a_little_before_it_is_asked_for() -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.note_parity(0.0)
    nacks.add(3, 10.0)
    assert nacks.due(10.0) == []
    assert nacks.next_due_ms() == 10.0 + VIDEO_NACK_PARITY_MS
    assert nacks.due(10.0 + VIDEO_NACK_PARITY_MS) == [2]
    later_ms = VIDEO_PARITY_SEEN_MS + 1.0
    nacks.add(5, later_ms)
    assert nacks.due(later_ms) == [2, 4]


@pytest.mark.parametrize("is_asked_for", [False, True])
def test_computed_packet_is_not_missed_and_tells_nothing_of_the_way(is_asked_for: bool) -> None:
    nacks = NackList()
    nacks.add(1, 0.0)
    nacks.add(3, 0.0)
    if is_asked_for:
        assert nacks.due(0.0) == [2]
    nacks.settle(2)
    nacks.settle(77)
    assert (nacks.missing, nacks.next_due_ms(), nacks.repaired) == ([], None, 0)
    assert (nacks.round_trip_ms, nacks.tolerance_ms) == (VIDEO_ROUND_TRIP_START_MS, 0.0)
    assert nacks.add(2, 90.0, is_retransmission=True) is False


def test_on_a_link_that_loses_more_than_it_carries_nothing_is_asked_for() -> None:
    nacks = NackList()
    for at, number in enumerate(range(0, 20 * 12, 12)):
        nacks.add(number, at * 45.0)
        assert nacks.due(at * 45.0) == []
    after_ms = 20 * 45.0
    for at in range(1, 400):
        nacks.add(19 * 12 + at, after_ms + at)
    assert nacks.due(after_ms + 400)  # what is not too old is asked for when it carries again
