"""Writes the made-up clinic to a FHIR server.

By hand: `python -m teleconsole.demo.seed --base-url http://127.0.0.1:8090/fhir --cases 60`.
"""

import argparse
import asyncio
import collections
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import httpx2
import orjson

from teleconsole.demo.clinic import organization
from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import Resource
from teleconsole.demo.population import Population, populate
from teleconsole.host import limits, paths

_FHIR_JSON = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json", "Prefer": "return=minimal"}


class SeedFailed(Exception):
    """The server did not take the made-up clinic; one sentence says why."""


class SeededAppointment(NamedTuple):
    """One of today's visits.

    Attributes:
        appointment_id: of the Appointment.
        patient_id: of the Patient.
        start: aware.
        visit_id: the same in the Appointment's identifier and in the visit's link.
    """

    appointment_id: str
    patient_id: str
    start: datetime
    visit_id: str


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What was written.

    Attributes:
        organization_id: Hollow Lane Clinic.
        practitioner_id: Dr Ruth Calder, who is signed in at the demo's console.
        practitioner_ids: she and her two colleagues.
        patients: ids.
        appointments: today's, by start.
        case_ids: ids of the Tasks.
        counts: resources by type.
    """

    organization_id: str
    practitioner_id: str
    practitioner_ids: list[str]
    patients: list[str]
    appointments: list[SeededAppointment]
    case_ids: list[str]
    counts: dict[str, int]


async def seed(base_url: str, *, seed: int, now: datetime, cases: int = 60) -> SeedReport:
    """Writes the clinic, its patients and cases; doing it again with the same seed overwrites the same resources.

    Args:
        base_url: FHIR base.
        seed: any whole number; the same gives the same resources.
        now: aware, in the clinic's zone; everything is dated around it.
        cases: 1 to `limits.DEMO_CASES`.

    Raises:
        SeedFailed: the server cannot be reached or refuses something.
    """
    if not 1 <= cases <= limits.DEMO_CASES:
        raise SeedFailed(f"The demo makes between 1 and {limits.DEMO_CASES} cases.")
    population = await asyncio.to_thread(populate, seed, now, cases, paths.resources())
    async with _client(base_url) as client:
        for body in bundles(population.resources.values()):
            await _send(client, body)
    return _report(population)


async def is_seeded(base_url: str, *, seed: int) -> bool:
    """Whether a server holds the clinic of that seed already.

    Raises:
        SeedFailed: the server cannot be reached.
    """
    async with _client(base_url) as client:
        try:
            answer = await client.get(f"Organization/{organization(Dice(seed))['id']}")
        except httpx2.HTTPError as failure:
            raise SeedFailed("The FHIR server for the demo cannot be reached.") from failure
        return answer.status_code == httpx2.codes.OK


def bundles(resources: Iterable[Resource]) -> Iterator[bytes]:
    """Transaction Bundles of PUTs, as JSON, within the limits of the demo's section in `limits`."""
    entries: list[bytes] = []
    size_bytes = 0
    for resource in resources:
        url = f"{resource['resourceType']}/{resource['id']}"
        entry = orjson.dumps({"resource": resource, "request": {"method": "PUT", "url": url}})
        full = len(entries) == limits.DEMO_BUNDLE_ENTRIES or size_bytes + len(entry) > limits.DEMO_BUNDLE_BYTES
        if entries and full:
            yield _bundle(entries)
            entries, size_bytes = [], 0
        entries.append(entry)
        size_bytes += len(entry)
    if entries:
        yield _bundle(entries)


def _bundle(entries: list[bytes]) -> bytes:
    return b'{"resourceType":"Bundle","type":"transaction","entry":[' + b",".join(entries) + b"]}"


def _client(base_url: str) -> httpx2.AsyncClient:
    # a proxy of the environment has no business with the demo's own server
    return httpx2.AsyncClient(base_url=base_url, headers=_FHIR_JSON, timeout=limits.DEMO_REQUEST_S, trust_env=False)


async def _send(client: httpx2.AsyncClient, body: bytes) -> None:
    try:
        answer = await client.post("", content=body)
    except httpx2.HTTPError as failure:
        raise SeedFailed("The FHIR server for the demo cannot be reached.") from failure
    if answer.status_code != httpx2.codes.OK:
        raise SeedFailed(f"The FHIR server refused the demo's data ({answer.status_code}): {answer.text[:600]}")


def _report(population: Population) -> SeedReport:
    counts = collections.Counter(key.partition("/")[0] for key in population.resources)
    visits = [
        SeededAppointment(
            appointment["id"],
            appointment["participant"][0]["actor"]["reference"].removeprefix("Patient/"),
            datetime.fromisoformat(appointment["start"]),
            appointment["identifier"][0]["value"],
        )
        for appointment in population.appointments
    ]
    tasks = [key.removeprefix("Task/") for key in population.resources if key.startswith("Task/")]
    clinics = [key.removeprefix("Organization/") for key in population.resources if key.startswith("Organization/")]
    return SeedReport(
        organization_id=clinics[0],
        practitioner_id=population.practitioner_ids[0],
        practitioner_ids=population.practitioner_ids,
        patients=population.patient_ids,
        appointments=visits,
        case_ids=tasks,
        counts=dict(sorted(counts.items())),
    )


def main(arguments: list[str] | None = None) -> int:
    """The command line; exit status 1 with one sentence when the server does not take the data."""
    parser = argparse.ArgumentParser(
        prog="python -m teleconsole.demo.seed",
        description="Writes the made-up clinic to a FHIR server.",
        epilog="Example: python -m teleconsole.demo.seed --base-url http://127.0.0.1:8090/fhir --cases 60",
    )
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=60)
    options = parser.parse_args(arguments)
    now = datetime.now().astimezone()
    try:
        report = asyncio.run(seed(options.base_url, seed=options.seed, now=now, cases=options.cases))
    except SeedFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.write(orjson.dumps(report, default=list, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
