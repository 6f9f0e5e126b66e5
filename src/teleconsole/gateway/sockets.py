"""One WebSocket as the rooms see it: sending never waits, a client that is too slow or too fast is bounded."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

import msgspec
from aiohttp import WSCloseCode, web

from teleconsole.gateway.frames import to_text
from teleconsole.host import limits

OPENED_ELSEWHERE = 4001
NOT_SIGNED_IN = 4003
REPLACED = 4004


class Wire(Protocol):
    """Whatever frames can be sent to."""

    def send(self, frame: msgspec.Struct) -> None:
        """Queue a frame; it is lost when the other side is gone."""
        ...

    def close(self, code: int) -> None:
        """Close after what was queued before."""
        ...


@dataclass(frozen=True)
class _Closing:
    code: int


class SocketWire:
    """A WebSocket with a bounded queue of outgoing frames. Belongs to one event loop."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._outbox: asyncio.Queue[str | _Closing] = asyncio.Queue(limits.GATEWAY_OUTBOX_FRAMES)

    def send(self, frame: msgspec.Struct) -> None:
        """Queue a frame; a client that lets the queue fill up is cut off and has to come back."""
        self._queue(to_text(frame))

    def close(self, code: int) -> None:
        """Close after what was queued before."""
        self._queue(_Closing(code))

    def _queue(self, item: str | _Closing) -> None:
        try:
            self._outbox.put_nowait(item)
        except asyncio.QueueFull:
            while not self._outbox.empty():
                self._outbox.get_nowait()
            self._outbox.put_nowait(_Closing(WSCloseCode.TRY_AGAIN_LATER))

    async def pump(self) -> None:
        """Send what is queued until the socket closes."""
        while not self._socket.closed:
            item = await self._outbox.get()
            if isinstance(item, _Closing):
                await self._socket.close(code=item.code)
                return
            try:
                await self._socket.send_str(item)
            except ConnectionError:
                return


class FrameRate:
    """A token bucket for the frames of one client."""

    def __init__(self) -> None:
        self._tokens = float(limits.GATEWAY_FRAMES_BURST)
        self._at_s = time.monotonic()
        self.refused = 0

    def takes_one(self) -> bool:
        """Return whether one more frame is within the bound."""
        now_s = time.monotonic()
        refilled = self._tokens + (now_s - self._at_s) * limits.GATEWAY_FRAMES_PER_S
        self._tokens, self._at_s = min(float(limits.GATEWAY_FRAMES_BURST), refilled), now_s
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        return True
