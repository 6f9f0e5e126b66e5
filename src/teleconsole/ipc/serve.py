"""The main loop of a child process."""

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable

from teleconsole.contracts.wire import Contract
from teleconsole.ipc.child_args import ChildArgs
from teleconsole.ipc.guard import guard_process
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.transport import ENDED, PipeTransport, SocketTransport, Transport

if sys.platform == "win32":
    _new_event_loop = asyncio.new_event_loop
else:
    from uvloop import new_event_loop as _new_event_loop


class _Unhandled(LookupError):
    """A contract promises more than the handlers keep."""


def serve(
    contract: Contract,
    make_handlers: Callable[[Peer], Handlers],
    *,
    argv: ChildArgs,
    closing: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Answer the parent until it closes the connection, and return the exit status.

    Args:
        contract: all that may be said; every ask in it needs a handler.
        make_handlers: called once, inside the running loop, before anything is read; it may register for news
            and start tasks. The heartbeat is answered without it.
        argv: what the process was started with.
        closing: awaited after the end of the connection; the parent kills after `IPC_CLOSE_S`.

    Returns:
        0 after an orderly end of the connection, else 1.

    Raises:
        LookupError: an ask of the contract has no handler.

    Thread: the main one of the process.
    """
    guard_process(argv.parent_pid)
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        return runner.run(_serve(contract, make_handlers, argv, closing))


async def _serve(
    contract: Contract,
    make_handlers: Callable[[Peer], Handlers],
    argv: ChildArgs,
    closing: Callable[[], Awaitable[None]] | None,
) -> int:
    peer = Peer(_transport(argv), contract)
    handlers = make_handlers(peer)
    if missing := [ask.__name__ for ask in contract.asks if ask not in handlers]:
        raise _Unhandled(f"{contract.name} has no handler for {', '.join(missing)}")
    peer.answer_with(handlers)
    try:
        await peer.start()
        reason = await peer.closed.wait()
    finally:
        if closing is not None:
            await closing()
    return 0 if reason == ENDED else 1


def _transport(argv: ChildArgs) -> Transport:
    for fd in {argv.fd_in, argv.fd_out, *(slot.fd for slot in argv.slots.values())}:
        # A program that this process starts must not inherit them: the parent would never see the end.
        os.set_inheritable(fd, False)
    if argv.fd_in == argv.fd_out:
        return SocketTransport(socket.socket(fileno=argv.fd_in))
    return PipeTransport(argv.fd_in, argv.fd_out)
