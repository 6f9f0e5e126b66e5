"""The figures as they stand in docs/figures/call."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.call import goals, plots
from tests.bench.call.link import PROJECT
from tests.bench.call.report import table
from tests.bench.call.scenarios import SCENARIOS

FOLDER = PROJECT / "docs" / "figures" / "call"

Figures = dict[str, Any]


def publish(results: Sequence[Figures], folder: Path = FOLDER) -> None:
    """Write figures.json, table.md and the plots; scenarios that were not run now keep their earlier figures."""
    folder.mkdir(parents=True, exist_ok=True)
    results = _with_earlier(results, folder / "figures.json")
    machine = {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    (folder / "figures.json").write_text(json.dumps({"machine": machine, "runs": results}, indent=1) + "\n")
    drawn = plots.write_plots(results, folder)
    scenarios = dict.fromkeys(each["scenario"] for each in results)
    tables = [table([each for each in results if each["scenario"] == scenario]) for scenario in scenarios]
    load = sorted(each["load"] for each in results)
    states = dict.fromkeys(each["state"] for each in results if each.get("state")) or ["as committed"]
    parts = [
        "# The call over bad networks: the goals",
        "",
        f"Measured {machine['measured']} on {machine['cores']} cores ({machine['system']}), shared with other work "
        f"(load {load[0]:g} to {load[-1]:g}): read the ratios. Reference: Chromium and Chromium in the same run. "
        f"State of the sources: {', '.join(states)}. What is measured where: README.md.",
        "",
        goals.table(results),
        "## Each scenario",
        "",
        "```text",
        "\n\n".join(tables),
        "```",
        "",
        "## Over time",
        "",
        *(f"![{path.stem}]({path.name})" for path in drawn),
        "",
    ]
    (folder / "table.md").write_text("\n".join(parts))


def _with_earlier(results: Sequence[Figures], path: Path) -> list[Figures]:
    """The results, and those in the file of other scenarios, in the scenarios' order."""
    run_now = {each["scenario"] for each in results}
    earlier = json.loads(path.read_text())["runs"] if path.exists() else []
    every = [*(each for each in earlier if each["scenario"] not in run_now), *results]
    order = list(SCENARIOS)
    return sorted(every, key=lambda each: order.index(each["scenario"]))
