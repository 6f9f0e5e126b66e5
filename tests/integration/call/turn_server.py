"""A real coturn (tests/journeys/rig/coturn.py) for the length of a block, for asyncio tests."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aioice.turn import TurnTransport
from tests.integration.call.waiting import until
from tests.journeys.rig.coturn import Coturn
from tests.journeys.rig.net import Net

from teleconsole.call.webrtc.ice.ports import PortRange
from teleconsole.call.webrtc.ice.relay import Reach, open_relay
from teleconsole.call.webrtc.ice.servers import Transport

TRANSPORTS: tuple[Transport, ...] = ("udp", "tcp", "tls")


class Echo(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()
        self.failed: asyncio.Queue[Exception] = asyncio.Queue()
        self.gone = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.came.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self.failed.put_nowait(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()


@asynccontextmanager
async def turn_server(net: Net, folder: Path, address: str) -> AsyncIterator[Coturn]:
    """Run coturn inside a network until the block ends."""
    relay = Coturn(net, folder, address)
    try:
        await until(relay.is_ready, "the relay listens")
        yield relay
    finally:
        await asyncio.to_thread(relay.close)


def reach_of(relay: Coturn, proxy: str = "", ports: PortRange | None = None) -> Reach:
    """How it is reached, with its authority trusted."""
    return Reach(proxy=proxy, ports=ports or PortRange(), trust=ssl.create_default_context(cafile=str(relay.authority)))


async def gone(transport: TurnTransport, protocol: Echo) -> None:
    """Give an allocation back; returns when its sockets are closed."""
    transport.close()
    await asyncio.wait_for(protocol.gone.wait(), 5)


async def carries_to_another(relay: Coturn, kind: Transport, one: TurnTransport) -> None:
    """A packet of this allocation arrives at another one of the same relay."""
    two, there = await open_relay(relay.server(kind), Echo, reach_of(relay))
    two.sendto(b"open", one.get_extra_info("sockname"))  # lets the first in
    one.sendto(b"hello", two.get_extra_info("sockname"))
    assert await asyncio.wait_for(there.came.get(), 5) == b"hello"
    await gone(two, there)
