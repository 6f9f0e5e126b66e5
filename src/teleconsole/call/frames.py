"""Pictures to the console: the newest one as BGRA into shared memory.

Nothing waits for the console, nothing piles up.
"""

import logging
import threading
from typing import Protocol

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from teleconsole.call.media.cameras import fitting
from teleconsole.host.limits import CALL_CLOSE_S

_PIXEL_BYTES = 4

_log = logging.getLogger(__name__)


class Writer(Protocol):
    """`teleconsole.ipc.slot.FrameWriter`."""

    def begin(self) -> memoryview:
        """Return room for the next picture."""
        ...

    def commit(self, pts_us: int, width_px: int, height_px: int, stride_bytes: int) -> None:
        """Make it the newest."""
        ...


class FrameView:
    """Converts and writes in a thread of its own.

    Attributes:
        written: pictures so far.

    Args:
        writer: of the slot.
        max_width: larger pictures are made smaller.
        max_height: as above.
    """

    def __init__(self, writer: Writer, max_width: int, max_height: int) -> None:
        self.written = 0
        self._writer = writer
        self._bounds = max_width, max_height
        self._reformatter = VideoReformatter()
        self._waiting: VideoFrame | None = None
        self._closed = False
        self._condition = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="frame-view", daemon=True)
        self._thread.start()

    def show(self, frame: VideoFrame) -> None:
        """Write this picture soon, in place of one that waits. Returns at once. Thread: any."""
        with self._condition:
            self._waiting = frame
            self._condition.notify()

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        self._thread.join(CALL_CLOSE_S)

    def _run(self) -> None:
        while (frame := self._next()) is not None:
            try:
                self._write(frame)
            except ValueError as error:
                _log.warning("a picture was not shown: %s", error)

    def _next(self) -> VideoFrame | None:
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._waiting is not None)
            frame, self._waiting = self._waiting, None
            return None if self._closed else frame

    def _write(self, frame: VideoFrame) -> None:
        width, height = fitting(frame.width, frame.height, *self._bounds)
        picture = self._reformatter.reformat(frame, width, height, "bgra")
        plane = picture.planes[0]
        row_bytes = width * _PIXEL_BYTES
        room = self._writer.begin()
        if row_bytes * height > len(room):
            raise ValueError(f"a picture of {width} x {height} does not fit into its slot")
        source = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
        np.frombuffer(room, np.uint8, row_bytes * height).reshape(height, row_bytes)[:] = source[:, :row_bytes]
        self._writer.commit(max(0, int((frame.time or 0.0) * 1e6)), width, height, row_bytes)
        self.written += 1
