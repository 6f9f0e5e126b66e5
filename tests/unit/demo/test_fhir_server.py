import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx2
import psutil
import pytest

from teleconsole.demo.fhir_server import FhirServer, FhirServerFailed
from teleconsole.demo.seed import SeedFailed, is_seeded, seed

DEADLINE_S = 30.0


def wait_for_end(process: psutil.Process) -> None:
    """Waits; whoever inherits an orphan may leave it a zombie for a while, which runs no more."""
    deadline = time.monotonic() + DEADLINE_S
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the child outlived its parent"
            time.sleep(0.02)


async def test_the_whole_clinic_loads_is_found_and_survives_stop_and_kill(tmp_path: Path, now: datetime) -> None:
    async with FhirServer(tmp_path / "clinic") as server, httpx2.AsyncClient(trust_env=False) as client:
        assert not await is_seeded(server.base_url, seed=7)
        report = await seed(server.base_url, seed=7, now=now)
        assert await is_seeded(server.base_url, seed=7)
        assert len(report.case_ids) == 60
        assert len(report.appointments) == 5

        found: list[str] = []
        page = f"{server.base_url}/Task?_lastUpdated=ge2020-01-01&_sort=_lastUpdated&_count=25"
        while page:
            bundle = (await client.get(page)).json()
            found += [entry["resource"]["id"] for entry in bundle["entry"]]
            page = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
        assert sorted(found) == sorted(report.case_ids)

        case = report.case_ids[0]
        for query, least in (
            (f"Communication?based-on=Task/{case}", 1),
            (f"DocumentReference?related=Task/{case}", 1),
            (f"Appointment?practitioner={report.practitioner_id}", 5),
            (f"Task?owner=Practitioner/{report.practitioner_id}&status=accepted,in-progress", 1),
        ):
            bundle = (await client.get(f"{server.base_url}/{query}")).json()
            assert bundle["total"] >= least, query

        address = server.base_url
        await server.stop()
        assert not server.running
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"{address}/metadata")
        await server.start()
        assert server.base_url == address
        assert (await client.get(f"{address}/Task/{case}")).status_code == 200
        await server.kill()
        await server.start()
        assert server.base_url == address
        assert (await client.get(f"{address}/Task/{case}")).status_code == 200


async def test_no_request_body_lies_in_the_servers_logs(tmp_path: Path, now: datetime) -> None:
    async with FhirServer(tmp_path) as server:
        await seed(server.base_url, seed=7, now=now, cases=1)
    for name in ("fhir-server.log", "fhir-server.stderr"):
        assert "Haddad" not in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_the_server_ends_with_its_parent_and_its_port_can_be_taken_again(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "teleconsole.demo.fhir_server", "--folder", str(tmp_path))
    parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        address = json.loads(await parent.stdout.readline())["fhir"]
    child = psutil.Process(parent.pid).children()[0]
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    server = FhirServer(tmp_path, int(address.rsplit(":", 1)[1].removesuffix("/fhir")))
    async with server:
        assert server.base_url == address
    await asyncio.to_thread(wait_for_end, child)


async def test_a_child_that_cannot_start_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sekmet.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(FhirServerFailed, match="did not start"):
        await FhirServer(tmp_path).start()


async def test_a_seed_without_a_server_is_told_in_one_sentence(now: datetime) -> None:
    with pytest.raises(SeedFailed, match="cannot be reached"):
        await seed("http://127.0.0.1:9/fhir", seed=1, now=now, cases=1)
    with pytest.raises(SeedFailed, match="between 1"):
        await seed("http://127.0.0.1:9/fhir", seed=1, now=now, cases=0)
