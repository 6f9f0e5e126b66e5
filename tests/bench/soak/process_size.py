"""What a process takes now: memory, threads, files, processor time, and how long its threads waited for a processor."""

from __future__ import annotations

import os
from pathlib import Path

KIB_PER_MIB = 1024


def size(pid: int) -> dict[str, float]:
    """Sizes of one process now.

    Returns:
        pss_mib and anonymous_mib (proc_pid_smaps_rollup(5)), threads, fds, cpu_s, and waited_s: the sum of the times
        that its living threads were ready to run and had no processor (schedstat, second field).
    """
    folder = Path(f"/proc/{pid}")
    rollup = {}
    for line in (folder / "smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        rollup[name] = int(value.split()[0]) / KIB_PER_MIB
    tasks = list((folder / "task").iterdir())
    waited_ns = 0
    for task in tasks:
        try:
            waited_ns += int((task / "schedstat").read_text().split()[1])
        except OSError:  # the thread ended while we looked
            continue
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return {
        "pss_mib": round(rollup["Pss"], 2),
        "anonymous_mib": round(rollup["Pss_Anon"], 2),
        "threads": len(tasks),
        "fds": len(list((folder / "fd").iterdir())),
        "cpu_s": (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
        "waited_s": waited_ns / 1e9,
    }
