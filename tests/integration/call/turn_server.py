"""A real coturn (tests/journeys/rig/coturn.py) for the length of a block, for asyncio tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.call.waiting import until
from tests.journeys.rig.coturn import Coturn
from tests.journeys.rig.net import Net


@asynccontextmanager
async def turn_server(net: Net, folder: Path, address: str) -> AsyncIterator[Coturn]:
    """Run coturn inside a network until the block ends."""
    relay = Coturn(net, folder, address)
    try:
        await until(relay.is_ready, "the relay listens")
        yield relay
    finally:
        await asyncio.to_thread(relay.close)
