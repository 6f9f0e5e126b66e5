"""How long the console's own work held its event loop: read from what `teleconsole.console.lag` has counted."""

from __future__ import annotations

from pathlib import Path

import msgspec

from teleconsole.console.lag import LAG_VARIABLE, LagCounts

__all__ = ["LAG_VARIABLE", "STALL_MS", "check_no_stall", "longest_busy_ms"]

STALL_MS = 250
"""A step of the console that takes more processor time than this is a fault; less is a matter of the benches."""


def longest_busy_ms(file: Path) -> int:
    """The most processor time that the loop's thread took between two ticks, in whole milliseconds."""
    counts = msgspec.json.decode(file.read_bytes(), type=LagCounts)
    assert counts.ticks > 0, f"the console has counted nothing: {file.name}"
    return max(counts.busy_ms)


def check_no_stall(files: list[Path]) -> None:
    """Look at the counts of each run of the console.

    What came late because other programs had the processor is not the console's work, and is not counted.

    Raises:
        AssertionError: a run left no counts, or had a step over `STALL_MS`; the message holds the numbers.
    """
    missing = [file.name for file in files if not file.exists()]
    assert not missing, f"The console ended without its counts: {missing}"
    longest = [longest_busy_ms(file) for file in files]
    assert max(longest, default=0) <= STALL_MS, (
        f"The console's event loop was busy for {max(longest)} ms in one step (allowed {STALL_MS} ms; runs: {longest})"
    )
