"""How late the console's event loop is: a precise timer that counts by how much each of its ticks came too late.

Off unless the environment names a file for the counts; benches and journeys switch it on. The file holds numbers
alone: never what was on the screen, who worked here, or what the loop was busy with.
"""

import os
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer

from teleconsole.host.limits import LAG_COUNTED_MS, LAG_TICK_MS

LAG_VARIABLE = "TELECONSOLE_LAG_FILE"
_NS_PER_MS = 1_000_000


class LagCounts(msgspec.Struct, frozen=True):
    """What was counted since the start of the recorder.

    Attributes:
        tick_ms: the timer's interval.
        writes: how often the counts were written, this time included.
        ticks: how often the timer fired.
        late_ms: whole milliseconds that a tick came too late, to how many ticks did.
        busy_ms: whole milliseconds of processor time that this thread took between two ticks, to how often. What is
            late but not busy was waiting for the processor, not for our code.
    """

    tick_ms: int
    writes: int
    ticks: int
    late_ms: dict[int, int]
    busy_ms: dict[int, int]


class LagRecorder(QObject):
    """Counts while it runs, in whole milliseconds up to `LAG_COUNTED_MS`; what is later is counted there.

    Args:
        file: where `write` puts the counts; its folder exists.
        parent: owner.

    Thread: Qt's.
    """

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self._writes = 0
        self._late_ms: Counter[int] = Counter()
        self._busy_ms: Counter[int] = Counter()
        self._tick_ns = self._busy_ns = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(LAG_TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin to count."""
        self._tick_ns, self._busy_ns = time.monotonic_ns(), time.thread_time_ns()
        self._timer.start()

    def counts(self) -> LagCounts:
        """Return the counts now."""
        return LagCounts(
            LAG_TICK_MS, self._writes, self._late_ms.total(), dict(self._late_ms), dict(self._busy_ms)
        )  # fmt: skip

    def write(self) -> None:
        """Write the counts, whole or not at all.

        Raises:
            OSError: the place cannot be written.
        """
        self._writes += 1
        partial = self._file.with_name(f"{self._file.name}.tmp")
        partial.write_bytes(msgspec.json.encode(self.counts()))
        partial.replace(self._file)

    def _on_tick(self) -> None:
        now_ns, busy_ns = time.monotonic_ns(), time.thread_time_ns()
        late_ms = (now_ns - self._tick_ns) // _NS_PER_MS - LAG_TICK_MS
        self._late_ms[min(max(late_ms, 0), LAG_COUNTED_MS)] += 1
        self._busy_ms[min((busy_ns - self._busy_ns) // _NS_PER_MS, LAG_COUNTED_MS)] += 1
        self._tick_ns, self._busy_ns = now_ns, busy_ns


def lag_recorder(parent: QObject, environment: Mapping[str, str] = os.environ) -> LagRecorder | None:
    """Return the recorder that the environment asks for, not started; None when it asks for none."""
    file = environment.get(LAG_VARIABLE, "")
    return LagRecorder(Path(file), parent) if file else None
