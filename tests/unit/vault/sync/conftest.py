from collections.abc import Iterator

import pytest
from tests.unit.vault.sync.clinic_server import Clinic, Others, seeded_clinic


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Sixty cases on a real server; tests change only what they made, or one case each."""
    with seeded_clinic(tmp_path_factory.mktemp("clinic")) as found:
        yield found


@pytest.fixture
def others(clinic: Clinic) -> Iterator[Others]:
    with Others(clinic.base) as found:
        yield found
