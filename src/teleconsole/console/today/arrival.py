"""The sound of an arrival: two short soft tones, played by the call process so that the echo canceller knows them."""

import math
import struct

_RATE_HZ = 48_000
_TONES = ((660.0, 0.12), (880.0, 0.18))
_LEVEL = 0.18


def arrival_samples() -> bytes:
    """Return 0.3 s of mono 48 kHz signed 16-bit samples that begin and end in silence."""
    samples = bytearray()
    for hz, seconds in _TONES:
        count = int(_RATE_HZ * seconds)
        for index in range(count):
            fade = math.sin(math.pi * index / count)
            value = _LEVEL * fade * math.sin(2 * math.pi * hz * index / _RATE_HZ)
            samples += struct.pack("<h", int(value * 32_767))
    return bytes(samples)
