"""Frames through shared memory, with a writer process that races, dies and lies."""

import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.ipc.slot_writer import EDGE_BYTES

from teleconsole.host.limits import SLOT_BYTES
from teleconsole.ipc.errors import FrameRefused
from teleconsole.ipc.slot import FrameInfo, FrameSlot, FrameWriter, region_bytes

WIDTH_PX, HEIGHT_PX = 640, 360
STRIDE_BYTES = WIDTH_PX * 4
SIZE_BYTES = STRIDE_BYTES * HEIGHT_PX


@pytest.fixture
def slot() -> Iterator[FrameSlot]:
    made = FrameSlot(SIZE_BYTES)
    yield made
    made.close()


@pytest.fixture
def writer(slot: FrameSlot) -> Iterator[FrameWriter]:
    made = FrameWriter(slot.fd, slot.capacity_bytes)
    yield made
    made.close()


@pytest.fixture
def into() -> memoryview:
    return memoryview(bytearray(SIZE_BYTES))


def run_writer(slot: FrameSlot, how: str) -> "subprocess.Popen[bytes]":
    numbers = map(str, (slot.fd, slot.capacity_bytes, WIDTH_PX, HEIGHT_PX))
    script = str(Path(__file__).with_name("slot_writer.py"))
    return subprocess.Popen([sys.executable, script, *numbers, how], pass_fds=[slot.fd])


def edged(number: int) -> bytes:
    """The pixels of the writer process."""
    edge = bytes([number % 251]) * EDGE_BYTES
    return edge + bytes(SIZE_BYTES - 2 * EDGE_BYTES) + edge


def write(writer: FrameWriter, fill: int, pts_us: int = 0) -> None:
    writer.begin()[:] = bytes([fill]) * SIZE_BYTES
    writer.commit(pts_us, WIDTH_PX, HEIGHT_PX, STRIDE_BYTES)


def test_the_latest_frame_wins_and_is_taken_once(slot: FrameSlot, writer: FrameWriter, into: memoryview) -> None:
    assert slot.reader.take(into) is None
    for fill in range(1, 6):
        write(writer, fill, pts_us=fill * 33_333)
    assert slot.reader.take(into) == FrameInfo(5, 5 * 33_333, WIDTH_PX, HEIGHT_PX, STRIDE_BYTES)
    assert bytes(into) == b"\x05" * SIZE_BYTES
    assert slot.reader.take(into) is None


def test_a_wiped_slot_has_no_pixel_left_and_takes_the_next_frames(
    slot: FrameSlot, writer: FrameWriter, into: memoryview
) -> None:
    for fill in (1, 2, 3, 4):
        write(writer, fill)
    writer.begin()[:] = b"\xff" * SIZE_BYTES
    slot.wipe()
    header = region_bytes(SIZE_BYTES) - 3 * -(-SIZE_BYTES // mmap.PAGESIZE) * mmap.PAGESIZE
    pixels = os.pread(slot.fd, region_bytes(SIZE_BYTES), header)
    assert len(pixels) >= 3 * SIZE_BYTES
    assert not any(pixels)
    assert slot.reader.take(into) is None
    with_next_child = FrameWriter(slot.fd, slot.capacity_bytes)
    write(with_next_child, 5)
    with_next_child.close()
    assert slot.reader.take(into) == FrameInfo(5, 0, WIDTH_PX, HEIGHT_PX, STRIDE_BYTES)
    assert bytes(into) == b"\x05" * SIZE_BYTES


def test_a_smaller_frame_with_wide_rows(slot: FrameSlot, writer: FrameWriter, into: memoryview) -> None:
    writer.begin()[: 128 * 10] = bytes(range(128)) * 10
    writer.commit(7, 20, 10, 128)
    info = slot.reader.take(into)
    assert info == FrameInfo(1, 7, 20, 10, 128)
    assert bytes(into[: info.size_bytes]) == bytes(range(128)) * 10


def test_what_is_begun_and_not_committed_hides_nothing(slot: FrameSlot, writer: FrameWriter, into: memoryview) -> None:
    write(writer, 1)
    writer.begin()[:] = b"\xff" * SIZE_BYTES
    assert slot.reader.take(into) is not None
    assert bytes(into) == b"\x01" * SIZE_BYTES
    write(writer, 2)
    assert slot.reader.take(into) is not None
    assert bytes(into) == b"\x02" * SIZE_BYTES


def test_no_frame_is_torn_while_a_process_writes_at_full_speed(slot: FrameSlot, into: memoryview) -> None:
    process = run_writer(slot, "bursts")
    try:
        seen: list[int] = []
        deadline_s = time.monotonic() + 20
        while len(seen) < 1000:
            assert time.monotonic() < deadline_s
            info = slot.reader.take(into)
            if info is None:
                continue
            assert bytes(into) == edged(info.pts_us)
            seen.append(info.pts_us)
        assert seen == sorted(set(seen)), "never an older one, never twice"
    finally:
        process.kill()
        process.wait()


def test_a_writer_killed_half_way_leaves_a_whole_frame_and_its_successor_goes_on(
    slot: FrameSlot, into: memoryview
) -> None:
    for life in range(1, 4):
        assert run_writer(slot, "die half-way").wait() == -signal.SIGKILL
        info = slot.reader.take(into)
        assert info is not None
        assert info.number == 2 * life
        assert bytes(into) == edged(2)


LIES = {
    "too wide": (2, 100_000, HEIGHT_PX, STRIDE_BYTES),
    "no height": (2, WIDTH_PX, 0, STRIDE_BYTES),
    "rows too short": (2, WIDTH_PX, HEIGHT_PX, STRIDE_BYTES - 1),
    "more than the capacity": (2, WIDTH_PX, HEIGHT_PX + 1, STRIDE_BYTES),
    "an endless row": (2, WIDTH_PX, HEIGHT_PX, (1 << 64) - 1),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_header_that_lies_is_refused(
    slot: FrameSlot, writer: FrameWriter, into: memoryview, lie: tuple[int, int, int, int]
) -> None:
    write(writer, 1)
    with mmap.mmap(slot.fd, 4096) as header, memoryview(header).cast("Q") as words:
        _, width_px, height_px, stride_bytes = lie
        words[16 + 3 : 16 + 6] = memoryview(bytearray(24)).cast("Q")
        words[16 + 3], words[16 + 4], words[16 + 5] = width_px, height_px, stride_bytes
    with pytest.raises(FrameRefused):
        slot.reader.take(into)


def test_a_writer_that_never_finishes_or_counts_wildly_cannot_hold_the_reader(
    slot: FrameSlot, writer: FrameWriter, into: memoryview
) -> None:
    write(writer, 1)
    with mmap.mmap(slot.fd, 4096) as header, memoryview(header).cast("Q") as words:
        words[16] |= 1
        assert slot.reader.take(into) is None
        words[0] = (1 << 64) - 1
        words[8] = 1  # the slot that this number points to is being written, for ever
        assert slot.reader.take(into) is None


def test_a_frame_that_does_not_fit_the_buffer_is_refused(slot: FrameSlot, writer: FrameWriter) -> None:
    write(writer, 1)
    with pytest.raises(FrameRefused, match="does not fit"):
        slot.reader.take(memoryview(bytearray(SIZE_BYTES - 1)))


def test_the_writer_refuses_its_own_mistakes(slot: FrameSlot, writer: FrameWriter, into: memoryview) -> None:
    with pytest.raises(RuntimeError):
        writer.commit(0, WIDTH_PX, HEIGHT_PX, STRIDE_BYTES)
    writer.begin()
    with pytest.raises(ValueError, match="too short"):
        writer.commit(0, WIDTH_PX, HEIGHT_PX, 4)
    with pytest.raises(ValueError, match="negative"):
        writer.commit(-1, WIDTH_PX, HEIGHT_PX, STRIDE_BYTES)
    assert slot.reader.take(into) is None


@pytest.mark.skipif(sys.platform != "linux", reason="seals are Linux's")
def test_nobody_can_change_the_size_of_the_region(slot: FrameSlot) -> None:
    for size_bytes in (0, region_bytes(SIZE_BYTES) * 2):
        with pytest.raises(PermissionError):
            os.ftruncate(slot.fd, size_bytes)


def test_a_region_smaller_than_announced_is_refused(slot: FrameSlot) -> None:
    with pytest.raises(ValueError, match="smaller"):
        FrameWriter(slot.fd, slot.capacity_bytes * 2)
    for capacity_bytes in (0, SLOT_BYTES + 1):
        with pytest.raises(ValueError):
            FrameSlot(capacity_bytes)
