"""Collects Python's cyclic garbage in Qt's thread alone.

Python collects in whatever thread happens to allocate. The console has threads of its own beside the window's (one
reads and one writes for each child, `ipc.transport`); a collection there would destroy widgets, timers and socket
notifiers outside of the thread they belong to: "Timers cannot be stopped from another thread", then a crash.
"""

import gc

from PySide6.QtCore import QObject, QTimer

from teleconsole.host.limits import GARBAGE_CHECK_MS


class GarbageCollector(QObject):
    """Takes over from Python's automatic collection, for as long as it runs.

    What is there at the start (modules, the window's classes) is set aside: it lives as long as the program and
    would make each full collection slow.

    Args:
        parent: owner.

    Thread: Qt's.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._timer = QTimer(self)
        self._timer.setInterval(GARBAGE_CHECK_MS)
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """Collect what there is, then go on in this thread alone."""
        gc.disable()
        gc.collect()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Give the collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def check(self) -> None:
        """Collect the generations that have reached Python's own thresholds."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return
