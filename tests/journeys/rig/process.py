"""The program under test as a process: started inside the network, its output kept, its children found."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from tests.journeys.rig.net import Net, end
from tests.journeys.rig.waiting import wait_until

CHILD_OPTION = "--child="


class Program:
    """A started program with its standard output and error in two files."""

    def __init__(self, net: Net, argv: Sequence[str | Path], *, env: Mapping[str, str], log_stem: Path) -> None:
        """Start `argv`; output goes to `<log_stem>.out` and `<log_stem>.err`, which are appended to."""
        self.out_path = log_stem.with_name(f"{log_stem.name}.out")
        self.err_path = log_stem.with_name(f"{log_stem.name}.err")
        self._read_from = self.out_path.stat().st_size if self.out_path.exists() else 0
        with self.out_path.open("ab") as out, self.err_path.open("ab") as err:
            self._process = net.popen(argv, env=env, stdout=out, stderr=err)
        self.pid = self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs; -9 after SIGKILL."""
        return self._process.poll()

    def output(self) -> str:
        """What this run has written to standard output so far."""
        with self.out_path.open("rb") as file:
            file.seek(self._read_from)
            return file.read().decode(errors="replace")

    def errors(self) -> str:
        """The last 4,000 characters of standard error."""
        return self.err_path.read_text(errors="replace")[-4000:]

    def wait_json(self, *, within_s: float = 30.0) -> dict[str, Any]:
        """Wait for the first line (or the whole) of standard output that is a JSON object and return it."""
        return wait_until(self._json_now, "a JSON object on standard output", within_s=within_s, seen=self.diagnosis)

    def _json_now(self) -> dict[str, Any] | None:
        text = self.output()
        for candidate in (*text.splitlines(), text):
            try:
                value = json.loads(candidate)
            except ValueError:
                continue
            if isinstance(value, dict) and value:
                return value
        assert self.status is None, f"The program ended with {self.status}.\n{self.diagnosis()}"
        return None

    def wait_end(self, *, within_s: float = 15.0) -> int:
        """Wait until it has ended by itself and return its exit status."""
        wait_until(lambda: self.status is not None, "the program ends", within_s=within_s, seen=self.diagnosis)
        status = self.status
        assert status is not None
        return status

    def child(self, name: str, *, other_than: int | None = None, within_s: float = 15.0) -> psutil.Process:
        """Wait for the live descendant started with `--child=NAME`.

        Args:
            name: "vault", "call", "render".
            other_than: the pid of one that was killed, to wait for its successor.
            within_s: deadline in seconds.
        """
        return wait_until(
            lambda: next((found for found in self.children(name) if found.pid != other_than), None),
            f"a child process {name!r}",
            within_s=within_s,
            seen=self.diagnosis,
        )

    def children(self, name: str | None = None) -> list[psutil.Process]:
        """All live descendants, or those started with `--child=NAME`."""
        try:
            descendants = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [found for found in descendants if name is None or _is_child(found, name)]

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the program itself (children are their own matter)."""
        self._process.send_signal(number)

    def stop(self) -> int:
        """End it: SIGTERM, then SIGKILL; return the exit status. Nothing if it has ended."""
        return end(self._process, grace_s=5)

    def diagnosis(self) -> str:
        """Status, output and errors in short, for a failure's message."""
        return f"status {self.status}\nstdout: {self.output()[-2000:]}\nstderr: {self.errors()}"


def teleconsole(net: Net, arguments: Sequence[str | Path], *, env: Mapping[str, str], log_stem: Path) -> Program:
    """Start `python -m teleconsole ARGUMENTS` with the interpreter of the tests."""
    return Program(net, [sys.executable, "-m", "teleconsole", *arguments], env=env, log_stem=log_stem)


def signal_and_wait(process: psutil.Process, number: signal.Signals, *, within_s: float = 5.0) -> None:
    """Send a signal to one process found by `Program.child`, and wait until it is gone (or a zombie)."""
    process.send_signal(number)
    wait_until(lambda: not is_running(process.pid), f"process {process.pid} is gone", within_s=within_s)


def is_running(pid: int) -> bool:
    """Tell whether a process still does anything; a zombie that waits for its parent does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_child(process: psutil.Process, name: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and f"{CHILD_OPTION}{name}" in process.cmdline()
    except psutil.Error:
        return False
