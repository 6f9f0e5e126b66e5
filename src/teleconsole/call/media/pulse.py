"""The sound server (PulseAudio, PipeWire): its devices by name, told when they come and go, and streams on them."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from teleconsole.call.media.pulse_library import (
    CONTEXT_FAILED,
    CONTEXT_READY,
    EVENTS_OF_DEVICES,
    NO_AUTOSPAWN,
    NO_INDEX,
    EventCallback,
    InfoCallback,
    PulseLibrary,
    SinkInfo,
    SourceInfo,
    StateCallback,
)
from teleconsole.call.media.sound_system import Direction
from teleconsole.contracts.call import Device
from teleconsole.host.limits import CALL_DEVICES
from teleconsole.host.media_limits import SOUND_SERVER_S

_NAME = b"teleconsole"


class NoServerError(OSError):
    """No sound server answers."""


class PulseServer:
    """One connection to the sound server.

    Attributes:
        library: its functions.
        streams: how many are open on it; counted by them, under `locked`.

    Args:
        library: libpulse.
        on_change: called in the server's thread when devices came or went, or the connection ended.

    Raises:
        NoServerError: there is no server, or it did not answer in time.

    Thread: any but the event loop's.
    """

    def __init__(self, library: PulseLibrary, on_change: Callable[[], None]) -> None:
        self.library = library
        self.streams = 0
        self._on_change = on_change
        self._settled = threading.Event()
        self._closed = False
        self._on_state = StateCallback(self._state_changed)
        self._on_event = EventCallback(self._device_event)
        calls = library.calls
        self._loop = calls.pa_threaded_mainloop_new()
        self._context = calls.pa_context_new(calls.pa_threaded_mainloop_get_api(self._loop), _NAME)
        calls.pa_context_set_state_callback(self._context, self._on_state, None)
        refused = calls.pa_context_connect(self._context, None, NO_AUTOSPAWN, None) < 0
        if refused or calls.pa_threaded_mainloop_start(self._loop) < 0 or not self._settled.wait(SOUND_SERVER_S):
            self.close()
            raise NoServerError
        if not self.is_up:
            self.close()
            raise NoServerError
        with self.locked():
            calls.pa_context_set_subscribe_callback(self._context, self._on_event, None)
            operation = calls.pa_context_subscribe(self._context, EVENTS_OF_DEVICES, None, None)
            if operation:
                calls.pa_operation_unref(operation)

    @property
    def is_up(self) -> bool:
        """Whether the connection stands."""
        if self._closed:
            return False
        with self.locked():
            return bool(self.library.calls.pa_context_get_state(self._context) == CONTEXT_READY)

    @contextmanager
    def locked(self) -> Iterator[Any]:
        """Keep the server's thread out; gives the context. Not in that thread."""
        self.library.calls.pa_threaded_mainloop_lock(self._loop)
        try:
            yield self._context
        finally:
            self.library.calls.pa_threaded_mainloop_unlock(self._loop)

    def devices(self, direction: Direction) -> tuple[Device, ...]:
        """Return the loudspeakers, or the microphones without what merely listens to a loudspeaker."""
        found: list[Device] = []
        done = threading.Event()

        def take(_context: Any, info: Any, end: int, _data: Any) -> None:
            if end:
                done.set()
            elif info and (device := _device(info, direction)) is not None:
                found.append(device)

        callback = InfoCallback(take)
        calls = self.library.calls
        ask = calls.pa_context_get_sink_info_list if direction == "output" else calls.pa_context_get_source_info_list
        with self.locked() as context:
            operation = ask(context, callback, None)
        if not operation:
            return ()
        done.wait(SOUND_SERVER_S)
        with self.locked():
            calls.pa_operation_cancel(operation)  # after this the callback is never called again
            calls.pa_operation_unref(operation)
        return tuple(found)[:CALL_DEVICES]

    def close(self) -> None:
        """End the connection and its thread; streams on it have ended."""
        if self._closed:
            return
        self._closed = True
        calls = self.library.calls
        calls.pa_threaded_mainloop_stop(self._loop)
        calls.pa_context_disconnect(self._context)
        calls.pa_context_unref(self._context)
        calls.pa_threaded_mainloop_free(self._loop)

    def _state_changed(self, context: Any, _data: Any) -> None:
        state = self.library.calls.pa_context_get_state(context)
        if state >= CONTEXT_READY:
            was_up = self._settled.is_set()
            self._settled.set()
            if state >= CONTEXT_FAILED and was_up and not self._closed:
                self._on_change()

    def _device_event(self, _context: Any, _kind: int, _index: int, _data: Any) -> None:
        self._on_change()


def _device(info: Any, direction: Direction) -> Device | None:
    if direction == "output":
        told: Any = ctypes.cast(info, ctypes.POINTER(SinkInfo)).contents
    else:
        told = ctypes.cast(info, ctypes.POINTER(SourceInfo)).contents
        if told.monitor_of_sink != NO_INDEX:
            return None
    name = (told.name or b"").decode("utf-8", "replace")
    shown = (told.description or b"").decode("utf-8", "replace")
    return Device(name, shown or name) if name else None
