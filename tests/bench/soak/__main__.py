"""`python -m tests.bench.soak`: a long call with a sound device that is 100 ppm fast, into docs/figures/call/soak.md.

As root. `--minutes N` (60), `--ppm N` (100), `--samples FILE` only makes the figures anew from samples of before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.call.publish import FOLDER
from tests.bench.soak.soak import soak
from tests.bench.soak.trends import MACHINE_LATE_MS, figures
from tests.journeys.rig.net import NetUnavailableError

GOAL_GROWTH_MIB, GOAL_DRIFT_MS = 20, 20
LEAST_MINUTES = 4


def main() -> int:
    """Call, then write; 0 when the call came about."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--ppm", type=float, default=100)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--note", default="", help="a sentence about this run, for the page")
    options = parser.parse_args()
    if options.samples is None and options.minutes < LEAST_MINUTES:
        parser.error(f"growth is measured from minute 2 on: {LEAST_MINUTES} minutes are the least")
    if options.samples is None:
        options.samples = Path(tempfile.mkdtemp(prefix="teleconsole-soak-samples-")) / "samples.jsonl"
        sys.stdout.write(f"Samples: {options.samples}\n")
        sys.stdout.flush()
        try:
            asyncio.run(soak(options.minutes, options.ppm, options.samples))
        except NetUnavailableError as unavailable:
            sys.stderr.write(f"{unavailable}\n")
            return 1
    samples = [json.loads(line) for line in options.samples.read_text().splitlines()]
    _publish(samples, options.ppm, options.note)
    return 0


def _publish(samples: Sequence[Mapping[str, Any]], ppm: float, note: str) -> None:
    found = {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "skew_ppm": ppm,
        "note": note,
        **figures(samples),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "soak.json").write_text(json.dumps({"figures": found, "samples": samples}) + "\n")
    (FOLDER / "soak.md").write_text(page(found))


def page(found: Mapping[str, Any]) -> str:
    """The figures as a page in Markdown."""
    grown, glitch = found["growth"], found["glitches"]
    rows = [
        ("memory (PSS) of the call process, from minute 2, MiB", f"≤ {GOAL_GROWTH_MIB} in 60 min", grown["pss_mib"]),
        ("its anonymous memory, from minute 2, MiB", "", grown["anonymous_mib"]),
        ("its anonymous memory, usual slope, MiB a minute", "", found["anonymous_mib_per_min"]),
        ("its threads; files", "0", f"{grown['threads']:g}; {grown['fds']:g}"),
        ("the console's stand-in: threads; files", "0", "{threads:g}; {fds:g}".format(**found["console_growth"])),
        ("CPU of the call process, cores", "", found["cpu_cores"]),
        ("its threads waited for a processor, cores", "", found["waited_cores"]),
    ]
    for name, end in (("to_clinic", "console"), ("to_patient", "patient")):
        way = found["mouth_to_ear"][name]
        rows += [
            (f"mouth to ear at the {end}, calm, growth from minute 2, ms", f"≤ {GOAL_DRIFT_MS}", way["growth_ms"]),
            (f"the same, usual slope, ms a minute ({way['calm_slices']} calm slices)", "", way["slope_ms_per_min"]),
            (
                "the same: lowest, median, highest, ms",
                "",
                "{calm_low_ms}, {calm_p50_ms}, {calm_high_ms}".format(**way),
            ),
        ]
    rows += [
        ("console: seconds with sound made up", "", f"{glitch['made_up']} of {glitch['seconds']}"),
        ("of these: the network lost something", "", glitch["network"]),
        (f"of these: the machine stood still for {MACHINE_LATE_MS:g} ms", "", glitch["machine"]),
        ("of these: unexplained", "0", glitch["unexplained"]),
    ]
    run = (
        f"Measured {found['measured']} on {found['cores']} cores shared with other work (load {found['load'][0]:g} to "
        f"{found['load'][1]:g}); the link lost {found['lost_packets']} packets. A goal of 60 minutes is shown by a run "
        "of 60 minutes only: `make soak-call`."
    )
    method = (
        "Each side has a sound daemon of its own; the clinic's runs on a monotonic clock that is fast "
        "(`tests/bench/soak/skewed_clock.c`), so that loudspeaker and microphone of the call process are. The page "
        "is the patient's own in a real Chromium; both send 640x360 at 15 a second. Calm: no thread of the bench woke "
        f"{MACHINE_LATE_MS:g} ms late in those ten seconds; sound made up is put down to the machine if one was within "
        "a second, which is no proof that it was the cause."
    )
    lines = [
        f"# A call of {found['minutes']:g} minutes, the console's sound device {found['skew_ppm']:g} ppm fast",
        "",
        run,
        "",
        method,
        "",
        *([found["note"], ""] if found.get("note") else []),
        "| figure | goal | measured |",
        "|---|---|---:|",
        *(f"| {words} | {goal} | {value} |" for words, goal, value in rows),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
