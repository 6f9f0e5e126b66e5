"""Pictures between camera and pacer: real encoding, a made-up camera and port."""

import asyncio
import fractions
import time

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame
from tests.integration.call.waiting import until
from tests.unit.call.sending.test_transmitter import FakePort

from teleconsole.call.webrtc.profile import SendProfile
from teleconsole.call.webrtc.sending.picture_stream import PictureStream
from teleconsole.call.webrtc.sending.rtp_stream import RtpStream
from teleconsole.call.webrtc.sending.transmitter import Transmitter

FULL = SendProfile(320, 180, 30, 500_000)
KEY = 0x01


class FakeCamera(MediaStreamTrack):
    """A picture whenever one is put."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.pictures: asyncio.Queue[VideoFrame | None] = asyncio.Queue()
        self._number = 0

    def put(self) -> None:
        self._number += 1
        luma = np.full((180, 320), 40 + self._number % 100, np.uint8)
        frame = VideoFrame.from_ndarray(np.vstack([luma, np.full((90, 320), 128, np.uint8)]), "yuv420p")
        frame.pts, frame.time_base = int(time.monotonic() * 90_000), fractions.Fraction(1, 90_000)
        self.pictures.put_nowait(frame)

    async def recv(self) -> VideoFrame:
        frame = await self.pictures.get()
        if frame is None:
            raise MediaStreamError
        return frame


class CameraPort(FakePort):
    """A port with a camera."""

    def __init__(self) -> None:
        super().__init__(has_transport_cc=False)
        self.camera = FakeCamera()

    @property
    def track(self) -> MediaStreamTrack | None:
        return self.camera


def is_key(payload: bytes) -> bool:
    """Whether a payload begins a key frame (RFC 7741 section 4.3): the inverse bit of its first byte."""
    return not payload[4] & KEY


async def started(port: CameraPort) -> tuple[Transmitter, PictureStream, "asyncio.Task[None]"]:
    transmitter = Transmitter()
    stream = PictureStream(port, transmitter, FULL)
    task = asyncio.get_running_loop().create_task(stream.run())
    return transmitter, stream, task


async def put_until(port: CameraPort, count: int) -> None:
    """Pictures, until so many are sent."""
    for _ in range(200):
        if len(port.sent) >= count:
            return
        port.camera.put()
        await asyncio.sleep(0.034)
    raise AssertionError(f"{len(port.sent)} of {count} pictures were sent")


async def test_pictures_first_a_key_frame_and_another_when_one_is_wanted() -> None:
    port = CameraPort()
    _, stream, task = await started(port)
    await put_until(port, 12)
    assert [is_key(packet.payload) for packet in port.sent[:10]] == [True] + [False] * 9
    stream.want_key_frame()
    sent = len(port.sent)
    await put_until(port, sent + 3)
    assert sum(is_key(packet.payload) for packet in port.sent[sent:]) == 1
    assert stream.target_bps > 0
    assert stream.encode_ms > 0
    port.camera.pictures.put_nowait(None)
    await asyncio.wait_for(task, 5)


async def test_pictures_blocked_by_what_is_sent_again_are_begun_anew() -> None:
    port = CameraPort()
    transmitter, stream, task = await started(port)
    await put_until(port, 3)
    transmitter.gcc.set_remote_limit(100_000)
    other = RtpStream(CameraPort())
    other.port.ssrc = 9999
    transmitter.put(other.packets([b"x" * 1000] * 5, 3000, 0))
    await until(lambda: transmitter.queue_ms > 100, "it waits at the slower pace")
    sent = len(port.sent)
    for _ in range(40):
        transmitter.put(other.packets([b"x" * 1000], 3000, 0) if transmitter.queue_ms < 200 else [])
        port.camera.put()
        await asyncio.sleep(0.034)
        if any(is_key(packet.payload) for packet in port.sent[sent:]):
            break
    assert stream.skipped > 5
    assert any(is_key(packet.payload) for packet in port.sent[sent:])
    port.camera.pictures.put_nowait(None)
    await asyncio.wait_for(task, 5)


async def test_pictures_stop_with_the_step_and_begin_again_with_a_key_frame() -> None:
    port = CameraPort()
    _, stream, task = await started(port)
    await put_until(port, 3)
    stream.profile = SendProfile(0, 0, 0, 0)
    port.camera.put()
    await until(lambda: stream.target_bps == 0, "no picture is sent")
    assert stream.limited_by == "profile"
    stream.profile = FULL
    sent = len(port.sent)
    await put_until(port, sent + 1)
    assert is_key(port.sent[sent].payload)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.done()
