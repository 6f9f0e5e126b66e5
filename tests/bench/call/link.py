"""Two network namespaces and the bad link between them.

The calling thread enters the clinic's namespace; what it starts is inside. The patient's namespace is reached by
`Link.patient.popen`, and by sockets that this process makes while it looks in for a moment (`inside_patient`):
a socket stays in the namespace where it was made.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.bench.call.impairer import DEVICE
from tests.bench.call.impairment import Impairment
from tests.journeys.rig.net import Net, end
from tests.journeys.rig.waiting import wait_until

CLINIC_ADDRESS, PATIENT_ADDRESS = "10.77.0.1", "10.77.0.2"
LOOPBACK = "127.0.0.1"
PROJECT = Path(__file__).resolve().parents[3]
_CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class Counts:
    """The link's counters at a moment: clinic to patient, patient to clinic.

    Attributes:
        at_s: Unix time.
        added_ms_p50: by how much packets came later than the faults say; the rig's own fault.
    """

    at_s: float
    ways: tuple[dict[str, int], dict[str, int]]
    added_ms_p50: float
    added_ms_p99: float


class Link:
    """The two namespaces and their impairer; close it.

    Args:
        clinic: a namespace that is there already, with the calling thread inside; it stays. None: one is made.
        addresses: of clinic and patient on the link.

    Raises:
        NetUnavailableError: this machine can't.
    """

    def __init__(
        self, clinic: Net | None = None, addresses: tuple[str, str] = (CLINIC_ADDRESS, PATIENT_ADDRESS)
    ) -> None:
        self._is_guest = clinic is not None
        self.clinic = clinic or Net(("link set lo up",))
        self.patient = Net(("link set lo up",))
        self.faults = (Impairment(), Impairment())
        self._impairer = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.call.impairer", str(self.clinic.path), str(self.patient.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
        )
        try:
            self._read()
            near, far = addresses
            for net, own, other in ((self.clinic, near, far), (self.patient, far, near)):
                net.configure(f"address add {own}/24 dev {DEVICE}")
                net.configure(f"link set {DEVICE} up")
                net.configure(f"route add default via {other} dev {DEVICE}")
        except BaseException:
            self.close()
            raise
        if not self._is_guest:
            self.clinic.enter()

    def set(self, to_patient: Impairment, to_clinic: Impairment | None = None) -> float:
        """Change the faults from the next packet on; return the moment (Unix time, s)."""
        self.faults = to_patient, to_clinic if to_clinic is not None else to_patient
        return float(self._ask({"set": [fault.as_json() for fault in self.faults]})["at_s"])

    def set_outage(self, out: bool) -> float:
        """Begin or end an outage of both directions; the other faults stay."""
        return self.set(*(replace(fault, outage=out) for fault in self.faults))

    def counts(self) -> Counts:
        """Read the counters; lateness is of the time since the last reading."""
        answer = self._ask({"counts": True})
        to_patient, to_clinic = answer["counts"]
        return Counts(answer["at_s"], (to_patient, to_clinic), answer["added_ms_p50"], answer["added_ms_p99"])

    def close(self) -> list[str]:
        """End all that is inside both namespaces; return what had been left running."""
        end(self._impairer)  # its devices go with it
        return [*([] if self._is_guest else self.clinic.close()), *self.patient.close()]

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._impairer.stdin is not None
        self._impairer.stdin.write(json.dumps(command).encode() + b"\n")
        self._impairer.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._impairer.stdout is not None
        line = self._impairer.stdout.readline()
        assert line, f"the impairer ended with {self._impairer.wait(5)}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    @contextlib.contextmanager
    def inside_patient(self) -> Iterator[None]:
        """This thread is in the patient's namespace for a moment; never await in it."""
        self.patient.enter()
        try:
            yield
        finally:
            self.patient.leave()


@contextlib.asynccontextmanager
async def carried(link: Link, port: int) -> AsyncIterator[None]:
    """What listens at the clinic's loopback port is at the same port of the patient's loopback: over the bad link.

    Pages need a trustworthy origin (localhost) for camera and microphone, and the gateway listens on loopback alone;
    its traffic crosses the link as one TCP connection each.
    """

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with link.inside_patient():
            crossing = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            await asyncio.get_running_loop().sock_connect(crossing, (CLINIC_ADDRESS, port + 1))
            far = await asyncio.open_connection(sock=crossing)
        except OSError:
            crossing.close()
            writer.close()
            return
        await _both_ways((reader, writer), far)

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            near = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.close()
            return
        await _both_ways((reader, writer), near)

    with link.inside_patient():
        entry = _listener(LOOPBACK, port)
    exit_ = _listener(CLINIC_ADDRESS, port + 1)
    async with await asyncio.start_server(enter, sock=entry), await asyncio.start_server(leave, sock=exit_):
        yield


def _listener(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    return listener


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _both_ways(one: Stream, other: Stream) -> None:
    await asyncio.gather(_pour(one[0], other[1]), _pour(other[0], one[1]))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()


def wait_ping(link: Link, *, within_s: float = 5.0) -> None:
    """Wait until packets cross (a datagram to the far side and back)."""
    with link.inside_patient():
        far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with far, near:
        far.bind((PATIENT_ADDRESS, 0))
        near.setblocking(False)
        far.setblocking(False)

        def crossed() -> bool:
            near.sendto(os.urandom(8), far.getsockname())
            with contextlib.suppress(BlockingIOError):
                return bool(far.recv(8))
            return False

        wait_until(crossed, "packets cross the link", within_s=within_s)
