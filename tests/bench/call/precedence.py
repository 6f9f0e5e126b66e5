"""Figures that mean something on a machine that does other work too: one run at a time, before everything else.

Linux groups processes by session (sched(7), "The autogroup feature"), and a niceness inside a session says nothing to
those outside. Chromium also sets its processes' niceness itself. So the bench and each browser, which are sessions of
their own, are given precedence as groups: all parts of a pair by the same amount.
"""

from __future__ import annotations

import contextlib
import fcntl
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

_GROUP_NICE = "-15"
_LOCK = Path(tempfile.gettempdir()) / "teleconsole-bench.lock"


def in_own_session(argv: Sequence[str]) -> int:
    """Run the same command as a session of its own and return its exit status; it ends when this process is ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.call", "--in-session", *argv], start_new_session=True
    )
    end_by_exception()
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait(60)
        return 130


def end_by_exception() -> None:
    """SIGTERM ends this process as Ctrl+C does: what was begun is taken down."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


def prefer(pid: int | str = "self") -> None:
    """Give the session of a process precedence; nothing where the kernel has no such groups or allows it not."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(_GROUP_NICE)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """No other run of the bench on this machine goes on during the block; waits for its turn."""
    with _LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Another bench is running; this one waits for its turn.\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
