"""From notes to figures: what the person at each end saw and heard in the measured time."""

from __future__ import annotations

import bisect
import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tests.bench.call.hearing import Hearing, hear, sound_late_s
from tests.bench.call.notes import Notes, Paint
from tests.bench.call.run import Raw
from tests.bench.call.scenarios import STALL_SPAN_S
from tests.bench.call.sound import Heard

GAP_S = 0.2
LOW_LATENCY_MS = 300
SETTLED_S = 5.0
MOVING, MOVING_S = 6, 0.5
"""So many pictures in so short a time are a picture that moves."""
LATENESS_S = 3.9
"""Numbers come again after 4 s: a picture that is later than this is taken for the next one of its number."""
DIRECTIONS = ("to_clinic", "to_patient")

Figures = dict[str, Any]


def figures(raw: Raw) -> Figures:
    """All figures of one run: `to_clinic` (what the console or its browser shows), `to_patient`, and of both ends."""
    found: Figures = {
        "pair": raw.pair,
        "scenario": raw.scenario.name,
        "seconds": round(raw.ended_s - raw.begun_s, 2),
        "warm_s": raw.scenario.warm_s,
        "clip": raw.scenario.clip,
        "link": _link_json(raw),
        "load": round(raw.load, 2),
        "link_added_ms_p99": round(max((count.added_ms_p99 for count in raw.counts), default=0.0), 2),
        "cpu_clinic": round(raw.cpu_s[0] / (raw.ended_s - raw.begun_s), 3),
        "paint_ms": raw.clinic.paint_ms,
        "steps": [(round(at_s - raw.begun_s, 1), step) for at_s, step in raw.clinic.steps],
        "cpu_patient": round(raw.cpu_s[1] / (raw.ended_s - raw.begun_s), 3),
        "cpu_idle_clinic": round(raw.idle_cpu[0], 3),
        "cpu_idle_patient": round(raw.idle_cpu[1], 3),
    }
    for name in DIRECTIONS:
        found[name] = _direction(raw, name)
    return found


def _link_json(raw: Raw) -> list[dict[str, Any]]:
    begins = [(None, raw.scenario.link), *((phase.at_s, phase.link) for phase in raw.scenario.phases)]
    return [{"at_s": at_s, "to_patient": link[0].as_json(), "to_clinic": link[1].as_json()} for at_s, link in begins]


def _direction(raw: Raw, name: str) -> Figures:
    to_clinic = name == "to_clinic"
    source, sink = (raw.patient, raw.clinic) if to_clinic else (raw.clinic, raw.patient)
    mouth, ear = ("patient-mouth", "clinic-speaker") if to_clinic else ("clinic-mouth", "patient-speaker")
    recorded_s, channels = raw.recording
    latencies = picture_latencies(source, sink)
    heard = hear(channels[mouth], channels[ear], raw.begun_s - recorded_s, raw.ended_s - recorded_s)
    paints = [paint for paint in sink.paints if raw.begun_s <= paint.at_s < raw.ended_s]
    seen = [(at_s, ms) for at_s, ms in latencies if raw.begun_s <= at_s < raw.ended_s]
    found = {
        "first_frame_ms": _first_ms(raw, sink.paints),
        **_pictures(paints, seen, raw),
        "kbps": _kbps(raw, 1 if to_clinic else 0, raw.begun_s, raw.ended_s),
        **_sound(heard, sink, raw),
        **_lip_sync(heard, seen, recorded_s),
        "timeline": _timeline(raw, paints, seen, heard, 1 if to_clinic else 0),
    }
    if raw.scenario.outage:
        found |= _outage(raw, sink, channels[mouth], channels[ear])
    if raw.scenario.drop_at_s is not None:
        found |= _drop(raw, seen, paints)
    if raw.scenario.stalls:
        found |= _stalled(raw, seen, [(at_s + recorded_s, ms) for at_s, ms in heard.delays])
    return found


def picture_latencies(source: Notes, sink: Notes) -> list[tuple[float, float]]:
    """(moment of showing, ms since it was captured) of each picture whose number was read."""
    captured: dict[int, list[float]] = defaultdict(list)
    for at_s, number in source.captures:
        captured[number].append(at_s)
    found = []
    for paint in sink.paints:
        moments = captured.get(paint.number, [])
        at = bisect.bisect_right(moments, paint.at_s + 0.001) - 1
        if at >= 0 and paint.at_s - moments[at] < LATENESS_S:
            found.append((paint.at_s, (paint.at_s - moments[at]) * 1e3))
    return found


def _stalled(raw: Raw, seen: Sequence[tuple[float, float]], heard: Sequence[tuple[float, float]]) -> Figures:
    """What is added while the console stands still now and then, against the spans of the same call when it runs."""
    found: Figures = {}
    for name, delays in (("picture", seen), ("sound", heard)):
        spans: tuple[list[float], list[float]] = ([], [])
        for at_s, ms in delays:
            if raw.begun_s <= at_s < raw.ended_s:
                spans[int((at_s - raw.begun_s) / STALL_SPAN_S) % 2].append(ms)
        running, stalled = percentile(spans[0], 50), percentile(spans[1], 50)
        found[f"stall_added_{name}_ms"] = None if running is None or stalled is None else round(stalled - running, 1)
    return found


def _first_ms(raw: Raw, paints: Sequence[Paint]) -> int | None:
    shown = [paint.at_s for paint in paints if paint.at_s > raw.admitted_s]
    return round((shown[0] - raw.admitted_s) * 1e3) if shown else None


def _pictures(paints: Sequence[Paint], seen: Sequence[tuple[float, float]], raw: Raw) -> Figures:
    seconds = raw.ended_s - raw.begun_s
    gaps = gaps_s([raw.begun_s, *(paint.at_s for paint in paints), raw.ended_s])
    judged = [paint.psnr_db for paint in paints if paint.psnr_db]
    return {
        "video_ms_p50": percentile([ms for _, ms in seen], 50),
        "video_ms_p95": percentile([ms for _, ms in seen], 95),
        "fps": round(len(paints) / seconds, 1),
        "gaps": len(gaps),
        "gap_s_per_min": round(sum(gaps) / seconds * 60, 2),
        "longest_gap_ms": round(max(gaps, default=0.0) * 1e3),
        "psnr_db": round(statistics.mean(judged), 2) if judged else None,
        "sizes": sorted({f"{paint.width}x{paint.height}" for paint in paints if paint.width}),
    }


def gaps_s(moments: Sequence[float]) -> list[float]:
    """The times without a new picture that a person notices."""
    return [later - sooner for sooner, later in itertools.pairwise(moments) if later - sooner > GAP_S]


def _sound(heard: Hearing, sink: Notes, raw: Raw) -> Figures:
    delays = [ms for _, ms in heard.delays]
    return {
        "mouth_to_ear_ms_p50": percentile(delays, 50),
        "mouth_to_ear_ms_p95": percentile(delays, 95),
        "voice_not_found_percent": round(100 * (1 - len(delays) / max(1, heard.windows)), 1),
        "audio_silent_percent": round(heard.silent_percent, 2),
        "audio_missing_percent": missing_percent(sink.counters, raw.begun_s, raw.ended_s),
    }


def missing_percent(counters: Sequence[dict[str, Any]], from_s: float, to_s: float) -> float | None:
    """Sound that was neither received nor repaired, in percent of what was played: each end's own count.

    A browser counts `concealedSamples` (those that it made up), of which silent ones are comfort noise that the sender
    did not speak in. The console tells percent a second.
    """
    noted = [counter for counter in counters if from_s <= counter["at_s"] <= to_s]
    told = [float(counter["audio_concealed_percent"]) for counter in noted if "audio_concealed_percent" in counter]
    if told:
        return round(statistics.mean(told), 2)
    concealed = total = 0.0
    for sooner, later in itertools.pairwise(noted):
        before, after = sooner.get("inbound-rtp-audio"), later.get("inbound-rtp-audio")
        if before and after and sooner["peer"] == later["peer"] and before["id"] == after["id"]:
            concealed += after["concealedSamples"] - before["concealedSamples"]
            total += after["totalSamplesReceived"] - before["totalSamplesReceived"]
    return round(100 * concealed / total, 2) if total else None


def _lip_sync(heard: Hearing, seen: Sequence[tuple[float, float]], recorded_s: float) -> Figures:
    """Sound's delay less the picture's at the same moment; positive: the sound comes later."""
    moments = [at_s for at_s, _ in seen]
    offsets = []
    for at_s, delay_ms in heard.delays:
        low, high = (bisect.bisect_left(moments, recorded_s + at_s + edge) for edge in (0.0, 1.0))
        if high > low:
            offsets.append(delay_ms - statistics.median(ms for _, ms in seen[low:high]))
    return {
        "lip_sync_ms_p50": percentile(offsets, 50),
        "lip_sync_ms_p95": percentile([abs(offset) for offset in offsets], 95),
    }


def _kbps(raw: Raw, way: int, from_s: float, to_s: float) -> int | None:
    inside = [count for count in raw.counts if from_s - 0.01 <= count.at_s <= to_s]
    if len(inside) < 2:
        return None
    sent = inside[-1].ways[way]["bytes"] - inside[0].ways[way]["bytes"]
    return round(sent * 8 / 1e3 / (inside[-1].at_s - inside[0].at_s))


def _timeline(
    raw: Raw, paints: Sequence[Paint], seen: Sequence[tuple[float, float]], heard: Hearing, way: int
) -> list[Figures]:
    """Second by second of the measured time."""
    recorded_s = raw.recording[0]
    rows = []
    for second in range(math.floor(raw.ended_s - raw.begun_s)):
        begin = raw.begun_s + second
        rows.append(
            {
                "s": second,
                "fps": sum(begin <= paint.at_s < begin + 1 for paint in paints),
                "video_ms": percentile([ms for at_s, ms in seen if begin <= at_s < begin + 1], 50),
                "sound_ms": percentile(heard.between(begin - recorded_s, begin + 1 - recorded_s), 50),
                "kbps": _kbps(raw, way, begin - 0.3, begin + 1.3),
            }
        )
    return rows


def _outage(raw: Raw, sink: Notes, mouth: Heard, ear: Heard) -> Figures:
    """Counted from the moment when packets pass again (told: when they no longer do).

    A sound is back when it comes no later than the usual delay after it was said: who is silent just then has no part.
    """
    away_s, back_s = raw.moments[0], raw.moments[1]
    recorded_s = raw.recording[0]
    before = hear(mouth, ear, raw.begun_s - 4 - recorded_s, away_s - recorded_s)
    usual_ms = percentile([ms for _, ms in before.delays], 50)
    late_s = None if usual_ms is None else sound_late_s(mouth, ear, back_s - recorded_s, usual_ms / 1e3)
    picture = next((paint.at_s for paint in sink.paints if paint.at_s > back_s), None)
    told = next((at_s for at_s, _ in sorted(sink.told) if at_s > away_s), None)
    return {
        "picture_back_ms": _ms(picture, back_s),
        "picture_moves_ms": _ms(moving_again_s([paint.at_s for paint in sink.paints], back_s), back_s),
        "sound_back_ms": None if late_s is None else round(late_s * 1e3),
        "told_ms": _ms(told, away_s),
    }


def moving_again_s(moments: Sequence[float], since_s: float) -> float | None:
    """The first new picture after a moment that more follow: `MOVING` in `MOVING_S`."""
    later = [at_s for at_s in moments if at_s > since_s]
    for first, last in zip(later, later[MOVING - 1 :], strict=False):
        if last - first <= MOVING_S:
            return first
    return None


def _drop(raw: Raw, seen: Sequence[tuple[float, float]], paints: Sequence[Paint]) -> Figures:
    """After the link became thin: when the picture's delay is low for good, and how long there was none."""
    dropped_s = raw.moments[0]
    late = [at_s for at_s, ms in seen if at_s > dropped_s and ms > LOW_LATENCY_MS]
    low_ms = _ms(late[-1], dropped_s) if late else 0
    if not any(at_s > raw.ended_s - SETTLED_S for at_s, _ in seen):
        low_ms = None  # a picture that is no longer sent is not a prompt one
    shown = [paint.at_s for paint in paints if paint.at_s > dropped_s]
    return {
        "latency_low_after_ms": low_ms,
        "video_ms_worst_after_drop": percentile([ms for at_s, ms in seen if at_s > dropped_s], 100),
        "gap_s_after_drop": round(sum(gaps_s([dropped_s, *shown, raw.ended_s])), 2),
    }


def _ms(at_s: float | None, since_s: float) -> int | None:
    return None if at_s is None else round((at_s - since_s) * 1e3)


def percentile(values: Iterable[float], percent: float) -> float | None:
    """Of the values, by the nearest rank; None when there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))], 1)
