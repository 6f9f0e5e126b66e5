"""Fixtures of the call's integration tests."""

from collections.abc import Iterator

import pytest
from tests.integration.call.network import entered_network
from tests.journeys.rig.net import Net


@pytest.fixture
def net() -> Iterator[Net]:
    """This thread is inside a network of the test's own."""
    yield from entered_network()
