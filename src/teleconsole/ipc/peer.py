"""The other process, as an object: ask it, tell it, hear from it."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from teleconsole.contracts.wire import Ask, Contract, News
from teleconsole.host.limits import (
    IPC_ASK_S,
    IPC_DRAIN_HIGH_BYTES,
    IPC_EARLY_NEWS,
    IPC_OPEN_ASKS,
    IPC_UNSENT_BYTES,
)
from teleconsole.ipc.envelope import Answer, Cancel, Envelope, Event, Failure, Ping, Pong, Request, pack, unpack
from teleconsole.ipc.errors import Congested, DeadlineExceeded, IpcError, PeerLost, RemoteFailure
from teleconsole.ipc.once import Once
from teleconsole.ipc.responder import Handlers, Responder, bug_place
from teleconsole.ipc.transport import Transport

__all__ = ["Congested", "DeadlineExceeded", "Handlers", "IpcError", "Peer", "PeerLost", "RemoteFailure"]

T = TypeVar("T")
N = TypeVar("N", bound=News)

_log = logging.getLogger(__name__)


class Peer:
    """The other end of a connection.

    News that come before the first `on_news` are kept and delivered in the turn after it, so register all
    handlers in one go. News without a handler are dropped after that.

    Attributes:
        closed: set with the reason when the connection has ended; every open ask has failed by then.

    Args:
        transport: not yet started.
        contract: all that may be said.
        handlers: answer the other side's asks.

    Thread: that of the event loop it was started in.
    """

    def __init__(self, transport: Transport, contract: Contract, handlers: Handlers | None = None) -> None:
        self.closed: Once[str] = Once()
        self.contract = contract
        self._transport = transport
        self._responder = Responder(contract, handlers or {}, self._send, transport.drain)
        self._numbers = itertools.count(1)
        self._open_asks = asyncio.Semaphore(IPC_OPEN_ASKS)
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._news_handlers: dict[type[News], list[Callable[[Any], None]]] = {}
        self._early: deque[News] | None = deque(maxlen=IPC_EARLY_NEWS)
        self._latest: dict[type[News], News] = {}
        self._flusher: asyncio.Task[None] | None = None

    def answer_with(self, handlers: Handlers) -> None:
        """Answer the other side's asks by these handlers as well."""
        self._responder.add(handlers)

    async def start(self) -> None:
        """Begin to read."""
        await self._transport.start(self._on_frame, self.close)

    async def ask(self, ask: Ask[T], *, deadline_s: float = IPC_ASK_S) -> T:
        """Return the other side's answer.

        A caller that is cancelled, or whose deadline passes, cancels the work on the other side. At most
        `IPC_OPEN_ASKS` are open at a time; a later one waits for its turn, and that counts to its deadline.

        Raises:
            PeerLost: the connection is closed or closes before the answer is here.
            DeadlineExceeded: no answer within `deadline_s` seconds.
            RemoteFailure: the other side raised an error, or its answer is not a T ("malformed-answer").
        """
        name, body = self.contract.encode(ask)
        number = next(self._numbers)
        answer: msgspec.Raw = await self._wait(number, Request(number, name, body), deadline_s)
        try:
            return self.contract.decode_answer(type(ask), answer)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise RemoteFailure("malformed-answer", f"The answer to {name} was malformed.") from error

    async def ping(self, *, deadline_s: float) -> None:
        """Return when the other event loop has turned. The other side answers by itself.

        Raises:
            PeerLost, DeadlineExceeded: as for `ask`.
        """
        number = next(self._numbers)
        await self._wait(number, Ping(number), deadline_s)

    @property
    def waiting(self) -> int:
        """How many of our asks and heartbeats have no answer yet."""
        return len(self._pending)

    async def tell(self, news: News) -> None:
        """Send an event; waits while too much is unsent, so that a slow reader slows its writer down.

        Raises:
            PeerLost: the connection is closed.
        """
        self._send_news(news)
        await self._transport.drain()

    def tell_soon(self, news: News) -> None:
        """Send an event from a place that cannot wait. Nothing is ever dropped.

        Raises:
            PeerLost: the connection is closed.
            Congested: `IPC_UNSENT_BYTES` wait already; nothing was sent.
        """
        if self._transport.unsent_bytes > IPC_UNSENT_BYTES:
            raise Congested
        self._send_news(news)

    def tell_latest(self, news: News) -> None:
        """Send an event of which only the newest of its type matters (levels, progress, statistics).

        While too much is unsent, newer events replace older ones of the same type.

        Raises:
            PeerLost: the connection is closed.
        """
        if self._transport.unsent_bytes <= IPC_DRAIN_HIGH_BYTES and self._flusher is None:
            self._send_news(news)
            return
        self._refuse_when_closed()
        self._latest[type(news)] = news
        if self._flusher is None:
            self._flusher = asyncio.get_running_loop().create_task(self._flush_latest())

    def on_news(self, kind: type[N], handler: Callable[[N], None]) -> Callable[[], None]:
        """Call the handler with all news of that kind, or with all news at all for `News`.

        Returns:
            Call it to unregister.
        """
        handlers = self._news_handlers.setdefault(kind, [])
        handlers.append(handler)
        if self._early is not None:
            asyncio.get_running_loop().call_soon(self._deliver_early)

        def unregister() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return unregister

    def close(self, reason: str = "this side closed the connection") -> None:
        """End the connection: sends what is queued, fails what is open. Returns at once."""
        if self.closed.is_set():
            return
        self._transport.close()
        self._responder.cancel_all()
        if self._flusher is not None:
            self._flusher.cancel()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(PeerLost(reason))
        self.closed.set(reason)

    async def _wait(self, number: int, envelope: Request | Ping, deadline_s: float) -> Any:
        self._refuse_when_closed()
        try:
            async with asyncio.timeout(deadline_s):
                if isinstance(envelope, Ping):
                    return await self._exchange(number, envelope)
                async with self._open_asks:
                    self._refuse_when_closed()
                    return await self._exchange(number, envelope)
        except TimeoutError as late:
            raise DeadlineExceeded from late

    async def _exchange(self, number: int, envelope: Request | Ping) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        try:
            self._send(envelope)
            if isinstance(envelope, Request):
                await self._transport.drain()
            return await future
        except asyncio.CancelledError:
            if isinstance(envelope, Request) and not self.closed.is_set():
                self._send(Cancel(number))
            raise
        finally:
            del self._pending[number]
            if future.done() and not future.cancelled():
                future.exception()  # seen: it may have failed while we waited for room

    async def _flush_latest(self) -> None:
        try:
            while self._latest:
                await self._transport.drain()
                _, news = self._latest.popitem()
                self._send_news(news)
        finally:
            self._flusher = None

    def _refuse_when_closed(self) -> None:
        if self.closed.is_set():
            raise PeerLost(self.closed.value or "")

    def _send(self, envelope: Envelope) -> None:
        self._transport.send(pack(envelope))

    def _send_news(self, news: News) -> None:
        self._refuse_when_closed()
        name, body = self.contract.encode(news)
        self._send(Event(name, body))

    def _on_frame(self, body: bytes) -> bool:
        """Handle a frame; return whether it was an answer: who asked goes on with it before what was said later.

        Else a snapshot that was asked for would be shown over news that are newer than it.
        """
        if self.closed.is_set():
            return False
        try:
            envelope = unpack(body)
            self._dispatch(envelope)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            # The decoder's own words may quote the message, and with it a patient.
            self.close("the other side sent what is not a message of the contract")
            return False
        return isinstance(envelope, Answer | Failure)

    def _dispatch(self, envelope: Envelope) -> None:
        match envelope:
            case Request():
                self._responder.begin(envelope)
            case Cancel(number):
                self._responder.cancel(number)
            case Answer(number, body):
                self._settle(number, body)
            case Pong(number):
                self._settle(number, None)
            case Failure(number, code, text):
                self._settle(number, RemoteFailure(code, text))
            case Ping(number):
                self._send(Pong(number))
            case Event(name, body):
                self._deliver(self.contract.decode_news(name, body))

    def _settle(self, number: int, outcome: msgspec.Raw | RemoteFailure | None) -> None:
        future = self._pending.get(number)
        if future is None or future.done():
            return  # an answer that crossed our cancel
        if isinstance(outcome, RemoteFailure):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    def _deliver(self, news: News) -> None:
        if self._early is not None:
            self._early.append(news)
            return
        for kind in (type(news), News):
            for handler in tuple(self._news_handlers.get(kind, ())):
                self._call(handler, news)

    def _deliver_early(self) -> None:
        early, self._early = self._early, None
        for news in early or ():
            self._deliver(news)

    def _call(self, handler: Callable[[Any], None], news: News) -> None:
        try:
            handler(news)
        except Exception as error:  # noqa: BLE001 -- one listener's bug must not cost the connection; it is logged
            _log.error("%s in a listener of %s at %s", type(error).__name__, type(news).__name__, bug_place(error))
