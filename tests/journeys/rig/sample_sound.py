"""Play through PortAudio as the call does, and tell what was recorded: `python sample_sound.py FILE`.

Plays the samples of FILE (float32, 48 kHz, mono) on the default loudspeaker while recording as much from the default
microphone, and writes the recording over FILE.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import sounddevice

RATE_HZ = 48_000


def main() -> int:
    """Play and record once."""
    path = Path(sys.argv[1])
    samples = np.frombuffer(path.read_bytes(), np.float32)
    recorded = sounddevice.playrec(samples, RATE_HZ, channels=1, dtype="float32", blocking=True)
    path.write_bytes(recorded[:, 0].tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
