"""UDP sockets within the range of ports that a firewall lets through."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from aioice.turn import UDP_SOCKET_BUFFER_SIZE

from teleconsole.call.webrtc.arrivals.datagrams import datagram_endpoint

ProtocolT = TypeVar("ProtocolT", bound=asyncio.DatagramProtocol)


@dataclass(frozen=True)
class PortRange:
    """Local UDP ports that may be used, both ends included; 0 to 0 = any that the system gives.

    Raises:
        ValueError: it is no range of ports.
    """

    first: int = 0
    last: int = 0

    def __post_init__(self) -> None:
        if (self.first, self.last) != (0, 0) and not 1_024 <= self.first <= self.last <= 65_535:
            raise ValueError("a range of UDP ports lies between 1024 and 65535")

    def shuffled(self) -> list[int]:
        """Return every port once, beginning at a random one."""
        if not self.first:
            return [0]
        count = self.last - self.first + 1
        begin = secrets.randbelow(count)
        return [self.first + (begin + at) % count for at in range(count)]


async def bind(
    factory: Callable[[], ProtocolT],
    address: str,
    ports: PortRange,
    remote: tuple[str, int] | None = None,
) -> tuple[asyncio.DatagramTransport, ProtocolT]:
    """Return an endpoint on a free port of the range.

    Args:
        factory: makes its protocol.
        address: of this computer.
        ports: that may be used.
        remote: whom it is connected to, None = anybody.

    Raises:
        OSError: no port of the range is free, or the address is none of this computer's.
    """
    failure: OSError | None = None
    for port in ports.shuffled():
        try:
            transport, protocol = await datagram_endpoint(factory, (address, port), remote)
        except OSError as error:
            failure = error
            continue
        link = transport.get_extra_info("socket")
        if link is not None:
            with contextlib.suppress(OSError):
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_SOCKET_BUFFER_SIZE)
        return transport, protocol
    raise failure or OSError("no port is free")
