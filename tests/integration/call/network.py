"""A network of the test's own for asyncio tests: this thread goes in, and everything that it starts."""

from collections.abc import Iterator

import pytest
from tests.journeys.rig.net import Net, NetUnavailableError


def entered_network() -> Iterator[Net]:
    """Enter a namespace for the length of the block; skip where the machine has none."""
    try:
        net = Net()
    except NetUnavailableError as unavailable:
        pytest.skip(str(unavailable))
    net.enter()
    try:
        yield net
    finally:
        left = net.close()
        assert not left, f"left running: {left}"
