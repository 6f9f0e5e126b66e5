"""Turns a picture of the camera into the RTP payloads of VP8 (RFC 7741), at the size that is wanted now."""

import fractions
import logging
import multiprocessing
import random
import threading
from contextlib import suppress
from typing import Protocol

import av
from aiortc.codecs.vpx import VpxPayloadDescriptor
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from teleconsole.call.webrtc.sending.libvpx import LibvpxMissingError, LibvpxVp8, load
from teleconsole.call.webrtc.sending.pyav_vp8 import PyavVp8
from teleconsole.host.media_limits import (
    SEND_PAYLOAD_BYTES,
    SEND_SMALL_PAYLOAD_BELOW_BPS,
    SEND_SMALL_PAYLOAD_BYTES,
)

_PICTURE_IDS = 1 << 15
_CLOCK = fractions.Fraction(1, 90_000)
_LARGE_PX = 640 * 480

_log = logging.getLogger(__name__)


class Vp8(Protocol):
    """An encoder for pictures of one size."""

    size: tuple[int, int]

    def set_rate(self, bitrate_bps: int, frames_per_s: int) -> None:
        """Aim at another rate from the next picture on."""

    def encode(self, frame: VideoFrame, pts: int, *, key_frame: bool) -> tuple[bytes, bool]:
        """Return the encoded picture and whether it is a key frame."""

    def close(self) -> None:
        """Give its memory back."""


def libvpx_problem() -> str:
    """Return why libvpx cannot be driven directly, empty when it can; it stays loaded.

    Call it before the process walls itself in: files are looked for.
    """
    try:
        load()
    except LibvpxMissingError as error:
        return str(error)
    return ""


def open_vp8(width: int, height: int, bitrate_bps: int, frames_per_s: int, *, is_direct: bool = True) -> Vp8:
    """Return libvpx itself, or FFmpeg's wrapper of it where its inside is not the one that is known.

    Args:
        width: in pixels.
        height: in pixels.
        bitrate_bps: at the beginning.
        frames_per_s: expected.
        is_direct: False = the wrapper in any case.
    """
    threads = 2 if width * height > _LARGE_PX and multiprocessing.cpu_count() > 2 else 1
    speed = 8 if width * height > _LARGE_PX else 6
    if is_direct:
        with suppress(LibvpxMissingError):
            return LibvpxVp8(width, height, bitrate_bps, frames_per_s, threads=threads, speed=speed)
    return PyavVp8(width, height, bitrate_bps, frames_per_s, threads=threads, speed=speed)


class PictureEncoder:
    """Scales, encodes and cuts into payloads.

    Thread: `encode` in one of the executor's at a time, `close` in any.
    """

    def __init__(self) -> None:
        self._vp8: Vp8 | None = None
        self._reformatter = VideoReformatter()
        self._picture_id = random.randrange(_PICTURE_IDS)  # noqa: S311 -- a counter's start, not a secret
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_direct = True

    def encode(
        self, frame: VideoFrame, size: tuple[int, int], bitrate_bps: int, frames_per_s: int, *, key_frame: bool
    ) -> tuple[list[bytes], bool]:
        """Return the payloads, none when the encoder left the picture out to keep its rate, and whether it is a key."""
        with self._lock:
            if self._is_closed:
                return [], False
            if self._vp8 is None or self._vp8.size != size:
                if self._vp8 is not None:
                    self._vp8.close()
                self._vp8 = open_vp8(*size, bitrate_bps, frames_per_s, is_direct=self._is_direct)
            self._vp8.set_rate(bitrate_bps, frames_per_s)
            if (frame.width, frame.height) != size or frame.format.name != "yuv420p":
                pts, time_base = frame.pts, frame.time_base
                frame = self._reformatter.reformat(frame, *size, "yuv420p")
                frame.pts, frame.time_base = pts, time_base
            try:
                data, is_key = self._vp8.encode(frame, ticks(frame), key_frame=key_frame)
            except (LibvpxMissingError, av.FFmpegError) as error:
                _log.warning("a picture could not be encoded: %s", type(error).__name__)
                self._vp8.close()
                self._vp8, self._is_direct = None, False
                return [], False
            is_narrow = bitrate_bps < SEND_SMALL_PAYLOAD_BELOW_BPS
            return self._cut(data, SEND_SMALL_PAYLOAD_BYTES if is_narrow else SEND_PAYLOAD_BYTES), is_key

    def rest(self) -> None:
        """No picture is sent for a while: give the encoder's memory back."""
        with self._lock:
            if self._vp8 is not None:
                self._vp8.close()
                self._vp8 = None

    def close(self) -> None:
        """End it; waits for a picture that is being encoded."""
        self.rest()
        self._is_closed = True

    def _cut(self, data: bytes, most_bytes: int) -> list[bytes]:
        if not data:
            return []
        descriptor = VpxPayloadDescriptor(partition_start=1, partition_id=0, picture_id=self._picture_id)
        self._picture_id = (self._picture_id + 1) % _PICTURE_IDS
        count = -(-len(data) // most_bytes)
        step = -(-len(data) // count)  # packets of one length: a short last one costs a header all the same
        payloads = []
        for at in range(0, len(data), step):
            payloads.append(bytes(descriptor) + data[at : at + step])
            descriptor.partition_start = 0
        return payloads


def ticks(frame: VideoFrame) -> int:
    """Return when a picture was captured, in ticks of 90 kHz."""
    return int((frame.pts or 0) * (frame.time_base or _CLOCK) / _CLOCK)
