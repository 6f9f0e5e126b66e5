"""A real gateway on a free port, with a small FHIR server of our own beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.unit.gateway.clinic import FakeFhir, TestClinic

from teleconsole.gateway.config import GatewayConfig, PractitionerConfig, TurnConfig
from teleconsole.gateway.service import Gateway

PAGE = "<!doctype html><title>page</title>"


@pytest.fixture
async def fhir() -> AsyncIterator[FakeFhir]:
    async with FakeFhir() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, fhir: FakeFhir) -> GatewayConfig:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "visit.html").write_text(PAGE)
    (pages / "submit.html").write_text(PAGE)
    (pages / "visit.js").write_text("export {};")
    return GatewayConfig(
        data_folder=tmp_path / "data",
        fhir_base=fhir.base_url,
        clinic="Hollow Lane Clinic",
        practitioner=PractitionerConfig(id="dr-moss", name="Dr Ada Moss"),
        port=0,
        turn=TurnConfig(urls=["turn:127.0.0.1:3478"], secret="coturn-secret"),
        pages_folder=str(pages),
    )


@pytest.fixture
async def clinic(config: GatewayConfig) -> AsyncIterator[TestClinic]:
    async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        yield clinic
