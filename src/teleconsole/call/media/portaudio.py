"""PortAudio, opened only when a sound device is asked for: loading it touches the machine's sound system."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import sounddevice

from teleconsole.call.media.ring import Samples
from teleconsole.call.media.sound_system import Direction, OnBlock
from teleconsole.contracts.call import Device
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES, CALL_DEVICES


class PortAudio:
    """The devices that PortAudio found. It looks for them once, and again only while no stream is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        """PortAudio is not thread-safe when streams are opened and closed."""
        self._open = 0
        self._looked = False

    def devices(self, direction: Direction) -> tuple[Device, ...]:
        """Return the devices that take ("output") or give ("input") sound, none when the system can't tell."""
        try:
            with self._lock:
                self._look_again()
                found = sounddevice.query_devices()
        except sounddevice.PortAudioError:
            return ()
        names = [str(device["name"]) for device in found if device[f"max_{direction}_channels"] > 0]
        return tuple(Device(name, name) for name in dict.fromkeys(names))[:CALL_DEVICES]

    def open(self, direction: Direction, device_id: str, on_block: OnBlock) -> "PortAudioStream":
        """Return an open stream.

        Raises:
            DeviceUnavailable: there is none, or it cannot be opened.
        """
        with self._lock:
            stream = PortAudioStream(direction, device_id, on_block, self._closing)
            self._open += 1
            return stream

    def _look_again(self) -> None:
        if self._looked and not self._open:
            # the way that sounddevice's author gives for devices that were plugged in
            sounddevice._terminate()
            sounddevice._initialize()
        self._looked = True

    def _closing(self, close: Callable[[], None]) -> None:
        with self._lock:
            close()
            self._open -= 1


class PortAudioStream:
    """An open stream of 10 ms blocks; made by `PortAudio.open`."""

    def __init__(
        self,
        direction: Direction,
        device_id: str,
        on_block: OnBlock,
        closing: Callable[[Callable[[], None]], None],
    ) -> None:
        stream_class = sounddevice.InputStream if direction == "input" else sounddevice.OutputStream
        self._closing = closing
        self._late_blocks = 0
        try:
            self._stream = stream_class(
                samplerate=CALL_AUDIO_HZ,
                blocksize=CALL_BLOCK_SAMPLES,
                device=device_id or None,
                channels=1,
                dtype="int16",
                latency="low",
                callback=_reader(on_block) if direction == "input" else self._writer(on_block),
            )
            try:
                self._stream.start()
            except sounddevice.PortAudioError:
                self._end()
                raise
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceUnavailable from error

    @property
    def active(self) -> bool:
        """False when the device went away."""
        return bool(self._stream.active)

    @property
    def latency_ms(self) -> float:
        """How long sound takes between us and the device, as PortAudio says."""
        return float(self._stream.latency) * 1000

    @property
    def late_ms(self) -> float:
        """Silence that was played so far because sound was handed over too late; PortAudio tells only how often."""
        return 1000.0 * self._late_blocks * CALL_BLOCK_SAMPLES / CALL_AUDIO_HZ

    def close(self) -> None:
        """Stop and give the device back."""
        self._closing(self._end)

    def _end(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    def _writer(self, on_block: OnBlock) -> Callable[..., None]:
        def callback(data: Any, _frames: int, _time: Any, status: Any) -> None:
            self._late_blocks += bool(status.output_underflow)
            block: Samples | None = on_block(None)
            data[:, 0] = 0 if block is None else block

        return callback


def _reader(on_block: OnBlock) -> Callable[..., None]:
    def callback(data: Any, _frames: int, _time: Any, _status: Any) -> None:
        on_block(np.array(data[:, 0], np.int16))

    return callback
