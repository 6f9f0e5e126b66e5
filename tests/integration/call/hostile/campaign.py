"""Attacks on a real call process, one after the other, and what it cost."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from tests.integration.call.clinic_call import ClinicCall
from tests.integration.call.hostile.gateway import visit_of
from tests.integration.call.peer_process import STARTED, PeerProcess
from tests.integration.call.waiting import until

from teleconsole.contracts.call import GetCallSnapshot, HangUp, JoinGateway, StartVisit
from teleconsole.ipc.errors import DeadlineExceeded, PeerLost, RemoteFailure

BETWEEN_LOOKS_S = 0.2
REST_S = 0.5
TOLD_WITHIN_S = 20.0
MIB = 1 << 20


@dataclass
class Outcome:
    """What one attack did.

    Attributes:
        sent: how often what was sent.
        peak_mib: memory at its highest while it ran.
        rest_mib: memory afterwards.
        slowest_s: the longest that an ask waited for its answer meanwhile.
        hang_up_s: how long it took to hang up.
        busy_fraction: of one core, after it.
        died: whether the call process ended.
        phases: of the visit, as the console was told.
        failure: of the attack itself, or of an ask that was not answered as it should be.
    """

    attack: str
    seed: int
    sent: dict[str, int] = field(default_factory=dict)
    peak_mib: float = 0.0
    rest_mib: float = 0.0
    slowest_s: float = 0.0
    hang_up_s: float = 0.0
    busy_fraction: float = 0.0
    died: bool = False
    phases: list[str] = field(default_factory=list)
    failure: str = ""

    @property
    def packets(self) -> int:
        """How many hostile things were sent."""
        return sum(number for kind, number in self.sent.items() if kind not in ("connected", "closed", "request-offer"))


class Campaign:
    """A hostile gateway in a process of its own, and a call process that joins it.

    Args:
        call: the clinician's side.
        hostile: the process.
        address: of its gateway.
    """

    def __init__(self, call: ClinicCall, hostile: asyncio.subprocess.Process, address: str) -> None:
        self._call = call
        self._hostile = hostile
        self._address = address

    @property
    def process(self) -> psutil.Process:
        """The call process."""
        return psutil.Process(self._call.child.pid)

    def resident_mib(self) -> float:
        """Memory of the call process now."""
        return float(self.process.memory_info().rss) / MIB

    async def run(self, attack: str, seed: int, seconds: float) -> Outcome:
        """Run one attack; a call process that it ended is started again, as the console does."""
        call, outcome = self._call, Outcome(attack, seed)
        told = len(call.news)
        try:
            await call.peer.ask(JoinGateway(self._address, "t" * 40), deadline_s=30)
            key = call.private_key.public_key().public_bytes_raw()
            await call.peer.ask(StartVisit(visit_of(attack, seed), str(call.folder), key), deadline_s=30)
            await self._watch(outcome, seconds)
            began_s = time.monotonic()
            await call.peer.ask(HangUp(), deadline_s=30)
            outcome.hang_up_s = time.monotonic() - began_s
        except (PeerLost, DeadlineExceeded):
            outcome.died = True
        except RemoteFailure as failure:
            outcome.failure = str(failure)
        news = call.news[told:]
        outcome.phases = list(dict.fromkeys(each.snapshot.phase for each in news if hasattr(each, "snapshot")))
        await self._take_told(outcome)
        if outcome.died:
            await call.restart()
        await self._rest(outcome)
        _empty(call.folder)
        return outcome

    async def run_waiting(self, attack: str, seed: int, seconds: float) -> Outcome:
        """Run one attack from the waiting room: nobody is admitted."""
        call, outcome = self._call, Outcome(attack, seed)
        try:
            await call.peer.ask(JoinGateway(f"{self._address}/{attack}/{seed}", "t" * 40), deadline_s=30)
            await self._watch(outcome, seconds)
            await call.peer.ask(JoinGateway(self._address, "t" * 40), deadline_s=30)
        except (PeerLost, DeadlineExceeded):
            outcome.died = True
        await self._take_told(outcome)
        if outcome.died:
            await call.restart()
        await self._rest(outcome)
        return outcome

    async def honest(self) -> None:
        """An honest patient comes after all that, is seen, and the visit ends in good order."""
        call = self._call
        call.visit_id, call.link = await call.clinic.visit()
        await call.join()
        call.news.clear()
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15")
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        seen = call.remote.look()
        await until(lambda: call.remote.look() >= seen + 5, "5 numbers in the honest patient's picture", within_s=20)
        assert len(call.snapshot.safety_words) == 4
        await call.peer.ask(HangUp())
        status, _ = await patient.end()
        assert status == 0
        _empty(call.folder)

    async def _watch(self, outcome: Outcome, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            asked_s = time.monotonic()
            await self._call.peer.ask(GetCallSnapshot(), deadline_s=30)
            outcome.slowest_s = max(outcome.slowest_s, time.monotonic() - asked_s)
            with contextlib.suppress(psutil.NoSuchProcess):
                outcome.peak_mib = max(outcome.peak_mib, self.resident_mib())
            await asyncio.sleep(BETWEEN_LOOKS_S)

    async def _take_told(self, outcome: Outcome) -> None:
        assert self._hostile.stdout is not None
        visit_id = visit_of(outcome.attack, outcome.seed)
        try:
            async with asyncio.timeout(TOLD_WITHIN_S):
                while (told := json.loads(await self._hostile.stdout.readline()))["visit_id"] != visit_id:
                    pass
        except TimeoutError:
            outcome.failure = "the attack did not end"
            return
        outcome.sent, outcome.failure = told["sent"], outcome.failure or told["failure"]

    async def _rest(self, outcome: Outcome) -> None:
        await asyncio.sleep(REST_S)
        before = self.process.cpu_times()
        await asyncio.sleep(REST_S)
        after = self.process.cpu_times()
        outcome.busy_fraction = (after.user + after.system - before.user - before.system) / REST_S
        outcome.rest_mib = self.resident_mib()


@asynccontextmanager
async def campaign(call: ClinicCall) -> AsyncIterator[Campaign]:
    """Start the hostile process in this thread's network."""
    command = (sys.executable, "-m", "tests.integration.call.hostile")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=dict(os.environ), limit=1 << 20
    )
    STARTED.append(process)
    assert process.stdin is not None
    assert process.stdout is not None
    address = json.loads(await process.stdout.readline())["address"]
    try:
        yield Campaign(call, process, address)
    finally:
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await process.wait()


def faults_in(told: str) -> list[str]:
    """Return the lines of the call process's standard error that tell of a mistake of ours."""
    signs = (" ERROR ", " CRITICAL ", "Traceback", "never retrieved", "was destroyed")
    return [line for line in told.splitlines() if any(sign in line for sign in signs)]


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
