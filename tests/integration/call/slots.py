"""The console's end of a frame slot, for tests: reads the numbers in the pictures."""

import os

import numpy as np
from PIL import Image
from tests.journeys.rig import counter

from teleconsole.ipc.child_args import SlotArg
from teleconsole.ipc.region import make_region
from teleconsole.ipc.slot import FrameInfo, FrameReader, region_bytes

CAPACITY_BYTES = 1280 * 720 * 4


class SlotWatch:
    """One slot and what was seen in it."""

    def __init__(self) -> None:
        self._fd = make_region(region_bytes(CAPACITY_BYTES))
        self.slot = SlotArg(self._fd, CAPACITY_BYTES)
        self._reader = FrameReader(self._fd, CAPACITY_BYTES)
        self._pixels = bytearray(CAPACITY_BYTES)
        self.numbers: list[int] = []
        self.info: FrameInfo | None = None

    def look(self) -> int:
        """Take the newest picture; return how many different numbers were read so far."""
        info = self._reader.take(memoryview(self._pixels))
        if info is not None:
            self.info = info
            number = counter.read(self.picture(info))
            if number is not None and number not in self.numbers:
                self.numbers.append(number)
        return len(self.numbers)

    def picture(self, info: FrameInfo) -> Image.Image:
        """The picture as an image."""
        rows = np.frombuffer(self._pixels, np.uint8, info.size_bytes).reshape(info.height_px, info.stride_bytes)
        bgra = rows[:, : info.width_px * 4].reshape(info.height_px, info.width_px, 4)
        return Image.fromarray(np.ascontiguousarray(bgra[..., 2::-1]))

    def close(self) -> None:
        """Unmap and close."""
        self._reader.close()
        os.close(self._fd)
