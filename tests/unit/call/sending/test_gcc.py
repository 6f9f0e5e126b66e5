"""Congestion control on made-up links: it finds what they take, keeps their queues short, and comes back."""

import pytest
from tests.unit.call.sending.fake_link import FakeCall, FakeLink

from teleconsole.call.webrtc.sending.gcc import Gcc
from teleconsole.call.webrtc.sending.sent import PacketResult, SentPacket
from teleconsole.host.media_limits import NARROW_BELIEVED_MS, NARROW_BELIEVED_PART


@pytest.mark.parametrize("capacity_bps", [60_000, 100_000, 200_000, 500_000, 1_000_000, 2_500_000])
def test_gcc_finds_what_the_link_takes_and_keeps_its_queue_short(capacity_bps: int) -> None:
    call = FakeCall(FakeLink(capacity_bps))
    call.run(20)
    settled_ms = call.now_ms
    call.run(10)
    assert 0.8 <= call.mean_estimate_bps(10) / capacity_bps <= 0.97
    assert call.worst_queue_ms(settled_ms) < max(200.0, 2.2 * 1200 * 8000 / capacity_bps)


def test_gcc_is_at_two_and_a_half_megabits_within_two_seconds() -> None:
    call = FakeCall(FakeLink(5_000_000))
    call.run(2)
    assert call.mean_estimate_bps(0.5) > 2_500_000


def test_gcc_start_does_not_flood_a_narrow_link_for_long() -> None:
    call = FakeCall(FakeLink(200_000, queue_limit_ms=1000))
    call.run(4)
    settled_ms = call.now_ms
    call.run(4)
    assert call.worst_queue_ms(settled_ms) < 200


@pytest.mark.parametrize("capacity_bps", [60_000, 100_000])
@pytest.mark.parametrize("queue_limit_ms", [50, 300, 1000])
def test_gcc_follows_a_fall_to_what_carries_only_a_voice(capacity_bps: int, queue_limit_ms: float) -> None:
    call = FakeCall(FakeLink(5_000_000))
    call.run(10)
    call.link.capacity_bps, call.link.queue_limit_ms = capacity_bps, queue_limit_ms
    call.run(4)
    assert call.estimates[-1] < 1.1 * capacity_bps
    at_ms = call.now_ms
    call.run(3)
    assert call.worst_queue_ms(at_ms) < 250
    call.link.capacity_bps = 5_000_000
    call.run(20)
    assert call.estimates[-1] > 1_000_000


@pytest.mark.parametrize("capacity_bps", [200_000, 500_000])
def test_gcc_follows_a_sudden_cap_within_two_seconds(capacity_bps: int) -> None:
    call = FakeCall(FakeLink(5_000_000))
    call.run(10)
    call.link.capacity_bps = capacity_bps
    call.run(1)
    assert call.estimates[-1] < capacity_bps
    at_ms = call.now_ms
    call.run(1)
    assert call.worst_queue_ms(at_ms) < 100


def test_gcc_rises_again_when_the_cap_goes() -> None:
    call = FakeCall(FakeLink(5_000_000))
    call.run(5)
    call.link.capacity_bps = 500_000
    call.run(10)
    call.link.capacity_bps = 5_000_000
    call.run(6)
    assert call.estimates[-1] > 2_500_000


def test_gcc_recovers_after_an_outage() -> None:
    call = FakeCall(FakeLink(2_500_000))
    call.run(6)
    before_bps = call.mean_estimate_bps(1)
    call.link.is_down = True
    call.run(1)
    assert call.gcc.is_silent
    call.run(4)
    assert call.estimates[-1] < before_bps / 4
    call.link.is_down = False
    call.run(2)
    assert not call.gcc.is_silent
    assert call.estimates[-1] > before_bps / 2


@pytest.mark.parametrize("loss", [0.02, 0.05, 0.1])
def test_gcc_does_not_starve_on_a_link_that_loses_at_random(loss: float) -> None:
    call = FakeCall(FakeLink(2_500_000, loss=loss))
    call.run(10)
    assert call.mean_estimate_bps(2) > 1_500_000


def test_gcc_goes_down_where_a_shallow_queue_drops_what_is_too_much() -> None:
    call = FakeCall(FakeLink(500_000, queue_limit_ms=20))
    call.run(15)
    assert call.mean_estimate_bps(5) < 560_000


def test_gcc_obeys_the_other_sides_limit_alone_without_feedback_and_as_a_cap_with_it() -> None:
    gcc = Gcc(600_000, 3_000_000)
    assert gcc.estimate_bps == 600_000
    gcc.set_remote_limit(900_000)
    assert gcc.estimate_bps == 900_000
    gcc.on_results([PacketResult(SentPacket(0.0, 1200), 20.0)], 40.0)
    assert gcc.estimate_bps == 600_000
    gcc.set_remote_limit(200_000)
    assert gcc.estimate_bps == 200_000


def test_gcc_never_asks_for_more_than_is_of_use() -> None:
    call = FakeCall(FakeLink(5_000_000))
    call.gcc.set_most(800_000)
    call.run(5)
    assert max(call.estimates) <= 800_000
    assert call.estimates[-1] == 800_000


def deaf(estimate_bps: float = 2_000_000) -> Gcc:
    """Its packets are acknowledged until a second, then nothing is heard."""
    gcc = Gcc(estimate_bps)
    for at in range(100):
        sent_ms = at * 10.0
        gcc.on_results([PacketResult(SentPacket(sent_ms, 1200), sent_ms + 20)], sent_ms + 40)
    return gcc


def test_what_arrives_is_believed_where_nobody_tells() -> None:
    gcc = deaf()
    gcc.narrowed(200_000, 1_500.0)
    assert gcc.overrun(1_500.0)
    assert gcc.estimate_bps == gcc.target_bps == NARROW_BELIEVED_PART * 200_000
    assert not gcc.overrun(1_540.0)  # it is there
    for at in range(40):
        gcc.on_time(1_550.0 + at * 50, in_flight_bytes=5_000)
    assert not gcc.is_silent  # pictures go on
    assert gcc.estimate_bps == NARROW_BELIEVED_PART * 200_000
    gcc.on_time(1_500.0 + NARROW_BELIEVED_MS + 50, in_flight_bytes=5_000)
    assert gcc.is_silent


def test_who_is_told_that_all_arrives_sends_on() -> None:
    gcc = deaf()
    before_bps = gcc.estimate_bps
    gcc.narrowed(200_000, 1_050.0)
    assert not gcc.overrun(1_050.0)
    assert gcc.estimate_bps == before_bps


def test_it_falls_no_lower_than_what_is_believed_for_a_while() -> None:
    gcc = deaf()
    gcc.narrowed(200_000, 1_500.0)
    gcc.overrun(1_500.0)
    lost = [PacketResult(SentPacket(1_000.0 + at, 1200), None) for at in range(60)]
    for at in range(4):
        arrived = PacketResult(SentPacket(1_300.0 + 300 * at, 1200), 1_800.0 + 300 * at)
        gcc.on_results([*lost, arrived], 1_900.0 + 300 * at)
    assert gcc.estimate_bps == NARROW_BELIEVED_PART * 200_000
    gcc.on_results([*lost, arrived], 1_500.0 + NARROW_BELIEVED_MS + 500)
    assert gcc.estimate_bps < NARROW_BELIEVED_PART * 200_000
