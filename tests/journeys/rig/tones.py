"""Did the sound truly arrive? Tones are played on one side and looked for in what the other side heard.

A tone here is pulsed, a quarter of a second in every one and a quarter: noise suppression takes what is there most of
the time for noise and removes it (Chromium's removed a tone that was on for two thirds of the time within 2 s).
"""

from __future__ import annotations

import contextlib
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tests.journeys.rig.net import end
from tests.journeys.rig.sound import RATE_HZ, Sound, monitor

RAW_FORMAT = ("--raw", "--format=s16le", "--channels=1", f"--rate={RATE_HZ}")

Samples = npt.NDArray[np.float32]

ON_S = 0.25
OFF_S = 1.0
FADE_S = 0.01
WINDOW_S = 0.05
NEIGHBOURS_HZ = (-390, -310, -230, -170, 170, 230, 310, 390)
HEARD_DB = 20.0
"""A tone stands out of its neighbours by this much in some window; a pure noise does so by less than 15 dB."""
SILENCE_RMS = 10 ** (-65 / 20)
"""Windows below this (full scale 1.0) count as silent."""


def pulsed_tone(frequency_hz: float, seconds: float, *, level: float = 0.3) -> Samples:
    """Mono samples at `RATE_HZ` of a pulsed tone, full scale 1.0."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase_s = t % (ON_S + OFF_S)
    envelope = np.clip(np.minimum(phase_s, ON_S - phase_s) / FADE_S, 0, 1)
    return (level * envelope * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32)


def write_wav(path: Path, samples: Samples) -> Path:
    """Write mono 16-bit WAV and return `path`; e.g. as the browser's microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(_to_s16(samples))
    return path


def goertzel_power(samples: Samples, frequency_hz: float) -> float:
    """Power at one frequency (full-scale sine: 0.25), by projection on a Hann-windowed complex tone."""
    n = len(samples)
    window = np.hanning(n)
    tone = np.exp(-2j * np.pi * frequency_hz * np.arange(n) / RATE_HZ)
    return float(np.abs(np.dot(samples * window, tone) / window.sum()) ** 2)


def tone_db(samples: Samples, frequency_hz: float) -> float:
    """How far the tone stands out of its neighbours in the clearest window, in dB; 0 if all is silent.

    Windows are short (50 ms): a starved machine plays with breaks, and each break smears a longer window's spectrum.
    Only windows that are not silent count, and the neighbours are at least at the level of 16-bit rounding.
    """
    size = int(WINDOW_S * RATE_HZ)
    best = 0.0
    for start in range(0, len(samples) - size + 1, size // 2):
        window = samples[start : start + size]
        if float(np.sqrt(np.mean(window**2))) < SILENCE_RMS:
            continue
        neighbours = [goertzel_power(window, frequency_hz + offset) for offset in NEIGHBOURS_HZ]
        floor = max(float(np.mean(neighbours)), 1e-12)
        best = max(best, 10 * float(np.log10(max(goertzel_power(window, frequency_hz), 1e-30) / floor)))
    return best


def hears(samples: Samples, frequency_hz: float) -> bool:
    """Tell whether the tone is in there, clearly."""
    return tone_db(samples, frequency_hz) >= HEARD_DB


def record(sound: Sound, sink: str, seconds: float) -> Samples:
    """Record what is played into a sink, from now for `seconds`; mono, full scale 1.0.

    Raises:
        subprocess.TimeoutExpired: no samples came (a null sink delivers silence, so the daemon is stuck).
    """
    wanted_bytes = int(seconds * RATE_HZ) * 2
    process = sound.net.popen(
        ["parec", *RAW_FORMAT, "--latency-msec=50", f"--device={monitor(sink)}"],
        env=sound.env,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        raw = process.stdout.read(wanted_bytes)
    finally:
        end(process)
    assert len(raw) == wanted_bytes, f"parec ended after {len(raw)} of {wanted_bytes} bytes"
    return (np.frombuffer(raw, np.int16) / 32768).astype(np.float32)


def wait_heard(sound: Sound, sink: str, frequency_hz: float, *, within_s: float = 15.0) -> float:
    """Record second by second until the tone is heard in what a sink played; return its clearness in dB."""
    measured = []
    for _ in range(max(1, round(within_s / 1.5))):
        measured.append(tone_db(record(sound, sink, 1.5), frequency_hz))
        if measured[-1] >= HEARD_DB:
            return measured[-1]
    raise AssertionError(
        f"{frequency_hz:g} Hz was not heard in {sink!r} within {within_s:g} s; "
        f"clearness in dB over time: {[round(value, 1) for value in measured]}"
    )


@contextlib.contextmanager
def playing(sound: Sound, sink: str, frequency_hz: float, folder: Path, *, seconds: float = 120) -> Iterator[None]:
    """Play a pulsed tone into a sink for the length of the block (at most `seconds`); `folder` takes its file."""
    path = folder / f"tone-{frequency_hz:g}.s16"
    path.write_bytes(_to_s16(pulsed_tone(frequency_hz, seconds)))
    process = sound.net.popen(
        ["pacat", *RAW_FORMAT, f"--device={sink}", path],
        env=sound.env,
    )
    try:
        yield
    finally:
        end(process)


def _to_s16(samples: Samples) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
