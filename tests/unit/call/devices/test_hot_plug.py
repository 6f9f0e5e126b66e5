"""Devices that come, go, fail and return in a call: who works at each moment, and what the person is told."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from tests.unit.call.devices.fake_sound import FakeSound

from teleconsole.call.media.devices import (
    MICROPHONE_GONE,
    NO_MICROPHONE,
    NO_SPEAKER,
    SPEAKER_GONE,
    OpenDevices,
)
from teleconsole.domain.errors import DeviceUnavailable

LOUD = np.full(480, 8_000, np.int16)


class Desk:
    """Devices in a call over a made-up sound system.

    Attributes:
        told: the problems told with each change.
    """

    def __init__(self, sound: FakeSound) -> None:
        self.sound = sound
        self.told: list[str] = []
        self.devices = OpenDevices(allow_test=True, on_change=self._changed, sound=sound)

    def _changed(self) -> None:
        self.told.append(self.devices.problem)

    async def begin(self, microphone: str = "", speaker: str = "") -> None:
        await self.devices.select("none", microphone, speaker)
        await self.devices.open_for_call()
        self.sound.story.clear()

    async def until(self, fits: Callable[[], bool]) -> None:
        deadline_s = asyncio.get_running_loop().time() + 5
        while not fits():
            assert asyncio.get_running_loop().time() < deadline_s, (self.told, self.sound.story)
            await asyncio.sleep(0.01)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A built-in microphone and loudspeaker, and a headset."""
    made = Desk(FakeSound(("built-in", "headset"), ("built-in", "headset")))
    yield made
    await made.devices.close()


async def test_the_new_device_is_opened_before_the_old_one_is_closed(desk: Desk) -> None:
    await desk.begin("built-in", "built-in")
    await desk.devices.select("none", "headset", "headset")
    assert desk.sound.story == [
        "open output headset", "close output built-in", "open input headset", "close input built-in",
    ]  # fmt: skip


async def test_only_the_device_in_charge_empties_the_playout(desk: Desk) -> None:
    await desk.begin("none", "built-in")
    await desk.devices.select("none", "none", "headset")
    old, new = desk.sound.streams
    desk.devices.playout.play_pcm(np.tile(LOUD, 2))
    assert old.pass_block() is None
    first = new.pass_block()
    assert first is not None
    assert first.any()


async def test_only_the_microphone_in_charge_is_heard(desk: Desk) -> None:
    await desk.begin("built-in", "none")
    await desk.devices.select("none", "headset", "none")
    old, new = (stream for stream in desk.sound.streams if stream.direction == "input")
    reader = desk.devices.microphone_reader()
    for _ in range(20):
        old.pass_block(LOUD)
    assert reader.waiting_s == 0
    for _ in range(20):
        new.pass_block(LOUD)
    assert np.concatenate([(await reader.next(960)).samples for _ in range(10)]).any()


async def test_a_device_that_cannot_be_opened_leaves_the_old_one_at_work(desk: Desk) -> None:
    desk.sound.broken.add("headset")
    await desk.begin("built-in", "built-in")
    with pytest.raises(DeviceUnavailable):
        await desk.devices.select("none", "headset", "headset")
    assert desk.sound.story == []
    described = await desk.devices.describe()
    assert (described.microphone, described.speaker, described.problem) == ("built-in", "built-in", "")


@pytest.mark.parametrize("moves", [False, True])
async def test_a_headset_that_is_pulled_is_replaced_and_taken_again_when_it_returns(desk: Desk, moves: bool) -> None:
    await desk.begin("headset", "headset")
    desk.sound.pull("output", "headset", moves=moves)
    await desk.until(lambda: desk.told == [SPEAKER_GONE])
    desk.sound.pull("input", "headset", moves=moves)
    await desk.until(lambda: desk.told == [SPEAKER_GONE, f"{MICROPHONE_GONE} {SPEAKER_GONE}"])
    if not moves:
        assert [line for line in desk.sound.story if line.startswith("open")] == [
            "open output default", "open input default",
        ]  # fmt: skip
    desk.sound.story.clear()
    desk.sound.plug("input", "headset")
    desk.sound.plug("output", "headset")
    await desk.until(lambda: desk.told[-1] == "")
    opened = [line for line in desk.sound.story if line.startswith("open")]
    assert sorted(opened) == ["open input headset", "open output headset"]
    assert (await desk.devices.describe()).speaker == "headset"


async def test_the_last_device_of_all_goes_and_comes(desk: Desk) -> None:
    desk.sound.there = {"input": ["built-in"], "output": ["built-in"]}
    await desk.begin()
    desk.sound.there = {"input": [], "output": []}
    for stream in desk.sound.streams:
        stream.active = False
    await desk.devices.replace_failed()
    assert desk.told == [f"{NO_MICROPHONE} {NO_SPEAKER}"]
    assert not desk.devices.has_microphone
    assert not (await desk.devices.microphone_reader().next(960)).samples.any()
    desk.devices.playout.play_pcm(LOUD)
    await desk.until(lambda: desk.devices.playout.pcm_waiting == 0)  # nothing piles up without a loudspeaker
    desk.sound.plug("input", "built-in")
    desk.sound.plug("output", "built-in")
    await desk.until(lambda: desk.told[-1] == "")
    assert desk.devices.has_microphone


async def test_without_a_word_from_the_system_a_lost_device_is_looked_for(desk: Desk) -> None:
    await desk.begin("headset", "built-in")
    desk.sound.there["input"].remove("headset")
    desk.sound.streams[0].active = desk.sound.streams[1].active = False
    await desk.devices.replace_failed()
    assert desk.told == [MICROPHONE_GONE]
    desk.sound.there["input"].append("headset")
    for _ in range(3):
        await desk.devices.replace_failed()
    assert desk.told == [MICROPHONE_GONE, ""]


async def test_what_comes_and_goes_is_told_outside_of_a_call_too(desk: Desk) -> None:
    await desk.devices.describe()
    desk.sound.plug("output", "television")
    await desk.until(lambda: len(desk.told) == 1)
    assert [device.device_id for device in (await desk.devices.describe()).speakers][-1] == "television"
    assert desk.sound.streams == []


async def test_a_chosen_device_that_is_not_there_at_the_start_is_waited_for(desk: Desk) -> None:
    desk.sound.there["output"].remove("headset")
    await desk.begin("built-in", "headset")
    assert desk.devices.problem == SPEAKER_GONE
    desk.sound.plug("output", "headset")
    await desk.until(lambda: desk.told == [""])
    assert desk.sound.story == ["open output headset", "close output default"]


async def test_everything_is_given_back(desk: Desk) -> None:
    await desk.begin()
    await desk.devices.open_for_trial()
    await desk.devices.close_after_trial()
    assert all(stream.active for stream in desk.sound.streams)
    await desk.devices.close_after_call()
    assert not any(stream.active for stream in desk.sound.streams)
