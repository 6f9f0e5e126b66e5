"""What comes on the data channel: read in order, within bounds, each frame validated. Nonsense never ends a visit."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import msgspec

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.call.webrtc.chat import Chat, ToPatient
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.photos import PhotoIntake
from teleconsole.contracts.channel import (
    ChatAck,
    ChatLine,
    LinkReport,
    LinkStill,
    MediaState,
    OnChannel,
    PhotoEnd,
    PhotoStart,
    StethoscopeState,
)
from teleconsole.contracts.signal import Ping, Pong
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError
from teleconsole.host.limits import CALL_CHANNEL_INBOX, CALL_CLOSE_S

_log = logging.getLogger(__name__)


class Channel:
    """Chat, photos and small notices with the patient's page.

    Attributes:
        chat: lines both ways.
        ignored: messages that made no sense or were too many.

    Args:
        visit_id: of the visit.
        drop_box: seals what comes.
        send: on the data channel of now.
        tell: news to the console.
        on_media_state: told what the patient sends.
        on_pong: told the number of each ping that came back.
    """

    def __init__(
        self,
        visit_id: str,
        drop_box: DropBoxWriter,
        send: ToPatient,
        tell: Callable[[News], None],
        on_media_state: Callable[[MediaState], None],
        *,
        on_pong: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.chat = Chat(visit_id, drop_box, send, tell)
        self.ignored = 0
        self._photos = PhotoIntake(visit_id, drop_box, send, tell)
        self._send = send
        self._on_media_state = on_media_state
        self._on_link: Callable[[LinkReport], None] = lambda _: None
        self._on_stethoscope: Callable[[StethoscopeState], None] = lambda _: None
        self._on_still: Callable[[LinkStill], Awaitable[None]] | None = None
        self._on_pong = on_pong
        self._decoder: msgspec.json.Decoder[OnChannel] = msgspec.json.Decoder(OnChannel)
        self._inbox: asyncio.Queue[tuple[Peer, str | bytes]] = asyncio.Queue(CALL_CHANNEL_INBOX)
        self._from: Peer | None = None

    def on_link(self, measured: Callable[[LinkReport], None], still: Callable[[LinkStill], Awaitable[None]]) -> None:
        """Give what the page measured and its stills to these, from now."""
        self._on_link, self._on_still = measured, still

    def on_stethoscope(self, told: Callable[[StethoscopeState], None]) -> None:
        """Give what the page says of its microphone to this, from now."""
        self._on_stethoscope = told

    def opened(self) -> None:
        """There is a channel: repeat what was not acknowledged."""
        self.chat.repeat()

    def take(self, peer: Peer, message: str | bytes) -> None:
        """Take a message; returns at once."""
        try:
            self._inbox.put_nowait((peer, message))
        except asyncio.QueueFull:
            self.ignored += 1

    async def run(self) -> None:
        """Handle messages in order, until cancelled."""
        while True:
            await self._handle(*await self._inbox.get())

    async def finish(self) -> None:
        """Handle what has arrived already, after `run` was cancelled: a last line must not be lost."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CALL_CLOSE_S):
                while not self._inbox.empty():
                    await self._handle(*self._inbox.get_nowait())

    async def _handle(self, peer: Peer, message: str | bytes) -> None:
        if peer is not self._from:
            self._from = peer
            self._photos.forget()  # a photo never goes on over another connection
        if isinstance(message, bytes):
            self._photos.take(message)
            return
        try:
            await self._dispatch(self._decoder.decode(message))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):  # the last: nested too deeply
            self.ignored += 1
        except CallError as error:
            _log.warning("something of the patient's was not sealed: %s", error.code)

    async def _dispatch(self, frame: OnChannel) -> None:
        match frame:
            case ChatLine():
                await self.chat.received(frame)
            case ChatAck():
                self.chat.acknowledged(frame)
            case PhotoStart():
                self._photos.begin(frame)
            case PhotoEnd():
                await self._photos.end(frame)
            case MediaState():
                self._on_media_state(frame)
            case LinkReport():
                self._on_link(frame)
            case StethoscopeState():
                self._on_stethoscope(frame)
            case LinkStill() if self._on_still is not None:
                await self._on_still(frame)
            case Ping(n):
                self._send(Pong(n))
            case Pong(n):
                self._on_pong(n)
            case _:
                pass
