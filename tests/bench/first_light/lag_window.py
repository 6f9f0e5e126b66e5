"""The console's lag between two moments: counts asked for by a signal, read from a file, subtracted."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
from tests.bench.first_light.results import Lag
from tests.journeys.rig.process import Program
from tests.journeys.rig.waiting import wait_until

from teleconsole.console.lag import LagCounts

WRITTEN_WITHIN_S = 10.0


class LagWindow:
    """Measures from its making to `figures`; the program was started with the file in its environment."""

    def __init__(self, program: Program, file: Path) -> None:
        self._program = program
        self._file = file
        self._begun_s = time.monotonic()
        self._before = self._counts_now()

    def figures(self) -> Lag:
        """What happened since the beginning."""
        after = self._counts_now()
        return lag_between(self._before, after, seconds=time.monotonic() - self._begun_s)

    def _counts_now(self) -> LagCounts:
        written = self._read()
        self._program.kill(signal.SIGUSR1)
        return wait_until(
            lambda: counts if (counts := self._read()) is not None and counts != written else None,
            "the console writes its lag counts",
            within_s=WRITTEN_WITHIN_S,
            seen=self._program.diagnosis,
        )

    def _read(self) -> LagCounts | None:
        if not self._file.exists():
            return None
        return msgspec.json.decode(self._file.read_bytes(), type=LagCounts)


def lag_between(before: LagCounts, after: LagCounts, *, seconds: float) -> Lag:
    """The figures of what was counted between two readings."""
    late = Counter(after.late_ms)
    late.subtract(before.late_ms)
    busy = Counter(after.busy_ms)
    busy.subtract(before.busy_ms)
    spread = spread_stalls(late, after.tick_ms)
    return Lag(
        seconds=seconds,
        ticks=after.ticks - before.ticks,
        p50_ms=percentile(spread, 0.50),
        p99_ms=percentile(spread, 0.99),
        max_ms=_longest(late),
        longest_busy_ms=_longest(busy),
        stalls_over_100_ms=sum(count for value, count in late.items() if value > 100),
        stalls_over_250_ms=sum(count for value, count in late.items() if value > 250),
    )


def spread_stalls(late_ms: Mapping[int, int], tick_ms: int) -> dict[int, int]:
    """Counts with the ticks that a stall left out: one that came 20 ms late hides those 15, 10, 5 and 0 ms late."""
    spread: Counter[int] = Counter()
    for value, count in late_ms.items():
        for hidden in range(value, -1, -tick_ms):
            spread[hidden] += count
    return spread


def percentile(counts: Mapping[int, int], fraction: float) -> int:
    """The smallest value that at least this part of all counts does not exceed; 0 of nothing."""
    total = sum(counts.values())
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= fraction * total:
            return value
    return 0


def _longest(counts: Mapping[int, int]) -> int:
    return max((value for value, count in counts.items() if count > 0), default=0)
