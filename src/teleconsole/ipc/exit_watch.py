"""Tells when a child process has ended, and with which status."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading

from teleconsole.ipc.once import Once


def watch_exit(process: "subprocess.Popen[bytes]") -> Once[int]:
    """Return what becomes the exit status (negative: the signal) once the process has ended and is reaped.

    Linux: by a pidfd in the event loop. Elsewhere by a thread that waits.
    """
    loop = asyncio.get_running_loop()
    exited: Once[int] = Once()
    if sys.platform == "linux":
        pidfd = os.pidfd_open(process.pid)

        def on_readable() -> None:
            loop.remove_reader(pidfd)
            os.close(pidfd)
            exited.set(process.wait())

        loop.add_reader(pidfd, on_readable)
        return exited

    def wait() -> None:
        status = process.wait()
        # The loop may be closed by now; then nobody asks any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(exited.set, status)

    threading.Thread(target=wait, name="ipc_exit", daemon=True).start()
    return exited


def exit_sentence(title: str, status: int) -> str:
    """Return in one sentence what a process died of.

    Args:
        title: what the person calls it, as a subject: "The case store".
        status: as Popen has it.
    """
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = str(-status)
        return f"{title} was ended from outside or crashed ({name})."
    if status == 0:
        return f"{title} ended."
    return f"{title} ended with an error (status {status})."
