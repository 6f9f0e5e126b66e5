"""A link that becomes narrow is noticed by what arrives; loss, bursts, pauses and outages are none."""

import random
from collections.abc import Iterator

import pytest

from teleconsole.call.webrtc.arrivals.narrowing import Narrowing, RateRequests, Width
from teleconsole.host.media_limits import NARROW_ASK_EVERY_MS, NARROW_ASKED_PART, NARROW_HOLD_MS, NARROW_RELEASES

BYTES = 1_100
QUEUE_MS = 300.0
MOST_BPS = 3_000_000

Sent = Iterator[tuple[float, int]]


def sent(rate_bps: float, from_ms: float, to_ms: float, first: int = 0) -> list[tuple[float, int]]:
    """When each packet leaves, and its number."""
    every_ms = BYTES * 8000 / rate_bps
    return [(from_ms + at * every_ms, first + at) for at in range(int((to_ms - from_ms) / every_ms))]


def through(packets: list[tuple[float, int]], width_bps: float) -> list[tuple[float, int]]:
    """What arrives over a link with a queue of 300 ms that drops what has no room."""
    free_ms, arrived = 0.0, []
    for at_ms, number in packets:
        begins_ms = max(at_ms, free_ms)
        if begins_ms - at_ms <= QUEUE_MS:
            free_ms = begins_ms + BYTES * 8000 / width_bps
            arrived.append((free_ms, number))
    return arrived


def said(narrowing: Narrowing, arrived: list[tuple[float, int]]) -> list[tuple[float, Width]]:
    return [(at_ms, width) for at_ms, number in arrived if (width := narrowing.add(number, BYTES, at_ms))]


@pytest.mark.parametrize(("width_bps", "within_ms"), [(60_000, 1_100), (200_000, 670), (500_000, 670)])
def test_a_link_that_becomes_narrow_is_noticed_soon(width_bps: float, within_ms: float) -> None:
    narrowing = Narrowing()
    wide = sent(2_700_000, 0, 2_000)
    assert said(narrowing, wide) == []
    rest = through(sent(2_700_000, 2_000, 4_000, len(wide)), width_bps)
    events = said(narrowing, rest)
    at_ms, first = events[0]
    assert first == "narrowed"
    assert at_ms - 2_000 < within_ms
    assert {width for _, width in events[1:]} == {"overrun"}
    assert narrowing.width_bps == pytest.approx(width_bps, rel=0.25)


def test_it_ends_when_nothing_was_lost_for_a_while() -> None:
    narrowing = Narrowing()
    wide = sent(2_700_000, 0, 2_000)
    said(narrowing, wide)
    flood = sent(2_700_000, 2_000, 3_000, len(wide))
    said(narrowing, through(flood, 200_000))
    assert narrowing.width_bps > 0
    calm = sent(150_000, 3_400, 3_400 + NARROW_HOLD_MS - 100, flood[-1][1] + 1)
    said(narrowing, calm)
    assert narrowing.width_bps > 0
    assert said(narrowing, sent(150_000, calm[-1][0] + 60, calm[-1][0] + 1_500, calm[-1][1] + 1)) == []
    assert narrowing.width_bps == 0


@pytest.mark.parametrize(("part", "burst"), [(0.05, 1), (0.10, 1), (0.10, 8), (0.30, 1)])
def test_loss_on_the_way_is_none(part: float, burst: int) -> None:
    rng = random.Random(5)  # noqa: S311 -- has to be repeatable, not secret
    narrowing, is_bad = Narrowing(), False
    for at_ms, number in sent(2_700_000, 0, 120_000):
        is_bad = rng.random() >= 1 / burst if is_bad else rng.random() < part / burst / (1 - part)
        if not is_bad:
            assert narrowing.add(number, BYTES, at_ms) == ""


@pytest.mark.parametrize("dark_ms", [100, 300, 2_000])
def test_an_outage_is_none(dark_ms: float) -> None:
    packets = sent(2_700_000, 0, 8_000)
    seen = [(at_ms, number) for at_ms, number in packets if not 3_000 <= at_ms < 3_000 + dark_ms]
    assert said(Narrowing(), seen) == []


def test_a_sender_that_sends_less_is_none() -> None:
    packets = sent(2_700_000, 0, 2_000)
    packets += sent(50_000, 2_000, 5_000, len(packets))
    assert said(Narrowing(), packets) == []


def test_less_is_asked_for_again_and_again_and_then_taken_back() -> None:
    requests, now_ms = RateRequests(MOST_BPS), 1_000.0
    assert requests.due_bps(0.0, now_ms) is None
    assert requests.due_bps(200_000, now_ms) == int(NARROW_ASKED_PART * 200_000)
    assert requests.due_bps(200_000, now_ms + NARROW_ASK_EVERY_MS / 2) is None
    assert requests.due_bps(180_000, now_ms + NARROW_ASK_EVERY_MS) == int(NARROW_ASKED_PART * 180_000)
    asked = [requests.due_bps(0.0, now_ms + at * NARROW_ASK_EVERY_MS) for at in range(2, 2 * NARROW_RELEASES)]
    assert asked == [MOST_BPS] * NARROW_RELEASES + [None] * (NARROW_RELEASES - 2)
