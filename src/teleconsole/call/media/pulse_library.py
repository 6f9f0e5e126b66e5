"""libpulse, the library of the sound server (PulseAudio, or PipeWire in its place), and its structures.

The server alone knows its devices by name and tells when they come and go; PortAudio reads its list once. The library
belongs to the computer, as the server does: where it is missing, PortAudio is used (docs/adr/0016-sound-server.md).
Names as in <pulse/*.h>, version 12 and newer.
"""

import ctypes
import functools
import sys
from collections.abc import Callable
from typing import Any

CONTEXT_READY, CONTEXT_FAILED = 4, 5
STREAM_READY = 2
NO_AUTOSPAWN = 1
ADJUST_LATENCY = 0x2000
WATCH_LATENCY = 0x0002 | 0x0008
"""Ask the server for it now and then, count on in between."""
SAMPLE_S16LE = 3
SEEK_RELATIVE = 0
EVENTS_OF_DEVICES = 0x01 | 0x02 | 0x80
"""Sinks, sources and the server's defaults."""
NO_INDEX = 0xFFFFFFFF

_pointer, _int, _uint, _size = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32, ctypes.c_size_t

StateCallback = ctypes.CFUNCTYPE(None, _pointer, _pointer)
InfoCallback = ctypes.CFUNCTYPE(None, _pointer, _pointer, _int, _pointer)
EventCallback = ctypes.CFUNCTYPE(None, _pointer, _int, _uint, _pointer)
RequestCallback = ctypes.CFUNCTYPE(None, _pointer, _size, _pointer)


class SampleSpec(ctypes.Structure):
    """pa_sample_spec."""

    _fields_ = (("format", _int), ("rate", _uint), ("channels", ctypes.c_uint8))


class BufferAttributes(ctypes.Structure):
    """pa_buffer_attr, all in bytes."""

    _fields_ = (("maxlength", _uint), ("tlength", _uint), ("prebuf", _uint), ("minreq", _uint), ("fragsize", _uint))


class SinkInfo(ctypes.Structure):
    """The beginning of pa_sink_info, which never changed."""

    _fields_ = (("name", ctypes.c_char_p), ("index", _uint), ("description", ctypes.c_char_p))


class _ChannelMap(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("map", _int * 32))


class _Volume(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("values", _uint * 32))


class SourceInfo(ctypes.Structure):
    """The beginning of pa_source_info."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("index", _uint),
        ("description", ctypes.c_char_p),
        ("sample_spec", SampleSpec),
        ("channel_map", _ChannelMap),
        ("owner_module", _uint),
        ("volume", _Volume),
        ("mute", _int),
        ("monitor_of_sink", _uint),
    )


_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_threaded_mainloop_new": (_pointer, ()),
    "pa_threaded_mainloop_free": (None, (_pointer,)),
    "pa_threaded_mainloop_start": (_int, (_pointer,)),
    "pa_threaded_mainloop_stop": (None, (_pointer,)),
    "pa_threaded_mainloop_lock": (None, (_pointer,)),
    "pa_threaded_mainloop_unlock": (None, (_pointer,)),
    "pa_threaded_mainloop_get_api": (_pointer, (_pointer,)),
    "pa_context_new": (_pointer, (_pointer, ctypes.c_char_p)),
    "pa_context_connect": (_int, (_pointer, ctypes.c_char_p, _int, _pointer)),
    "pa_context_disconnect": (None, (_pointer,)),
    "pa_context_unref": (None, (_pointer,)),
    "pa_context_get_state": (_int, (_pointer,)),
    "pa_context_set_state_callback": (None, (_pointer, StateCallback, _pointer)),
    "pa_context_get_sink_info_list": (_pointer, (_pointer, InfoCallback, _pointer)),
    "pa_context_get_source_info_list": (_pointer, (_pointer, InfoCallback, _pointer)),
    "pa_context_subscribe": (_pointer, (_pointer, _int, _pointer, _pointer)),
    "pa_context_set_subscribe_callback": (None, (_pointer, EventCallback, _pointer)),
    "pa_operation_cancel": (None, (_pointer,)),
    "pa_operation_unref": (None, (_pointer,)),
    "pa_stream_new": (_pointer, (_pointer, ctypes.c_char_p, ctypes.POINTER(SampleSpec), _pointer)),
    "pa_stream_connect_playback": (
        _int,
        (_pointer, ctypes.c_char_p, ctypes.POINTER(BufferAttributes), _int, _pointer, _pointer),
    ),
    "pa_stream_connect_record": (_int, (_pointer, ctypes.c_char_p, ctypes.POINTER(BufferAttributes), _int)),
    "pa_stream_disconnect": (_int, (_pointer,)),
    "pa_stream_unref": (None, (_pointer,)),
    "pa_stream_get_state": (_int, (_pointer,)),
    "pa_stream_set_state_callback": (None, (_pointer, StateCallback, _pointer)),
    "pa_stream_set_write_callback": (None, (_pointer, RequestCallback, _pointer)),
    "pa_stream_set_read_callback": (None, (_pointer, RequestCallback, _pointer)),
    "pa_stream_set_underflow_callback": (None, (_pointer, StateCallback, _pointer)),
}
_IN_CALLBACKS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_stream_write": (_int, (_pointer, ctypes.c_char_p, _size, _pointer, ctypes.c_int64, _int)),
    "pa_stream_peek": (_int, (_pointer, ctypes.POINTER(_pointer), ctypes.POINTER(_size))),
    "pa_stream_drop": (_int, (_pointer,)),
    "pa_operation_unref": (None, (_pointer,)),
    "pa_stream_get_buffer_attr": (ctypes.POINTER(BufferAttributes), (_pointer,)),
    "pa_stream_set_buffer_attr": (_pointer, (_pointer, ctypes.POINTER(BufferAttributes), _pointer, _pointer)),
    "pa_stream_get_latency": (_int, (_pointer, ctypes.POINTER(ctypes.c_uint64), ctypes.POINTER(_int))),
}


class PulseLibrary:
    """The functions of libpulse, declared.

    Attributes:
        calls: those that may wait for the server's thread: they give up the interpreter's lock.
        quick: those called in that thread: they keep it, else each block of 10 ms would have to wait for it again.

    Raises:
        OSError: there is no libpulse.
        AttributeError: it is older than what is needed.
    """

    def __init__(self) -> None:
        self.calls = ctypes.CDLL("libpulse.so.0")
        self.quick = ctypes.PyDLL("libpulse.so.0")
        for library, functions in ((self.calls, _FUNCTIONS), (self.quick, _IN_CALLBACKS)):
            for name, (result, arguments) in functions.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments


@functools.cache
def load_libpulse() -> PulseLibrary | None:
    """Return libpulse, None on a computer without it."""
    if sys.platform != "linux":
        return None
    try:
        return PulseLibrary()
    except (OSError, AttributeError):
        return None


def no_callback(kind: Callable[..., Any]) -> Any:
    """Return what takes a callback away again."""
    return ctypes.cast(None, kind)  # type: ignore[arg-type]  # typeshed does not know function types as a target
