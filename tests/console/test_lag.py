"""The recorder of the event loop's lag: a stall is counted with its length, and told from a wait for the processor."""

import time
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from teleconsole.console.lag import LAG_VARIABLE, LagCounts, LagRecorder, lag_recorder

STALL_MS = 120


@pytest.fixture
def recorder(qtbot: QtBot, tmp_path: Path) -> LagRecorder:
    """A running recorder with its first ticks behind it."""
    made = LagRecorder(tmp_path / "lag.json")
    made.start()
    qtbot.waitUntil(lambda: made.counts().ticks > 5, timeout=5_000)
    return made


def _longest(counts: dict[int, int]) -> int:
    return max((value for value, count in counts.items() if count), default=0)


def _ticks_more(qtbot: QtBot, recorder: LagRecorder) -> None:
    before = recorder.counts().ticks
    qtbot.waitUntil(lambda: recorder.counts().ticks > before + 1, timeout=5_000)


def test_a_stall_that_waits_is_late_but_not_busy(qtbot: QtBot, recorder: LagRecorder) -> None:
    busy_before = _longest(recorder.counts().busy_ms)
    time.sleep(STALL_MS / 1000)
    _ticks_more(qtbot, recorder)
    counts = recorder.counts()
    assert _longest(counts.late_ms) >= STALL_MS - 10
    assert _longest(counts.busy_ms) <= max(busy_before, STALL_MS // 2)


def test_a_stall_that_works_is_late_and_busy(qtbot: QtBot, recorder: LagRecorder) -> None:
    until_s = time.thread_time() + STALL_MS / 1000
    while time.thread_time() < until_s:
        continue
    _ticks_more(qtbot, recorder)
    counts = recorder.counts()
    assert _longest(counts.late_ms) >= STALL_MS - 10
    assert _longest(counts.busy_ms) >= STALL_MS - 10


def test_the_file_holds_the_counts_and_nothing_else(qtbot: QtBot, recorder: LagRecorder, tmp_path: Path) -> None:
    recorder.write()
    first = msgspec.json.decode((tmp_path / "lag.json").read_bytes(), type=LagCounts)
    _ticks_more(qtbot, recorder)
    recorder.write()
    second = msgspec.json.decode((tmp_path / "lag.json").read_bytes(), type=LagCounts)
    assert (first.writes, second.writes) == (1, 2)
    assert second.ticks > first.ticks
    assert sum(second.late_ms.values()) == sum(second.busy_ms.values()) == second.ticks
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lag.json"]


def test_only_the_environment_switches_it_on(qtbot: QtBot, tmp_path: Path) -> None:
    owner = QObject()
    assert lag_recorder(owner, {}) is None
    assert lag_recorder(owner, {LAG_VARIABLE: str(tmp_path / "lag.json")}) is not None
