"""Real processes and real pipes for the tests of ipc."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.unit.ipc.helpers import Kind, make_child, make_pair

from teleconsole.ipc.child import Child
from teleconsole.ipc.peer import Peer


@pytest.fixture(params=["pipes", "socket"])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return] # one of the two words above


@pytest.fixture
async def children() -> AsyncIterator[list[Child]]:
    """Put every child here that has to be gone after the test."""
    made: list[Child] = []
    yield made
    for child in made:
        child.kill()
        await child.close()


@pytest.fixture
def start(kind: Kind, children: list[Child]) -> Callable[..., Any]:
    """Start the test service over this transport: `child, peer = await start()`."""

    async def begin(**options: Any) -> tuple[Child, Peer]:
        child, peer = await make_child(kind, **options)
        children.append(child)
        return child, peer

    return begin


@pytest.fixture
async def pair(kind: Kind) -> AsyncIterator[Callable[..., Any]]:
    """Connect two peers inside this process: `left, right = await pair(handlers_of_right)`."""
    peers: list[Peer] = []

    async def connect(*args: Any) -> tuple[Peer, Peer]:
        both = await make_pair(kind, *args)
        peers.extend(both)
        return both

    yield connect
    for peer in peers:
        peer.close()
