"""The walls of the call process hold: probes in a process of their own, each with the control outside."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from teleconsole.host.paths import Profile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are of Linux")

PROBES = {
    "read the case store": "open(os.path.join(folder, 'queue.db'), 'rb').read()",
    "read the wrapped keys": "open(os.path.join(folder, 'queue.keys'), 'rb').read()",
    "list the profile": "os.listdir(folder)",
    "write into the profile": "open(os.path.join(folder, 'evidence', 'x'), 'w')",
    "read another's file": "open(os.path.join(folder, '..', 'letter.txt')).read()",
    "start a program": "subprocess.run(['/bin/true'])",
    "trace the console": "check(libc.ptrace(0x4206, os.getppid(), 0, 0))",
    "read the console's memory": "open(f'/proc/{os.getppid()}/mem', 'rb').close()",
    "signal the console": "os.kill(os.getppid(), 0)",
    "reach the session bus": "socket.socket(socket.AF_UNIX).connect(bus)",
    "reach an abstract socket": "socket.socket(socket.AF_UNIX).connect(abstract)",
}
NEEDED = {
    "seal into the drop-box": "open(os.path.join(folder, 'spool', 'x'), 'w').write('sealed')",
    "resolve and send": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('127.0.0.1', 0))",
    "load more of Python": "__import__('xml.dom.minidom')",
    "draw randomness": "open('/dev/urandom', 'rb').close()",
    "read certificates": "__import__('ssl').create_default_context()",
}
SCRIPT = """
import ctypes, os, socket, subprocess, sys
from pathlib import Path
from teleconsole.call.sandbox import enter_sandbox
from teleconsole.host.paths import Profile
libc = ctypes.CDLL(None, use_errno=True)
mode, folder, bus, name = sys.argv[1:]
abstract = chr(0) + name
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
if mode == "walls":
    print(enter_sandbox(Profile(Path(folder)), os.environ), flush=True)
try:
    {probe}
except OSError as error:
    print("refused", error.errno)
else:
    print("done")
"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.make()
    made.database.write_bytes(b"sealed")
    made.header.write_bytes(b"wrapped")
    (tmp_path / "letter.txt").write_text("private")
    return made


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    name = f"teleconsole-probe-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as bus, socket.socket(socket.AF_UNIX) as abstract:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        abstract.bind(f"\0{name}")
        abstract.listen()
        yield tmp_path / "bus", name


def _run(probe: str, mode: str, profile: Profile, sockets: tuple[Path, str]) -> str:
    environment = os.environ | {"TELECONSOLE_CALL_HIDES": str(sockets[0]), "XDG_RUNTIME_DIR": ""}
    arguments = [mode, str(profile.folder), str(sockets[0]), sockets[1]]
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(probe=probe), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_refused_inside_and_succeeds_outside(name: str, profile: Profile, sockets: tuple[Path, str]) -> None:
    inside = _run(PROBES[name], "walls", profile, sockets)
    assert inside.startswith("namespace+landlock+seccomp\n"), "this kernel gives not all walls"
    assert "refused" in inside
    assert "done" not in inside
    assert "done" in _run(PROBES[name], "none", profile, sockets)


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_call_needs_is_there(name: str, profile: Profile, sockets: tuple[Path, str]) -> None:
    assert "done" in _run(NEEDED[name], "walls", profile, sockets)


def test_sound_alone_stays_of_the_desktop(tmp_path: Path, profile: Profile) -> None:
    runtime = tmp_path / "runtime"
    (runtime / "pulse").mkdir(parents=True)
    (runtime / "pulse" / "native").write_text("sound")
    (runtime / "keyring").mkdir()
    (runtime / "bus").touch()
    script = SCRIPT.format(probe="print(sorted(os.listdir(os.environ['XDG_RUNTIME_DIR'] + '/pulse')))")
    command = [sys.executable, "-c", script, "walls", str(profile.folder), "", "x"]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)}
    )
    assert "['native']" in ran.stdout, ran.stderr
    gone = script.replace("print(sorted(os.listdir(os.environ['XDG_RUNTIME_DIR'] + '/pulse')))", "check(0)")
    probe = gone.replace(
        "check(0)\nexcept",
        "print([os.path.exists(f'{os.environ[\"XDG_RUNTIME_DIR\"]}/{n}') for n in ('bus', 'keyring')])\nexcept",
    )
    ran = subprocess.run(
        [sys.executable, "-c", probe, *command[3:]],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)},
    )
    assert "[False, False]" in ran.stdout, ran.stderr


def test_a_second_thread_is_noticed(profile: Profile) -> None:
    script = (
        "import sys, threading; from pathlib import Path; from teleconsole.call.sandbox import enter_sandbox;"
        "from teleconsole.host.paths import Profile; e = threading.Event(); threading.Thread(target=e.wait).start()\n"
        "try: enter_sandbox(Profile(Path(sys.argv[1])), {})\nfinally: e.set()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(profile.folder)], capture_output=True, text=True, check=False
    )
    assert "walls go up before threads do" in ran.stderr
