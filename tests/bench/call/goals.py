"""The goals for the call, each with its place in the figures, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.call.measure import DIRECTIONS
from tests.bench.call.report import medians, ratio

Figures = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """One line of the table.

    Attributes:
        words: what is promised.
        scenario: where it is looked at.
        meter: which figure.
        most: the figure itself, at most.
        by_reference: the figure by the reference's, at most.
        over_reference: the figure less the reference's, at most.
        least_by_reference: the figure by the reference's, at least.
    """

    words: str
    scenario: str
    meter: str
    most: float | None = None
    by_reference: float | None = None
    over_reference: float | None = None
    least_by_reference: float | None = None

    def met(self, ours: float | None, reference: float | None) -> bool | None:
        """Whether all that is promised holds; None when it was not measured."""
        if ours is None:
            return None
        held = [self.most is None or ours <= self.most]
        if reference is not None:
            held.append(self.by_reference is None or ours <= self.by_reference * reference)
            held.append(self.over_reference is None or ours <= reference + self.over_reference)
            held.append(self.least_by_reference is None or ours >= self.least_by_reference * reference)
        elif self.most is None:
            return None
        return all(held)

    @property
    def limit(self) -> str:
        """The promise as a short text."""
        parts = [] if self.most is None else [f"≤ {self.most:g}"]
        if self.by_reference is not None:
            parts.append(f"≤ {self.by_reference:g} x ref")
        if self.over_reference is not None:
            parts.append("≤ ref" + (f" + {self.over_reference:g}" if self.over_reference else ""))
        if self.least_by_reference is not None:
            parts.append(f"≥ {self.least_by_reference:g} x ref")
        return ", ".join(parts)


GOALS = (
    Goal("admit to first frame, LAN, ms", "clean", "first_frame_ms", by_reference=0.8),
    Goal("admit to first frame, 100 ms RTT, ms", "rtt100", "first_frame_ms", by_reference=0.8),
    Goal("picture's delay p50 to paint, clean, ms", "painted", "video_ms_p50", by_reference=1.2),
    Goal("picture's delay p50, clean, ms", "clean", "video_ms_p50", by_reference=1.2),
    Goal("picture's delay p95, 5 % loss and 100 ms RTT, ms", "loss5", "video_ms_p95", by_reference=1.2),
    Goal("bit rate from 10 s on, clean, kbit/s", "clean", "kbps", least_by_reference=0.95),
    Goal("PSNR from 10 s on, clean, dB", "clean", "psnr_db", least_by_reference=0.95),
    Goal("PSNR, skin close-up, dB", "skin", "psnr_db", least_by_reference=0.95),
    Goal("PSNR, fast hand, dB", "hand", "psnr_db", least_by_reference=0.95),
    Goal("gaps at 2 % loss, s a minute", "loss2", "gap_s_per_min", most=0.1, over_reference=0.3),
    Goal("gaps at 5 % loss, s a minute", "loss5", "gap_s_per_min", most=0.3, over_reference=0.3),
    Goal("gaps at 10 % loss, s a minute", "loss10", "gap_s_per_min", most=1.0, over_reference=0.3),
    Goal("sound missing at 5 % loss, %", "loss5", "audio_missing_percent", most=0.5),
    Goal("sound missing at 10 % loss, %", "loss10", "audio_missing_percent", most=2.0),
    Goal("sound missing, 5 % in bursts of 4, %", "burst5", "audio_missing_percent", over_reference=0.0),
    Goal("sound missing, 10 % in bursts of 8, %", "burst10", "audio_missing_percent", over_reference=0.0),
    Goal("sound silent at 5 % loss (heard), %", "loss5", "audio_silent_percent", over_reference=0.5),
    Goal("mouth to ear p50, clean, ms", "clean", "mouth_to_ear_ms_p50", by_reference=1.2),
    Goal("mouth to ear p50, 5 % loss, ms", "loss5", "mouth_to_ear_ms_p50", by_reference=1.2),
    Goal("console stalled 0.3 s each second: added to the picture, ms", "stalled", "stall_added_picture_ms", most=5),
    Goal("console stalled 0.3 s each second: added to the sound, ms", "stalled", "stall_added_sound_ms", most=5),
    Goal("outage of 5 s: picture moves, ms", "outage5", "picture_moves_ms", most=500),
    Goal("outage of 5 s: sound back, ms", "outage5", "sound_back_ms", most=500),
    Goal("outage of 5 s: told, ms", "outage5", "told_ms", most=1500),
    Goal("drop to 500 kbit/s: delay below 300 ms after, ms", "drop500", "latency_low_after_ms", most=4000),
    Goal("drop to 500 kbit/s: gaps, s", "drop500", "gap_s_after_drop", most=1.5),
    Goal("drop to 200 kbit/s: delay below 300 ms after, ms", "drop200", "latency_low_after_ms", most=4000),
    Goal("drop to 200 kbit/s: gaps, s", "drop200", "gap_s_after_drop", most=1.5),
    Goal("drop to 60 kbit/s: sound missing, %", "drop60", "audio_missing_percent", most=2.0),
    Goal("drop to 60 kbit/s: sound silent (heard), %", "drop60", "audio_silent_percent", most=5.0),
    Goal("lip sync p95 of amount, clean, ms", "clean", "lip_sync_ms_p95", most=60),
    Goal("lip sync p95 of amount, 5 % loss, ms", "loss5", "lip_sync_ms_p95", most=60),
)
PAINTING = Goal("painting a picture without a GPU, ms", "painted", "paint_ms", most=3.0)
CPU = Goal("CPU of the clinic's end, two-way 720p30, cores", "clean", "cpu_clinic", by_reference=1.0)
WORDS = {"to_clinic": "console", "to_patient": "patient"}


def table(results: Sequence[Figures]) -> str:
    """The goals as a table in Markdown: ours, the reference, their ratio, each direction, met or not."""
    lines = [
        "| goal | at | limit | ours | ref | ratio | met |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    met = told = 0
    for goal in GOALS:
        for direction in DIRECTIONS:
            ours, reference = (_value(results, pair, goal, direction) for pair in ("console", "chromium"))
            held = goal.met(ours, reference)
            told += held is not None
            met += bool(held)
            lines.append(_row(goal, WORDS[direction], ours, reference))
    for goal in (CPU, PAINTING):
        ours, reference = (_value(results, pair, goal, None) for pair in ("console", "chromium"))
        lines.append(_row(goal, "console", ours, reference))
    return "\n".join([f"{met} of {told} measured lines of a direction are met.", "", *lines, ""])


def _value(results: Sequence[Figures], pair: str, goal: Goal, direction: str | None) -> float | None:
    runs = [each for each in results if each["pair"] == pair and each["scenario"] == goal.scenario]
    if not runs:
        return None
    merged = medians(runs)
    value = (merged if direction is None else merged[direction]).get(goal.meter)
    return None if value is None else float(value)


def _row(goal: Goal, end: str, ours: float | None, reference: float | None) -> str:
    held = goal.met(ours, reference)
    cells = ["-" if value is None else f"{value:g}" for value in (ours, reference, ratio(ours, reference))]
    word = "not measured" if held is None else "yes" if held else "**no**"
    return f"| {goal.words} | {end} | {goal.limit} | {cells[0]} | {cells[1]} | {cells[2]} | {word} |"
