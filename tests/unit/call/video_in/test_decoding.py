"""The decoder's thread with real VP8: changes of size, broken frames, and who wins when it is late."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from aiortc.codecs import CODECS

from teleconsole.call.webrtc.video_in.assembly import Frame
from teleconsole.call.webrtc.video_in.decoding import decode_pictures, offer_newest

VP8 = next(codec for codec in CODECS["video"] if codec.mimeType == "video/VP8")


def encoded(width: int, height: int, count: int, *, start: int = 0) -> list[Frame]:
    """Return frames of a moving ramp; the first one is a key frame."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 90_000)
    encoder.options = {"deadline": "realtime", "lag-in-frames": "0"}
    frames = []
    for index in range(start, start + count):
        ramp = (np.arange(width * height * 3 // 2, dtype=np.uint32) // 7 + 5 * index) % 200
        picture = av.VideoFrame.from_ndarray(ramp.astype(np.uint8).reshape(height * 3 // 2, width), "yuv420p")
        picture.pts = index * 3000
        for packet in encoder.encode(picture):
            frames.append(Frame(bytes(packet), index * 3000, 97, packet.is_keyframe, False, 0.0))
    return frames


@dataclass
class Rig:
    frames: "queue.Queue[Any]" = field(default_factory=queue.Queue)
    pictures: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)
    failed: threading.Event = field(default_factory=threading.Event)

    def put(self, frame: Frame) -> None:
        self.frames.put((VP8, frame))

    async def next(self) -> Any:
        return await asyncio.wait_for(self.pictures.get(), 10)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    thread = threading.Thread(
        target=decode_pictures, args=(asyncio.get_running_loop(), rig.frames, rig.pictures, rig.failed)
    )
    thread.start()
    yield rig
    rig.frames.put(None)
    while await rig.next() is not None:
        pass
    await asyncio.to_thread(thread.join, 10)
    assert not thread.is_alive()


async def test_size_changes_in_the_middle_of_a_call(rig: Rig) -> None:
    sizes = []
    for size in ((640, 360), (320, 180), (1280, 720)):
        for frame in encoded(*size, 2):
            rig.put(frame)
            picture = await rig.next()
            sizes.append((picture.width, picture.height))
    assert sizes == [(640, 360)] * 2 + [(320, 180)] * 2 + [(1280, 720)] * 2


async def test_broken_frame_is_told_and_the_next_key_frame_is_shown(rig: Rig) -> None:
    good = encoded(320, 180, 1)[0]
    rig.put(Frame(b"\x00\x01\x02", 0, 97, True, False, 0.0))
    rig.put(good)
    assert (await rig.next()).width == 320
    assert rig.failed.is_set()


async def test_noise_in_every_place_never_ends_the_thread(rig: Rig) -> None:
    chance = np.random.default_rng(3)
    for seed in range(40):
        frame = encoded(320, 180, 1)[0]
        noisy = bytearray(frame.data)
        for place in chance.integers(0, len(noisy), 30):
            noisy[place] = int(chance.integers(0, 256))
        noisy[6:10] = frame.data[6:10]  # a size that it claims is judged before it comes here
        rig.put(Frame(bytes(noisy), seed, 97, True, False, 0.0))
    last = encoded(640, 360, 1)[0]
    rig.put(last)
    while (await rig.next()).width != 640:
        pass


async def test_frame_that_is_late_is_decoded_for_the_next_and_not_shown(rig: Rig) -> None:
    frames = encoded(320, 180, 4)
    for frame in frames[:3]:
        frame.is_shown = False
    shown: list[int] = []
    for frame in frames:
        rig.put(frame)
    while not shown or shown[-1] != 9000:
        shown.append((await rig.next()).pts)
    assert shown in ([9000], [0, 9000])  # the first ever may be shown: nothing was shown for 100 ms


def test_newest_picture_replaces_one_that_nobody_took() -> None:
    pictures: asyncio.Queue[Any] = asyncio.Queue()
    for number in range(100):
        offer_newest(pictures, number)
    assert (pictures.qsize(), pictures.get_nowait()) == (1, 99)
