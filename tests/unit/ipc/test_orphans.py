"""A parent that is killed leaves no child behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.ipc.helpers import Kind, is_gone, until

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("how", ["running", "stopped"])
async def test_a_killed_parent_leaves_no_orphan(kind: Kind, how: str) -> None:
    command = [sys.executable, "-m", "tests.unit.ipc.parent", kind, how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:  # noqa: ASYNC220 -- short
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.kill()
    await until(lambda: is_gone(pid))


def test_a_child_whose_parent_is_gone_already_does_not_start() -> None:
    code = f"from teleconsole.ipc.guard import guard_process; guard_process({os.getpid()}); print('runs')"
    ours = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ours.stdout == b"runs\n"
    code = f"from teleconsole.ipc.guard import guard_process; guard_process({os.getppid()}); print('runs')"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (other.returncode, other.stdout) == (1, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_guarded_process_leaves_no_core() -> None:
    code = (
        f"from teleconsole.ipc.guard import guard_process; guard_process({os.getpid()})\n"
        "import ctypes, resource, signal\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)[1],"
        " signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    )
    guarded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert guarded.stdout.split() == [b"0", b"0", b"True"]
