"""The ports of the made-up clinic: the same at each start, so that links and sign-ins of the last time still work."""

import contextlib
import socket
from pathlib import Path
from typing import NamedTuple

import msgspec

_HOST = "127.0.0.1"


class Ports(NamedTuple):
    """Of gateway and FHIR server; 0 = not chosen."""

    gateway: int
    fhir: int


def remembered_ports(folder: Path, chosen: Ports) -> Ports:
    """Return the ports to use, and remember them in the folder.

    Args:
        folder: of the made-up clinic; made when missing.
        chosen: by the person; they win. Else those of the last time if they are free now, else any that are free.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "ports.json"
    last = Ports(0, 0)
    with contextlib.suppress(OSError, msgspec.DecodeError):
        last = msgspec.json.decode(file.read_bytes(), type=Ports)
    ports = Ports(_port(chosen.gateway, last.gateway), _port(chosen.fhir, last.fhir))
    file.write_bytes(msgspec.json.encode(ports))
    return ports


def _port(chosen: int, last: int) -> int:
    if chosen:
        return chosen
    for port in (last, 0):
        with contextlib.suppress(OSError, OverflowError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_HOST, port))
            return int(probe.getsockname()[1])
    return 0
