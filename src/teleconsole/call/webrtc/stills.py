"""Stills: the newest full decoded frame of the patient's picture, as PNG, hashed, and sealed before it is "taken"."""

import asyncio
import hashlib
import io
import time
import uuid

from av import VideoFrame
from PIL import Image

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.contracts.call import StillCaptured
from teleconsole.contracts.dropbox import StillItem

_COMPRESSION = 4


async def capture(frame: VideoFrame, drop_box: DropBoxWriter) -> StillCaptured:
    """Seal a frame and return what it is; encoding and writing are done in a thread.

    Raises:
        CallError: it could not be sealed.
    """
    return await asyncio.to_thread(_capture, frame, drop_box, time.time_ns() // 1_000_000)


def _capture(frame: VideoFrame, drop_box: DropBoxWriter, taken_ms: int) -> StillCaptured:
    buffer = io.BytesIO()
    pixels = frame.to_ndarray(format="rgb24")
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=_COMPRESSION)
    png = buffer.getvalue()
    still = StillCaptured(str(uuid.uuid4()), hashlib.sha256(png).hexdigest(), frame.width, frame.height, taken_ms)
    drop_box.seal(still.item_id, StillItem(png, still.sha256, still.width, still.height, taken_ms))
    return still
