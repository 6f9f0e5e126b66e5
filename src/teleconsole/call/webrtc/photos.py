"""Photos that the patient sends in the call: collected within bounds, checked by hash, sealed, then acknowledged."""

import asyncio
import hashlib
import time
from collections.abc import Callable

from teleconsole.call.dropbox import DropBoxWriter, item_id_of
from teleconsole.call.webrtc.chat import ToPatient
from teleconsole.contracts.call import ItemSealed
from teleconsole.contracts.channel import ChatAck, PhotoEnd, PhotoStart
from teleconsole.contracts.dropbox import PhotoItem
from teleconsole.contracts.wire import News
from teleconsole.host.limits import CALL_PHOTO_BYTES, CALL_PHOTOS


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
        if await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest()) != frame.sha256:
            return
        sent_ms = time.time_ns() // 1_000_000
        item = PhotoItem(data=data, content_type=start.content_type, sha256=frame.sha256, sent_ms=sent_ms)
        await asyncio.to_thread(self._drop_box.seal, item_id, item)
        self._sealed.add(item_id)
        self._tell(ItemSealed(self._visit_id, item_id, "photo"))
        self._send(ChatAck(id=frame.id))

    def forget(self) -> None:
        """Drop a photo that is not finished: another channel, or another photo."""
        self._start = None
        self._data = bytearray()
