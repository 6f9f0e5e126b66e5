"""UDP whose packets carry the moment at which the kernel took them in.

A loop that was held up for 50 ms would else look to the other side like a full link, and it would send less: browsers
take the kernel's time too. Where the kernel gives none (not Linux), the time of reading stands.
"""

import asyncio
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

ProtocolT = TypeVar("ProtocolT", bound=asyncio.DatagramProtocol)

_SO_TIMESTAMPNS = 35
"""Linux; its control message has the same number (asm-generic/socket.h), and Python names neither."""
_TIMESPEC = struct.Struct("@qq")
_MOST_BYTES = 65_535
_READ_AT_ONCE = 64
_NEWEST_S = 2.0
"""A stamp that is further from now is not believed: the clock was set."""


class Datagram(bytes):
    """A packet as it came.

    Attributes:
        arrived_s: when, `time.monotonic()`.
    """

    arrived_s: float


class StampedTransport(asyncio.DatagramTransport):
    """As asyncio's, but it hands `Datagram`s to the protocol. Thread: the loop's.

    What the kernel has no room for is lost, as on a full link; nothing waits here.

    Args:
        loop: that reads.
        link: a bound socket that does not block; it is closed with the transport.
        protocol: told of everything.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, link: socket.socket, protocol: asyncio.DatagramProtocol
    ) -> None:
        super().__init__({"socket": link, "sockname": link.getsockname()})
        self._loop = loop
        self._link = link
        self._protocol = protocol
        self._is_closing = False
        if sys.platform == "linux":
            link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        loop.call_soon(protocol.connection_made, self)
        loop.call_soon(self._begin)

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Send a packet, `addr` None = to whom the socket is connected."""
        if self._is_closing:
            return
        try:
            if addr is None:
                self._link.send(data)
            else:
                self._link.sendto(data, addr)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._protocol.error_received(error)

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._is_closing

    def close(self) -> None:
        """Close it; the protocol is told in the loop's next turn."""
        if self._is_closing:
            return
        self._is_closing = True
        self._loop.remove_reader(self._link.fileno())
        self._loop.call_soon(self._end)

    def abort(self) -> None:
        """Close it: nothing waits to be sent."""
        self.close()

    def _begin(self) -> None:
        if not self._is_closing:
            self._loop.add_reader(self._link.fileno(), self._read)

    def _end(self) -> None:
        self._link.close()
        self._protocol.connection_lost(None)

    def _read(self) -> None:
        for _ in range(_READ_AT_ONCE):
            if self._is_closing:
                return
            try:
                data, notes, _, address = self._link.recvmsg(_MOST_BYTES, socket.CMSG_SPACE(_TIMESPEC.size))
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._protocol.error_received(error)
                return
            datagram = Datagram(data)
            datagram.arrived_s = _arrived_s(notes)
            self._protocol.datagram_received(datagram, address)


async def datagram_endpoint(
    factory: Callable[[], ProtocolT], local_addr: tuple[str, int], remote_addr: tuple[str, int] | None = None
) -> tuple[asyncio.DatagramTransport, ProtocolT]:
    """Return an endpoint as `create_datagram_endpoint` of the loop does; addresses are numbers, not names.

    Raises:
        OSError: the address cannot be bound.
    """
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in local_addr[0] else socket.AF_INET
    link = socket.socket(family, socket.SOCK_DGRAM)
    try:
        link.setblocking(False)
        link.bind(socket.getaddrinfo(*local_addr, family=family, flags=socket.AI_NUMERICHOST)[0][4])
        if remote_addr is not None:
            link.connect(socket.getaddrinfo(*remote_addr, family=family, flags=socket.AI_NUMERICHOST)[0][4])
    except OSError:
        link.close()
        raise
    protocol = factory()
    transport = StampedTransport(loop, link, protocol)
    try:
        await asyncio.sleep(0)  # the protocol is told of its transport before anybody else
    except asyncio.CancelledError:
        transport.abort()
        raise
    return transport, protocol


def _arrived_s(notes: list[tuple[int, int, bytes]]) -> float:
    now_s = time.monotonic()
    for level, kind, value in notes:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS) and len(value) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(value)
            waited_s = time.time() - (seconds + nanoseconds / 1e9)
            return now_s - waited_s if 0 <= waited_s < _NEWEST_S else now_s
    return now_s
