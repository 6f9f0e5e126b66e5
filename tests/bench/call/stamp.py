"""The number of a picture, drawn where it costs the codec little: a row of 24 cells in the upper left corner.

At 1280x720 a cell is 32 x 32 pixels, so that a quarter of the size still reads: 4 bits mark 1010, 12 bits number, 8
bits CRC-8. probe.js reads the same. (The product's own numbered pictures fill the middle, which would leave no picture
to judge.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 1280, 720
CELL_PX = 32
MARK = 0b1010
NUMBER_BITS, CRC_BITS = 12, 8
CELLS = 4 + NUMBER_BITS + CRC_BITS
BLACK, WHITE = 24, 225
_MIN_CONTRAST = 60

Luma = npt.NDArray[np.uint8]


def bits_of(number: int) -> list[int]:
    """The 24 bits of a number below 4096, most significant first."""
    body = MARK << NUMBER_BITS | number % (1 << NUMBER_BITS)
    word = body << CRC_BITS | _crc8(body.to_bytes(2, "big"))
    return [word >> shift & 1 for shift in range(CELLS - 1, -1, -1)]


def draw(luma: Luma, number: int) -> None:
    """Draw a number into a picture of 1280x720, in place."""
    for at, bit in enumerate(bits_of(number)):
        luma[:CELL_PX, at * CELL_PX : (at + 1) * CELL_PX] = WHITE if bit else BLACK


def read(picture: npt.NDArray[np.uint8]) -> int | None:
    """The number in a picture of any size with shape (height, width) or (height, width, channels); None: none."""
    height, width = picture.shape[:2]
    cell = CELL_PX * width / WIDTH
    row = picture[min(height - 1, int(cell / 2))]
    levels = row[((np.arange(CELLS) + 0.5) * cell).astype(int)].astype(np.int32)
    if levels.ndim == 2:
        levels = levels[:, 1]  # green is near enough to luma
    darkest, brightest = int(levels.min()), int(levels.max())
    if brightest - darkest < _MIN_CONTRAST:
        return None
    word = 0
    for level in levels.tolist():
        word = word << 1 | int(2 * level > darkest + brightest)
    body, crc = word >> CRC_BITS, word & ((1 << CRC_BITS) - 1)
    if body >> NUMBER_BITS != MARK or _crc8(body.to_bytes(2, "big")) != crc:
        return None
    return body & ((1 << NUMBER_BITS) - 1)


def _crc8(data: bytes) -> int:
    crc = 0x5A
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
