"""A stream on a device of the sound server, in blocks of 10 ms."""

import ctypes
import threading
import time
from typing import Any

import numpy as np

from teleconsole.call.media.device_buffer import SAMPLE_BYTES, DeviceBuffer
from teleconsole.call.media.pulse import PulseServer
from teleconsole.call.media.pulse_library import (
    ADJUST_LATENCY,
    SAMPLE_S16LE,
    SEEK_RELATIVE,
    STREAM_READY,
    WATCH_LATENCY,
    BufferAttributes,
    RequestCallback,
    SampleSpec,
    StateCallback,
    no_callback,
)
from teleconsole.call.media.sound_system import Direction, OnBlock
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES
from teleconsole.host.media_limits import (
    SOUND_LATENCY_MS,
    SOUND_LATENCY_SMOOTHING,
    SOUND_SERVER_S,
    SOUND_STUCK_S,
)

_BLOCK_BYTES = CALL_BLOCK_SAMPLES * SAMPLE_BYTES
_AS_SERVER_LIKES = 0xFFFFFFFF


class PulseStream:
    """Open from the first moment to `close`.

    Args:
        server: whose device it is.
        direction: "input" or "output".
        device_id: name of a sink or source, empty = the server's default; the stream follows the default.
        on_block: as in `OnBlock`, in the server's thread.

    Raises:
        DeviceUnavailable: there is none, or it cannot be opened.
    """

    def __init__(self, server: PulseServer, direction: Direction, device_id: str, on_block: OnBlock) -> None:
        self._server = server
        self._on_block = on_block
        self._settled = threading.Event()
        self._state = 0
        self._heard_s = time.monotonic()
        self._buffer = DeviceBuffer()
        self._blocks = self._buffer.blocks
        self._rest = bytearray()
        self._latency_ms: float | None = None
        self._on_state = StateCallback(self._state_changed)
        self._on_dry = StateCallback(self._ran_dry)
        self._on_request = RequestCallback(self._write if direction == "output" else self._read)
        self._stream = self._connect(direction, device_id)
        if not self._settled.wait(SOUND_SERVER_S) or self._state != STREAM_READY:
            self.close()
            raise DeviceUnavailable

    @property
    def active(self) -> bool:
        """False when the device went away or has asked for nothing for a while."""
        return self._state == STREAM_READY and time.monotonic() - self._heard_s < SOUND_STUCK_S

    @property
    def latency_ms(self) -> float:
        """How long sound takes between us and the device, as the server says; a usual value before it says anything."""
        return SOUND_LATENCY_MS if self._latency_ms is None else self._latency_ms

    @property
    def late_ms(self) -> float:
        """Silence that was played so far because sound was handed over too late."""
        return self._buffer.late_ms

    def close(self) -> None:
        """Stop and give the device back."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        calls = self._server.library.calls
        with self._server.locked():
            for take_away in (calls.pa_stream_set_write_callback, calls.pa_stream_set_read_callback):
                take_away(stream, no_callback(RequestCallback), None)
            for take_away in (calls.pa_stream_set_state_callback, calls.pa_stream_set_underflow_callback):
                take_away(stream, no_callback(StateCallback), None)
            calls.pa_stream_disconnect(stream)
            calls.pa_stream_unref(stream)
            self._server.streams -= 1

    def _connect(self, direction: Direction, device_id: str) -> Any:
        calls = self._server.library.calls
        spec = SampleSpec(SAMPLE_S16LE, CALL_AUDIO_HZ, 1)
        wanted = _attributes(self._buffer.blocks)
        device = device_id.encode() or None
        with self._server.locked() as context:
            stream = calls.pa_stream_new(context, b"Call", ctypes.byref(spec), None)
            if not stream:
                raise DeviceUnavailable
            calls.pa_stream_set_state_callback(stream, self._on_state, None)
            if direction == "output":
                calls.pa_stream_set_write_callback(stream, self._on_request, None)
                calls.pa_stream_set_underflow_callback(stream, self._on_dry, None)
                refused = calls.pa_stream_connect_playback(
                    stream, device, ctypes.byref(wanted), ADJUST_LATENCY | WATCH_LATENCY, None, None
                )
            else:
                calls.pa_stream_set_read_callback(stream, self._on_request, None)
                flags = ADJUST_LATENCY | WATCH_LATENCY
                refused = calls.pa_stream_connect_record(stream, device, ctypes.byref(wanted), flags)
            if refused < 0:
                calls.pa_stream_unref(stream)
                raise DeviceUnavailable
            self._server.streams += 1
        return stream

    def _state_changed(self, stream: Any, _data: Any) -> None:
        self._state = self._server.library.calls.pa_stream_get_state(stream)
        if self._state >= STREAM_READY:
            self._heard_s = time.monotonic()
            self._settled.set()

    def _write(self, stream: Any, wanted_bytes: int, _data: Any) -> None:
        self._heard_s = time.monotonic()
        self._look_at_latency(stream)
        quick = self._server.library.quick
        length_bytes = quick.pa_stream_get_buffer_attr(stream).contents.tlength
        self._buffer.begin(self._heard_s, wanted_bytes, length_bytes)
        for _ in range(min(wanted_bytes, length_bytes) // _BLOCK_BYTES):
            block = self._on_block(None)
            data = bytes(_BLOCK_BYTES) if block is None else block.astype("<i2", copy=False).tobytes()
            skip_bytes = self._buffer.skip_bytes(time.monotonic(), _BLOCK_BYTES)
            quick.pa_stream_write(stream, data, _BLOCK_BYTES, None, skip_bytes, SEEK_RELATIVE)
        self._resize(stream)

    def _ran_dry(self, _stream: Any, _data: Any) -> None:
        self._buffer.ran_dry(time.monotonic())

    def _resize(self, stream: Any) -> None:
        if self._blocks == self._buffer.blocks:
            return
        self._blocks = self._buffer.blocks
        quick = self._server.library.quick
        wanted = _attributes(self._blocks)
        if operation := quick.pa_stream_set_buffer_attr(stream, ctypes.byref(wanted), None, None):
            quick.pa_operation_unref(operation)

    def _read(self, stream: Any, _readable_bytes: int, _data: Any) -> None:
        self._heard_s = time.monotonic()
        quick = self._server.library.quick
        data, length = ctypes.c_void_p(), ctypes.c_size_t()
        while quick.pa_stream_peek(stream, ctypes.byref(data), ctypes.byref(length)) == 0 and length.value:
            self._rest += ctypes.string_at(data, length.value) if data.value else bytes(length.value)  # no data: a hole
            quick.pa_stream_drop(stream)
        self._look_at_latency(stream)
        while len(self._rest) >= _BLOCK_BYTES:
            block = np.frombuffer(bytes(self._rest[:_BLOCK_BYTES]), "<i2").astype(np.int16)
            del self._rest[:_BLOCK_BYTES]
            self._on_block(block)

    def _look_at_latency(self, stream: Any) -> None:
        latency_us, is_negative = ctypes.c_uint64(), ctypes.c_int()
        calls = self._server.library.quick
        if calls.pa_stream_get_latency(stream, ctypes.byref(latency_us), ctypes.byref(is_negative)) < 0:
            return  # the server has not said anything yet
        now_ms = 0.0 if is_negative.value else latency_us.value / 1000
        before_ms = now_ms if self._latency_ms is None else self._latency_ms
        self._latency_ms = before_ms + SOUND_LATENCY_SMOOTHING * (now_ms - before_ms)


def _attributes(blocks: int) -> BufferAttributes:
    return BufferAttributes(_AS_SERVER_LIKES, _BLOCK_BYTES * blocks, 0, _BLOCK_BYTES, _BLOCK_BYTES)
