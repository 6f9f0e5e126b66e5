"""The microphone's sound goes on when the device has given it; silence comes only when it gives none for too long."""

import asyncio
import itertools

import numpy as np
import pytest

from teleconsole.call.media.microphone_feed import MicrophoneFeed, MicrophoneReader, Piece
from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_MICROPHONE_RING_SAMPLES
from teleconsole.host.media_limits import MICROPHONE_PATIENCE_S

BLOCK, PIECE = 480, 960
PIECE_S = PIECE / CALL_AUDIO_HZ
PATIENCE = round(MICROPHONE_PATIENCE_S * CALL_AUDIO_HZ)


class Device:
    """Counts its samples up, so that a lost or a doubled one is seen."""

    def __init__(self, feed: MicrophoneFeed) -> None:
        self._feed = feed
        self._at = 1

    def give(self, blocks: int = 1) -> None:
        """So many blocks of 10 ms, from another thread than the reader's."""
        for _ in range(blocks):
            self._feed.write(numbered(self._at, BLOCK))
            self._at += BLOCK


def numbered(first: int, count: int) -> Samples:
    return np.arange(first, first + count).astype(np.int16)


def is_numbered(piece: Piece, first: int) -> bool:
    return bool(np.array_equal(piece.samples, numbered(first, PIECE)))


@pytest.fixture
def feed() -> MicrophoneFeed:
    return MicrophoneFeed()


@pytest.fixture
async def reader(feed: MicrophoneFeed) -> MicrophoneReader:
    return feed.reader()


async def started(reader: MicrophoneReader) -> "asyncio.Task[Piece]":
    """A reading that waits."""
    reading = asyncio.create_task(reader.next(PIECE))
    await asyncio.sleep(0)
    return reading


async def test_a_piece_goes_on_when_the_device_gives_its_last_block(
    feed: MicrophoneFeed, reader: MicrophoneReader
) -> None:
    device = Device(feed)
    reading = await started(reader)
    await asyncio.to_thread(device.give)
    await asyncio.sleep(0)
    assert not reading.done()
    await asyncio.to_thread(device.give)
    piece = await asyncio.wait_for(reading, MICROPHONE_PATIENCE_S)
    assert piece.skipped == 0
    assert is_numbered(piece, 1)
    assert reader.waiting_s == 0


async def test_nothing_is_lost_or_doubled_while_blocks_come_unevenly(
    feed: MicrophoneFeed, reader: MicrophoneReader
) -> None:
    device = Device(feed)
    bunches = itertools.cycle((1, 0, 3, 0, 0, 2, 1, 1))
    for first in range(1, 40 * PIECE, PIECE):
        reading = await started(reader)
        while not reading.done():
            device.give(next(bunches))
            await asyncio.sleep(0)
        piece = reading.result()
        assert piece.skipped == 0
        assert is_numbered(piece, first)


async def test_who_comes_later_gets_nothing_old(feed: MicrophoneFeed, reader: MicrophoneReader) -> None:
    device = Device(feed)
    device.give(6)
    late = feed.reader()
    assert late.waiting_s == 0
    assert reader.waiting_s == pytest.approx(0.06)
    device.give(2)
    assert is_numbered(await late.next(PIECE), 1 + 6 * BLOCK)


async def test_two_readers_hear_the_same(feed: MicrophoneFeed, reader: MicrophoneReader) -> None:
    other, device = feed.reader(), Device(feed)
    device.give(4)
    for one in (reader, other):
        assert is_numbered(await one.next(PIECE), 1)
        assert is_numbered(await one.next(PIECE), 1 + PIECE)
    other.close()
    device.give(2)
    assert other.waiting_s == 0
    assert reader.waiting_s == pytest.approx(PIECE_S)


async def test_without_a_device_silence_comes_at_our_pace(reader: MicrophoneReader) -> None:
    loop = asyncio.get_running_loop()
    began_s = loop.time() - PIECE_S
    pieces = [await reader.next(PIECE) for _ in range(11)]
    passed = (loop.time() - began_s) * CALL_AUDIO_HZ
    assert not any(piece.samples.any() for piece in pieces)
    told = sum(PIECE + piece.skipped for piece in pieces)
    assert PATIENCE + 9 * PIECE <= told <= passed + PIECE
    assert [piece.skipped > 0 for piece in pieces].index(True) == 0


async def test_a_device_that_comes_back_is_heard_at_once_and_its_time_is_told(
    feed: MicrophoneFeed, reader: MicrophoneReader
) -> None:
    device = Device(feed)
    device.give(2)
    assert is_numbered(await reader.next(PIECE), 1)
    silent = await reader.next(PIECE)
    assert not silent.samples.any()
    assert silent.skipped >= PATIENCE - PIECE
    reading = await started(reader)
    device.give(2)
    piece = await reading
    assert is_numbered(piece, 1 + PIECE)
    assert piece.skipped == 0


async def test_what_nobody_read_for_long_is_left_out_and_counted(
    feed: MicrophoneFeed, reader: MicrophoneReader
) -> None:
    device = Device(feed)
    device.give(2)
    await reader.next(PIECE)
    blocks = CALL_MICROPHONE_RING_SAMPLES // BLOCK + 3
    device.give(blocks)
    piece = await reader.next(PIECE)
    assert piece.skipped == 3 * BLOCK
    assert is_numbered(piece, 1 + PIECE + 3 * BLOCK)


async def test_a_source_without_a_clock_is_asked_by_ours(feed: MicrophoneFeed, reader: MicrophoneReader) -> None:
    asked = []

    def pull(count: int) -> Samples:
        asked.append(asyncio.get_running_loop().time())
        return numbered(1, count)

    waiting = await started(reader)
    feed.pull = pull  # chosen while another one was waited for
    assert is_numbered(await asyncio.wait_for(waiting, MICROPHONE_PATIENCE_S / 2), 1)
    for _ in range(10):
        assert is_numbered(await reader.next(PIECE), 1)
    assert asked[-1] - asked[0] >= 9.5 * PIECE_S
    feed.pull = None
    Device(feed).give(2)
    assert (await reader.next(PIECE)).samples.any()
