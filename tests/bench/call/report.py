"""The figures side by side: ours, reference, ratio, for each direction."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from tests.bench.call.measure import DIRECTIONS

Figures = dict[str, Any]

ROWS = (
    ("first_frame_ms", "admit to first frame, ms"),
    ("video_ms_p50", "picture's delay p50, ms"),
    ("video_ms_p95", "picture's delay p95, ms"),
    ("fps", "pictures a second"),
    ("gap_s_per_min", "gaps over 200 ms, s a minute"),
    ("longest_gap_ms", "longest gap, ms"),
    ("kbps", "link, kbit/s"),
    ("psnr_db", "PSNR, dB"),
    ("mouth_to_ear_ms_p50", "mouth to ear p50, ms"),
    ("mouth_to_ear_ms_p95", "mouth to ear p95, ms"),
    ("audio_missing_percent", "sound missing (counted), %"),
    ("audio_silent_percent", "sound silent (heard), %"),
    ("voice_not_found_percent", "voice not recognised, %"),
    ("lip_sync_ms_p50", "lip sync p50, ms"),
    ("lip_sync_ms_p95", "lip sync p95 of amount, ms"),
    ("picture_back_ms", "picture back, ms"),
    ("picture_moves_ms", "picture moves again, ms"),
    ("sound_back_ms", "sound back, ms"),
    ("told_ms", "told, ms"),
    ("stall_added_picture_ms", "added by a stalled console to the picture, ms"),
    ("stall_added_sound_ms", "added by a stalled console to the sound, ms"),
    ("latency_low_after_ms", "picture's delay below 300 ms after, ms"),
    ("gap_s_after_drop", "gaps after the drop, s"),
)


def medians(runs: Sequence[Figures]) -> Figures:
    """One set of figures of a scenario and pair: the median of each number over its runs."""
    first = runs[0]
    if len(runs) == 1:
        return first
    merged = dict(first)
    for name, value in first.items():
        values = [run[name] for run in runs]
        if isinstance(value, dict):
            merged[name] = medians(values)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            known = [each for each in values if each is not None]
            merged[name] = round(statistics.median(known), 2)
        elif value is None and (known := [each for each in values if each is not None]):
            merged[name] = statistics.median(known)
    return merged


def ratio(ours: float | None, reference: float | None) -> float | None:
    """Ours by the reference's, None where it means nothing."""
    if ours is None or not reference:
        return None
    return round(ours / reference, 2)


def table(results: Sequence[Figures]) -> str:
    """A table of one scenario for a terminal: what each end saw, and what it cost."""
    by_pair = {name: [each for each in results if each["pair"] == name] for name in ("console", "chromium")}
    ours, reference = (medians(runs) if runs else {} for runs in by_pair.values())
    some = ours or reference
    lines = [f"{some['scenario']} ({some['seconds']:g} s, load {some['load']:g})"]
    for direction in DIRECTIONS:
        lines.append(f"  {direction:<44}{'ours':>10}{'ref':>10}{'ratio':>8}")
        for name, words in ROWS:
            values = [end.get(direction, {}).get(name) for end in (ours, reference)]
            if values != [None, None]:
                lines.append(_line(words, values[0], values[1]))
    for name, words in (("cpu_clinic", "CPU of the clinic's end, cores"), ("cpu_patient", "CPU of the patient's end")):
        lines.append(_line(words, ours.get(name), reference.get(name)))
    if ours.get("steps"):
        lines.append("    steps of the ladder: " + ", ".join(f"{step} at {at_s:g} s" for at_s, step in ours["steps"]))
    if ours.get("paint_ms") is not None:
        lines.append(_line("painting a picture, ms", ours["paint_ms"], None))
    return "\n".join(lines)


def _line(words: str, ours: float | None, reference: float | None) -> str:
    cells = ["-" if value is None else f"{value:g}" for value in (ours, reference, ratio(ours, reference))]
    return f"    {words:<42}{cells[0]:>10}{cells[1]:>10}{cells[2]:>8}"
