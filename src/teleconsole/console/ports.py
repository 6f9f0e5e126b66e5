"""What panes know of the other processes: something to ask and to hear news from. Tests hand in fakes."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from PySide6.QtGui import QImage

from teleconsole.contracts.wire import Ask, News
from teleconsole.host.limits import IPC_ASK_S

T = TypeVar("T")
N = TypeVar("N", bound=News)


class Port(Protocol):
    """Another process, across its restarts.

    Thread: Qt's.
    """

    async def ask(self, ask: Ask[T], *, deadline_s: float = IPC_ASK_S) -> T:
        """Return the answer.

        Raises:
            PeerLost: the process is not there now, or ended before it answered.
            DeadlineExceeded: no answer in time.
            RemoteFailure: it could not do what was asked; its text is a sentence.
        """
        ...

    def on_news(self, kind: type[N], handler: Callable[[N], None]) -> Callable[[], None]:
        """Call the handler with all news of that kind, from every life of the process; call the result to stop."""
        ...

    def on_restarted(self, handler: Callable[[], None]) -> Callable[[], None]:
        """Call the handler when a new life of the process is ready: read again what is on the screen."""
        ...


class VaultPort(Port, Protocol):
    """The vault."""


class FramesPort(Port, Protocol):
    """A process that shows pictures by slots of shared memory."""

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        """Return number and picture of the newest frame of a slot ("remote", "self"; "picture"), or None.

        The picture is valid until the next call for the same slot; copy what you keep.
        """
        ...

    def forget(self, slot: str) -> None:
        """Drop the picture of a slot from this process's memory."""
        ...


class CallPort(FramesPort, Protocol):
    """The call process; slots "remote" and "self"."""


class RenderPort(FramesPort, Protocol):
    """The render process; slot "picture". The first ask starts it."""
