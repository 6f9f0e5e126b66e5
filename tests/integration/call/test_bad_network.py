"""A short slice of the bench (`make bench-call`): the console and the real page on a bad network, with wide bands.

The bands say that a call stays a call, not how good it is: docs/figures/call does. A busy machine must not break them.
"""

import asyncio
from typing import Any

import pytest
from playwright.async_api import async_playwright
from tests.bench.call import clips
from tests.bench.call.measure import DIRECTIONS, figures
from tests.bench.call.precedence import alone
from tests.bench.call.run import run
from tests.bench.call.scenarios import SCENARIOS
from tests.journeys.rig.net import NetUnavailableError


async def measured(scenario: str, seconds: float) -> dict[str, Any]:
    """The figures of the console's pair in a scenario."""
    await asyncio.to_thread(clips.clip, SCENARIOS[scenario].clip)
    try:
        async with async_playwright() as playwright:
            with alone():
                return figures(await run("console", SCENARIOS[scenario].lasting(seconds), playwright))
    except NetUnavailableError as unavailable:
        pytest.skip(str(unavailable))


async def test_bad_network_five_percent_loss_the_picture_moves_and_the_voice_is_heard() -> None:
    found = await measured("loss5", 8)
    for direction in DIRECTIONS:
        end = found[direction]
        assert end["fps"] > 8, end
        assert end["longest_gap_ms"] < 3_000, end
        assert end["video_ms_p50"] < 1_000, end
        assert end["voice_not_found_percent"] < 50, end
        assert end["mouth_to_ear_ms_p50"] < 1_000, end
        assert end["audio_silent_percent"] < 60, end


async def test_bad_network_three_seconds_of_nothing_are_told_and_the_voice_comes_back() -> None:
    found = await measured("outage3", 12)
    for direction in DIRECTIONS:
        end = found[direction]
        assert end["sound_back_ms"] is not None, end
        assert end["sound_back_ms"] < 5_000, end
    assert found["to_clinic"]["told_ms"] < 2_900
