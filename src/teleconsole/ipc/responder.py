"""Answers the other side's asks by the handlers of this side."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from teleconsole.contracts.wire import Ask, Contract, Done
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.limits import IPC_RUNNING_ASKS
from teleconsole.ipc.envelope import Answer, Envelope, Failure, Request
from teleconsole.ipc.errors import FrameRefused

Handlers = Mapping[type[Ask[Any]], Callable[[Any], Awaitable[Any]]]
"""For each ask the coroutine function that answers it."""

_log = logging.getLogger(__name__)


def bug_place(error: BaseException) -> str:
    """Return file and line where an exception arose; never its text, which may speak of a patient."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


class Responder:
    """Runs one task for each ask, at most `IPC_RUNNING_ASKS` at a time.

    Args:
        contract: decodes the asks.
        handlers: an ask without one is answered with the code "no-handler".
        send: takes the answer.
        drain: waits while too much is unsent; an ask counts as running until then.
    """

    def __init__(
        self,
        contract: Contract,
        handlers: Handlers,
        send: Callable[[Envelope], None],
        drain: Callable[[], Awaitable[None]],
    ) -> None:
        self._contract = contract
        self._handlers = dict(handlers)
        self._send = send
        self._drain = drain
        self._running: dict[int, asyncio.Task[None]] = {}

    def add(self, handlers: Handlers) -> None:
        """Answer by these handlers too; a new one replaces the old."""
        self._handlers.update(handlers)

    def begin(self, request: Request) -> None:
        """Start to answer.

        Raises:
            msgspec.ValidationError: it is not an ask of the contract, or reuses a number.
        """
        ask = self._contract.decode_ask(request.name, request.body)
        if request.number in self._running:
            raise msgspec.ValidationError("the number of a running request was used again")
        if len(self._running) >= IPC_RUNNING_ASKS:
            self._send(Failure(request.number, "busy", "Too much was asked at the same time. Try again."))
            return
        task = asyncio.get_running_loop().create_task(self._answer(request.number, ask))
        self._running[request.number] = task
        task.add_done_callback(lambda _: self._running.pop(request.number, None))

    def cancel(self, number: int) -> None:
        """Stop to answer, if it still runs."""
        if task := self._running.get(number):
            task.cancel()

    def cancel_all(self) -> None:
        """Stop every answer: there is nobody to hear it."""
        for task in tuple(self._running.values()):
            task.cancel()

    async def _answer(self, number: int, ask: Ask[Any]) -> None:
        self._send_fitting(number, await self._run(number, ask))
        await self._drain()

    async def _run(self, number: int, ask: Ask[Any]) -> Answer | Failure:
        handler = self._handlers.get(type(ask))
        if handler is None:
            return Failure(number, "no-handler", f"Nobody here answers {type(ask).__name__}.")
        try:
            result = await handler(ask)
            if result is None and self._contract.answer_type(type(ask)) is Done:
                result = Done()
            return Answer(number, msgspec.Raw(msgspec.msgpack.encode(result)))
        except TeleconsoleError as error:
            return Failure(number, error.code, error.sentence)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # The handler waited for something that was cancelled, not for us: the caller must hear of it.
            return Failure(number, "bug", "CancelledError")
        except Exception as error:  # noqa: BLE001 -- told to the caller as a bug and logged, without its text
            kind = type(error).__name__
            _log.error("%s in the answer to %s at %s", kind, type(ask).__name__, bug_place(error))
            return Failure(number, "bug", kind)

    def _send_fitting(self, number: int, outcome: Answer | Failure) -> None:
        try:
            self._send(outcome)
        except FrameRefused:
            _log.error("an answer was larger than a message may be")
            self._send(Failure(number, "too-large", "The answer was too large to be handed over."))
