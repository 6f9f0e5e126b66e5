"""The clinic's side of one journey: `teleconsole demo --headless-clinic` in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from tests.journeys.rig.net import Net
from tests.journeys.rig.process import Program, is_running, signal_and_wait, teleconsole
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps.expired_link import leave_expired_link
from tests.journeys.steps.fhir import Fhir

CASES = 12
START_WITHIN_S = 60.0
FHIR_SERVER = "teleconsole.demo.fhir_server"
FHIR_CHILD = "teleconsole.demo.fhir_child"


@dataclass(frozen=True)
class VisitLink:
    """A visit of today and its patient's link."""

    visit_id: str
    patient_id: str
    link: str


@dataclass(frozen=True)
class SubmitLink:
    """A link with which a patient sends a case."""

    questionnaire: str
    patient_id: str
    link: str


class Clinic:
    """Gateway, FHIR server and made-up patients, running; `fhir` asks the server directly."""

    def __init__(
        self,
        net: Net,
        env: dict[str, str],
        folder: Path,
        *,
        cases: int = CASES,
        gateway_config: Mapping[str, object] | None = None,
    ) -> None:
        self._net = net
        self._env = env
        self._folder = folder
        self._fhir_again: Program | None = None
        expired_token = leave_expired_link(folder / "gateway")
        more: list[str | Path] = []
        if gateway_config is not None:
            config = folder / "more-of-gateway.json"
            config.write_text(json.dumps(gateway_config))
            more = ["--gateway-config", config]
        self.program = teleconsole(
            net,
            ["demo", "--headless-clinic", "--folder", folder, "--cases", str(cases), *more],
            env=env,
            log_stem=folder.with_name(f"{folder.name}-program"),
        )
        told = self.program.wait_json(within_s=START_WITHIN_S)
        self.gateway = str(told["gateway"])
        self.expired_link = f"{self.gateway}/v#{expired_token}"
        self.code = str(told["clinician_code"])
        self.visits = [VisitLink(each["visit_id"], each["patient_id"], each["link"]) for each in told["visit_links"]]
        self.submits = [
            SubmitLink(each["questionnaire"], each["patient_id"], each["link"]) for each in told["submit_links"]
        ]
        self.fhir = Fhir(str(told["fhir"]))

    def submit_link(self, questionnaire: str) -> SubmitLink:
        """The link for a case of this kind."""
        return next(each for each in self.submits if each.questionnaire == questionnaire)

    def stop_fhir(self) -> None:
        """End the FHIR server; the gateway goes on."""
        signal_and_wait(self._fhir_child(), signal.SIGKILL)

    @contextlib.contextmanager
    def stalled_fhir(self) -> Iterator[None]:
        """The FHIR server takes connections and answers nothing while the body runs; then it goes on."""
        child = self._fhir_child()
        child.suspend()
        try:
            yield
        finally:
            child.resume()

    def start_fhir(self) -> None:
        """Start it again on what it had stored, at the same port."""
        port = urlsplit(self.fhir.base).port
        self._fhir_again = Program(
            self._net,
            [sys.executable, "-m", FHIR_SERVER, "--folder", self._folder / "fhir", "--port", str(port)],
            env=self._env,
            log_stem=self._folder.with_name(f"{self._folder.name}-fhir"),
        )
        self._fhir_again.wait_json(within_s=START_WITHIN_S)

    def _fhir_child(self) -> psutil.Process:
        return next(each for each in self.program.children() if FHIR_CHILD in _command(each))

    def close(self) -> None:
        """End everything; returns when no process of the clinic is left."""
        children = self.program.children()
        if self._fhir_again is not None:
            children += self._fhir_again.children()
            self._fhir_again.stop()
        self.program.stop()
        wait_until(lambda: not any(is_running(each.pid) for each in children), "the clinic is gone", within_s=20)


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
