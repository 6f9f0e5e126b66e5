"""Stills over the channel: small, seldom, only at their step, and nothing else is opened."""

from __future__ import annotations

import asyncio
import base64
import io
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import numpy as np
import pytest
from av import VideoFrame
from PIL import Image

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.state import CallState
from teleconsole.call.webrtc.ladder.stills import LinkStills, in_parts, opened, packed
from teleconsole.contracts.channel import LinkStill
from teleconsole.host.media_limits import LADDER_STILL_BYTES, LADDER_STILL_PART_CHARACTERS


def noise(width: int, height: int) -> VideoFrame:
    """The picture that is hardest to pack."""
    return VideoFrame.from_ndarray(np.random.default_rng(5).integers(0, 255, (height, width, 3), np.uint8), "rgb24")


def jpeg(width: int, height: int, kind: str = "JPEG") -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


class Rig:
    """Stills with a made-up camera and channel."""

    def __init__(self) -> None:
        self.state = CallState(phase="connected", step="voice-and-stills")
        self.sent: list[LinkStill] = []
        self.shown: list[VideoFrame] = []
        self.waiting_bytes = 0
        self.changes = 0
        self.camera: Any = SimpleNamespace(frames=SimpleNamespace(value=noise(1280, 720)))
        self.devices = SimpleNamespace(camera=self.camera, camera_on=True)
        self.stills = LinkStills(
            self.state,
            cast(OpenDevices, self.devices),
            self._send,
            lambda: self.waiting_bytes,
            self.shown.append,
            self._changed,
        )

    def _send(self, frame: msgspec.Struct) -> bool:
        self.sent.append(cast(LinkStill, frame))
        return True

    def _changed(self) -> None:
        self.changes += 1


def test_the_hardest_picture_fits_and_keeps_its_shape() -> None:
    packed_bytes = packed(noise(1280, 720))
    assert 0 < len(packed_bytes) <= LADDER_STILL_BYTES
    with Image.open(io.BytesIO(packed_bytes)) as image:
        assert image.size == (320, 180)


def test_one_every_eight_seconds() -> None:
    rig = Rig()
    for look in range(200):
        asyncio.run(rig.stills.look(100.0 + look / 10))
    assert [still.part for still in rig.sent].count(0) == 3


def test_a_still_leaves_in_pieces_one_at_a_time_and_comes_together_again() -> None:
    rig, other = Rig(), Rig()
    for look in range(40):
        asyncio.run(rig.stills.look(100.0 + look / 10))
        assert len(rig.sent) <= look + 1
    assert [still.part for still in rig.sent] == list(range(rig.sent[0].parts))
    assert max(len(still.jpeg) for still in rig.sent) <= LADDER_STILL_PART_CHARACTERS
    for still in rig.sent[:-1]:
        asyncio.run(other.stills.take(still))
        assert other.shown == []
    asyncio.run(other.stills.take(rig.sent[-1]))
    assert [(frame.width, frame.height) for frame in other.shown] == [(320, 180)]


def test_a_part_out_of_its_order_ends_what_began() -> None:
    rig, pieces = Rig(), in_parts(jpeg(320, 180))
    assert len(pieces) > 2
    for still in [*pieces[:1], *pieces[2:], LinkStill(jpeg="x", part=5, parts=2), *pieces[1:]]:
        asyncio.run(rig.stills.take(still))
    assert rig.shown == []
    for still in [pieces[0], *pieces]:
        asyncio.run(rig.stills.take(still))
    assert len(rig.shown) == 1


def test_a_still_that_began_to_leave_ends_with_its_step() -> None:
    rig = Rig()
    asyncio.run(rig.stills.look(100.0))
    rig.state.step = "180p"
    asyncio.run(rig.stills.look(100.3))
    rig.state.step = "voice-and-stills"
    asyncio.run(rig.stills.look(100.6))
    assert [still.part for still in rig.sent] == [0]


@pytest.mark.parametrize("hindrance", ["step", "phase", "camera", "channel"])
def test_none_is_sent_where_it_does_not_belong(hindrance: str) -> None:
    rig = Rig()
    match hindrance:
        case "step":
            rig.state.step = "audio-only"
        case "phase":
            rig.state.phase = "reconnecting"
        case "camera":
            rig.devices.camera_on = False
        case _:
            rig.waiting_bytes = 1
    asyncio.run(rig.stills.look(100.0))
    assert rig.sent == []


def test_the_pages_still_is_shown_with_its_time_until_video_comes() -> None:
    rig = Rig()
    asyncio.run(rig.stills.take(LinkStill(jpeg=jpeg(320, 180))))
    assert [(frame.width, frame.height) for frame in rig.shown] == [(320, 180)]
    assert rig.state.still_ms > 0
    rig.stills.forget()
    assert rig.state.still_ms == 0
    assert rig.changes == 2


def test_at_another_step_a_still_is_not_shown() -> None:
    rig = Rig()
    rig.state.step = "180p"
    asyncio.run(rig.stills.take(LinkStill(jpeg=jpeg(320, 180))))
    assert rig.shown == []


@pytest.mark.parametrize(
    "nonsense", ["", "!!!", base64.b64encode(b"GIF89a not a picture").decode(), jpeg(2000, 2000), jpeg(64, 64, "PNG")]
)
def test_what_is_no_small_jpeg_is_not_opened(nonsense: str) -> None:
    assert opened(nonsense) is None
