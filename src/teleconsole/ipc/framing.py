"""Frames on a byte stream: four bytes of length (big endian), then that many bytes of MessagePack."""

import struct

from teleconsole.host.limits import IPC_FRAME_BYTES
from teleconsole.ipc.errors import FrameRefused

_LENGTH = struct.Struct(">I")


def frame(body: bytes) -> bytes:
    """Return the bytes that carry this body on the stream.

    Raises:
        FrameRefused: the body is empty or larger than `IPC_FRAME_BYTES`.
    """
    if not 0 < len(body) <= IPC_FRAME_BYTES:
        raise FrameRefused(f"a message has 1 to {IPC_FRAME_BYTES} bytes, not {len(body)}")
    return _LENGTH.pack(len(body)) + body


class Framer:
    """Cuts a stream, as it arrives, into bodies. Keeps at most one incomplete frame.

    Thread: one at a time.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies that are complete with this data.

        Raises:
            FrameRefused: a length outside the bounds; the stream is of no more use.
        """
        self._buffer += data
        bodies = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if not 0 < length <= IPC_FRAME_BYTES:
                raise FrameRefused(f"it announced a message of {length} bytes, the bound is {IPC_FRAME_BYTES}")
            end = start + _LENGTH.size + length
            if end > len(self._buffer):
                break
            bodies.append(bytes(memoryview(self._buffer)[start + _LENGTH.size : end]))
            start = end
        del self._buffer[:start]
        return bodies

    @property
    def incomplete(self) -> bool:
        """Tell whether the stream stands in the middle of a frame."""
        return bool(self._buffer)
