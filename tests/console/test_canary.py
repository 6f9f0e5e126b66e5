"""PySide6 6.12.0 loses a reference to None at each `killTimer` on Python 3.11 and older: qasync dies in seconds."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

TURNS = 2_000


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal there")
def test_kill_timer_keeps_the_references_to_none(qapp: QApplication) -> None:
    timer_owner = QObject()
    before = sys.getrefcount(None)
    for _ in range(TURNS):
        timer_owner.killTimer(timer_owner.startTimer(1_000_000))
    assert abs(sys.getrefcount(None) - before) < TURNS // 2
