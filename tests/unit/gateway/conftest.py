"""A real gateway on a free port, with a small FHIR server of our own beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import BIRTH_DATE, FakeFhir, TestClinic, put

from teleconsole.demo.fhir_server import FhirServer
from teleconsole.gateway.config import GatewayConfig, PractitionerConfig, TurnConfig
from teleconsole.gateway.fhir_auth import NoLogin
from teleconsole.gateway.fhir_client import FhirClient
from teleconsole.gateway.service import Gateway

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "birthDate": BIRTH_DATE,
    "name": [{"given": ["Ida"], "family": "Brook"}],
}
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


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FhirServer]:
    async with FhirServer(tmp_path / "fhir") as running:
        yield running


@pytest.fixture
async def fhir_client(server: FhirServer) -> AsyncIterator[FhirClient]:
    async with FhirClient(server.base_url, NoLogin()) as client:
        await client.transaction(
            [put(PATIENT), put({"resourceType": "Practitioner", "id": "dr-moss", "name": [{"family": "Moss"}]})]
        )
        yield client


@pytest.fixture
def real_config(config: GatewayConfig, server: FhirServer) -> GatewayConfig:
    return msgspec.structs.replace(config, fhir_base=server.base_url)


@pytest.fixture
async def clinic_on_fhir(real_config: GatewayConfig, fhir_client: FhirClient) -> AsyncIterator[TestClinic]:
    async with Gateway(real_config) as gateway, aiohttp.ClientSession() as http:
        clinic = TestClinic(gateway, http)
        await clinic.sign_in()
        yield clinic
