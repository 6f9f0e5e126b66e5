"""A sound to try a loudspeaker with."""

import numpy as np

from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_AUDIO_HZ

_NOTES_HZ = (523.25, 659.26, 783.99)
_NOTE_S, _TAIL_S, _LEVEL = 0.35, 0.25, 0.25


def chime() -> Samples:
    """Return three rising notes, a good second: mono 48 kHz, never loud."""
    length = round((_NOTE_S * len(_NOTES_HZ) + _TAIL_S) * CALL_AUDIO_HZ)
    whole = np.zeros(length)
    for number, frequency_hz in enumerate(_NOTES_HZ):
        start = round(number * _NOTE_S * CALL_AUDIO_HZ)
        t = np.arange(length - start) / CALL_AUDIO_HZ
        attack = np.clip(t / 0.01, 0, 1)
        whole[start:] += attack * np.exp(-t / 0.15) * np.sin(2 * np.pi * frequency_hz * t)
    return np.asarray(_LEVEL * 32767 * whole / np.abs(whole).max(), np.int16)
