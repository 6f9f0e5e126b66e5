"""A racing writer process: `python slot_writer.py FD CAPACITY WIDTH HEIGHT HOW`.

Every frame is filled with one byte, its number; a torn one would show two.
"""

import os
import signal
import sys

from teleconsole.ipc.slot import PIXEL_BYTES, FrameWriter


def main(fd: int, capacity_bytes: int, width_px: int, height_px: int, how: str) -> None:
    writer = FrameWriter(fd, capacity_bytes)
    size_bytes = width_px * height_px * PIXEL_BYTES
    number = 0
    while True:
        number += 1
        pixels = writer.begin()
        half = size_bytes // 2
        fill = bytes([number % 251])
        pixels[:half] = fill * half
        if how == "die half-way" and number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        pixels[half:size_bytes] = fill * (size_bytes - half)
        writer.commit(number, width_px, height_px, width_px * PIXEL_BYTES)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:5]), sys.argv[5])  # type: ignore[arg-type] # four numbers and a word
