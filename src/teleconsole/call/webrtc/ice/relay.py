"""One relay: reached by UDP, TCP or TLS, through a proxy where there is one (RFC 8656)."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from aioice import stun
from aioice.turn import (
    DEFAULT_ALLOCATION_LIFETIME,
    DEFAULT_CHANNEL_REFRESH_TIME,
    TurnClientTcpProtocol,
    TurnClientUdpProtocol,
    TurnTransport,
)

from teleconsole.call.webrtc.ice.http_connect import connect_through
from teleconsole.call.webrtc.ice.ports import PortRange, bind
from teleconsole.call.webrtc.ice.servers import TurnServer
from teleconsole.host.media_limits import ICE_SERVER_S

ProtocolT = TypeVar("ProtocolT", bound=asyncio.DatagramProtocol)


class RelayUnreachable(ConnectionError):
    """The relay did not answer, refused, or is not who it should be."""


@dataclass(frozen=True)
class Reach:
    """How servers are reached from this computer; what IT decided.

    Attributes:
        relay_only: no address of this computer is told to the other side, everything goes over a relay.
        ports: local UDP ports.
        proxy: URL of an HTTP proxy for relays by TLS; empty = direct.
        trust: whom a relay by TLS has to be certified by.
    """

    relay_only: bool = False
    ports: PortRange = field(default_factory=PortRange)
    proxy: str = ""
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context, compare=False)


async def open_relay(
    server: TurnServer, factory: Callable[[], ProtocolT], reach: Reach
) -> tuple[TurnTransport, ProtocolT]:
    """Return an allocation of a relay, as a datagram transport whose `sockname` is the relayed address.

    It is refreshed by itself until its transport is closed.

    Raises:
        RelayUnreachable: it did not come about within `ICE_SERVER_S`.
    """
    try:
        async with asyncio.timeout(ICE_SERVER_S):
            link, client = await _reach(server, reach)
            try:
                relay = TurnTransport(client)
                protocol = factory()
                await relay._connect(protocol)
            except BaseException:
                link.close()
                raise
            return relay, protocol
    except (TimeoutError, OSError, ssl.SSLError, stun.TransactionError, ValueError) as error:
        raise RelayUnreachable(f"{server!r}: {type(error).__name__}") from error


async def probe(server: TurnServer, reach: Reach) -> None:
    """Make an allocation and give it back: the relay works, with these credentials.

    Raises:
        RelayUnreachable: it does not.
    """
    relay, _ = await open_relay(server, asyncio.DatagramProtocol, reach)
    relay.close()  # it tells the relay in the background


async def _reach(
    server: TurnServer, reach: Reach
) -> tuple[asyncio.BaseTransport, TurnClientTcpProtocol | TurnClientUdpProtocol]:
    loop = asyncio.get_running_loop()
    place = (server.host, server.port)
    pair = (server.username, server.credential)
    times = (DEFAULT_ALLOCATION_LIFETIME, DEFAULT_CHANNEL_REFRESH_TIME)
    if server.transport == "udp":
        family, _, _, _, found = (await loop.getaddrinfo(*place, type=socket.SOCK_DGRAM))[0]
        local = "::" if family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 -- connected to one server
        # The server's address stands in every transaction, but is not sent: `place` names it as the gateway did.
        remote = (str(found[0]), int(found[1]))
        return await bind(lambda: TurnClientUdpProtocol(place, *pair, *times), local, reach.ports, remote)
    secure = reach.trust if server.transport == "tls" else None
    if secure is not None and reach.proxy:
        tunnel = await connect_through(reach.proxy, *place)
        return await loop.create_connection(
            lambda: TurnClientTcpProtocol(place, *pair, *times), sock=tunnel, ssl=secure, server_hostname=server.host
        )
    return await loop.create_connection(lambda: TurnClientTcpProtocol(place, *pair, *times), *place, ssl=secure)
