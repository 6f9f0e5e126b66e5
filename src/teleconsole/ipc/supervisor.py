"""Keeps one child process alive: watches it, says when it is lost and why, starts it again."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from teleconsole.contracts.wire import Ask, Contract
from teleconsole.host.limits import (
    IPC_ASK_S,
    IPC_EXIT_S,
    IPC_HEARTBEAT_DEADLINE_S,
    IPC_HEARTBEAT_S,
    IPC_RESTART_S,
    IPC_STALL_S,
    IPC_START_S,
    IPC_STEADY_S,
)
from teleconsole.ipc.child import Child
from teleconsole.ipc.errors import DeadlineExceeded, PeerLost
from teleconsole.ipc.exit_watch import exit_sentence
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.responder import bug_place

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Supervisor:
    """Owns the lives of one child, one after the other.

    Args:
        make_child: makes a child that is not started; called for every life.
        contract: all that may be said.
        title: what a person calls the child, as a subject: "The case store".
        on_up: called when a new life answers its first heartbeat; register for news and rebuild the state here.
            When it returns an awaitable, that runs beside the watch and is cancelled when the child is lost.
        on_lost: called with one sentence for the person whenever a life ends that should not have ended, also one
            that never came up. Not called for `stop` and `suspend`.
        handlers: answer what the child asks.

    Thread: the main one, in the event loop.
    """

    def __init__(
        self,
        make_child: Callable[[], Child],
        contract: Contract,
        *,
        title: str,
        on_up: Callable[[Peer], Awaitable[None] | None],
        on_lost: Callable[[str], None],
        handlers: Handlers | None = None,
    ) -> None:
        self._make_child = make_child
        self._contract = contract
        self._title = title
        self._on_up = on_up
        self._on_lost = on_lost
        self._handlers = dict(handlers or {})
        self._wanted = asyncio.Event()
        self._hurry = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._child: Child | None = None
        self._peer: Peer | None = None
        self._task: asyncio.Task[None] | None = None
        self._deaths = 0

    @property
    def peer(self) -> Peer | None:
        """The living child's peer; None while there is none that answers."""
        return self._peer

    @property
    def pid(self) -> int | None:
        """The process of this life, None between two of them."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start the first life, and from now on the next ones."""
        self._wanted.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def ask(self, ask: Ask[T], *, deadline_s: float = IPC_ASK_S) -> T:
        """Ask the child of this moment; see `Peer.ask`.

        Raises:
            PeerLost: there is none, or it is lost before it answers.
        """
        if self._peer is None:
            raise PeerLost("there is no such process at the moment")
        return await self._peer.ask(ask, deadline_s=deadline_s)

    async def suspend(self) -> None:
        """Kill the child and start no other one until `resume`. Returns when it is gone from memory."""
        self._wanted.clear()
        if self._child is not None:
            self._child.kill()
        await self._idle.wait()

    def resume(self) -> None:
        """Start again after `suspend`, at once."""
        self._deaths = 0
        self._hurry.set()
        self._wanted.set()

    async def stop(self) -> None:
        """End the child in good order (killed if it takes too long) and supervise no more."""
        self._wanted.clear()
        if self._child is not None:
            await self._child.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            await self._pause()
            if not self._wanted.is_set():
                continue
            self._idle.clear()
            try:
                sentence, lived_s = await self._live()
            finally:
                self._idle.set()
            self._deaths = 1 if lived_s >= IPC_STEADY_S else self._deaths + 1
            if self._wanted.is_set():
                _log.warning("child %s lost: %s", self._contract.name, sentence)
                self._tell_lost(sentence)

    async def _pause(self) -> None:
        """Wait before a restart: not before the first one, then longer each time; `resume` cuts it short."""
        self._hurry.clear()
        if self._deaths > 1:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IPC_RESTART_S[min(self._deaths, len(IPC_RESTART_S)) - 1]):
                    await self._hurry.wait()

    async def _live(self) -> tuple[str, float]:
        """Live one life of the child; return why it ended and how long it was."""
        born_s = time.monotonic()
        child = self._child = self._make_child()
        try:
            sentence = await self._follow(child)
        except OSError as error:
            _log.error("child %s not started: %s", self._contract.name, type(error).__name__)
            sentence = f"{self._title} could not be started."
        finally:
            self._peer = None
            if child.pid:
                child.kill()
                await child.exited.wait()
            self._child = None
        return sentence, time.monotonic() - born_s

    async def _follow(self, child: Child) -> str:
        """Start the child, watch it to its end, and return the sentence about that."""
        peer = await child.start(self._handlers, self._contract)
        up: asyncio.Future[None] | None = None
        try:
            await peer.ping(deadline_s=IPC_START_S)
            self._peer = peer
            up = self._tell_up(peer)
            await self._watch(peer)
        except DeadlineExceeded:
            return f"{self._title} stopped answering and was ended."
        except PeerLost:
            pass  # the exit status below tells more than the end of the connection
        finally:
            if up is not None:
                up.cancel()
        try:
            async with asyncio.timeout(IPC_EXIT_S):
                return exit_sentence(self._title, await child.exited.wait())
        except TimeoutError:
            _log.warning("child %s: %s", self._contract.name, peer.closed.value)
            return f"{self._title} broke off and was ended."

    async def _watch(self, peer: Peer) -> None:
        """Beat until the connection is closed.

        Raises:
            DeadlineExceeded: no answer in time.
            PeerLost: the connection closed meanwhile.
        """
        while not peer.closed.is_set():
            try:
                async with asyncio.timeout(IPC_HEARTBEAT_S):
                    await peer.closed.wait()
            except TimeoutError:
                await self._beat(peer)

    async def _beat(self, peer: Peer) -> None:
        while True:
            asked_s = time.monotonic()
            try:
                await peer.ping(deadline_s=IPC_HEARTBEAT_DEADLINE_S)
                return
            except DeadlineExceeded:
                # If this loop itself stood still (a busy window, a computer that slept), the answer may lie in
                # the pipe unread: that is not the child's fault, so ask again.
                if time.monotonic() - asked_s < IPC_HEARTBEAT_DEADLINE_S + IPC_STALL_S:
                    raise

    def _tell_up(self, peer: Peer) -> "asyncio.Future[None] | None":
        try:
            rebuilt = self._on_up(peer)
        except Exception as error:  # noqa: BLE001 -- the owner's bug must not end the supervision; it is logged
            self._log_bug(error)
            return None
        if rebuilt is None:
            return None
        task = asyncio.ensure_future(_finish(rebuilt))
        task.add_done_callback(self._report)
        return task

    def _tell_lost(self, sentence: str) -> None:
        try:
            self._on_lost(sentence)
        except Exception as error:  # noqa: BLE001 -- as above
            self._log_bug(error)

    def _report(self, task: "asyncio.Future[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, PeerLost):
            self._log_bug(error)

    def _log_bug(self, error: BaseException) -> None:
        _log.error("%s in the owner of %s at %s", type(error).__name__, self._contract.name, bug_place(error))


async def _finish(awaitable: Awaitable[None]) -> None:
    await awaitable
