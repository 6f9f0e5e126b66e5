"""How much waits before a loudspeaker, and what is left out when it ran dry."""

import pytest

from teleconsole.call.media.device_buffer import DeviceBuffer
from teleconsole.host.media_limits import (
    SOUND_BUFFER_BLOCKS,
    SOUND_BUFFER_CALM_S,
    SOUND_BUFFER_GROWTH_BLOCKS,
    SOUND_BUFFER_MOST_BLOCKS,
    SOUND_LATE_MOST_S,
    SOUND_OPENING_S,
)

BLOCK = 960
LENGTH = SOUND_BUFFER_BLOCKS * BLOCK


def opened() -> DeviceBuffer:
    """One whose loudspeaker was opened some seconds ago."""
    buffer = DeviceBuffer()
    buffer.begin(10.0 - SOUND_OPENING_S - 1, BLOCK, LENGTH)
    buffer.skip_bytes(10.0 - SOUND_OPENING_S - 1, BLOCK)
    return buffer


def test_while_it_is_opened_it_does_not_grow() -> None:
    buffer = DeviceBuffer()
    for turn in range(6):
        at_s = 10.0 + turn * SOUND_OPENING_S / 6
        buffer.begin(at_s, LENGTH + BLOCK, LENGTH)
        assert buffer.skip_bytes(at_s, BLOCK) == 2 * BLOCK
        buffer.ran_dry(at_s)
    assert buffer.blocks == SOUND_BUFFER_BLOCKS


def test_a_request_in_time_skips_nothing() -> None:
    buffer = opened()
    for turn in range(100):
        at_s = 10 + turn / 100
        buffer.begin(at_s, BLOCK, LENGTH)
        assert buffer.skip_bytes(at_s + 0.002, BLOCK) == 0
    assert (buffer.late_ms, buffer.blocks) == (0.0, SOUND_BUFFER_BLOCKS)


def test_what_is_asked_for_beyond_the_buffer_was_played_as_silence() -> None:
    buffer = opened()
    buffer.begin(10.0, LENGTH + 5 * BLOCK, LENGTH)
    assert [buffer.skip_bytes(10.0, BLOCK) for _ in range(4)] == [6 * BLOCK, 0, 0, 0]
    assert buffer.late_ms == pytest.approx(60)


def test_time_that_passes_before_a_block_is_handed_over_counts() -> None:
    buffer = opened()
    buffer.begin(10.0, BLOCK, LENGTH)  # three blocks are there, thus 30 ms
    assert buffer.skip_bytes(10.1, BLOCK) == pytest.approx(8 * BLOCK, abs=2)
    assert buffer.late_ms == pytest.approx(80, abs=0.1)


def test_samples_are_never_cut_in_two() -> None:
    buffer = opened()
    for turn in range(50):
        buffer.begin(10.0, LENGTH, LENGTH)
        assert buffer.skip_bytes(10.0 + 0.0007 * turn, BLOCK) % 2 == 0


def test_it_grows_each_time_up_to_a_bound_and_shrinks_when_it_is_calm() -> None:
    buffer = opened()
    sizes = []
    for turn in range(20):
        buffer.begin(10.0 + turn, BLOCK, LENGTH)
        buffer.ran_dry(10.0 + turn)
        sizes.append(buffer.blocks)
    assert sizes[0] == SOUND_BUFFER_BLOCKS + SOUND_BUFFER_GROWTH_BLOCKS
    assert sizes[-1] == SOUND_BUFFER_MOST_BLOCKS
    for turn in range(1, 3):
        at_s = 30.0 + turn * (SOUND_BUFFER_CALM_S + 1)
        buffer.begin(at_s, BLOCK, LENGTH)
        buffer.skip_bytes(at_s, BLOCK)
        assert buffer.blocks == SOUND_BUFFER_MOST_BLOCKS - turn
    for turn in range(3, 40):
        at_s = 30.0 + turn * (SOUND_BUFFER_CALM_S + 1)
        buffer.begin(at_s, BLOCK, LENGTH)
        buffer.skip_bytes(at_s, BLOCK)
    assert buffer.blocks == SOUND_BUFFER_BLOCKS


class Device:
    """A loudspeaker's server: it plays, and asks for 10 ms whenever they were played; requests wait for the program."""

    def __init__(self, buffer: DeviceBuffer) -> None:
        self.buffer = buffer
        self.now_s = 100.0
        self.begun_s = 100.0
        self.asked = self.written = self.lost = 0
        self.answered = LENGTH

    def run(self, seconds: float) -> None:
        """Let the program be prompt."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 0.0101
            self.serve()

    def serve(self) -> None:
        """Let the program answer all requests that wait, one after the other."""
        played = int((self.now_s - self.begun_s) * 48_000) * 2
        while self.asked + BLOCK <= played:
            self.asked += BLOCK
            wanted = self.asked + LENGTH - self.answered
            if wanted <= 0:
                continue
            self.buffer.begin(self.now_s, min(wanted, BLOCK), LENGTH)
            skip = self.buffer.skip_bytes(self.now_s, BLOCK)
            self.lost += max(0, min(BLOCK, played - self.answered - skip))
            self.answered += skip + BLOCK


def test_requests_that_waited_for_a_late_program_lose_nothing() -> None:
    device = Device(DeviceBuffer())
    device.run(SOUND_OPENING_S + 3)
    assert device.buffer.late_ms < 25  # until it is open
    before_ms = device.buffer.late_ms
    device.now_s += 0.09
    device.serve()
    device.run(1)
    assert device.lost == 0
    assert device.buffer.late_ms - before_ms == pytest.approx(80, abs=21)


def test_a_server_that_reads_ahead_is_not_a_late_program() -> None:
    device = Device(DeviceBuffer())
    device.run(SOUND_OPENING_S + 3)
    before_ms = device.buffer.late_ms
    device.begun_s += SOUND_LATE_MOST_S + 0.5  # it read so far ahead before, and does not now
    device.run(5)
    assert device.buffer.late_ms == before_ms
