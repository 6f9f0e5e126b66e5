"""The clinic's side of the demo, running: FHIR server, its made-up patients, gateway, and links for patients."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import msgspec

from teleconsole.demo.fhir_server import FhirServer
from teleconsole.demo.seed import SeedReport, seed
from teleconsole.host import limits

_QUESTIONNAIRES = ("skin", "wound", "blood-pressure", "mood", "general")


class ClinicFailed(Exception):
    """The clinic's side did not start; one sentence says why."""


class VisitLink(msgspec.Struct, frozen=True):
    """One of today's visits and the patient's link to it."""

    visit_id: str
    patient_id: str
    start: str
    link: str


class SubmitLink(msgspec.Struct, frozen=True):
    """A link with which a patient sends a case."""

    questionnaire: str
    patient_id: str
    link: str


class ClinicAddress(msgspec.Struct, frozen=True):
    """Where everything of the running clinic is; the names are stable."""

    gateway: str
    fhir: str
    visit_links: list[VisitLink]
    submit_links: list[SubmitLink]
    clinician_code: str


class _Announced(msgspec.Struct):
    gateway: str
    codes: list[str]


class _Reply(msgspec.Struct, rename="camel"):
    """What we read of the gateway's answers (docs/signalling.md)."""

    refresh_token: str = ""
    token: str = ""
    visit_id: str = ""
    link: str = ""


class ClinicSide:
    """Runs the clinic; use `async with ClinicSide(folder) as clinic: clinic.address`.

    Args:
        folder: everything of the made-up clinic lies there, and is there again the next time.
        gateway_port: 0 takes any free one.
        fhir_port: 0 takes any free one.
        cases: how many cases are made.
        gateway_config: more keys of the gateway's configuration, as JSON; they win over the demo's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        gateway_port: int = 0,
        fhir_port: int = 0,
        cases: int = 60,
        gateway_config: Mapping[str, object] | None = None,
    ) -> None:
        self._folder = folder
        self._gateway_port = gateway_port
        self._gateway_config = gateway_config or {}
        self._cases = cases
        self._server = FhirServer(folder / "fhir", fhir_port)
        self._gateway: asyncio.subprocess.Process | None = None
        self.address = ClinicAddress("", "", [], [], "")

    async def __aenter__(self) -> Self:
        """Start everything.

        Raises:
            ClinicFailed, SeedFailed, FhirServerFailed: with one sentence.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            await self._server.start()
            report = await seed(self._server.base_url, seed=1, now=datetime.now().astimezone(), cases=self._cases)
            announced = await self._start_gateway(report)
            self.address = await self._make_links(announced, report)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        await self.stop()

    async def stop(self) -> None:
        """Stop gateway and server; what they hold stays in the folder."""
        gateway, self._gateway = self._gateway, None
        if gateway is not None:
            if gateway.stdin is not None:
                gateway.stdin.close()
            try:
                await asyncio.wait_for(gateway.wait(), limits.DEMO_FHIR_STOP_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    gateway.kill()
                await gateway.wait()
        await self._server.stop()

    async def _start_gateway(self, report: SeedReport) -> _Announced:
        config = self._folder / "gateway.json"
        self._write_config(config, report)
        self._gateway = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "teleconsole", "gateway", "--config", str(config)),
            *("--json", "--codes", "2", "--until-stdin-ends"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl+C goes to the starter alone, which ends the app before its clinic
        )
        if self._gateway.stdout is None:
            raise ClinicFailed("The gateway of the demo cannot be heard.")
        try:
            async with asyncio.timeout(limits.DEMO_FHIR_START_S):
                line = await self._gateway.stdout.readline()
            return msgspec.json.decode(line, type=_Announced)
        except (TimeoutError, msgspec.DecodeError) as error:
            raise ClinicFailed("The gateway of the demo did not start; its log is in the demo's folder.") from error

    def _write_config(self, config: Path, report: SeedReport) -> None:
        body = msgspec.json.encode(
            {
                "dataFolder": str(self._folder / "gateway"),
                "fhirBase": self._server.base_url,
                "clinic": "Hollow Lane Clinic",
                "practitioner": {"id": report.practitioner_id, "name": "Dr Ruth Calder"},
                "host": "127.0.0.1",
                "port": self._gateway_port,
                **self._gateway_config,
            }
        )
        with open(config, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as handle:
            handle.write(body)

    async def _make_links(self, announced: _Announced, report: SeedReport) -> ClinicAddress:
        async with httpx2.AsyncClient(base_url=announced.gateway, trust_env=False, timeout=30) as client:
            signed_in = await _post(client, "/api/sign-in", {"code": announced.codes[0]}, "")
            token = (await _post(client, "/api/token", {"purpose": "fhir"}, signed_in.refresh_token)).token
            visits = []
            for visit in report.appointments:
                body = {"patientId": visit.patient_id, "appointmentId": visit.appointment_id}
                made = await _post(client, "/api/visits", body, token)
                start = visit.start.isoformat()
                visits.append(VisitLink(made.visit_id, visit.patient_id, start, made.link))
            with_visits = {visit.patient_id for visit in report.appointments}
            others = [patient for patient in report.patients if patient not in with_visits]
            submissions = []
            for questionnaire, patient_id in zip(_QUESTIONNAIRES, others, strict=False):
                body = {"patientId": patient_id, "questionnaireId": questionnaire}
                made = await _post(client, "/api/submission-links", body, token)
                submissions.append(SubmitLink(questionnaire, patient_id, made.link))
        return ClinicAddress(announced.gateway, self._server.base_url, visits, submissions, announced.codes[1])


async def _post(client: httpx2.AsyncClient, path: str, body: dict[str, str], token: str) -> _Reply:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await client.post(path, json=body, headers=headers)
    if answer.status_code not in (httpx2.codes.OK, httpx2.codes.CREATED):
        raise ClinicFailed(f"The gateway of the demo refused {path} ({answer.status_code}).")
    return msgspec.json.decode(answer.content, type=_Reply)
