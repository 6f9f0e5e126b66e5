"""`python -m tests.bench.call.watch_window`: the console's own video widget on a screen, and when it has painted.

As `watch_slots`, but a remote picture counts when the widget's painting of it has ended. It also says how long painting
took. Needs DISPLAY.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication
from tests.bench.call import clips
from tests.bench.call.quality import Pixels, psnr_of_bgra
from tests.bench.call.watch_slots import SlotNotes

from teleconsole.console.call.video_view import VideoView
from teleconsole.console.ports import FramesPort
from teleconsole.console.theme.theme import Theme

_OWN_LOOK_MS = 5
_JUDGE_S = 1.0
_SIZE_PX = 1280, 720


class SlotFrames:
    """What the widget asks for pictures; remembers the number of the one that it gave."""

    def __init__(self, notes: SlotNotes) -> None:
        self._notes = notes
        self._count = 0
        self.number = -1
        self.pixels: Pixels | None = None

    def frame(self, _slot: str, _newer_than: int) -> tuple[int, QImage] | None:
        """The newest picture of the slot, if there is a newer one."""
        seen = self._notes.look()
        if seen is None:
            return None
        _, self.number, self.pixels = seen
        self._count += 1
        height, width = self.pixels.shape[:2]
        return self._count, QImage(self.pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGB32).copy()

    def forget(self, _slot: str) -> None:
        """Nothing is kept."""


class PaintedView(VideoView):
    """The console's widget, noting the end of each painting that shows a new picture."""

    def __init__(self, theme: Theme, frames: SlotFrames, clip: Path) -> None:
        super().__init__(theme, cast(FramesPort, frames), "remote", "Patient's video", "No picture yet")
        self._source = frames
        self._lumas = clips.lumas(clip)
        self._shown = 0
        self._judged_s = 0.0
        self.painted: list[tuple[Any, ...]] = []
        self.paint_ms: list[float] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as ever, then note."""
        begun_s = time.perf_counter()
        super().paintEvent(event)
        took_ms = (time.perf_counter() - begun_s) * 1e3
        at_s = time.time()
        pixels = self._source.pixels
        if self.frames_shown == self._shown or pixels is None:
            return
        self._shown = self.frames_shown
        self.paint_ms.append(took_ms)
        quality = 0.0
        if self._source.number >= 0 and at_s - self._judged_s > _JUDGE_S:
            quality, self._judged_s = psnr_of_bgra(pixels, self._lumas[self._source.number]), at_s
        self.painted.append((at_s, self._source.number, pixels.shape[1], pixels.shape[0], quality))


def main() -> None:
    """Show until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remote", type=int)
    parser.add_argument("--own", type=int)
    parser.add_argument("--capacity", type=int)
    parser.add_argument("--clip", type=Path)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    view = PaintedView(Theme(app), SlotFrames(SlotNotes(options.remote, options.capacity)), options.clip)
    view.resize(*_SIZE_PX)
    view.show()
    own = SlotNotes(options.own, options.capacity)
    captured: list[tuple[float, int]] = []

    def look() -> None:
        if seen := own.look():
            captured.append(seen[:2])

    ticking = QTimer()
    ticking.setTimerType(Qt.TimerType.PreciseTimer)
    ticking.timeout.connect(look)
    ticking.start(_OWN_LOOK_MS)

    def answer() -> None:
        if not os.read(0, 4096):
            app.quit()
            return
        paint_ms = round(statistics.median(view.paint_ms), 2) if view.paint_ms else None
        sys.stdout.write(json.dumps({"captured": captured, "painted": view.painted, "paint_ms": paint_ms}) + "\n")
        sys.stdout.flush()

    asked = QSocketNotifier(0, QSocketNotifier.Type.Read)
    asked.activated.connect(answer)
    app.exec()


if __name__ == "__main__":
    main()
