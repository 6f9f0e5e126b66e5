"""`teleconsole demo` as it is typed: what it offers without a display, and how Ctrl+C ends it."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
import pytest

from teleconsole.demo import command
from teleconsole.demo.clinic_side import ClinicAddress

DEADLINE_S = 60.0


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The headless clinic, in a process group of its own as a terminal would give it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "teleconsole", "demo", "--headless-clinic", "--folder", str(tmp_path), "--cases", "5"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process
        with suppress(ProcessLookupError):
            process.kill()


def test_ctrl_c_ends_the_clinic_without_a_word(clinic: subprocess.Popen[str]) -> None:
    assert clinic.stdout is not None
    address = msgspec.json.decode(clinic.stdout.readline(), type=ClinicAddress)
    assert address.clinician_code
    children = psutil.Process(clinic.pid).children(recursive=True)
    assert len(children) == 2

    os.killpg(clinic.pid, signal.SIGINT)
    _, errors = clinic.communicate(timeout=DEADLINE_S)
    assert errors == ""
    assert clinic.returncode == 0
    _, left = psutil.wait_procs(children, timeout=DEADLINE_S)
    assert left == []


def test_ctrl_c_reaches_the_starter_alone(clinic: subprocess.Popen[str]) -> None:
    # The clinic has to outlive the app, which says goodbye to it.
    assert clinic.stdout is not None
    clinic.stdout.readline()
    groups = {os.getpgid(child.pid) for child in psutil.Process(clinic.pid).children(recursive=True)}
    assert clinic.pid not in groups
    os.killpg(clinic.pid, signal.SIGINT)
    clinic.communicate(timeout=DEADLINE_S)


def test_what_is_offered_without_a_display_can_be_typed(tmp_path: Path) -> None:
    variables = {"PATH": os.defpath, "HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-m", "teleconsole", "demo"], capture_output=True, text=True, env=variables, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    offered = shlex.split(ran.stderr.split("; '")[1].rpartition("' starts")[0])
    assert offered[1:] == ["demo", "--headless-clinic"]
    helped = subprocess.run([*offered, "--help"], capture_output=True, env=variables, check=False)
    assert helped.returncode == 0


@pytest.mark.parametrize("content", [None, "[1]", "{"], ids=["missing", "no object", "no JSON"])
def test_more_of_the_gateways_configuration_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "more.json"
    if content is not None:
        file.write_text(content)
    arguments = ["--headless-clinic", "--folder", str(tmp_path / "clinic"), "--gateway-config", str(file)]
    assert command.main(arguments) == 1
    assert capsys.readouterr().err.count("\n") == 1
