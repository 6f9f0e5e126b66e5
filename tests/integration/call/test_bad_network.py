"""A short slice of the bench (`make bench-call`): the console and the real page on a bad network, with wide bands.

The bands say that a call stays a call, not how good it is: docs/figures/call does. The bench is a process of its own,
so that it takes precedence as a whole, and waits while another one runs.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.call.measure import DIRECTIONS
from tests.journeys.rig.net import Net

WITHIN_S = 900
"""Its own time is half a minute; the rest is for those that wait for each other."""


def measured(folder: Path, scenario: str, seconds: float) -> dict[str, Any]:
    """The figures of the console's pair in a scenario."""
    assert Net(()).close() == []  # says in one sentence what a machine lacks for a network of its own
    path = folder / "figures.json"
    bench = (sys.executable, "-m", "tests.bench.call", "--pairs", "console", "--json", path)
    done = subprocess.run(
        [*bench, "--scenario", scenario, "--seconds", str(seconds)],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (found,) = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def test_bad_network_five_percent_loss_the_picture_moves_and_the_voice_is_heard(tmp_path: Path) -> None:
    found = measured(tmp_path, "loss5", 8)
    for direction in DIRECTIONS:
        end = found[direction]
        assert end["fps"] > 8, found
        assert end["longest_gap_ms"] < 3_000, found
        assert end["video_ms_p50"] < 1_000, found
        assert end["voice_not_found_percent"] < 50, found
        assert end["mouth_to_ear_ms_p50"] < 1_000, found
        assert end["audio_silent_percent"] < 60, found


def test_bad_network_three_seconds_of_nothing_are_told_and_the_voice_comes_back(tmp_path: Path) -> None:
    found = measured(tmp_path, "outage3", 12)
    for direction in DIRECTIONS:
        end = found[direction]
        assert end["sound_back_ms"] is not None, found
        assert end["sound_back_ms"] < 5_000, found
    assert found["to_clinic"]["told_ms"] < 2_900, found
