"""`python -m tests.bench.call`: calls over bad networks, ours beside a browser's, and what each end saw and heard.

One scenario in less than a minute for each pair, as root, beside anything else on the machine (own namespaces, sound
and folders)::

    .venv/bin/python -m tests.bench.call --scenario loss5 --pairs console,chromium --seconds 20

`--list` names the scenarios, `--json PATH` keeps the figures (with each second of them), `--repeats N` alternates the
pairs N times, `--window` measures the console's picture when its window has painted it instead of when it lies in the
frame slot. Several scenarios: `--scenario loss5,loss10`. `--matrix` runs all and writes docs/figures/call.

Runs wait for each other, and take precedence before other work on the machine (`precedence`), so that it does not
spoil them; compare the ratios all the same, and look at "load". To measure a state other than the working tree, export
it and go there::

    git archive HEAD | tar -x -C /tmp/state && cd /tmp/state
    PYTHONPATH=/tmp/state:/tmp/state/src /path/to/.venv/bin/python -m tests.bench.call --scenario clean
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, async_playwright
from tests.bench.call.measure import figures
from tests.bench.call.pairs import PAIRS
from tests.bench.call.precedence import alone, end_by_exception, in_own_session, prefer
from tests.bench.call.publish import FOLDER, publish
from tests.bench.call.report import table
from tests.bench.call.run import run
from tests.bench.call.scenarios import SCENARIOS, Scenario
from tests.journeys.rig.net import NetUnavailableError

from teleconsole.ipc.errors import IpcError

IN_SESSION = "--in-session"
MATRIX_TURN = 5
"""So many scenarios of the matrix before others have their turn."""


def main() -> int:
    """Run what the command line says; 0 when every call came about."""
    if IN_SESSION not in sys.argv:
        return in_own_session(sys.argv[1:])
    end_by_exception()
    prefer()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="", help="names, with commas between; clean if none is named")
    parser.add_argument("--pairs", default="console,chromium", help="console, chromium or both")
    parser.add_argument("--seconds", type=float, help="measured time instead of the scenario's own")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--window", action="store_true", help="the console's picture is measured when it is painted")
    parser.add_argument("--json", type=Path, help="file for all figures")
    parser.add_argument("--matrix", action="store_true", help="all scenarios, into docs/figures/call")
    parser.add_argument("--publish", type=Path, help="another folder for what --matrix writes")
    parser.add_argument("--state", default="", help="which state of the sources this is, for the record")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument(IN_SESSION, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        for scenario in SCENARIOS.values():
            sys.stdout.write(f"{scenario.name:<12}{scenario.link[0]}\n")
        return 0
    names = list(SCENARIOS) if options.matrix and not options.scenario else (options.scenario or "clean").split(",")
    chosen = [SCENARIOS[name] for name in names]
    if options.seconds:
        chosen = [scenario.lasting(options.seconds) for scenario in chosen]
    try:
        results, failed = asyncio.run(_run_all(chosen, options))
    except NetUnavailableError as unavailable:
        sys.stderr.write(f"{unavailable}\n")
        return 1
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    return 1 if failed else 0


async def _run_all(scenarios: list[Scenario], options: argparse.Namespace) -> tuple[list[dict[str, Any]], int]:
    pairs = [name for name in options.pairs.split(",") if name in PAIRS]
    results: list[dict[str, Any]] = []
    failed = 0
    async with async_playwright() as playwright:
        per_turn = MATRIX_TURN if options.matrix else 1
        for begin in range(0, len(scenarios), per_turn):
            with alone():
                for scenario in scenarios[begin : begin + per_turn]:
                    found, missed = await _interleaved(scenario, pairs, playwright, options)
                    failed += missed
                    results += found
                    if found:
                        sys.stdout.write(table(found) + "\n")
                        sys.stdout.flush()
                    if found and options.matrix:
                        publish(results, options.publish or FOLDER)
    return results, failed


async def _interleaved(
    scenario: Scenario, pairs: list[str], playwright: Playwright, options: argparse.Namespace
) -> tuple[list[dict[str, Any]], int]:
    """The figures of each run of a scenario, and how many did not come about."""
    found: list[dict[str, Any]] = []
    failed = 0
    for _ in range(options.repeats):
        for pair in pairs:
            try:
                raw = await run(pair, scenario, playwright, shown=options.window or scenario.shown)
            except (AssertionError, OSError, IpcError, PlaywrightError) as error:
                failed += 1
                sys.stderr.write(f"{scenario.name}, {pair}: {error}\n")
                continue
            found.append({**figures(raw), "state": options.state})
    return found, failed


if __name__ == "__main__":
    raise SystemExit(main())
