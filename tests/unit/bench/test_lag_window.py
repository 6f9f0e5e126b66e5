"""How the bench reads what the console counted: stalls keep their weight, windows hold only what happened in them."""

from tests.bench.first_light.lag_window import lag_between, percentile, spread_stalls

from teleconsole.console.lag import LagCounts


def _counts(late_ms: dict[int, int], busy_ms: dict[int, int]) -> LagCounts:
    return LagCounts(tick_ms=5, writes=1, ticks=sum(late_ms.values()), late_ms=late_ms, busy_ms=busy_ms)


def test_a_stall_brings_back_the_ticks_that_it_hid() -> None:
    assert spread_stalls({0: 10, 20: 1}, 5) == {20: 1, 15: 1, 10: 1, 5: 1, 0: 11}


def test_percentiles_weigh_a_stall_by_its_length() -> None:
    spread = spread_stalls({0: 900, 500: 1}, 5)
    assert percentile(spread, 0.50) == 0
    assert percentile(spread, 0.99) >= 450
    assert percentile({}, 0.99) == 0


def test_a_window_holds_only_what_happened_in_it() -> None:
    before = _counts({0: 100, 900: 1}, {0: 100, 700: 1})
    after = _counts({0: 300, 900: 1, 120: 2, 260: 1}, {0: 301, 700: 1, 40: 2})
    lag = lag_between(before, after, seconds=2.0)
    assert (lag.ticks, lag.max_ms, lag.longest_busy_ms) == (203, 260, 40)
    assert (lag.stalls_over_100_ms, lag.stalls_over_250_ms) == (3, 1)


def test_nothing_happened() -> None:
    counts = _counts({0: 5}, {0: 5})
    lag = lag_between(counts, counts, seconds=0.0)
    assert (lag.ticks, lag.p50_ms, lag.p99_ms, lag.max_ms, lag.longest_busy_ms) == (0, 0, 0, 0, 0)
