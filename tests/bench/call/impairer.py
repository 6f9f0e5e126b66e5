"""`python -m tests.bench.call.impairer NETNS_A NETNS_B`: joins two network namespaces by TUN devices, with faults.

Makes `tun0` in each, carries IPv4 packets from one to the other, and obeys JSON lines on standard input, each answered
by one on standard output: {"set": [faults a to b, faults b to a]} (null leaves one as it is), {"counts": true}.
Ends with its input. A user-space link, because Debian's kernels for virtual machines come without netem.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import itertools
import json
import os
import select
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.call.impairment import NEVER_S, Direction, Impairment

DEVICE = "tun0"
TUN = Path("/dev/net/tun")
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_CLONE_NEWNET = 0x40000000
_PACKET_BYTES = 65_536
_IDLE_S = 1.0
_NICE = -15
"""The link must not be late because the ends are busy."""


class Impairer:
    """The loop: packets, their queue, and commands."""

    def __init__(self, tun_fds: tuple[int, int]) -> None:
        self._fds = tun_fds
        self._directions = (Direction(1), Direction(2))
        self._queue: list[tuple[float, int, int, bytes]] = []
        self._order = itertools.count()
        self._input = b""
        self._late_s: list[float] = []

    def run(self) -> None:
        """Carry until standard input ends."""
        stdin = sys.stdin.fileno()
        os.set_blocking(stdin, False)
        watched = [*self._fds, stdin]
        while True:
            wait_s = max(0.0, self._queue[0][0] - time.monotonic()) if self._queue else _IDLE_S
            readable, _, _ = select.select(watched, [], [], wait_s)
            for way, fd in enumerate(self._fds):
                if fd in readable:
                    self._take(way, fd)
            self._deliver()
            if stdin in readable and not self._obey(stdin):
                return

    def _take(self, way: int, fd: int) -> None:
        direction = self._directions[way]
        while True:
            try:
                packet = os.read(fd, _PACKET_BYTES)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue  # IPv6's own chatter; both ends have IPv4 addresses only
            due_s = direction.due_s(time.monotonic(), len(packet))
            if due_s != NEVER_S:
                heapq.heappush(self._queue, (due_s, next(self._order), way, packet))

    def _deliver(self) -> None:
        now_s = time.monotonic()
        while self._queue and self._queue[0][0] <= now_s:
            due_s, _, way, packet = heapq.heappop(self._queue)
            self._late_s.append(now_s - due_s)
            try:
                os.write(self._fds[1 - way], packet)
            except (BlockingIOError, OSError):  # the far device is down or full: a link loses such packets too
                self._directions[way].counts.dropped += 1

    def _obey(self, stdin: int) -> bool:
        received = os.read(stdin, _PACKET_BYTES)
        if not received:
            return False
        *lines, self._input = (self._input + received).split(b"\n")
        for line in lines:
            sys.stdout.write(json.dumps(self._answer(json.loads(line))) + "\n")
        sys.stdout.flush()
        return True

    def _answer(self, command: dict[str, Any]) -> dict[str, Any]:
        for direction, faults in zip(self._directions, command.get("set", ()), strict=False):
            if faults is not None:
                direction.set(Impairment(**faults))
        late_ms = sorted(value * 1e3 for value in self._late_s)
        if command.get("counts"):
            self._late_s.clear()
        return {
            "at_s": time.time(),
            "counts": [asdict(direction.counts) for direction in self._directions],
            "added_ms_p50": late_ms[len(late_ms) // 2] if late_ms else 0.0,
            "added_ms_p99": late_ms[len(late_ms) * 99 // 100] if late_ms else 0.0,
        }


def open_tun(namespace: str) -> int:
    """Make `tun0` inside a namespace and return its descriptor; this thread stays in that namespace."""
    ns_fd = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(ns_fd, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    finally:
        os.close(ns_fd)
    fd = os.open(TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
    return fd


def main(argv: Sequence[str]) -> None:
    """Make the devices, say so, and carry."""
    a, b = (open_tun(namespace) for namespace in argv)
    os.nice(_NICE)
    impairer = Impairer((a, b))
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    impairer.run()


if __name__ == "__main__":
    main(sys.argv[1:])
