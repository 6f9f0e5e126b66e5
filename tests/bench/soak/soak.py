"""A sample of a long call every ten seconds, each written down at once."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright
from tests.bench.soak.late_machine import LateMachine
from tests.bench.soak.long_call import LongCall, long_call
from tests.bench.soak.process_size import size

from teleconsole.contracts.call import CallChanged, StatsChanged

EVERY_S = 10.0
_AUDIO = ("concealedSamples", "silentConcealedSamples", "totalSamplesReceived", "jitterBufferDelay",
          "jitterBufferEmittedCount", "jitterBufferTargetDelay", "insertedSamplesForDeceleration",
          "removedSamplesForAcceleration", "packetsLost", "packetsReceived", "packetsDiscarded")  # fmt: skip

Sample = dict[str, Any]


async def soak(minutes: float, skew_ppm: float, lines: Path) -> list[Sample]:
    """Call for so long; return the samples, which are also appended to a file as lines of JSON.

    Raises:
        AssertionError: the call did not come about.
        NetUnavailableError: this machine can't.
    """
    samples: list[Sample] = []
    machine = LateMachine()
    try:
        async with async_playwright() as playwright:
            with tempfile.TemporaryDirectory(prefix="teleconsole-soak-") as name:
                async with long_call(playwright, Path(name), skew_ppm) as call:
                    begun_s = time.monotonic()
                    count = 0
                    while time.monotonic() < begun_s + minutes * 60:
                        count += 1
                        await asyncio.sleep(max(0.0, begun_s + count * EVERY_S - time.monotonic()))
                        samples.append(await _sample(call, machine, time.monotonic() - begun_s))
                        with lines.open("a") as out:
                            out.write(json.dumps(samples[-1]) + "\n")
    finally:
        machine.close()
    return samples


async def _sample(call: LongCall, machine: LateMachine, at_s: float) -> Sample:
    news, call.clinic.news[:] = list(call.clinic.news), []
    told = [each.stats for each in news if isinstance(each, StatsChanged)]
    states = [each.snapshot for each in news if isinstance(each, CallChanged)]
    counts = call.link.counts()
    page = await call.patient_counters()
    audio = page.get("audio", {})
    late, machine.worst_ms = machine.worst_ms, {}
    return {
        "at_s": round(at_s, 1),
        "call": size(call.clinic.child.pid),
        "console": size(os.getpid()),
        "seconds": [
            {
                "at_ms": stats.at_ms,
                "concealed_percent": round(stats.audio_concealed_percent, 2),
                "loss_percent": round(stats.loss_percent, 2),
                "delay_ms": round(stats.playout_delay_ms, 1),
                "target_ms": stats.playout_target_ms,
                "fps": round(stats.received_fps, 1),
                "fps_out": round(stats.sent_fps, 1),
            }
            for stats in told
        ],
        "states": sorted({f"{state.phase}/{state.step}" for state in states}),
        "link": {
            "lost": [way["lost"] for way in counts.ways],
            "dropped": [way["dropped"] for way in counts.ways],
            "added_ms_p99": round(counts.added_ms_p99, 2),
        },
        "patient": {name: audio.get(name) for name in _AUDIO} | {"frames": page.get("video", {}).get("framesDecoded")},
        "clock_frames": [clock.frames_so_far() for clock in call.clocks],
        "heard": await call.hear(),
        "late_ms": late,
        "load": round(os.getloadavg()[0], 2),
    }
