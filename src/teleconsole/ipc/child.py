"""One life of a child process, seen from its parent."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from teleconsole.contracts.wire import Contract
from teleconsole.host.limits import IPC_CLOSE_S, IPC_EXIT_S
from teleconsole.ipc.child_args import ChildArgs, SlotArg
from teleconsole.ipc.exit_watch import watch_exit
from teleconsole.ipc.once import Once
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.transport import PipeTransport, SocketTransport, Transport

BASE_ENVIRONMENT = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONDEVMODE", "PYTHONWARNINGS"}
    | {"LD_LIBRARY_PATH", "TELECONSOLE_PROFILE", "TELECONSOLE_POLICY", "SYSTEMROOT"}
)
"""Variables that every child may have; none of them leads to the session bus."""
FIXED_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Of every child: numpy's pool of threads would stand there before a sandbox does, outside of it."""


def program() -> list[str]:
    """Return the command that starts this same program, frozen or not."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "teleconsole"]


class Child:
    """Starts a process that talks over inherited descriptors, and ends it.

    Args:
        name: which child, as in `--child=NAME`.
        args: further arguments. Never PHI, never a secret: every user of the machine can read them.
        environment: names of the variables that it gets from ours, when they are set.
        slots: frame slots, by name; the descriptors stay ours.
        transport: "pipes" on every system, "socket" on Unix.
        command: the program, by default this one.

    Attributes:
        exited: set with the exit status, when the process is gone and reaped.
        pid: of the process, 0 before the start.
    """

    def __init__(
        self,
        name: str,
        *,
        args: Sequence[str] = (),
        environment: Collection[str] = BASE_ENVIRONMENT,
        slots: Mapping[str, SlotArg] | None = None,
        transport: Literal["pipes", "socket"] = "pipes",
        command: Sequence[str] | None = None,
    ) -> None:
        self.name = name
        self.exited: Once[int] = Once()
        self.pid = 0
        self._args = tuple(args)
        self._environment = frozenset(environment)
        self._slots = dict(slots or {})
        self._transport = transport
        self._command = list(program() if command is None else command)
        self._process: subprocess.Popen[bytes] | None = None
        self._peer: Peer | None = None

    async def start(self, handlers: Handlers, contract: Contract) -> Peer:
        """Start the process and return its peer. Register for news before the next await.

        Args:
            handlers: answer what the child asks; often empty.
            contract: all that may be said.

        Raises:
            RuntimeError: not in the main thread (the kernel kills a child when the thread that started it ends),
                or started before.
            OSError: the process cannot be started.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are started from the main thread only")
        if self._process is not None:
            raise RuntimeError("a Child is one life of a process; make another one")
        transport = self._spawn_with_socket() if self._transport == "socket" else self._spawn_with_pipes()
        self._peer = Peer(transport, contract, handlers)
        self._peer.closed.add_callback(self._on_closed)
        self.exited.add_callback(self._on_exited)
        await self._peer.start()
        return self._peer

    def kill(self) -> None:
        """End the process at once; `exited` follows."""
        if self._process is not None and not self.exited.is_set():
            self._process.kill()

    async def close(self) -> None:
        """Return when the process is gone: by itself within `IPC_CLOSE_S` of the connection's end, else killed."""
        if self._process is None:
            return
        if self._peer is not None:
            self._peer.close()
        try:
            async with asyncio.timeout(IPC_CLOSE_S):
                await self.exited.wait()
        except TimeoutError:
            self.kill()
        finally:
            if not self.exited.is_set():
                self.kill()
        await self.exited.wait()

    def _spawn_with_pipes(self) -> Transport:
        child_in, our_out = os.pipe()
        our_in, child_out = os.pipe()
        try:
            self._spawn(child_in, child_out)
        except BaseException:
            os.close(our_in)
            os.close(our_out)
            raise
        finally:
            # A copy that stays open here would hide the child's end from us, and ours from the child.
            os.close(child_in)
            os.close(child_out)
        return PipeTransport(our_in, our_out)

    def _spawn_with_socket(self) -> Transport:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._spawn(theirs.fileno(), theirs.fileno())
            except BaseException:
                ours.close()
                raise
        return SocketTransport(ours)

    def _spawn(self, fd_in: int, fd_out: int) -> None:
        arguments = ChildArgs(self.name, fd_in, fd_out, os.getpid(), self._slots, self._args).argv()
        self._process = subprocess.Popen(  # noqa: S603 -- our own program; nothing of it comes from outside
            self._command + arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={name: os.environ[name] for name in self._environment if name in os.environ} | FIXED_ENVIRONMENT,
            pass_fds=sorted({fd_in, fd_out, *(slot.fd for slot in self._slots.values())}),
        )
        self.pid = self._process.pid
        watch_exit(self._process).add_callback(self.exited.set)

    def _on_closed(self, reason: str) -> None:
        if not self.exited.is_set():
            asyncio.get_running_loop().call_later(IPC_CLOSE_S, self.kill)

    def _on_exited(self, status: int) -> None:
        # The end of the stream comes after the last message and is the better sign, but a process that inherited
        # the descriptors (there should be none) would keep it from coming.
        peer = self._peer
        if peer is not None and not peer.closed.is_set():
            asyncio.get_running_loop().call_later(IPC_EXIT_S, peer.close, "the process ended")
