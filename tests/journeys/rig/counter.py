"""Did the picture truly arrive? A number drawn so that it survives a codec, scaling, bars and a crop at the edges.

The middle of the picture holds a grid of 8 x 4 black and white cells (`GRID`), read row by row, most significant bit
first: 4 bits fixed, 20 bits number, 8 bits checksum. The rest is a colour ramp that moves with the number, so that
the codec has work to do. counter.js is the same for a page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

COLUMNS, ROWS = 8, 4
GRID = (0.2, 0.2, 0.8, 0.8)
"""Left, top, right and bottom of the grid as fractions of the picture."""
MARK = 0b1010
NUMBER_BITS = 20
CRC_POLYNOMIAL = 0x07
CRC_START = 0x5A
MIN_CONTRAST = 60
ASPECT = 16 / 9

Frame = npt.NDArray[np.uint8]


def encode(number: int) -> list[int]:
    """The 32 bits of a number below 2**20, most significant first."""
    number %= 1 << NUMBER_BITS
    body = MARK << NUMBER_BITS | number
    word = body << 8 | _crc8(body.to_bytes(3, "big"))
    return [word >> shift & 1 for shift in range(31, -1, -1)]


def decode(bits: list[int]) -> int | None:
    """The number of 32 bits, or None if mark or checksum do not fit."""
    word = 0
    for bit in bits:
        word = word << 1 | bit
    body, crc = word >> 8, word & 0xFF
    if body >> NUMBER_BITS != MARK or _crc8(body.to_bytes(3, "big")) != crc:
        return None
    return body & ((1 << NUMBER_BITS) - 1)


def draw_rgb(number: int, width: int = 640, height: int = 360) -> Frame:
    """The picture of a number, shape (height, width, 3)."""
    across = (np.arange(width) * 256 // width + number * 4) % 256
    down = np.arange(height) * 256 // height
    frame = np.empty((height, width, 3), np.uint8)
    frame[..., 0] = 64 + across[None, :] // 2
    frame[..., 1] = 64 + down[:, None] // 2
    frame[..., 2] = 128
    left, top, right, bottom = GRID
    for index, bit in enumerate(encode(number)):
        row, column = divmod(index, COLUMNS)
        x0, x1 = (round(width * (left + (right - left) * (column + k) / COLUMNS)) for k in (0, 1))
        y0, y1 = (round(height * (top + (bottom - top) * (row + k) / ROWS)) for k in (0, 1))
        frame[y0:y1, x0:x1] = 235 if bit else 16
    return frame


def draw_i420(number: int, width: int = 640, height: int = 360) -> Frame:
    """The same as I420 (BT.601): shape (height * 3 // 2, width), as av.VideoFrame.from_ndarray takes it."""
    ycbcr = np.asarray(Image.fromarray(draw_rgb(number, width, height)).convert("YCbCr"))
    luma = 16 + ycbcr[..., 0].astype(np.uint16) * 219 // 255
    chroma = ycbcr[::2, ::2, 1:].astype(np.uint8)
    planes = [luma.astype(np.uint8).ravel(), chroma[..., 0].ravel(), chroma[..., 1].ravel()]
    return np.concatenate(planes).reshape(height * 3 // 2, width)


def read(picture: Image.Image, *, mirrored: bool = False) -> int | None:
    """The number shown in an image of the whole picture, or None.

    Tried in turn: the image is the picture; the picture (16:9) is fitted into it with bars; the picture fills it and
    is cropped; black bars are cut off. So a screenshot of a video view can be given as it is.
    """
    grey = np.asarray(picture.convert("L"), np.float32)
    if mirrored:
        grey = grey[:, ::-1]
    for box in _candidate_boxes(grey):
        number = _read_box(grey, box)
        if number is not None:
            return number
    return None


def write_mjpeg(path: Path, frames: int, *, width: int = 640, height: int = 360, first: int = 0) -> Path:
    """Write numbers `first`, `first`+1, … as JPEGs one after another: a camera for Chromium (30 a second)."""
    with path.open("wb") as file:
        for number in range(first, first + frames):
            buffer = io.BytesIO()
            Image.fromarray(draw_rgb(number, width, height)).save(buffer, "JPEG", quality=80)
            file.write(buffer.getvalue())
    return path


def write_y4m(
    path: Path, frames: int, *, width: int = 640, height: int = 360, frames_per_s: int = 15, first: int = 0
) -> Path:
    """Write numbers as YUV4MPEG2 (345,600 bytes a frame at 640x360): a camera for Chromium or for `file:` devices."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{frames_per_s}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(first, first + frames):
            file.write(b"FRAME\n")
            file.write(draw_i420(number, width, height).tobytes())
    return path


def javascript() -> str:
    """The page's side (counter.js): an expression whose value is {draw, read, stream}; for `page.evaluate`."""
    return f"({Path(__file__).with_name('counter.js').read_text()})"


Box = tuple[float, float, float, float]


def _candidate_boxes(grey: npt.NDArray[np.float32]) -> Iterator[Box]:
    height, width = grey.shape
    yield 0, 0, width, height
    for w, h in ((width, width / ASPECT), (height * ASPECT, height)):  # one fits inside, the other covers
        yield (width - w) / 2, (height - h) / 2, w, h
    bright_columns = np.flatnonzero(grey.max(axis=0) > 48)
    bright_rows = np.flatnonzero(grey.max(axis=1) > 48)
    if bright_columns.size and bright_rows.size:
        x, y = float(bright_columns[0]), float(bright_rows[0])
        yield x, y, float(bright_columns[-1]) + 1 - x, float(bright_rows[-1]) + 1 - y


def _read_box(grey: npt.NDArray[np.float32], box: Box) -> int | None:
    x, y, w, h = box
    left, top, right, bottom = GRID
    cell_w, cell_h = w * (right - left) / COLUMNS, h * (bottom - top) / ROWS
    levels = []
    for index in range(COLUMNS * ROWS):
        row, column = divmod(index, COLUMNS)
        centre_x = x + w * left + (column + 0.5) * cell_w
        centre_y = y + h * top + (row + 0.5) * cell_h
        patch = grey[
            max(0, int(centre_y - cell_h / 4)) : int(centre_y + cell_h / 4) + 1,
            max(0, int(centre_x - cell_w / 4)) : int(centre_x + cell_w / 4) + 1,
        ]
        if patch.size == 0:
            return None
        levels.append(float(patch.mean()))
    darkest, brightest = min(levels), max(levels)
    if brightest - darkest < MIN_CONTRAST:
        return None
    middle = (darkest + brightest) / 2
    return decode([int(level > middle) for level in levels])


def _crc8(data: bytes) -> int:
    crc = CRC_START
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ CRC_POLYNOMIAL) & 0xFF if crc & 0x80 else crc << 1
    return crc
