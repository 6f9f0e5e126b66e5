"""A port to a real child process, across its restarts; frames come through slots of shared memory."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from PySide6.QtGui import QImage

from teleconsole.contracts.wire import Ask, Contract, News
from teleconsole.host.limits import IPC_ASK_S, IPC_START_S
from teleconsole.ipc.child import BASE_ENVIRONMENT, Child
from teleconsole.ipc.errors import DeadlineExceeded, FrameRefused
from teleconsole.ipc.peer import Peer
from teleconsole.ipc.slot import FrameSlot
from teleconsole.ipc.supervisor import Supervisor

T = TypeVar("T")
N = TypeVar("N", bound=News)


class _Frames:
    """The newest picture of one slot, copied out of shared memory."""

    def __init__(self, capacity_bytes: int) -> None:
        self.slot = FrameSlot(capacity_bytes)
        self._buffer = bytearray()
        self._newest: tuple[int, QImage] | None = None

    def newest(self) -> tuple[int, QImage] | None:
        """Return number and picture. Raises: FrameRefused."""
        if not self._buffer:
            self._buffer = bytearray(self.slot.capacity_bytes)
        info = self.slot.reader.take(memoryview(self._buffer))
        if info is not None:
            image = QImage(
                self._buffer, info.width_px, info.height_px, info.stride_bytes, QImage.Format.Format_RGB32
            )  # fmt: skip
            self._newest = (info.number, image)
        return self._newest

    def clear(self) -> None:
        """Drop the picture."""
        self._newest = None
        self._buffer = bytearray()


class RemotePort:
    """One of the other processes.

    Args:
        contract: its name is the child's.
        title: what a person calls it, as a subject.
        on_lost: told one sentence when it ended by itself.
        environment: variables that it gets beside the common ones.
        slots: capacity in bytes of its frame slots, by name.
        lazy: started by the first ask.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        title: str,
        on_lost: Callable[[str], None],
        environment: Collection[str] = (),
        slots: "dict[str, int] | None" = None,
        lazy: bool = False,
        command: Sequence[str] | None = None,
    ) -> None:
        self._contract = contract
        self._environment = BASE_ENVIRONMENT | frozenset(environment)
        self._frames = {name: _Frames(capacity_bytes) for name, capacity_bytes in (slots or {}).items()}
        self._lazy = lazy
        self._command = command
        self._up = asyncio.Event()
        self._tell_lost = on_lost
        self._news: list[tuple[type[News], Callable[[News], None]]] = []
        self._restarted: list[Callable[[], None]] = []
        self._supervisor = Supervisor(
            self._make_child, contract, title=title, on_up=self._on_up, on_lost=self._on_lost
        )  # fmt: skip

    @property
    def is_up(self) -> bool:
        """Whether it answers now."""
        return self._up.is_set()

    @property
    def pid(self) -> int | None:
        """Of this life."""
        return self._supervisor.pid

    def start(self) -> None:
        """Start it now."""
        self._supervisor.start()

    async def ask(self, ask: Ask[T], *, deadline_s: float = IPC_ASK_S) -> T:
        """Return the answer; see `Port.ask`."""
        if self._lazy and not self._up.is_set():
            self._supervisor.start()
            await self._wait_up()
        return await self._supervisor.ask(ask, deadline_s=deadline_s)

    def on_news(self, kind: type[N], handler: Callable[[N], None]) -> Callable[[], None]:
        """Call the handler with news of every life; see `Port.on_news`."""

        def deliver(news: News) -> None:
            if isinstance(news, kind):
                handler(news)

        entry: tuple[type[News], Callable[[News], None]] = (kind, deliver)
        self._news.append(entry)

        def stop() -> None:
            if entry in self._news:
                self._news.remove(entry)

        return stop

    def on_restarted(self, handler: Callable[[], None]) -> Callable[[], None]:
        """Call the handler when a life is ready, also the first; see `Port.on_restarted`."""
        self._restarted.append(handler)

        def stop() -> None:
            if handler in self._restarted:
                self._restarted.remove(handler)

        return stop

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        """Return the newest picture of a slot if it is newer; see `FramesPort.frame`."""
        try:
            newest = self._frames[slot].newest()
        except FrameRefused:
            self._frames[slot].clear()
            return None
        return newest if newest is not None and newest[0] != newer_than else None

    def forget(self, slot: str) -> None:
        """Drop the picture of a slot; see `FramesPort.forget`."""
        self._frames[slot].clear()

    async def suspend(self) -> None:
        """Kill it and keep it dead; returns when it is gone from memory."""
        self._up.clear()
        await self._supervisor.suspend()
        self._wipe()

    async def resume(self) -> None:
        """Start it again; returns when it answers.

        Raises:
            DeadlineExceeded: it does not come up.
        """
        self._supervisor.resume()
        await self._wait_up()

    async def stop(self) -> None:
        """End it in good order."""
        self._up.clear()
        await self._supervisor.stop()
        for frames in self._frames.values():
            frames.slot.close()

    async def _wait_up(self) -> None:
        try:
            async with asyncio.timeout(IPC_START_S):
                await self._up.wait()
        except TimeoutError as error:
            raise DeadlineExceeded from error

    def _make_child(self) -> Child:
        slots = {name: frames.slot.argument for name, frames in self._frames.items()}
        return Child(self._contract.name, environment=self._environment, slots=slots, command=self._command)

    def _on_up(self, peer: Peer) -> None:
        peer.on_news(News, self._deliver)
        self._up.set()
        for handler in tuple(self._restarted):
            handler()

    def _on_lost(self, sentence: str) -> None:
        self._up.clear()
        self._wipe()
        self._tell_lost(sentence)

    def _wipe(self) -> None:
        """What a child that has ended drew last must not outlive it in shared memory."""
        for frames in self._frames.values():
            frames.slot.wipe()

    def _deliver(self, news: News) -> None:
        for _, deliver in tuple(self._news):
            deliver(news)
