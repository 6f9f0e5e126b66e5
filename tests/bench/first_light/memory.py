"""Memory and processor time of the processes of the app."""

from __future__ import annotations

from pathlib import Path

import psutil
from tests.journeys.rig.process import Program

CHILDREN = ("vault", "call", "render")
KIB_PER_MIB = 1024


def processes(program: Program) -> dict[str, int]:
    """Pids of the console and of those of its children that run now, by name."""
    found = {"console": program.pid}
    for name in CHILDREN:
        for child in program.children(name)[:1]:
            found[name] = child.pid
    return found


def pss_mib(pid: int) -> float:
    """Proportional set size: what is shared counts in part, so that the processes' sizes may be added."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / KIB_PER_MIB
    raise LookupError(f"no Pss of process {pid}")


def sizes_mib(program: Program) -> dict[str, float]:
    """The size of each process now."""
    return {name: pss_mib(pid) for name, pid in processes(program).items()}


def cpu_s(program: Program) -> dict[str, float]:
    """Processor time that each process has taken so far, in seconds."""
    times = {name: psutil.Process(pid).cpu_times() for name, pid in processes(program).items()}
    return {name: time.user + time.system for name, time in times.items()}
