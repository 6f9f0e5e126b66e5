"""The transports, as in the tests of ipc itself."""

import pytest

from tests.unit.ipc.helpers import Kind


@pytest.fixture(params=["pipes", "socket"])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return] # one of the two words above
