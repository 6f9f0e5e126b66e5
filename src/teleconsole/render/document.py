"""What every opened file can do, whatever its kind."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from teleconsole.contracts.render import Opened

Pixels = npt.NDArray[np.uint8]
"""BGRA, shape (height, width, 4), contiguous."""


class Document(Protocol):
    """An opened file. Thread: any, one call at a time."""

    @property
    def opened(self) -> Opened:
        """What the file is."""
        ...

    def draw(self, page: int, max_width_px: int, max_height_px: int) -> Pixels:
        """Return a page (0 for pictures and the first frame of a video) not larger than the box.

        Raises:
            EvidenceRefused: the page cannot be drawn.
        """
        ...

    def text(self, page: int) -> str:
        """Return the text of a page, empty where there is none."""
        ...

    def close(self) -> None:
        """Let go of memory."""
        ...


def fit(width_px: int, height_px: int, max_width_px: int, max_height_px: int) -> tuple[int, int]:
    """Return the largest size of the same shape that fits the box; never enlarged, at least 1 x 1."""
    scale = min(1.0, max_width_px / max(1, width_px), max_height_px / max(1, height_px))
    return max(1, int(width_px * scale)), max(1, int(height_px * scale))
