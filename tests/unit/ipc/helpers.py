"""Making pairs and children; waiting on conditions."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import psutil
from tests.unit.ipc.service import CONTRACT

from teleconsole.ipc.child import Child
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.transport import PipeTransport, SocketTransport, Transport

Kind = Literal["pipes", "socket"]

SERVICE = [sys.executable, str(Path(__file__).with_name("service.py"))]


def make_transports(kind: Kind) -> tuple[Transport, Transport]:
    if kind == "socket":
        left, right = socket.socketpair()
        return SocketTransport(left), SocketTransport(right)
    right_in, left_out = os.pipe()
    left_in, right_out = os.pipe()
    return PipeTransport(left_in, left_out), PipeTransport(right_in, right_out)


async def make_pair(kind: Kind, handlers: Handlers | None = None) -> tuple[Peer, Peer]:
    ours, theirs = make_transports(kind)
    left, right = Peer(ours, CONTRACT), Peer(theirs, CONTRACT, handlers)
    await left.start()
    await right.start()
    return left, right


async def make_child(kind: Kind, **options: Any) -> tuple[Child, Peer]:
    child = Child("test", transport=kind, command=SERVICE, **options)
    return child, await child.start({}, CONTRACT)


async def until(condition: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline_s, "the condition did not come true in time"
        await asyncio.sleep(0.002)


def is_gone(pid: int) -> bool:
    """Tell whether a process runs no more (nobody may have reaped an orphan yet)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
