"""Chat of a visit: nothing is sent or acknowledged before it is sealed on this computer's disk."""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Protocol

import msgspec

from teleconsole.call.dropbox import DropBoxWriter, item_id_of
from teleconsole.contracts.call import ChatChanged, ChatState, ItemSealed
from teleconsole.contracts.channel import ChatAck, ChatLine
from teleconsole.contracts.dropbox import ChatItem
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError
from teleconsole.host.limits import CALL_CHAT_CHARS, CALL_CHAT_LINES

EMPTY = "There is nothing to send. Write a line first."
TOO_LONG = f"A line may have {CALL_CHAT_CHARS} characters. Split it in two."
TOO_MANY = "This visit has so many lines of chat that no more are taken. Use the notes of the case."


class ToPatient(Protocol):
    """Sends a frame on the data channel."""

    def __call__(self, frame: msgspec.Struct) -> bool:
        """Return False when there is no channel now."""
        ...


class Chat:
    """Lines both ways.

    Args:
        visit_id: of the visit.
        drop_box: seals the lines.
        send: on the data channel of now.
        tell: news to the console.

    Thread: the event loop's; sealing is done in another one.
    """

    def __init__(self, visit_id: str, drop_box: DropBoxWriter, send: ToPatient, tell: Callable[[News], None]) -> None:
        self._visit_id = visit_id
        self._drop_box = drop_box
        self._send = send
        self._tell = tell
        self._unacknowledged: dict[str, ChatLine] = {}
        self._sealed: set[str] = set()
        self._count = 0
        self._order = asyncio.Lock()

    async def write(self, text: str) -> str:
        """Seal the clinician's line, send it if there is a channel, and return its id.

        Raises:
            CallError: it is empty, too long or one too many, or cannot be saved; nothing was sent.
        """
        line = text.strip()
        if not line or len(line) > CALL_CHAT_CHARS:
            raise CallError(TOO_LONG if line else EMPTY)
        async with self._order:
            self._count_one()
            frame = ChatLine(id=str(uuid.uuid4()), text=line, sent_ms=time.time_ns() // 1_000_000)
            await self._seal(frame.id, ChatItem(from_patient=False, text=line, sent_ms=frame.sent_ms))
            self._unacknowledged[frame.id] = frame
            self._changed(frame, "sealed")
            self._dispatch(frame)
        return frame.id

    def repeat(self) -> None:
        """A channel is open: send again what was not acknowledged, in order."""
        for frame in tuple(self._unacknowledged.values()):
            self._dispatch(frame)

    def acknowledged(self, frame: ChatAck) -> None:
        """The patient's page has a line."""
        line = self._unacknowledged.pop(frame.id, None)
        if line is not None:
            self._changed(line, "acknowledged")

    async def received(self, frame: ChatLine) -> None:
        """Seal the patient's line, then acknowledge it; the same line again is acknowledged again, not kept twice.

        Raises:
            CallError: it could not be sealed; it was not acknowledged, and the patient's page sends it again.
        """
        item_id = item_id_of(self._visit_id, frame.id)
        if item_id not in self._sealed:
            self._count_one()
            # The patient's clock may be wrong by years: a line was sent when it came here.
            now_ms = time.time_ns() // 1_000_000
            await self._seal(item_id, ChatItem(from_patient=True, text=frame.text, sent_ms=now_ms))
            self._tell(ChatChanged(item_id, from_patient=True, text=frame.text, sent_ms=now_ms, state="sealed"))
        self._send(ChatAck(id=frame.id))

    def _dispatch(self, frame: ChatLine) -> None:
        if self._send(frame):
            self._changed(frame, "sent")

    def _changed(self, frame: ChatLine, state: ChatState) -> None:
        self._tell(ChatChanged(frame.id, from_patient=False, text=frame.text, sent_ms=frame.sent_ms, state=state))

    async def _seal(self, item_id: str, item: ChatItem) -> None:
        await asyncio.to_thread(self._drop_box.seal, item_id, item)
        self._sealed.add(item_id)
        self._tell(ItemSealed(self._visit_id, item_id, "chat"))

    def _count_one(self) -> None:
        if self._count >= CALL_CHAT_LINES:
            raise CallError(TOO_MANY)
        self._count += 1
