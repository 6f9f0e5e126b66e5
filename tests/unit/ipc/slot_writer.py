"""A racing writer process: `python slot_writer.py FD CAPACITY WIDTH HEIGHT HOW`.

Every frame says its number (modulo 251) in its first and last bytes; a torn one would say two. Between them it
holds zeros, so that a frame is written much faster than it is copied: in a burst the writer overtakes the reader.
"""

import os
import signal
import sys
import time

from teleconsole.ipc.slot import PIXEL_BYTES, FrameWriter

EDGE_BYTES = 64


def main(fd: int, capacity_bytes: int, width_px: int, height_px: int, how: str) -> None:
    writer = FrameWriter(fd, capacity_bytes)
    size_bytes = width_px * height_px * PIXEL_BYTES
    number = 0
    while True:
        number += 1
        pixels = writer.begin()
        fill = bytes([number % 251]) * EDGE_BYTES
        pixels[:EDGE_BYTES] = fill
        if how == "die half-way" and number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        pixels[size_bytes - EDGE_BYTES : size_bytes] = fill
        writer.commit(number, width_px, height_px, width_px * PIXEL_BYTES)
        if how == "bursts" and number % 8 == 0:
            time.sleep(0.0002)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
