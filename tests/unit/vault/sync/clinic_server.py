"""The embedded FHIR server with the made-up clinic, and other people who use it at the same time."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from tests.unit.vault.sync.memory_store import MemoryStore

from teleconsole.demo.seed import SeedReport, seed
from teleconsole.host.clock import SystemClock
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.store.sync_port import PullResult, ServerAccess, SyncListener
from teleconsole.vault.sync.engine import SyncEngine

CLOCK = SystemClock()
Resource = dict[str, Any]


class NoTokens:
    """The demo's server wants no token."""

    async def access_token(self, *, fresh: bool = False) -> str:
        return ""


@dataclass(frozen=True)
class Clinic:
    """A server with a seeded clinic."""

    base: str
    report: SeedReport

    @property
    def me(self) -> str:
        return self.report.practitioner_ids[0]

    @property
    def colleague(self) -> str:
        return self.report.practitioner_ids[1]

    def access(self, base: str = "") -> ServerAccess:
        return ServerAccess(base or self.base, self.me, NoTokens())

    def client(self, base: str = "") -> FhirClient:
        return FhirClient(self.access(base), CLOCK)

    def engine(self, store: MemoryStore, base: str = "") -> SyncEngine:
        return SyncEngine(store, self.access(base), listener([]), CLOCK)


def listener(heard: list[str]) -> SyncListener:
    def changed(result: PullResult) -> None:
        heard.append("changed")

    return SyncListener(
        status=lambda status: heard.append(status.phase),
        changed=changed,
        outbox=lambda: heard.append("outbox"),
        file=lambda case, evidence, here, size: heard.append("file"),
    )


class Others:
    """Another clinician's program, or the patient's: plain FHIR."""

    def __init__(self, base: str) -> None:
        self._http = httpx2.Client(base_url=base, trust_env=False, timeout=30)

    def __enter__(self) -> "Others":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> Resource:
        found: Resource = self._http.get(path).raise_for_status().json()
        return found

    def found(self, path: str) -> list[Resource]:
        return [each["resource"] for each in self.get(path).get("entry", [])]

    def put(self, resource: Resource) -> Resource:
        path = f"{resource['resourceType']}/{resource['id']}"
        written: Resource = self._http.put(path, json=resource).raise_for_status().json()
        return written

    def delete(self, path: str) -> None:
        self._http.delete(path).raise_for_status()

    def new_case(self, patient_id: str, **more: Any) -> Resource:
        task = {
            "resourceType": "Task",
            "id": str(uuid4()),
            "status": "requested",
            "intent": "order",
            "priority": "routine",
            "description": "A new case",
            "for": {"reference": f"Patient/{patient_id}"},
            "authoredOn": datetime.now(UTC).isoformat(),
            **more,
        }
        return self.put(task)


@contextmanager
def seeded_clinic(folder: Path, *, cases: int = 60, number: int = 7) -> Iterator[Clinic]:
    """Runs a server in its own process for as long as the block, whatever event loops come and go in it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "teleconsole.demo.fhir_child", "--folder", str(folder), "--port", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        base = f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}/fhir"
        report = asyncio.run(seed(base, seed=number, now=datetime.now().astimezone(), cases=cases))
        yield Clinic(base, report)
    finally:
        process.communicate(timeout=20)


async def until(condition: Callable[[], object]) -> None:
    """Returns when a condition holds; fails after a minute."""
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)
