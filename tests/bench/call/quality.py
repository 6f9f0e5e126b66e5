"""How much a received picture is like the one of the clip: PSNR of luma, the same sum as in probe.js."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from tests.bench.call.stamp import HEIGHT, WIDTH

_STEP = 4
_ROWS = np.arange(34, HEIGHT, _STEP)
_COLUMNS = np.arange(2, WIDTH, _STEP)
_BT601 = np.array([24.966, 128.553, 65.481], np.float32) / 255
"""Luma of BGR, limited range."""

Pixels = npt.NDArray[np.uint8]


def psnr_of_bgra(picture: Pixels, luma: Pixels) -> float:
    """PSNR in dB on a grid of every fourth pixel; the picture is scaled up to the clip's size.

    Args:
        picture: shape (height, width, 4).
        luma: of the clip, shape (720, 1280).
    """
    height, width = picture.shape[:2]
    y0, fy = _places(_ROWS, height, HEIGHT)
    x0, fx = _places(_COLUMNS, width, WIDTH)
    top = _luma(picture[y0][:, x0]) * (1 - fx) + _luma(picture[y0][:, x0 + 1]) * fx
    bottom = _luma(picture[y0 + 1][:, x0]) * (1 - fx) + _luma(picture[y0 + 1][:, x0 + 1]) * fx
    received = top * (1 - fy[:, None]) + bottom * fy[:, None]
    off = received - luma[_ROWS][:, _COLUMNS]
    return float(10 * np.log10(65025 / max(float((off**2).mean()), 1e-3)))


def _places(at: npt.NDArray[np.int_], size: int, of: int) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.float32]]:
    place = np.clip((at + 0.5) * size / of - 0.5, 0, size - 1.001)
    first = place.astype(int)
    return first, (place - first).astype(np.float32)


def _luma(pixels: Pixels) -> npt.NDArray[np.float32]:
    return np.asarray(16 + pixels[..., :3].astype(np.float32) @ _BT601, np.float32)
