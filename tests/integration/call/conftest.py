"""Fixtures of the call's integration tests."""

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.integration.call.network import entered_network
from tests.integration.call.peer_process import STARTED
from tests.journeys.rig.net import Net


@pytest.fixture
def net() -> Iterator[Net]:
    """This thread is inside a network of the test's own."""
    yield from entered_network()


@pytest.fixture(autouse=True)
async def none_is_left() -> AsyncIterator[None]:
    """A test that fails leaves no process behind."""
    yield
    while STARTED:
        process = STARTED.pop()
        if process.returncode is None:
            process.kill()
            await process.communicate()
