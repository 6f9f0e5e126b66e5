"""A network of the tests' own: one namespace that holds clinic, console and browser, and nothing else.

How the pytest process gets in: `Net.enter` calls setns(2) for the calling thread. Sockets and children made by
that thread from then on, and threads that it starts, are inside; threads that were there before stay outside. The
`net` fixture enters on pytest's main thread before any journey runs, so plain HTTP calls, Playwright's driver and
every child of a journey are inside with no wrapper and no re-exec. Unix sockets with a path work across the border
anyhow; abstract ones (Xvfb's) belong to the namespace.

What is inside is ended by pid when the namespace is closed: whatever a desktop or a browser started in turn is
found through /proc, not by name.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil
from tests.journeys.rig.waiting import wait_until

CLONE_NEWNET = 0x40000000
NETNS_DIR = Path("/run/netns")
PREFIX = "tcjourney"
ADDRESS = "10.77.0.1"
GRACE_S = 3.0
DEVICES = (
    "link set lo up",
    "link add v0 type veth peer name v1",
    f"address add {ADDRESS}/24 dev v0",
    "link set v0 up",
    "link set v1 up",
)
"""What `ip` is told inside: loopback, and one address besides it that WebRTC may gather."""
PROGRAMS = (
    *("ip", "nsenter", "setpriv"),
    *("Xvfb", "openbox", "xprop", "xdotool", "dbus-daemon", "gnome-keyring-daemon"),
    *("pulseaudio", "pactl", "parec", "pacat"),
)
"""What the whole rig starts; looked for first, so that one sentence names all that is missing."""

Stream = int | IO[bytes] | None

_libc = ctypes.CDLL(None, use_errno=True)


class NetUnavailableError(RuntimeError):
    """This machine can't give the tests a network of their own; the message says why in one sentence."""


class Net:
    """One network namespace: loopback, one address for WebRTC (`ADDRESS`), no way out."""

    _count = 0

    def __init__(self, devices: Sequence[str] = DEVICES) -> None:
        _check_machine()
        _sweep_orphans()
        Net._count += 1
        self.name = f"{owned_prefix()}{Net._count}"
        self.address = ADDRESS
        self._outside_fd: int | None = None
        self._open = True
        _ip("netns", "add", self.name)
        try:
            self._switch_ipv6_off()
            for arguments in devices:
                self.configure(arguments)
        except NetUnavailableError:
            _ip("netns", "delete", self.name)
            raise

    def configure(self, arguments: str) -> None:
        """Tell `ip` something inside, such as "link set lo up"."""
        # Not `ip -n`: that remounts /sys, which fails where / is no mount point (a chroot, some containers).
        _run_or_refuse("nsenter", f"--net={self.path}", "--", "ip", *arguments.split())

    def _switch_ipv6_off(self) -> None:
        # A link-local address is ready only seconds after its device: a browser that loads a page just then gives up
        # with ERR_NETWORK_CHANGED.
        for which in ("all", "default"):
            order = f"echo 1 > /proc/sys/net/ipv6/conf/{which}/disable_ipv6"
            _run_or_refuse("nsenter", f"--net={self.path}", "--", "sh", "-c", order)

    @property
    def path(self) -> Path:
        """The namespace's file, for setns and nsenter."""
        return NETNS_DIR / self.name

    def enter(self) -> None:
        """Move the calling thread, and what it starts from now on, into the namespace.

        Raises:
            NetUnavailableError: the kernel refused.
        """
        outside_fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(self.path)
        except NetUnavailableError:
            os.close(outside_fd)
            raise
        self._outside_fd = outside_fd

    def leave(self) -> None:
        """Move the calling thread back to where `enter` found it; nothing if it never entered."""
        if self._outside_fd is None:
            return
        outside_fd, self._outside_fd = self._outside_fd, None
        try:
            _setns(Path(f"/proc/self/fd/{outside_fd}"))
        finally:
            os.close(outside_fd)

    def holds_this_thread(self) -> bool:
        """Tell whether the calling thread is inside."""
        return Path("/proc/thread-self/ns/net").stat().st_ino == self.path.stat().st_ino

    def popen(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        stdin: Stream = subprocess.DEVNULL,
        stdout: Stream = None,
        stderr: Stream = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Start a program inside; its pid is the program's own, nsenter and setpriv only exec.

        On the main thread the program also ends when pytest is killed (PDEATHSIG hangs on the thread that forked,
        so it is not asked for on any other).
        """
        wrapper = ["nsenter", f"--net={self.path}", "--"]
        if threading.current_thread() is threading.main_thread():
            wrapper = ["setpriv", "--pdeathsig", "KILL", "--", *wrapper]
        return subprocess.Popen(
            [*wrapper, *map(str, argv)],
            env=dict(env),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            pass_fds=pass_fds,
        )

    def run(self, argv: Sequence[str | Path], *, env: Mapping[str, str], within_s: float = 20.0) -> str:
        """Run a program inside to its end and return its standard output.

        Raises:
            AssertionError: its exit status was not 0; the message carries its standard error.
            subprocess.TimeoutExpired: it took longer than `within_s`.
        """
        process = self.popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=within_s)
        finally:
            end(process)
        assert process.returncode == 0, f"{argv[0]} ended with {process.returncode}: {err.decode()[-2000:]}"
        return out.decode()

    def pids(self) -> list[int]:
        """The processes inside, this one not counted."""
        return [pid for pid in _pids_in(self.path) if pid != os.getpid()]

    def close(self) -> list[str]:
        """End all that is inside, delete the namespace and return the command lines of what had been left running."""
        if not self._open:
            return []
        self._open = False
        self.leave()
        left = [_command_line(pid) for pid in self.pids()]
        _end_all_in(self.path)
        _ip("netns", "delete", self.name)
        return [line for line in left if line]


def end(process: subprocess.Popen[bytes], *, grace_s: float = GRACE_S) -> int:
    """End one process that the rig started: SIGTERM, after `grace_s` SIGKILL; return its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            process.kill()
    status = process.wait(10)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return status


def _check_machine() -> None:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise NetUnavailableError(
            f"The journeys need programs that are not installed ({', '.join(missing)}): "
            "run packaging/linux/system-packages.sh test."
        )
    if os.geteuid() != 0:
        raise NetUnavailableError(
            "The journeys need root, for a network namespace of their own: run them as root or with sudo, "
            "or set TELECONSOLE_SKIP_JOURNEYS=1 to leave them out."
        )


def _ip(*arguments: str) -> None:
    _run_or_refuse("ip", *arguments)


def _run_or_refuse(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise NetUnavailableError(
            f"The journeys could not make their network namespace ({' '.join(argv)}): {done.stderr.strip()}"
        )


def _setns(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise NetUnavailableError(
                f"The journeys could not enter their network namespace: {os.strerror(ctypes.get_errno())}."
            )
    finally:
        os.close(descriptor)


def _pids_in(path: Path) -> list[int]:
    inode = path.stat().st_ino
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            inside = (folder / "ns" / "net").stat().st_ino == inode
        except OSError:  # it ended while we looked, or is a zombie
            continue
        if inside:
            found.append(int(folder.name))
    return found


def _end_all_in(path: Path) -> None:
    for number, grace_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S)):
        remaining = [pid for pid in _pids_in(path) if pid != os.getpid()]
        for pid in remaining:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + grace_s
        while remaining and time.monotonic() < deadline:
            _reap(remaining)
            remaining = [pid for pid in _pids_in(path) if pid != os.getpid()]
            time.sleep(0.02)
    wait_until(lambda: not [pid for pid in _pids_in(path) if pid != os.getpid()], "the namespace is empty", within_s=5)


def _reap(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:  # a grandchild: whoever is its parent now reaps it
            continue


def _command_line(pid: int) -> str:
    try:
        return f"{pid}: {' '.join(psutil.Process(pid).cmdline())[:300]}"
    except psutil.Error:
        return ""


def _started_at(pid: int) -> int | None:
    """Ticks after boot at which `pid` was started (proc(5), field 22), or None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])


def owned_prefix() -> str:
    """How the names of what this run leaves on the machine begin: they tell which process is their owner."""
    return f"{PREFIX}-{os.getpid()}-{_started_at(os.getpid())}-"


def _sweep_orphans() -> None:
    """Remove namespaces and folders of earlier runs whose pytest is no longer there (it was killed)."""
    for path in NETNS_DIR.glob(f"{PREFIX}-*"):
        if _is_orphan(path.name):
            _end_all_in(path)
            _ip("netns", "delete", path.name)
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}-*"):
        if _is_orphan(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _is_orphan(name: str) -> bool:
    _, pid, started, _ = name.split("-", 3)
    return _started_at(int(pid)) != int(started)
