"""A loudspeaker that is served late: through the real sound server."""

import itertools
import time
from pathlib import Path

import numpy as np
from tests.integration.call.waiting import until
from tests.journeys.rig.net import end
from tests.journeys.rig.sound import SPEAKER, Sound, monitor

from teleconsole.call.media.ring import Samples
from teleconsole.call.media.system_sound import SystemSound
from teleconsole.host.limits import CALL_BLOCK_SAMPLES

FIRST, BLOCKS = 50, 320
LATE = {200: 0.06, 240: 0.15, 280: 0.1}
"""Before this block the program stands still for so many seconds."""
STRAY = 6
"""A machine of tests that is busy stops the sound server too now and then; without the remedy 26 are lost."""
STEP = 100
"""Each block is a tone of its own level, so that each can be found again."""


async def test_sound_that_is_handed_over_late_is_heard_late_and_not_lost(sound: Sound, tmp_path: Path) -> None:
    numbers = itertools.count(1)
    played = 0

    def next_block(_: Samples | None) -> Samples:
        nonlocal played
        played = next(numbers)
        time.sleep(LATE.get(played, 0.0))
        level = STEP * played if played <= BLOCKS else 0
        return np.full(CALL_BLOCK_SAMPLES, level, np.int16)

    command = ["parec", f"--device={monitor(SPEAKER)}", "--rate=48000", "--channels=1", "--latency-msec=10"]
    recording = tmp_path / "heard.raw"
    with recording.open("wb") as file:
        recorder = sound.net.popen(command, env=sound.env, stdout=file)
    await until(lambda: recording.stat().st_size > 0, "it is recorded")
    system = SystemSound()
    stream = system.open("output", SPEAKER, next_block)
    await until(lambda: played > BLOCKS + 20, "all is played", within_s=20)
    stream.close()
    system.close()
    end(recorder)
    heard = np.round(np.frombuffer(recording.read_bytes(), "<i2") / STEP).astype(int)
    samples = np.bincount(heard, minlength=BLOCKS + 1)[FIRST : BLOCKS + 1]
    lost = FIRST + np.flatnonzero(samples < CALL_BLOCK_SAMPLES // 2)
    assert lost.size <= STRAY, f"blocks {lost.tolist()} were not heard"
    assert stream.late_ms > 1000 * sum(LATE.values()) / 2, "the silence is counted"
