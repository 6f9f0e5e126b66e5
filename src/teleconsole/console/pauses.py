"""Timers that fire once after a pause."""

from PySide6.QtCore import QObject, QTimer


def single_shot(parent: QObject, interval_ms: int) -> QTimer:
    """Return a timer that fires once, `interval_ms` after its last start."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    return timer
