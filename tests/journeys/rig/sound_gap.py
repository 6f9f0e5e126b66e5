"""How long was it silent while sound went from one loudspeaker to another? Several sinks, heard on one clock."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import numpy as np
import numpy.typing as npt
from tests.journeys.rig.net import end
from tests.journeys.rig.sound import RATE_HZ, Sound, monitor
from tests.journeys.rig.tones import RAW_FORMAT, Samples

WINDOW_S = 0.01
HEARD_RMS = 10 ** (-50 / 20)
HOP_S = 0.08
_READ_BYTES = RATE_HZ // 50 * 2


def hopping_tone(seconds: float, *, level: float = 0.3, seed: int = 3) -> Samples:
    """Mono samples of a tone that is always there and never the same, so that noise suppression lets it pass."""
    rng = np.random.default_rng(seed)
    count = int(seconds / HOP_S)
    frequencies = np.repeat(rng.uniform(300, 3_000, count), int(HOP_S * RATE_HZ))
    phase = 2 * np.pi * np.cumsum(frequencies) / RATE_HZ
    loudness = np.repeat(rng.uniform(0.5, 1.0, count), int(HOP_S * RATE_HZ))
    return (level * loudness * np.sin(phase)).astype(np.float32)


class Ears:
    """Hears what is played into some sinks from its making to `close`; a sink may come and go.

    Args:
        sound: the server.
        sinks: names.
    """

    def __init__(self, sound: Sound, sinks: Sequence[str]) -> None:
        self._ears = {sink: _Ear(sound, sink) for sink in sinks}

    def __enter__(self) -> Ears:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hear no more."""
        for ear in self._ears.values():
            ear.close()

    def heard(self) -> Mapping[str, npt.NDArray[np.bool_]]:
        """For each sink whether something was heard, in windows of `WINDOW_S` on the same clock."""
        first_s = min(ear.start_s for ear in self._ears.values())
        last_s = min(ear.end_s for ear in self._ears.values())
        count = int((last_s - first_s) / WINDOW_S)
        return {sink: ear.heard(first_s, count) for sink, ear in self._ears.items()}

    def is_heard_now(self, sink: str) -> bool:
        """Whether the newest half second of a sink has sound in it."""
        return self._ears[sink].is_heard_now()

    def longest_gap_s(self) -> float:
        """The longest time in which no sink had sound, between the first sound and the last."""
        together = np.logical_or.reduce(list(self.heard().values()))
        loud = np.flatnonzero(together)
        assert len(loud) > 1, "nothing was heard at all"
        return float(np.max(np.diff(loud)) - 1) * WINDOW_S


class _Ear:
    def __init__(self, sound: Sound, sink: str) -> None:
        self._process = sound.net.popen(
            ["parec", *RAW_FORMAT, "--latency-msec=20", f"--device={monitor(sink)}"],
            env=sound.env,
            stdout=subprocess.PIPE,
        )
        self._data = bytearray()
        self._start_s = float("inf")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def start_s(self) -> float:
        """When the first sample was played, by the earliest that any piece came."""
        return self._start_s

    @property
    def end_s(self) -> float:
        """When the last sample was played."""
        return self._start_s + len(self._data) / 2 / RATE_HZ

    def heard(self, first_s: float, count: int) -> npt.NDArray[np.bool_]:
        """Whether something was heard, in `count` windows from a moment on."""
        size = int(WINDOW_S * RATE_HZ)
        samples = np.frombuffer(bytes(self._data), np.int16)
        before = max(0, round((self._start_s - first_s) / WINDOW_S))
        windows = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float32) / 32_768
        loud = np.sqrt(np.mean(windows**2, axis=1)) > HEARD_RMS
        whole = np.zeros(count, np.bool_)
        taken = loud[: max(0, count - before)]
        whole[before : before + len(taken)] = taken
        return whole

    def is_heard_now(self) -> bool:
        newest = np.frombuffer(bytes(self._data[-RATE_HZ // 2 * 2 :]), np.int16).astype(np.float32) / 32_768
        return len(newest) > 0 and float(np.sqrt(np.mean(newest**2))) > HEARD_RMS

    def close(self) -> None:
        self._process.terminate()
        self._thread.join(5)  # it reads to the end; `end` closes the pipe, which must not happen under its hands
        end(self._process)

    def _read(self) -> None:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read(_READ_BYTES):
            self._data += piece
            self._start_s = min(self._start_s, time.monotonic() - len(self._data) / 2 / RATE_HZ)
