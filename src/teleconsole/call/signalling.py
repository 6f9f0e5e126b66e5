"""The one WebSocket to the gateway: opened, kept, opened again; every frame validated.

Both sides of a call use it: the console's with a token, the patient's (`teleconsole peer`) with a cookie.
"""

import asyncio
import contextlib
import logging
import random
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import aiohttp
import msgspec

from teleconsole.contracts.signal import Ping, Pong, Problem
from teleconsole.domain.errors import SignallingLost
from teleconsole.host.limits import (
    CALL_CA_BYTES,
    CALL_SIGNAL_CHECK_S,
    CALL_SIGNAL_CLOSE_S,
    CALL_SIGNAL_CONNECT_S,
    CALL_SIGNAL_FRAME_BYTES,
    CALL_SIGNAL_HELLO_S,
    CALL_SIGNAL_JITTER,
    CALL_SIGNAL_OUTBOX,
    CALL_SIGNAL_PING_S,
    CALL_SIGNAL_RETRY_S,
    CALL_SIGNAL_SILENCE_S,
    CALL_SIGNAL_SOCKET_S,
)

Phase = Literal["off", "connecting", "connected", "lost", "refused"]

AWAY = "The clinic's gateway cannot be reached. It is tried again; waiting patients stay in line."
REFUSED = "The clinic's gateway does not know this sign-in any more. Sign in again to see who is waiting."
OLD = "The clinic's gateway speaks another version. Ask IT to update this program."
REPLACED = "This clinician is signed in on another computer, which has the waiting room now. Sign in here to take over."
BAD_CA = "The file of extra certificates cannot be used, so the gateway is not reached. Ask IT to look at the policy."

NOT_SIGNED_IN = 4003
"""Close code of the gateway; 4001 and 4004: another page or computer took over."""

_Outcome = Literal["lost", "refused", "version", "replaced"]
_CLOSED = object()

_log = logging.getLogger(__name__)


class SignallingEvents(Protocol):
    """What the connection tells its owner; every call must return at once."""

    def on_phase(self, phase: Phase, sentence: str) -> None:
        """The connection came, went, or was refused."""

    def on_frame(self, frame: Any) -> None:
        """A valid frame came, the welcome first."""

    def on_token_needed(self) -> None:
        """The gateway wants a fresh token."""


class Signalling:
    """A connection that is kept until it is closed.

    Attributes:
        phase: of the connection.
        ignored: frames that were malformed or of an unknown type so far.

    Args:
        url: of the gateway, as http(s).
        make_hello: the first frame of each connection.
        welcome: the type of the frame that answers it.
        incoming: the union of frames that may come.
        events: told of everything.
        extra_ca: PEM file of certificates to trust besides the system's, or empty.
        proxy: URL of a proxy, empty = none.
        cookies: sent with each connection.
    """

    def __init__(
        self,
        url: str,
        make_hello: Callable[[], msgspec.Struct],
        welcome: type[msgspec.Struct],
        incoming: Any,
        events: SignallingEvents,
        *,
        extra_ca: str = "",
        proxy: str = "",
        cookies: dict[str, str] | None = None,
    ) -> None:
        self.phase: Phase = "off"
        self.ignored = 0
        self._url = url.rstrip("/") + "/signal"
        self._make_hello = make_hello
        self._welcome = welcome
        self._decoder = msgspec.json.Decoder(incoming)
        self._events = events
        self._extra_ca = extra_ca
        self._proxy = proxy or None
        self._cookies = cookies or {}
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(CALL_SIGNAL_OUTBOX)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._patience: asyncio.Timeout | None = None

    def open(self) -> None:
        """Connect, and go on connecting until `close`."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def joined(self, url: str, extra_ca: str, proxy: str) -> bool:
        """Tell whether this connection goes there already, and is still kept."""
        same = (url.rstrip("/") + "/signal", extra_ca, proxy or None) == (self._url, self._extra_ca, self._proxy)
        return same and self._task is not None and not self._task.done()

    def retry_now(self) -> None:
        """Do not wait for the next try: a fresh token is there."""
        self._failures = 0
        self._wake.set()

    def check(self) -> None:
        """Look now whether the connection still stands: one that does not answer soon is given up and made again.

        A network that went away tells nobody; without this it is noticed after `CALL_SIGNAL_SILENCE_S`.
        """
        if self.phase != "connected":
            self.retry_now()
            return
        soon_s = asyncio.get_running_loop().time() + CALL_SIGNAL_CHECK_S
        patience = self._patience
        with contextlib.suppress(RuntimeError):  # a frame comes in just now, so it stands
            if patience is not None and soon_s < (patience.when() or 0.0):
                patience.reschedule(soon_s)
        self.send(Ping(0))

    async def close(self) -> None:
        """End the connection for good."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tell("off", "")

    def send(self, frame: msgspec.Struct) -> bool:
        """Send a frame; False when there is no connection (nothing is kept for later)."""
        if self.phase != "connected":
            return False
        try:
            self._outbox.put_nowait(msgspec.json.encode(frame))
        except asyncio.QueueFull:
            return False
        return True

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, connect=CALL_SIGNAL_CONNECT_S, sock_connect=CALL_SIGNAL_SOCKET_S)
        try:
            connector = aiohttp.TCPConnector(ssl=await asyncio.to_thread(trust, self._extra_ca))
        except SignallingLost as unusable:
            self._tell("refused", unusable.sentence)
            return
        jar = aiohttp.CookieJar(unsafe=True)  # a gateway may be named by its address
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookies=self._cookies, cookie_jar=jar
        ) as http:
            while True:
                if self.phase == "off":
                    self._tell("connecting", "")
                if not await self._connection(http):
                    return
                await self._pause()

    async def _connection(self, http: aiohttp.ClientSession) -> bool:
        """One connection from hello to its end. Returns: whether to try again."""
        outcome: _Outcome = "lost"
        try:
            async with http.ws_connect(
                self._url,
                proxy=self._proxy,
                max_msg_size=CALL_SIGNAL_FRAME_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=CALL_SIGNAL_CLOSE_S),
            ) as socket:
                outcome = await self._talk(socket)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error, aiohttp.WSServerHandshakeError) and error.status in (401, 403):
                outcome = "refused"
            _log.info("the gateway's connection ended: %s", type(error).__name__)
        self._failures += 1
        match outcome:
            case "lost":
                self._tell("lost", AWAY)
            case "refused":
                self._tell("refused", REFUSED)
                self._events.on_token_needed()
            case "version" | "replaced":
                self._tell("refused", OLD if outcome == "version" else REPLACED)
                return False
        return True

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> _Outcome:
        await socket.send_str(msgspec.json.encode(self._make_hello()).decode())
        while not self._outbox.empty():  # of the connection before
            self._outbox.get_nowait()
        async with asyncio.timeout(CALL_SIGNAL_HELLO_S):
            while not isinstance(first := await self._receive(socket), self._welcome):
                if isinstance(first, Problem):
                    return "version" if first.code == "version" else "refused"
                if first is _CLOSED:
                    return "refused" if socket.close_code == NOT_SIGNED_IN else "lost"
        self._failures = 0
        self._tell("connected", "")
        self._events.on_frame(first)
        sender = asyncio.create_task(self._send_all(socket))
        try:
            return await self._listen(socket)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> _Outcome:
        while (frame := await self._receive(socket)) is not _CLOSED:
            match frame:
                case Ping(n):
                    self.send(Pong(n))
                case Problem(code=code):
                    _log.info("the gateway did not take a frame: %s", code)
                case None | Pong():
                    pass
                case _:
                    self._events.on_frame(frame)
        match socket.close_code:
            case 4003:
                return "refused"
            case 4001 | 4004:
                return "replaced"
        return "lost"

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> Any:
        """Return the next frame, None for one that makes no sense, `_CLOSED` at the end."""
        async with asyncio.timeout(CALL_SIGNAL_SILENCE_S) as self._patience:
            message = await socket.receive()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            try:
                return self._decoder.decode(message.data)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                self.ignored += 1
                return None
        return _CLOSED

    async def _send_all(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        number = 0
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            while True:
                try:
                    async with asyncio.timeout(CALL_SIGNAL_PING_S):
                        data = await self._outbox.get()
                except TimeoutError:
                    number += 1
                    data = msgspec.json.encode(Ping(number))
                await socket.send_str(data.decode())

    async def _pause(self) -> None:
        pause_s = CALL_SIGNAL_RETRY_S[min(self._failures, len(CALL_SIGNAL_RETRY_S)) - 1]
        pause_s *= 1 + random.uniform(-CALL_SIGNAL_JITTER, CALL_SIGNAL_JITTER)  # noqa: S311 -- spreads the clients
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._wake.wait()

    def _tell(self, phase: Phase, sentence: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self._events.on_phase(phase, sentence)


def trust(extra_ca: str) -> ssl.SSLContext:
    """Return whom to trust: the system's certificates and those of a PEM file.

    Raises:
        SignallingLost: the file cannot be used.
    """
    context = ssl.create_default_context()
    if extra_ca:
        try:
            if Path(extra_ca).stat().st_size > CALL_CA_BYTES:
                raise ValueError("too large for certificates")
            context.load_verify_locations(cafile=extra_ca)
        except (OSError, ValueError, ssl.SSLError) as error:
            raise SignallingLost(BAD_CA) from error
    return context
