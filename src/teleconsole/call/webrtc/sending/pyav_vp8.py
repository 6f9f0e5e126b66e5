"""VP8 by FFmpeg's wrapper of libvpx: what is left where libvpx's own inside is not the one that is known.

FFmpeg ignores a new bit rate once the encoder is open, so it is opened again (a key frame) for a clear fall of the
rate, or a clear and lasting rise.
"""

import fractions
import time

import av
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

_TIME_BASE = fractions.Fraction(1, 90_000)
_FALL, _FALL_AFTER_S = 0.8, 0.25
_RISE, _RISE_AFTER_S = 1.35, 3.0


class PyavVp8:
    """One VP8 encoder for pictures of one size.

    Args:
        width: in pixels.
        height: in pixels.
        bitrate_bps: at the beginning.
        frames_per_s: expected.
        threads: of the encoder.
        speed: 4 to 16; higher = less work, worse picture.

    Thread: one at a time.
    """

    def __init__(
        self, width: int, height: int, bitrate_bps: int, frames_per_s: int, *, threads: int, speed: int
    ) -> None:
        self.size = width, height
        self._wanted = bitrate_bps, frames_per_s
        self._threads, self._speed = threads, speed
        self._last_pts = -1
        self._open()

    def set_rate(self, bitrate_bps: int, frames_per_s: int) -> None:
        """Aim at another rate; a clear change costs a key frame."""
        self._wanted = bitrate_bps, frames_per_s
        age_s = time.monotonic() - self._opened_s
        falls = bitrate_bps < self._opened_bps * _FALL and age_s > _FALL_AFTER_S
        rises = bitrate_bps > self._opened_bps * _RISE and age_s > _RISE_AFTER_S
        if falls or rises:
            self._open()

    def encode(self, frame: VideoFrame, pts: int, *, key_frame: bool) -> tuple[bytes, bool]:
        """Return the encoded picture and whether it is a key frame."""
        pts = max(pts, self._last_pts + 1)
        self._last_pts = pts
        frame.pts, frame.time_base = pts, _TIME_BASE
        frame.pict_type = PictureType.I if key_frame else PictureType.NONE
        packets = self._context.encode(frame)
        return b"".join(bytes(packet) for packet in packets), any(packet.is_keyframe for packet in packets)

    def close(self) -> None:
        """Give its memory back with the object."""

    def _open(self) -> None:
        context = av.CodecContext.create("libvpx", "w")
        if not isinstance(context, VideoCodecContext):
            raise TypeError("libvpx is not a video codec here")
        bitrate_bps, frames_per_s = self._wanted
        context.width, context.height = self.size
        context.pix_fmt = "yuv420p"
        context.bit_rate = bitrate_bps
        context.time_base = _TIME_BASE
        context.framerate = fractions.Fraction(frames_per_s, 1)
        context.gop_size = 3000
        context.qmin, context.qmax = 2, 56
        context.thread_count = self._threads
        context.options = {
            "deadline": "realtime",
            "cpu-used": str(-self._speed),
            "lag-in-frames": "0",
            "minrate": str(bitrate_bps),
            "maxrate": str(bitrate_bps),
            "bufsize": str(bitrate_bps // 2),
            "undershoot-pct": "100",
            "overshoot-pct": "15",
            "max-intra-rate": "450",
            "static-thresh": "1",
            "noise-sensitivity": "0",
        }
        self._context = context
        self._opened_bps, self._opened_s = bitrate_bps, time.monotonic()
