"""VP8 by libvpx itself, so that the rate of a running encoder can be changed without a key frame.

FFmpeg's wrapper ignores a new bit rate once the encoder is open (measured). The library is the one that PyAV brings
and has loaded already. Its structures are laid out here for one ABI (libvpx 1.16); the library refuses any
other by itself, and what it writes is compared with what is expected before the first picture.
"""

import ctypes
import sys
from functools import cache
from pathlib import Path

import av
from av import VideoFrame

_ENCODER_ABI = 39
_I420 = 0x102
_REALTIME = 1
_FORCE_KEY_FRAME = 1
_KIND_FRAME = 0
_FLAG_KEY = 1
_CBR = 1
_CPU_USED, _NOISE, _STATIC, _PARTITIONS, _LAST_QUANTIZER, _MAX_INTRA = 13, 15, 17, 18, 20, 26
_ROOM_BYTES = 4096
_MOST_STEP_FRAMES = 2
_NAMES = {"win32": ("av.libs", "libvpx*.dll"), "darwin": ("av/.dylibs", "libvpx*.dylib")}


class LibvpxMissingError(RuntimeError):
    """There is no libvpx here whose inside we know."""


class _Config(ctypes.Structure):
    """The beginning of `vpx_codec_enc_cfg_t`, up to the last field that is used."""

    _fields_ = [
        *((name, ctypes.c_uint) for name in ("usage", "threads", "profile", "width", "height", "depth", "input_depth")),
        ("clock_num", ctypes.c_int),
        ("clock_den", ctypes.c_int),
        *((name, ctypes.c_uint) for name in ("resilient", "pass_", "lag", "drop_threshold", "resize_allowed")),
        *((name, ctypes.c_uint) for name in ("scaled_width", "scaled_height", "resize_up", "resize_down", "end_usage")),
        *((name, ctypes.c_void_p) for name in ("two_pass", "two_pass_size", "first_pass", "first_pass_size")),
        *((name, ctypes.c_uint) for name in ("target_kbps", "min_q", "max_q", "undershoot_pct", "overshoot_pct")),
        *((name, ctypes.c_uint) for name in ("buffer_ms", "buffer_initial_ms", "buffer_optimal_ms")),
        *((name, ctypes.c_uint) for name in ("vbr_bias", "vbr_min", "vbr_max", "vbr_complexity")),
        *((name, ctypes.c_uint) for name in ("key_mode", "key_min_distance", "key_max_distance")),
    ]


class _Image(ctypes.Structure):
    """`vpx_image_t`."""

    _fields_ = [
        *((name, ctypes.c_uint) for name in ("format", "space", "range", "width", "height", "depth")),
        *((name, ctypes.c_uint) for name in ("shown_width", "shown_height", "render_width", "render_height")),
        *((name, ctypes.c_uint) for name in ("x_shift", "y_shift")),
        ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_int * 4),
        ("bits", ctypes.c_int),
        ("rest", ctypes.c_uint8 * 256),
    ]


class _Packet(ctypes.Structure):
    """The beginning of `vpx_codec_cx_pkt_t` for a picture."""

    _fields_ = [
        ("kind", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("pts", ctypes.c_int64),
        ("duration", ctypes.c_ulong),
        ("flags", ctypes.c_uint32),
    ]


@cache
def load() -> ctypes.CDLL:
    """Return the library with its functions declared.

    Raises:
        LibvpxMissingError: it is not there, or not the one that is known.
    """
    folder, pattern = _NAMES.get(sys.platform, ("av.libs", "libvpx*.so*"))
    found = sorted((Path(av.__file__).parent.parent / folder).glob(pattern))
    if not found:
        raise LibvpxMissingError("PyAV brings no libvpx here")
    try:
        library = ctypes.CDLL(str(found[0]))
        _declare(library)
    except (OSError, AttributeError) as error:
        raise LibvpxMissingError("libvpx cannot be loaded") from error
    _prove(library)
    return library


def _declare(library: ctypes.CDLL) -> None:
    pointer, unsigned, long = ctypes.c_void_p, ctypes.c_uint, ctypes.c_long
    library.vpx_codec_vp8_cx.restype = pointer
    library.vpx_codec_enc_config_default.argtypes = [pointer, pointer, unsigned]
    library.vpx_codec_enc_init_ver.argtypes = [pointer, pointer, pointer, long, ctypes.c_int]
    library.vpx_codec_enc_config_set.argtypes = [pointer, pointer]
    library.vpx_codec_encode.argtypes = [pointer, pointer, ctypes.c_int64, ctypes.c_ulong, long, ctypes.c_ulong]
    library.vpx_codec_get_cx_data.argtypes = [pointer, pointer]
    library.vpx_codec_get_cx_data.restype = ctypes.POINTER(_Packet)
    library.vpx_codec_control_.argtypes = [pointer, ctypes.c_int]  # what follows is variadic
    library.vpx_codec_destroy.argtypes = [pointer]
    library.vpx_img_wrap.argtypes = [pointer, ctypes.c_int, unsigned, unsigned, unsigned, pointer]
    library.vpx_img_wrap.restype = pointer


def _prove(library: ctypes.CDLL) -> None:
    config = _default_config(library)
    told = (config.width, config.height, config.clock_den, config.target_kbps, config.max_q, config.key_max_distance)
    image, pixels = _Image(), ctypes.create_string_buffer(64 * 32 * 3 // 2)
    wrapped = library.vpx_img_wrap(ctypes.byref(image), _I420, 64, 32, 1, pixels)
    fits = wrapped == ctypes.addressof(image) and image.planes[0] == ctypes.addressof(pixels)
    if told != (320, 240, 30, 256, 63, 128) or not fits or list(image.strides)[:3] != [64, 32, 32]:
        raise LibvpxMissingError("libvpx lays out its structures in another way")


def _default_config(library: ctypes.CDLL) -> _Config:
    room = ctypes.create_string_buffer(_ROOM_BYTES)  # the library writes the fields that are not named here, too
    if library.vpx_codec_enc_config_default(library.vpx_codec_vp8_cx(), room, 0) != 0:
        raise LibvpxMissingError("libvpx has no VP8 encoder")
    return _Config.from_buffer(room)


class LibvpxVp8:
    """One VP8 encoder for pictures of one size.

    Args:
        width: in pixels.
        height: in pixels.
        bitrate_bps: at the beginning.
        frames_per_s: expected.
        threads: of the encoder.
        speed: 4 to 16; higher = less work, worse picture (`cpu-used` is its negative).

    Raises:
        LibvpxMissingError: it cannot be opened.

    Thread: one at a time; encoding releases the interpreter's lock.
    """

    def __init__(
        self, width: int, height: int, bitrate_bps: int, frames_per_s: int, *, threads: int, speed: int
    ) -> None:
        self.size = width, height
        self.bitrate_bps = bitrate_bps
        self._library = load()
        self._config = _default_config(self._library)
        self._context = ctypes.create_string_buffer(_ROOM_BYTES)
        self._image = _Image()
        self._library.vpx_img_wrap(ctypes.byref(self._image), _I420, width, height, 1, self._context)
        self._last_pts: int | None = None
        self._time = 0
        self._open = False
        self._configure(bitrate_bps, frames_per_s, threads)
        interface = self._library.vpx_codec_vp8_cx()
        if self._library.vpx_codec_enc_init_ver(self._context, interface, ctypes.byref(self._config), 0, _ENCODER_ABI):
            raise LibvpxMissingError("libvpx does not open an encoder")
        self._open = True
        for control, value in ((_CPU_USED, -speed), (_NOISE, 0), (_STATIC, 1), (_PARTITIONS, 0), (_MAX_INTRA, 450)):
            self._library.vpx_codec_control_(self._context, control, ctypes.c_int(value))

    def _configure(self, bitrate_bps: int, frames_per_s: int, threads: int) -> None:
        config = self._config
        config.width, config.height = self.size
        config.threads = threads
        config.clock_num, config.clock_den = 1, 90_000
        config.resilient, config.lag, config.drop_threshold, config.resize_allowed = 0, 0, 30, 0
        config.end_usage, config.target_kbps = _CBR, max(1, bitrate_bps // 1000)
        config.min_q, config.max_q = 2, 56
        config.undershoot_pct, config.overshoot_pct = 100, 15
        config.buffer_ms, config.buffer_initial_ms, config.buffer_optimal_ms = 600, 300, 400
        config.key_mode, config.key_min_distance, config.key_max_distance = 1, 0, 3000
        self._frame_ticks = 90_000 // max(1, frames_per_s)

    def set_rate(self, bitrate_bps: int, frames_per_s: int) -> None:
        """Aim at another rate from the next picture on; no key frame comes of it."""
        self._frame_ticks = 90_000 // max(1, frames_per_s)
        if bitrate_bps // 1000 == self._config.target_kbps:
            return
        self.bitrate_bps = bitrate_bps
        self._config.target_kbps = max(1, bitrate_bps // 1000)
        self._library.vpx_codec_enc_config_set(self._context, ctypes.byref(self._config))

    def encode(self, frame: VideoFrame, pts: int, *, key_frame: bool) -> tuple[bytes, bool]:
        """Return the encoded picture and whether it is a key frame; nothing when the encoder leaves it out.

        Args:
            frame: yuv420p, of the encoder's size.
            pts: in ticks of 90 kHz; it rises.
            key_frame: make it one that needs no other.
        """
        for plane in range(3):
            self._image.planes[plane] = frame.planes[plane].buffer_ptr
            self._image.strides[plane] = frame.planes[plane].line_size
        flags = _FORCE_KEY_FRAME if key_frame else 0
        encode = self._library.vpx_codec_encode
        if encode(self._context, ctypes.byref(self._image), self._clock(pts), self._frame_ticks, flags, _REALTIME):
            raise LibvpxMissingError("libvpx does not take a picture")
        data, is_key, at = b"", False, ctypes.c_void_p()
        while packet := self._library.vpx_codec_get_cx_data(self._context, ctypes.byref(at)):
            if packet.contents.kind == _KIND_FRAME:
                data += ctypes.string_at(packet.contents.data, packet.contents.size)
                is_key = is_key or bool(packet.contents.flags & _FLAG_KEY)
        return data, is_key

    def _clock(self, pts: int) -> int:
        """Return the encoder's time: after a pause it must not believe that it may spend what it saved."""
        step = self._frame_ticks if self._last_pts is None else pts - self._last_pts
        self._last_pts = pts
        self._time += min(max(step, 1), _MOST_STEP_FRAMES * self._frame_ticks)
        return self._time

    @property
    def quantizer(self) -> int:
        """How coarse the last picture was, 0 (finest) to 63."""
        value = ctypes.c_int()
        self._library.vpx_codec_control_(self._context, _LAST_QUANTIZER, ctypes.byref(value))
        return value.value

    def close(self) -> None:
        """Give its memory back; again does nothing."""
        if self._open:
            self._open = False
            self._library.vpx_codec_destroy(self._context)

    def __del__(self) -> None:
        self.close()
