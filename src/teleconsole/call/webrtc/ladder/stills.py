"""Stills in place of the video, where the link carries no more: ours to the page, and the page's on the screen."""

import asyncio
import base64
import binascii
import contextlib
import io
import logging
import time
from collections.abc import Callable

import msgspec
import numpy as np
from av import VideoFrame
from PIL import Image

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.state import CallState
from teleconsole.contracts.channel import LinkStill
from teleconsole.host.media_limits import (
    LADDER_STILL_BYTES,
    LADDER_STILL_CHARACTERS,
    LADDER_STILL_EVERY_S,
    LADDER_STILL_HEIGHT_PX,
    LADDER_STILL_PART_CHARACTERS,
    LADDER_STILL_PART_S,
    LADDER_STILL_PX,
    LADDER_STILL_WIDTH_PX,
)

_STEP = "voice-and-stills"
_QUALITIES = (60, 40, 25, 12, 5, 1)

_log = logging.getLogger(__name__)


class LinkStills:
    """Sends and shows stills while the ladder is at that step.

    Args:
        state: of the call; `still_ms` is written here.
        devices: the camera.
        send: a frame on the data channel.
        unsent_bytes: what still waits on the channel; then none is sent.
        show: takes the page's picture.
        changed: called after the state was written.

    Thread: the event loop's; pictures are packed and opened in another one.
    """

    def __init__(
        self,
        state: CallState,
        devices: OpenDevices,
        send: Callable[[msgspec.Struct], bool],
        unsent_bytes: Callable[[], int],
        show: Callable[[VideoFrame], None],
        changed: Callable[[], None],
    ) -> None:
        self._state = state
        self._devices = devices
        self._send = send
        self._unsent_bytes = unsent_bytes
        self._show = show
        self._changed = changed
        self._sent_s = -LADDER_STILL_EVERY_S
        self._opening = False
        self._leaving: list[LinkStill] = []
        self._coming: list[str] = []

    async def run(self) -> None:
        """Send one every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(LADDER_STILL_PART_S)
            await self.look(time.monotonic())

    async def look(self, now_s: float) -> None:
        """Send one if it is time and the channel is free."""
        state = self._state
        if state.step != _STEP or state.phase != "connected":
            self._leaving.clear()
            return
        if self._leaving:
            if not self._unsent_bytes():
                self._send(self._leaving.pop(0))
            return
        camera = self._devices.camera if self._devices.camera_on else None
        frame = camera.frames.value if camera is not None else None
        if frame is None or now_s - self._sent_s < LADDER_STILL_EVERY_S or self._unsent_bytes():
            return
        self._sent_s = now_s
        jpeg = await asyncio.to_thread(packed, frame)
        if jpeg:
            self._leaving = in_parts(base64.b64encode(jpeg).decode())
            self._send(self._leaving.pop(0))

    async def take(self, still: LinkStill) -> None:
        """Show what the page sent; one that is no small JPEG is ignored, and one that comes while another is opened."""
        if self._state.step != _STEP or self._opening:
            return
        jpeg = self._joined(still)
        if not jpeg:
            return
        self._opening = True
        try:
            frame = await asyncio.to_thread(opened, jpeg)
        finally:
            self._opening = False
        if frame is not None and self._state.step == _STEP:
            self._state.still_ms = time.time_ns() // 1_000_000
            self._show(frame)
            self._changed()

    def _joined(self, still: LinkStill) -> str:
        """Return the whole when its last part came, empty before; a part out of its order ends what began."""
        if still.part == 0:
            self._coming = []
        if still.part != len(self._coming) or still.part >= still.parts:
            self._coming = []
            return ""
        self._coming.append(still.jpeg)
        if still.part < still.parts - 1:
            return ""
        jpeg, self._coming = "".join(self._coming), []
        return jpeg if len(jpeg) <= LADDER_STILL_CHARACTERS else ""

    def forget(self) -> None:
        """Moving pictures come again."""
        if self._state.still_ms:
            self._state.still_ms = 0
            self._changed()


def in_parts(jpeg_base64: str) -> list[LinkStill]:
    """Return a still as the frames that carry it."""
    size = LADDER_STILL_PART_CHARACTERS
    pieces = [jpeg_base64[at : at + size] for at in range(0, len(jpeg_base64), size)]
    return [LinkStill(jpeg=piece, part=at, parts=len(pieces)) for at, piece in enumerate(pieces)]


def packed(frame: VideoFrame) -> bytes:
    """Return a small JPEG of a picture, empty if it cannot be made small enough."""
    scale = min(LADDER_STILL_WIDTH_PX / frame.width, LADDER_STILL_HEIGHT_PX / frame.height, 1.0)
    width, height = max(16, round(frame.width * scale)), max(16, round(frame.height * scale))
    image = Image.fromarray(frame.to_ndarray(width=width, height=height, format="rgb24"))
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= LADDER_STILL_BYTES:
            return buffer.getvalue()
    return b""


def opened(jpeg_base64: str) -> VideoFrame | None:
    """Return the picture of a still, None if it is not a JPEG of at most 640 by 480."""
    with contextlib.suppress(binascii.Error, ValueError, OSError, Image.DecompressionBombError):
        jpeg = base64.b64decode(jpeg_base64, validate=True)
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if image.width * image.height <= LADDER_STILL_PX:
                return VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), format="rgb24")
    _log.warning("a still of the patient's page could not be opened")
    return None
