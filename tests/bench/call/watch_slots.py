"""`python -m tests.bench.call.watch_slots`: notes when a picture appears in the console's two frame slots.

A process of its own, so that nothing else delays the look (every 2 ms). Each line on standard input is answered with
one JSON object of all that was noted; it ends with its input.
"""

from __future__ import annotations

import argparse
import json
import select
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from tests.bench.call import clips, stamp
from tests.bench.call.quality import Pixels, psnr_of_bgra

from teleconsole.ipc.slot import FrameReader

_LOOK_S = 0.002
_JUDGE_S = 1.0


class SlotNotes:
    """One slot: the picture, its moment, its number."""

    def __init__(self, fd: int, capacity_bytes: int) -> None:
        self._reader = FrameReader(fd, capacity_bytes)
        self._pixels = bytearray(capacity_bytes)

    def look(self) -> tuple[float, int, Pixels] | None:
        """The newest picture if it was not seen before: moment, number or -1, pixels (valid until the next look)."""
        info = self._reader.take(memoryview(self._pixels))
        if info is None:
            return None
        at_s = time.time()
        rows = np.frombuffer(self._pixels, np.uint8, info.size_bytes).reshape(info.height_px, info.stride_bytes)
        picture = rows[:, : info.width_px * 4].reshape(info.height_px, info.width_px, 4)
        number = stamp.read(picture)
        return at_s, -1 if number is None else number, picture


def main() -> None:
    """Look until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remote", type=int)
    parser.add_argument("--own", type=int)
    parser.add_argument("--capacity", type=int)
    parser.add_argument("--clip", type=Path)
    options = parser.parse_args()
    remote, own = (SlotNotes(fd, options.capacity) for fd in (options.remote, options.own))
    lumas = clips.lumas(options.clip)
    captured: list[tuple[float, int]] = []
    painted: list[tuple[Any, ...]] = []
    judged_s = 0.0
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], _LOOK_S)
        if seen := own.look():
            captured.append(seen[:2])
        if seen := remote.look():
            at_s, number, picture = seen
            quality = 0.0
            if number >= 0 and at_s - judged_s > _JUDGE_S:
                quality, judged_s = psnr_of_bgra(picture, lumas[number]), at_s
            painted.append((at_s, number, picture.shape[1], picture.shape[0], quality))
        if readable:
            if not sys.stdin.readline():
                return
            sys.stdout.write(json.dumps({"captured": captured, "painted": painted}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
