"""The walls hold: probes in a process of their own, with a control that shows that the probes can succeed."""

import subprocess
import sys

import pytest

PROBES = {
    "read a file": "open('/etc/hostname').read()",
    "write a file": "open('/dev/shm/teleconsole-probe', 'w')",
    "list a folder": "__import__('os').listdir('/')",
    "connect": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "connect to a bus": "socket.socket(socket.AF_UNIX)",
    "start a program": "os.execv('/bin/true', ['true'])",
    "trace": "check(libc.ptrace(16, os.getppid(), 0, 0))",
}
SCRIPT = """
import ctypes, os, socket, sys
from teleconsole.render.sandbox import enter_sandbox
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
if sys.argv[1] == "walls":
    print(enter_sandbox(), flush=True)
try:
    {probe}
except OSError as error:
    print("refused", error.errno)
else:
    print("done")
"""


def _run(probe: str, walls: str) -> str:
    script = SCRIPT.format(probe=probe)
    return subprocess.run([sys.executable, "-c", script, walls], capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are of Linux")
@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_refused_inside(name: str) -> None:
    inside = _run(PROBES[name], "walls")
    if "seccomp" not in inside:
        pytest.fail(f"this kernel gives no seccomp: {inside}")
    assert "refused" in inside
    assert "done" not in inside


@pytest.mark.parametrize("name", ["read a file", "list a folder", "connect"])
def test_the_same_probe_succeeds_outside(name: str) -> None:
    assert "done" in _run(PROBES[name], "none")
