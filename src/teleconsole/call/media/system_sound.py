"""The sound of this computer: by its sound server where there is one, by PortAudio elsewhere."""

import threading
from collections.abc import Callable

from teleconsole.call.media.portaudio import PortAudio
from teleconsole.call.media.pulse import NoServerError, PulseServer
from teleconsole.call.media.pulse_library import load_libpulse
from teleconsole.call.media.pulse_stream import PulseStream
from teleconsole.call.media.sound_system import Direction, OnBlock, SoundStream
from teleconsole.contracts.call import Device


class SystemSound:
    """A `SoundSystem`. Nothing is touched before the first call; a server that ended is looked for again by each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: PulseServer | None = None
        self._ended: list[PulseServer] = []
        self._portaudio: PortAudio | None = None
        self._on_change: Callable[[], None] = _nobody

    def devices(self, direction: Direction) -> tuple[Device, ...]:
        """See `SoundSystem`."""
        server = self._connected()
        return server.devices(direction) if server is not None else self._fallback().devices(direction)

    def open(self, direction: Direction, device_id: str, on_block: OnBlock) -> SoundStream:
        """See `SoundSystem`."""
        server = self._connected()
        if server is not None:
            return PulseStream(server, direction, device_id, on_block)
        return self._fallback().open(direction, device_id, on_block)

    def listen(self, on_change: Callable[[], None]) -> None:
        """See `SoundSystem`; PortAudio tells nothing by itself."""
        self._on_change = on_change

    def close(self) -> None:
        """Give everything back; streams are closed before."""
        with self._lock:
            server, self._server = self._server, None
            self._on_change = _nobody
            if server is not None:
                server.close()
            self._free_ended()

    def _free_ended(self) -> None:
        """Servers that went away are freed after the last of their streams."""
        for server in [server for server in self._ended if not server.streams]:
            server.close()
            self._ended.remove(server)

    def _connected(self) -> PulseServer | None:
        library = load_libpulse()
        if library is None:
            return None
        with self._lock:
            if self._server is not None and not self._server.is_up:
                self._ended.append(self._server)
                self._server = None
            self._free_ended()
            if self._server is None:
                try:
                    self._server = PulseServer(library, lambda: self._on_change())
                except NoServerError:
                    return None
            return self._server

    def _fallback(self) -> PortAudio:
        with self._lock:
            if self._portaudio is None:
                self._portaudio = PortAudio()
            return self._portaudio


def _nobody() -> None:
    return None
