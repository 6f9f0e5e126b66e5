"""`python -m tests.bench.first_light`: measures everything once, prints one JSON object, and a table for people."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
from tests.bench.first_light import memory
from tests.bench.first_light.call import Calls, Patient
from tests.bench.first_light.console import BenchConsole
from tests.bench.first_light.lag_window import LagWindow
from tests.bench.first_light.results import FirstSync, Machine, Process, Reopen, Results, Start, table
from tests.journeys.rig import counter
from tests.journeys.rig.atspi import Accessibility, Control
from tests.journeys.rig.browser import Browser, driver
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.net import Net, NetUnavailableError
from tests.journeys.rig.process import teleconsole
from tests.journeys.rig.waiting import NotInTimeError, wait_until
from tests.journeys.steps.fhir import Fhir

DROP_CACHES = Path("/proc/sys/vm/drop_caches")
PAGE_CACHE = "3"
CAMERA_FRAMES = 150
SEED_WITHIN_S = 600.0
SYNC_WITHIN_S = 300.0
POLL_S = 0.1
BYTES_PER_GIB = 1 << 30


class Bench:
    """One desktop, and everything that is measured on it."""

    def __init__(self, desktop: Desktop, accessibility: Accessibility, options: argparse.Namespace) -> None:
        self._desktop = desktop
        self._accessibility = accessibility
        self._options = options
        self._folder = desktop.folder / "bench"
        self._folder.mkdir()

    def start(self, *, cold: bool, runs: int) -> Start:
        """From the command to the page of the first run, with a fresh profile each time."""
        word, seconds = "warm", []
        for run in range(runs):
            if cold and drop_page_cache():
                word = "cold"
            console = BenchConsole(self._desktop, self._accessibility, self._folder / f"start-{word}-{run}")
            seconds.append(console.wait_first_run())
            console.stop()
        return Start(page_cache=word, first_run_s=seconds)

    @contextlib.contextmanager
    def clinic(self) -> Iterator[dict[str, Any]]:
        """The clinic's side with all its cases, made anew."""
        folder = self._folder / "clinic"
        arguments = ["demo", "--headless-clinic", "--folder", str(folder), "--cases", str(self._options.cases)]
        program = teleconsole(
            self._desktop.net, arguments, env=self._desktop.env, log_stem=self._folder / "clinic-program"
        )
        try:
            yield program.wait_json(within_s=SEED_WITHIN_S)
        finally:
            program.stop()

    def first_sync(self, console: BenchConsole, code: str) -> FirstSync:
        """Sign in, and wait until every record, then every file, is here."""
        console.make_store()
        console.window().find("One-time code", role="text").set_text(code)
        sign_in = console.button("Sign in")
        lag = LagWindow(console.program, console.lag_file)
        begun_s = time.monotonic()
        sign_in.press()
        synced = console.sync_words()
        wait_until(
            lambda: synced.name.startswith(("Synced", "Fetching files")),
            "every record is here",
            within_s=SYNC_WITHIN_S,
            poll_s=POLL_S,
            seen=lambda: synced.name,
        )
        records_s = time.monotonic() - begun_s
        return FirstSync(
            cases=self._options.cases,
            records_s=records_s,
            files_s=self._files_s(synced, begun_s),
            lag=lag.figures(),
        )

    def _files_s(self, synced: Control, begun_s: float) -> float | None:
        done_s = 0.0

        def is_quiet() -> bool:
            nonlocal done_s
            if not synced.name.startswith("Synced"):
                done_s = 0.0
            elif not done_s:
                done_s = time.monotonic()
            return bool(done_s) and time.monotonic() - done_s > 1.5

        try:
            wait_until(is_quiet, "every file is here", within_s=SYNC_WITHIN_S, poll_s=POLL_S, seen=lambda: synced.name)
        except NotInTimeError as late:
            sys.stderr.write(f"{late}\n")
            return None
        return done_s - begun_s

    def reopen(self, console: BenchConsole) -> Reopen:
        """End the app and start it again: the keyring opens the store."""
        console.stop()
        console.start()
        return Reopen(cases=self._options.cases, cases_shown_s=console.wait_cases())

    def run(self) -> Results:
        """Everything, in an order in which nothing of one figure weighs on the next."""
        load_before = os.getloadavg()[0]
        cold = self.start(cold=True, runs=1)
        warm = self.start(cold=False, runs=3)
        with self.clinic() as clinic:
            console = BenchConsole(
                self._desktop, self._accessibility, self._folder / "signed-in", gateway=str(clinic["gateway"])
            )
            first_sync = self.first_sync(console, str(clinic["clinician_code"]))
            reopen = self.reopen(console)
            console.go("Today")
            wait_until(lambda: "call" in memory.processes(console.program), "the call process runs")
            console.hidden("Synced ")
            idle_mib = memory.sizes_mib(console.program)
            fhir = Fhir(str(clinic["fhir"]))
            patients = [
                Patient(fhir.patient_name(visit["patient_id"]), visit["link"])
                for visit in clinic["visit_links"][: self._options.calls]
            ]
            camera = counter.write_mjpeg(self._folder / "camera.mjpeg", CAMERA_FRAMES, width=1280, height=720)
            with driver() as playwright:
                browser = Browser(playwright, self._desktop.net, self._desktop.env, camera=camera)
                calls = Calls(console, browser)
                call = calls.measure(patients, seconds=self._options.seconds)
                browser.close()
            console.stop()
        names = dict.fromkeys([*idle_mib, *calls.in_call_mib])
        return Results(
            machine=machine(load_before),
            start_cold=cold,
            start_warm=warm,
            first_sync=first_sync,
            reopen=reopen,
            call=call,
            processes={
                name: Process(idle_mib.get(name), calls.in_call_mib.get(name), calls.cpu_percent.get(name))
                for name in names
            },
        )

    def keep_evidence(self, folder: Path) -> None:
        """After a failure: the screen, what a screen reader is told, and the logs."""
        folder.mkdir(parents=True, exist_ok=True)
        self._desktop.screenshot(folder / "screen.png")
        told = "".join(found.dump() for found in self._accessibility.applications())
        (folder / "accessible.txt").write_text(told)
        for log in (*self._folder.rglob("*.err"), *self._folder.rglob("*.log")):
            shutil.copy(log, folder / f"{log.parent.name}-{log.name}")


def drop_page_cache() -> bool:
    """Empty the system's page cache; False when this computer does not allow it."""
    os.sync()
    try:
        DROP_CACHES.write_text(PAGE_CACHE)
    except OSError:
        return False
    return True


def machine(load_before: float) -> Machine:
    """This computer in neutral words."""
    release = platform.freedesktop_os_release()
    return Machine(
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        system=f"{release.get('NAME', 'Linux')} {release.get('VERSION_ID', '')}".strip(),
        python=platform.python_version(),
        cores=os.cpu_count() or 0,
        memory_gib=psutil.virtual_memory().total / BYTES_PER_GIB,
        load_before=load_before,
        load_after=os.getloadavg()[0],
    )


def main() -> int:
    """Measure, and print; exit status 1 when a part did not work, with what was seen in a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.first_light",
        description="The figures of the whole product; needs root and takes a few minutes.",
        epilog="Example: python -m tests.bench.first_light --json figures.json",
    )
    parser.add_argument("--cases", type=int, default=2_000, help="cases of the first sync (2000)")
    parser.add_argument("--seconds", type=int, default=60, help="length of the call that is counted (60)")
    parser.add_argument("--calls", type=int, default=3, choices=range(1, 6), help="calls; the last is counted (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON object there as well")
    options = parser.parse_args()
    try:
        net = Net()
        net.enter()
    except NetUnavailableError as unavailable:
        sys.stderr.write(f"{unavailable}\n")
        return 1
    try:
        with Desktop(net) as desktop, Accessibility(desktop.env) as accessibility:
            bench = Bench(desktop, accessibility, options)
            try:
                results = bench.run()
            except BaseException:
                evidence = Path(tempfile.mkdtemp(prefix="first-light-"))
                bench.keep_evidence(evidence)
                sys.stderr.write(f"What was seen is kept in {evidence}.\n")
                raise
    finally:
        net.close()
    text = msgspec.json.format(msgspec.json.encode(results)).decode()
    if options.json is not None:
        options.json.write_text(f"{text}\n")
    sys.stdout.write(f"{text}\n\n{table(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
