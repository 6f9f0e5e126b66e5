"""One stream of pictures through shared memory: three slots, latest wins, nothing torn, nothing left behind.

Layout: a page of header, then three rooms of `capacity_bytes` (rounded up to pages). The header is an array of
64-bit words: word 0 holds the number of the newest frame; slot i has a line of eight words from word 8 * (i + 1):
sequence (odd while it is written), number, presentation time (us), width, height (px), stride (bytes).
The writer never touches the newest slot; the reader copies and then looks whether the sequence is still the same.
Pixels are BGRA, four bytes each, rows `stride_bytes` apart. One writer and one reader.

See: the seqlock of Linux (docs.kernel.org/locking/seqlock.html).
"""

import mmap
import os
import sys
import threading
from typing import NamedTuple

from teleconsole.host.limits import SLOT_BYTES, SLOT_HEIGHT_PX, SLOT_TAKE_TRIES, SLOT_WIDTH_PX
from teleconsole.ipc.child_args import SlotArg
from teleconsole.ipc.errors import FrameRefused
from teleconsole.ipc.region import make_region

PIXEL_BYTES = 4
SLOTS = 3
_HEADER_BYTES = 4096
_LINE_WORDS = 8
_SEQUENCE, _NUMBER, _PTS, _WIDTH, _HEIGHT, _STRIDE = range(6)
_MASK = (1 << 64) - 1


class FrameInfo(NamedTuple):
    """What is known of a frame beside its pixels."""

    number: int
    pts_us: int
    width_px: int
    height_px: int
    stride_bytes: int

    @property
    def size_bytes(self) -> int:
        """How many bytes of pixels there are."""
        return self.stride_bytes * self.height_px


def _room_bytes(capacity_bytes: int) -> int:
    return -(-capacity_bytes // mmap.PAGESIZE) * mmap.PAGESIZE


def region_bytes(capacity_bytes: int) -> int:
    """Return the size of the whole region.

    Raises:
        ValueError: a capacity outside 1 to `SLOT_BYTES`.
    """
    if not 0 < capacity_bytes <= SLOT_BYTES:
        raise ValueError(f"a frame slot has 1 to {SLOT_BYTES} bytes, not {capacity_bytes}")
    return _HEADER_BYTES + SLOTS * _room_bytes(capacity_bytes)


class _Mapping:
    """The region in this process's memory."""

    def __init__(self, fd: int, capacity_bytes: int, access: int) -> None:
        size = region_bytes(capacity_bytes)
        if os.fstat(fd).st_size < size:
            raise ValueError("the shared memory is smaller than its announced capacity")
        self.capacity_bytes = capacity_bytes
        self.map = mmap.mmap(fd, size, access=access)
        self.view = memoryview(self.map)
        # A store or load of an aligned word through this view is one instruction: never half a number.
        self.words = self.view[:_HEADER_BYTES].cast("Q")
        self._fence = threading.Lock()

    def fence(self) -> None:
        """Order memory accesses before with those after it; Python has no other barrier (ARM needs one)."""
        with self._fence:
            pass

    def room(self, slot: int) -> memoryview:
        """Return the pixels' room of a slot."""
        start = _HEADER_BYTES + slot * _room_bytes(self.capacity_bytes)
        return self.view[start : start + self.capacity_bytes]

    def close(self) -> None:
        """Give the memory back. Views that were handed out must be released before."""
        self.words.release()
        self.view.release()
        self.map.close()


class FrameWriter:
    """Writes frames into a region that the parent made.

    Args:
        fd: of the region; stays the caller's.
        capacity_bytes: as announced by the parent.

    Thread: one at a time.
    """

    def __init__(self, fd: int, capacity_bytes: int) -> None:
        self._mapping = _Mapping(fd, capacity_bytes, mmap.ACCESS_WRITE)
        self._slot = 0
        self._room: memoryview | None = None

    def begin(self) -> memoryview:
        """Return room for the next frame's pixels, valid until `commit`; calling it again starts over."""
        words = self._mapping.words
        self._slot = (words[0] + 1) % SLOTS
        sequence = _LINE_WORDS * (self._slot + 1) + _SEQUENCE
        words[sequence] = (words[sequence] | 1) & _MASK
        self._mapping.fence()
        if self._room is not None:
            self._room.release()
        self._room = self._mapping.room(self._slot)
        return self._room

    def commit(self, pts_us: int, width_px: int, height_px: int, stride_bytes: int) -> None:
        """Make what was written since `begin` the newest frame.

        Args:
            pts_us: presentation time, not negative.
            width_px: of the picture.
            height_px: of the picture.
            stride_bytes: from one row to the next, at least four a pixel.

        Raises:
            ValueError: it does not fit; the frame is dropped.
            RuntimeError: without `begin`.
        """
        if self._room is None:
            raise RuntimeError("commit without begin")
        number = (self._mapping.words[0] + 1) & _MASK
        info = FrameInfo(number, pts_us, width_px, height_px, stride_bytes)
        if pts_us < 0 or (wrong := _wrong(info, self._mapping.capacity_bytes)):
            raise ValueError(wrong if pts_us >= 0 else "a negative presentation time")
        words = self._mapping.words
        line = _LINE_WORDS * (self._slot + 1)
        words[line + _NUMBER], words[line + _PTS] = number, pts_us
        words[line + _WIDTH], words[line + _HEIGHT] = width_px, height_px
        words[line + _STRIDE] = stride_bytes
        self._room.release()
        self._room = None
        self._mapping.fence()
        words[line + _SEQUENCE] = (words[line + _SEQUENCE] + 1) & _MASK
        self._mapping.fence()
        words[0] = number

    def close(self) -> None:
        """Unmap."""
        if self._room is not None:
            self._room.release()
        self._mapping.close()


class FrameReader:
    """Takes the newest frame out of a region whose writer is not trusted.

    Args:
        fd: of the region; stays the caller's.
        capacity_bytes: of one frame.

    Thread: one at a time.
    """

    def __init__(self, fd: int, capacity_bytes: int) -> None:
        self._mapping = _Mapping(fd, capacity_bytes, mmap.ACCESS_READ)
        self._taken = 0

    def take(self, into: memoryview) -> FrameInfo | None:
        """Copy the newest frame's pixels and return what it is; None when there is none newer than the last.

        Also None in the rare case that the writer overtook every try; the next call gets a later frame.

        Raises:
            FrameRefused: the header is a lie, or the frame does not fit into `into`; end the writer.
        """
        for _ in range(SLOT_TAKE_TRIES):
            newest = self._mapping.words[0]
            if newest in (0, self._taken):
                return None
            info = self._try(newest % SLOTS, into)
            if info is not None:
                self._taken = newest
                return info
        return None

    def skip(self) -> None:
        """Take nothing of what was written until now."""
        self._taken = self._mapping.words[0]

    def close(self) -> None:
        """Unmap."""
        self._mapping.close()

    def _try(self, slot: int, into: memoryview) -> FrameInfo | None:
        words = self._mapping.words
        line = _LINE_WORDS * (slot + 1)
        sequence = words[line + _SEQUENCE]
        if sequence & 1:
            return None
        self._mapping.fence()
        info = FrameInfo(*words[line + _NUMBER : line + _STRIDE + 1])
        self._mapping.fence()
        if words[line + _SEQUENCE] != sequence:
            return None
        if wrong := _wrong(info, min(self._mapping.capacity_bytes, len(into))):
            raise FrameRefused(wrong)
        with self._mapping.room(slot) as room:
            into[: info.size_bytes] = room[: info.size_bytes]
        self._mapping.fence()
        return info if words[line + _SEQUENCE] == sequence else None


def _wrong(info: FrameInfo, room_bytes: int) -> str:
    """Say what is impossible about a frame; empty when nothing is."""
    if not 0 < info.width_px <= SLOT_WIDTH_PX or not 0 < info.height_px <= SLOT_HEIGHT_PX:
        return f"a picture of {info.width_px} x {info.height_px} is outside the bounds"
    if info.stride_bytes < info.width_px * PIXEL_BYTES:
        return f"rows of {info.stride_bytes} bytes are too short for {info.width_px} pixels"
    if info.size_bytes > room_bytes:
        return f"a picture of {info.size_bytes} bytes does not fit into {room_bytes}"
    return ""


class FrameSlot:
    """A region made and owned by the parent; give `argument` to the child, read with `reader`.

    Args:
        capacity_bytes: the largest frame that will ever be written; it is fixed.
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self.fd = make_region(region_bytes(capacity_bytes))
        self.reader = FrameReader(self.fd, capacity_bytes)

    @property
    def argument(self) -> SlotArg:
        """What `Child(slots={name: ...})` takes."""
        return SlotArg(self.fd, self.capacity_bytes)

    def wipe(self) -> None:
        """Leave no pixel of what was written; frames that the next child writes are taken as before.

        For a slot whose child has ended: what a living one writes at this moment may be torn.
        """
        self.reader.skip()
        with mmap.mmap(self.fd, region_bytes(self.capacity_bytes)) as whole:
            if sys.platform == "linux" and _HEADER_BYTES % mmap.PAGESIZE == 0:
                whole.madvise(mmap.MADV_REMOVE, _HEADER_BYTES)  # the pages go back and are zero from now
                return
            for start in range(_HEADER_BYTES, len(whole), _HEADER_BYTES):
                whole[start : start + _HEADER_BYTES] = bytes(min(_HEADER_BYTES, len(whole) - start))

    def close(self) -> None:
        """Give the memory back; a child's own mapping lives as long as the child."""
        self.reader.close()
        os.close(self.fd)
