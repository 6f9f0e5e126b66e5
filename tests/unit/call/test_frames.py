"""Pictures into a slot: as BGRA, made smaller, the newest wins, whoever reads or does not."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from av import VideoFrame
from PIL import Image
from tests.integration.call.slots import CAPACITY_BYTES, SlotWatch
from tests.journeys.rig import counter

from teleconsole.call.frames import FrameView
from teleconsole.call.media.numbered_picture import NumberedPicture
from teleconsole.ipc.slot import FrameWriter


def wait(probe: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not probe():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_picture_arrives_as_bgra_and_not_larger_than_asked() -> None:
    watch = SlotWatch()
    writer = FrameWriter(watch.slot.fd, CAPACITY_BYTES)
    view = FrameView(writer, 640, 360)
    red = VideoFrame.from_ndarray(np.full((64, 64, 3), (255, 0, 0), np.uint8), format="rgb24").reformat(
        format="yuv420p"
    )
    view.show(red)
    wait(lambda: view.written == 1)
    watch.look()
    assert watch.info is not None
    red_green_blue = np.asarray(watch.picture(watch.info))[32, 32]
    assert red_green_blue[0] > 240
    assert red_green_blue[2] < 15
    view.show(NumberedPicture(1280, 720).draw(77))
    wait(lambda: watch.look() == 1)
    assert watch.numbers == [77]
    assert (watch.info.width_px, watch.info.height_px) == (640, 360)
    view.close()
    writer.close()
    watch.close()


class SlowWriter:
    """Takes 50 ms a picture and keeps them."""

    def __init__(self) -> None:
        self.room = bytearray(CAPACITY_BYTES)
        self.numbers: list[int | None] = []

    def begin(self) -> memoryview:
        time.sleep(0.05)
        return memoryview(self.room)

    def commit(self, pts_us: int, width_px: int, height_px: int, stride_bytes: int) -> None:
        pixels = np.frombuffer(self.room, np.uint8, stride_bytes * height_px).reshape(height_px, width_px, 4)
        self.numbers.append(counter.read(Image.fromarray(np.ascontiguousarray(pixels[..., 2::-1]))))


def test_slow_slot_costs_pictures_never_time_and_the_newest_is_shown() -> None:
    writer = SlowWriter()
    view = FrameView(writer, 1280, 720)
    picture = NumberedPicture(320, 180)
    frames = [picture.draw(number) for number in range(100)]
    started = time.monotonic()
    for frame in frames:
        view.show(frame)
    assert time.monotonic() - started < 0.05
    wait(lambda: writer.numbers[-1:] == [99])
    assert len(writer.numbers) <= 3
    view.close()
    assert "frame-view" not in [thread.name for thread in threading.enumerate()]


def test_picture_that_does_not_fit_is_dropped_and_the_next_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    writer = SlowWriter()
    writer.room = bytearray(320 * 180 * 4)
    view = FrameView(writer, 1280, 720)
    view.show(NumberedPicture(640, 360).draw(1))
    wait(lambda: "does not fit" in caplog.text)
    view.show(NumberedPicture(320, 180).draw(2))
    wait(lambda: writer.numbers == [2])
    view.close()
