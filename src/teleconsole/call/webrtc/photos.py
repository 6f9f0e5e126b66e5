"""Photos that the patient sends in the call: collected within bounds, checked by hash, sealed, then acknowledged.

They are sealed without the place where they were taken, as the gateway does with those of a submission.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable

from teleconsole.call.dropbox import DropBoxWriter, item_id_of
from teleconsole.call.webrtc.chat import ToPatient
from teleconsole.contracts.call import ItemSealed
from teleconsole.contracts.channel import ChatAck, PhotoEnd, PhotoStart
from teleconsole.contracts.dropbox import PhotoItem
from teleconsole.contracts.wire import News
from teleconsole.domain.exif import Damaged, without_position
from teleconsole.host.limits import CALL_PHOTO_BYTES, CALL_PHOTOS

_log = logging.getLogger(__name__)


class PhotoIntake:
    """One photo at a time, as the channel is ordered. What does not fit together is forgotten, never acknowledged.

    Thread: the event loop's; sealing is done in another one.
    """

    def __init__(self, visit_id: str, drop_box: DropBoxWriter, send: ToPatient, tell: Callable[[News], None]) -> None:
        self._visit_id = visit_id
        self._drop_box = drop_box
        self._send = send
        self._tell = tell
        self._start: PhotoStart | None = None
        self._data = bytearray()
        self._sealed: set[str] = set()

    def begin(self, frame: PhotoStart) -> None:
        """A photo follows; one that was not finished is forgotten."""
        self.forget()
        if frame.size_bytes <= CALL_PHOTO_BYTES and len(self._sealed) < CALL_PHOTOS:
            self._start = frame

    def take(self, part: bytes) -> None:
        """Take the next bytes."""
        if self._start is None:
            return
        if len(self._data) + len(part) > self._start.size_bytes:
            self.forget()
            return
        self._data += part

    async def end(self, frame: PhotoEnd) -> None:
        """Seal the photo and acknowledge it, if it is whole.

        Raises:
            CallError: it could not be sealed; it was not acknowledged.
        """
        item_id = item_id_of(self._visit_id, frame.id)
        if item_id in self._sealed:
            self.forget()
            self._send(ChatAck(id=frame.id))
            return
        start, data = self._start, bytes(self._data)
        self.forget()
        if start is None or start.id != frame.id or len(data) != start.size_bytes:
            return
        if await asyncio.to_thread(_sha256, data) != frame.sha256:
            return
        item = await asyncio.to_thread(_item, start.content_type, data)
        await asyncio.to_thread(self._drop_box.seal, item_id, item)
        self._sealed.add(item_id)
        self._tell(ItemSealed(self._visit_id, item_id, "photo"))
        self._send(ChatAck(id=frame.id))

    def forget(self) -> None:
        """Drop a photo that is not finished: another channel, or another photo."""
        self._start = None
        self._data = bytearray()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _item(content_type: str, data: bytes) -> PhotoItem:
    try:
        data = without_position(content_type, data)
    except Damaged:
        # the patient's browser could show it, so it is not lost for an oddity of its structure
        _log.warning("the metadata of a photo could not be read; it is kept as it came")
    return PhotoItem(data=data, content_type=content_type, sha256=_sha256(data), sent_ms=time.time_ns() // 1_000_000)
