"""What the cameras show: three clips of 1280x720 at 30 a second, made by calculation, the same on every machine.

`head`: a talking head before a room; `skin`: a close-up with pores, hairs and a mole, breathing; `hand`: a hand that
waves fast. All with the noise of a sensor, looped without a jump, each picture numbered (`stamp`). They are kept in
the temporary folder for the next run (about 166 MB each).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tests.bench.call import stamp
from tests.bench.call.stamp import HEIGHT, WIDTH

FRAMES = 120
FRAMES_PER_S = 30
FRAME_BYTES = WIDTH * HEIGHT * 3 // 2
VERSION = 1
_NOISE = 1.6
_HEADER = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode()
FRAME_HEADER = b"FRAME\n"

Plane = npt.NDArray[np.float32]
Picture = tuple[Plane, Plane, Plane]
Scene = Callable[[float], Picture]


def clip(name: str) -> Path:
    """The Y4M file of a clip, made if it is not there yet.

    Args:
        name: "head", "skin" or "hand".
    """
    folder = Path(tempfile.gettempdir()) / f"teleconsole-bench-clips-{VERSION}"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.y4m"
    if not path.exists():
        unfinished = folder / f"{name}.{os.getpid()}"
        with unfinished.open("wb") as file:
            file.write(_HEADER)
            for picture in _frames(SCENES[name]()):
                file.write(FRAME_HEADER)
                file.write(picture)
        unfinished.rename(path)
    return path


def lumas(path: Path) -> npt.NDArray[np.uint8]:
    """The luma of every picture of a clip, shape (FRAMES, 720, 1280), mapped from its file."""
    stride = FRAME_BYTES + len(FRAME_HEADER)
    raw = np.memmap(path, np.uint8, "r", offset=len(_HEADER)).reshape(FRAMES, stride)
    return raw[:, len(FRAME_HEADER) : len(FRAME_HEADER) + WIDTH * HEIGHT].reshape(FRAMES, HEIGHT, WIDTH)


def header_bytes() -> int:
    """How many bytes stand before the first picture."""
    return len(_HEADER)


def _frames(scene: Scene) -> Iterator[bytes]:
    chance = np.random.default_rng(7)
    for number in range(FRAMES):
        luma, cb, cr = scene(2 * np.pi * number / FRAMES)
        noisy = luma + chance.normal(0, _NOISE, luma.shape).astype(np.float32)
        y = np.clip(noisy, 16, 235).astype(np.uint8)
        stamp.draw(y, number)
        yield b"".join(np.clip(plane, 16, 240).astype(np.uint8).tobytes() for plane in (y, cb, cr))


def _grid() -> tuple[Plane, Plane]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return x, y


def _texture(seed: int, scale_px: int, strength: float) -> Plane:
    """Noise with spots of about this size, smooth between them."""
    chance = np.random.default_rng(seed)
    small = chance.normal(0, strength, (HEIGHT // scale_px + 2, WIDTH // scale_px + 2)).astype(np.float32)
    rows = np.linspace(0, small.shape[0] - 1.001, HEIGHT)
    columns = np.linspace(0, small.shape[1] - 1.001, WIDTH)
    r, c = rows.astype(int), columns.astype(int)
    fr, fc = (rows - r).astype(np.float32)[:, None], (columns - c).astype(np.float32)[None, :]
    top = small[r][:, c] * (1 - fc) + small[r][:, c + 1] * fc
    bottom = small[r + 1][:, c] * (1 - fc) + small[r + 1][:, c + 1] * fc
    return np.asarray(top * (1 - fr) + bottom * fr, np.float32)


def _ellipse(x: Plane, y: Plane, at: tuple[float, float], radii: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return ((x - at[0]) / radii[0]) ** 2 + ((y - at[1]) / radii[1]) ** 2 < 1


def _half(plane: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return plane[::2, ::2]


def _head() -> Scene:
    x, y = _grid()
    room = 110 + 30 * np.sin(x / 170) + 22 * np.cos(y / 90) + 16 * np.sin((x + y) / 23) * (x > 850) + _texture(1, 2, 4)
    cb = 128 + 10 * np.sin(x[::2, ::2] / 200)
    cr = 128 + 8 * np.cos(y[::2, ::2] / 150)

    def draw(t: float) -> Picture:
        cx, cy = 640 + 40 * np.sin(t), 340 + 14 * np.sin(2 * t)
        face = _ellipse(x, y, (cx, cy), (190, 250))
        luma = np.where(face, 165 + 20 * np.cos((x - cx) / 30) * np.sin((y - cy) / 26) + 8 * np.sin((x - cx) / 7), room)
        luma = np.where(_ellipse(x, y, (cx, cy + 110), (60, 8 + 16 * abs(np.sin(16 * t)))), 50, luma)
        for side in (-70, 70):
            eye = _ellipse(x, y, (cx + side, cy - 60), (28, 3 + 12 * float(abs(np.sin(3 * t)) > 0.15)))
            luma = np.where(eye, 40, luma)
        body = (y > 560) & (abs(x - cx * 0.6 - 256) < 330 + (y - 560) * 0.5) & ~face
        luma = np.where(body, 80 + 15 * np.sin(x / 11), luma)
        skin = _half(face)
        return luma, np.where(skin, 112, cb), np.where(skin, 150, cr)

    return draw


def _skin() -> Scene:
    fine = _texture(2, 2, 7) + _texture(3, 5, 6) + _texture(4, 60, 10)
    chance = np.random.default_rng(5)
    hairs = np.zeros((HEIGHT, WIDTH), np.float32)
    for x0, y0, slope in zip(
        chance.integers(0, WIDTH - 60, 90), chance.integers(0, HEIGHT - 60, 90), chance.uniform(-1, 1, 90), strict=True
    ):
        along = np.arange(60)
        hairs[np.clip(y0 + (along * slope).astype(int), 0, HEIGHT - 1), x0 + along] = -45
    still = 150 + fine + hairs
    x, y = _grid()

    def draw(t: float) -> Picture:
        shift = round(6 * np.sin(t)), round(9 * np.sin(2 * t))  # breathing, and a hand-held camera
        luma = np.roll(still, shift, (0, 1))
        mole = _ellipse(x, y, (700 + shift[1], 380 + shift[0]), (95, 70))
        luma = np.where(mole, luma - 70 + 12 * np.sin(x / 5) * np.sin(y / 6), luma)
        half = _half(mole)
        return luma, np.where(half, 118, 110).astype(np.float32), np.where(half, 142, 152).astype(np.float32)

    return draw


def _hand() -> Scene:
    x, y = _grid()
    room = 120 + 20 * np.sin(x / 60) * np.cos(y / 45) + _texture(6, 3, 5)

    def draw(t: float) -> Picture:
        cx, cy = 640 + 330 * np.sin(6 * t), 420 + 80 * np.sin(12 * t)  # 1.5 waves a second
        lean = 0.5 * np.sin(6 * t + 1)
        hand = _ellipse(x, y, (cx, cy), (120, 130))
        for finger in range(5):
            angle = lean + (finger - 2) * 0.3
            for part in range(1, 5):
                at = cx + np.sin(angle) * (90 + 45 * part), cy - np.cos(angle) * (90 + 45 * part)
                hand |= _ellipse(x, y, at, (34 - 3 * part, 34 - 3 * part))
        luma = np.where(hand, 170 + 14 * np.sin((x - cx) / 9) * np.cos((y - cy) / 13), room)
        skin = _half(hand)
        return luma, np.where(skin, 112, 126).astype(np.float32), np.where(skin, 152, 130).astype(np.float32)

    return draw


SCENES: dict[str, Callable[[], Scene]] = {"head": _head, "skin": _skin, "hand": _hand}
