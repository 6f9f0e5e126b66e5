"""From the samples of a long call to its figures: growth, drift, glitches and whose they are."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

SETTLED_S = 120.0
"""Growth counts from here on: caches and pools are filled."""
MACHINE_LATE_MS = 20.0
"""A thread that is woken so late shows a machine that stood still: sound is due every 10 ms."""
NEAR_S = 1
"""A second's glitch can come from a machine that was late in the second before or after."""

Sample = Mapping[str, Any]
Points = Sequence[tuple[float, float]]


def slope_per_min(points: Points) -> float | None:
    """The usual slope of (seconds, value): the median of those between all pairs (Theil and Sen); None: too few."""
    slopes = [
        (later - sooner) / (to_s - from_s)
        for at, (from_s, sooner) in enumerate(points)
        for to_s, later in points[at + 1 :]
        if to_s > from_s
    ]
    return statistics.median(slopes) * 60 if slopes else None


def growth(points: Points, from_s: float = SETTLED_S) -> float | None:
    """How much more the last is than that of `from_s`, each the median of three; None: it did not last so long."""
    kept = [value for at_s, value in points if at_s >= from_s]
    if len(kept) < 6:
        return None
    return statistics.median(kept[-3:]) - statistics.median(kept[:3])


def glitches(samples: Sequence[Sample]) -> dict[str, int]:
    """Seconds of the call in which sound was made up, and what went on in them.

    Returns:
        seconds: all that were told; made_up: those with sound made up; of these network: the link or the call lost
        something near, machine: nothing was lost and the machine was late near, unexplained: neither.
    """
    late: dict[int, float] = {}
    for sample in samples:
        for second, late_ms in sample["late_ms"].items():
            late[int(second)] = max(late.get(int(second), 0.0), late_ms)
    found = dict.fromkeys(("seconds", "made_up", "network", "machine", "unexplained"), 0)
    lost_before = 0
    for sample in samples:
        lost = sum(sample["link"]["lost"]) + sum(sample["link"]["dropped"])
        link_lost, lost_before = lost > lost_before, lost
        for told in sample["seconds"]:
            found["seconds"] += 1
            if told["concealed_percent"] <= 0:
                continue
            found["made_up"] += 1
            second = told["at_ms"] // 1000
            # What is told at a moment is of the second before it.
            near = range(second - 1 - NEAR_S, second + NEAR_S + 1)
            if link_lost or told["loss_percent"] > 0:
                found["network"] += 1
            elif max((late.get(each, 0.0) for each in near), default=0.0) >= MACHINE_LATE_MS:
                found["machine"] += 1
            else:
                found["unexplained"] += 1
    return found


def figures(samples: Sequence[Sample]) -> dict[str, Any]:
    """All figures of one long call."""
    size = {
        name: [(sample["at_s"], float(sample["call"][name])) for sample in samples]
        for name in ("pss_mib", "anonymous_mib", "threads", "fds")
    }
    seconds = [told for sample in samples for told in sample["seconds"]]
    first, last = samples[0], samples[-1]
    span_s = last["at_s"] - first["at_s"]
    told_delay = [(told["at_ms"] / 1000, told["delay_ms"]) for told in seconds[:: max(1, len(seconds) // 400)]]
    return {
        "minutes": round(last["at_s"] / 60, 1),
        "load": [min(sample["load"] for sample in samples), max(sample["load"] for sample in samples)],
        "lost_packets": sum(last["link"]["lost"]) + sum(last["link"]["dropped"]),
        "growth": {name: _rounded(growth(points)) for name, points in size.items()},
        "anonymous_mib_per_min": _rounded(slope_per_min([p for p in size["anonymous_mib"] if p[0] >= SETTLED_S])),
        "console_growth": {
            name: _rounded(growth([(sample["at_s"], float(sample["console"][name])) for sample in samples]))
            for name in ("threads", "fds")
        },
        "cpu_cores": _rounded((last["call"]["cpu_s"] - first["call"]["cpu_s"]) / span_s) if span_s else None,
        "waited_cores": _rounded((last["call"]["waited_s"] - first["call"]["waited_s"]) / span_s) if span_s else None,
        "playout_delay_ms_per_min": _rounded(slope_per_min(told_delay)),
        "mouth_to_ear": {name: _way(samples, name) for name in ("to_clinic", "to_patient")},
        "glitches": glitches(samples),
    }


def _way(samples: Sequence[Sample], name: str) -> dict[str, float | None]:
    points = [(s["at_s"], s["heard"][name]["ms"]) for s in samples if s["heard"].get(name, {}).get("ms") is not None]
    calm = [
        (sample["at_s"], sample["heard"][name]["ms"])
        for sample in samples
        if sample["heard"].get(name, {}).get("ms") is not None
        and max(sample["late_ms"].values(), default=0.0) < MACHINE_LATE_MS
    ]
    values = [ms for _, ms in calm]
    return {
        "slope_ms_per_min": _rounded(slope_per_min(points)),
        "growth_ms": _rounded(growth(calm)),
        "calm_slices": len(calm),
        "calm_low_ms": min(values, default=None),
        "calm_p50_ms": _rounded(statistics.median(values)) if values else None,
        "calm_high_ms": max(values, default=None),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
