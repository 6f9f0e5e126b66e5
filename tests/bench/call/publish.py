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

FOLDER = PROJECT / "docs" / "figures" / "call"

Figures = dict[str, Any]


def publish(results: Sequence[Figures], folder: Path = FOLDER) -> None:
    """Write figures.json, table.md and the plots."""
    folder.mkdir(parents=True, exist_ok=True)
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
    parts = [
        "# The call over bad networks: the goals",
        "",
        f"Measured {machine['measured']} on {machine['cores']} cores ({machine['system']}), shared with other work "
        f"(load {load[0]:g} to {load[-1]:g}): read the ratios. Reference: Chromium and Chromium in the same run. "
        "What is measured where: README.md.",
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
