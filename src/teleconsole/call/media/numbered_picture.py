"""Pictures for a camera that is not there: colour bars, something that moves, and a number that a program can read.

The number stands in a grid of 8 x 4 black and white cells in the middle of the picture (from 20 % to 80 % of width
and height), read row by row, most significant bit first: 4 bits 1010, 20 bits number, 8 bits CRC-8 (polynomial 7,
start 0x5A). It survives codecs and scaling, so a test can tell that a picture truly arrived.
"""

import numpy as np
import numpy.typing as npt
from av import VideoFrame

COLUMNS, ROWS = 8, 4
GRID_FROM, GRID_TO = 0.2, 0.8
MARK = 0b1010
NUMBER_BITS = 20
_BLACK, _WHITE, _NEUTRAL = 16, 235, 128
_BARS = ((180, 128, 128), (162, 44, 142), (131, 156, 44), (112, 72, 58), (84, 184, 198), (65, 100, 212), (35, 212, 114))
"""Luma and chroma of SMPTE's seven bars at 75 %."""


class NumberedPicture:
    """Draws numbered pictures.

    Args:
        width: in pixels, even.
        height: in pixels, even.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._base = np.empty((height * 3 // 2, width), np.uint8)
        luma, cb, cr = self._planes(self._base)
        edges = np.linspace(0, width, len(_BARS) + 1).astype(int) // 2 * 2
        for (y, u, v), left, right in zip(_BARS, edges, edges[1:], strict=False):
            luma[:, left:right] = y
            cb[:, left // 2 : right // 2] = u
            cr[:, left // 2 : right // 2] = v
        top, bottom, left, right = (
            round(size * part) // 2 for size, part in zip((height, height, width, width), (0.2, 0.8) * 2, strict=True)
        )
        for plane in (cb, cr):
            plane[top:bottom, left:right] = _NEUTRAL

    def draw(self, number: int) -> VideoFrame:
        """Return the picture of a number, as yuv420p."""
        pixels = self._base.copy()
        luma, _, _ = self._planes(pixels)
        strip = max(2, self.height // 12)
        left = number * 4 % max(1, self.width - strip)
        luma[self.height - strip :, left : left + strip] = _WHITE
        for index, bit in enumerate(encode_number(number)):
            row, column = divmod(index, COLUMNS)
            x0, x1 = (self._edge(self.width, column + k, COLUMNS) for k in (0, 1))
            y0, y1 = (self._edge(self.height, row + k, ROWS) for k in (0, 1))
            luma[y0:y1, x0:x1] = _WHITE if bit else _BLACK
        return VideoFrame.from_ndarray(pixels, format="yuv420p")

    @staticmethod
    def _edge(size: int, cell: int, cells: int) -> int:
        return round(size * (GRID_FROM + (GRID_TO - GRID_FROM) * cell / cells))

    def _planes(self, pixels: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], ...]:
        width, height = self.width, self.height
        flat = pixels.reshape(-1)
        size, quarter = width * height, width * height // 4
        return (
            flat[:size].reshape(height, width),
            flat[size : size + quarter].reshape(height // 2, width // 2),
            flat[size + quarter :].reshape(height // 2, width // 2),
        )


def encode_number(number: int) -> list[int]:
    """Return the 32 bits of a number below 2**20, most significant first."""
    body = MARK << NUMBER_BITS | number % (1 << NUMBER_BITS)
    word = body << 8 | _crc8(body.to_bytes(3, "big"))
    return [word >> shift & 1 for shift in range(31, -1, -1)]


def _crc8(data: bytes) -> int:
    crc = 0x5A
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
