from datetime import datetime, timedelta, timezone

import pytest

from teleconsole.demo.population import Population, populate
from teleconsole.host import paths

NOW = datetime(2026, 11, 24, 9, 12, 33, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def sixty() -> Population:
    """The clinic of seed 7; tests only read it."""
    return populate(7, NOW, 60, paths.resources())
