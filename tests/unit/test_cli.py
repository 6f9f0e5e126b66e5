"""The command line: every command helps itself, and every failure is one sentence with the right status."""

import subprocess
import sys
from pathlib import Path

import pytest

from teleconsole.cli import COMMANDS, main


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment}
    command = [sys.executable, "-m", "teleconsole", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables, timeout=60)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    ran = _run(name, "--help")
    assert ran.returncode == 0
    assert "example" in ran.stdout.lower()
    assert f"teleconsole {name}" in ran.stdout


def test_the_app_tells_its_version_and_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("teleconsole 0.")
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nonsense"], 2, "unrecognized"),
        (["--child=vault"], 2, "started by the program itself"),
        (["--policy", "absent.json"], 1, "cannot be read"),
        (["policy", "check", "absent.json"], 1, "cannot be read"),
        (["sync"], 2, "--once"),
        (["demo"], 1, "--headless-clinic"),
        ([], 1, "no display"),
    ],
)
def test_a_failure_is_one_sentence_without_a_traceback(
    tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    ran = _run(*arguments, TELECONSOLE_PROFILE=str(tmp_path / "profile"), HOME=str(tmp_path))
    assert ran.returncode == status
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_sync_without_cases_says_so(tmp_path: Path) -> None:
    ran = _run("sync", "--once", TELECONSOLE_PROFILE=str(tmp_path / "profile"), HOME=str(tmp_path))
    assert ran.returncode == 1
    assert ran.stderr.startswith("teleconsole: ")
    assert "Traceback" not in ran.stderr
