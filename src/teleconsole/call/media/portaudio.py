"""PortAudio, opened only when a sound device is asked for: loading it touches the machine's sound system."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import sounddevice

from teleconsole.call.media.ring import Samples
from teleconsole.contracts.call import Device
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES, CALL_DEVICES

_lock = threading.Lock()
"""PortAudio is not thread-safe when streams are opened and closed."""


def list_sound_devices(direction: str) -> tuple[Device, ...]:
    """Return the devices that take ("output") or give ("input") sound, none when the system can't tell."""
    try:
        with _lock:
            found = sounddevice.query_devices()
    except sounddevice.PortAudioError:
        return ()
    names = [str(device["name"]) for device in found if device[f"max_{direction}_channels"] > 0]
    return tuple(Device(name, name) for name in dict.fromkeys(names))[:CALL_DEVICES]


class SoundStream:
    """An open stream of 10 ms blocks.

    Args:
        direction: "input" or "output".
        device_id: a name of `list_sound_devices`; empty = the system's default.
        on_block: for input takes each block, for output (given None) returns the next one. PortAudio's thread.

    Raises:
        DeviceUnavailable: there is none, or it cannot be opened.
    """

    def __init__(self, direction: str, device_id: str, on_block: Callable[[Samples | None], Samples | None]) -> None:
        stream_class = sounddevice.InputStream if direction == "input" else sounddevice.OutputStream
        try:
            with _lock:
                self._stream = stream_class(
                    samplerate=CALL_AUDIO_HZ,
                    blocksize=CALL_BLOCK_SAMPLES,
                    device=device_id or None,
                    channels=1,
                    dtype="int16",
                    latency="low",
                    callback=_reader(on_block) if direction == "input" else _writer(on_block),
                )
                self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceUnavailable from error

    @property
    def active(self) -> bool:
        """False when the device went away."""
        return bool(self._stream.active)

    def close(self) -> None:
        """Stop and give the device back."""
        with _lock:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)


def _reader(on_block: Callable[[Samples | None], Samples | None]) -> Callable[..., None]:
    def callback(data: Any, _frames: int, _time: Any, _status: Any) -> None:
        on_block(np.array(data[:, 0], np.int16))

    return callback


def _writer(on_block: Callable[[Samples | None], Samples | None]) -> Callable[..., None]:
    def callback(data: Any, _frames: int, _time: Any, _status: Any) -> None:
        block = on_block(None)
        data[:, 0] = 0 if block is None else block

    return callback
