"""How late this machine wakes a thread that asked for 10 ms: what delays it delays the call as well."""

from __future__ import annotations

import threading
import time

PERIOD_S = 0.01


class LateMachine:
    """A thread that sleeps and looks how late it was woken; close it.

    Attributes:
        worst_ms: (Unix time in whole seconds, the latest waking in it), for each second so far.
    """

    def __init__(self) -> None:
        self.worst_ms: dict[int, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="late-machine", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        before_s = time.monotonic()
        while not self._stopping.wait(PERIOD_S):
            now_s = time.monotonic()
            late_ms = (now_s - before_s - PERIOD_S) * 1e3
            second = int(time.time())
            self.worst_ms[second] = max(self.worst_ms.get(second, 0.0), round(late_ms, 1))
            before_s = now_s

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(2)
