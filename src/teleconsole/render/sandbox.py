"""The walls around this process: no files, no network, no other program, bounded memory and processor time.

Linux: Landlock (no file can be opened, no TCP) and a seccomp filter (no sockets, no programs, no
tracing), both for good.
Elsewhere only the resource limits hold; the level that was reached is reported with each opened file.
"""

import sys

from teleconsole.host.limits import RENDER_CPU_S, RENDER_MEMORY_BYTES
from teleconsole.host.walls import POWERS, SOCKETS, close_files, forbid_calls, forget_privileges

if sys.platform != "win32":
    import resource


def enter_sandbox() -> str:
    """Put the walls up for good and return their names, joined by "+"; call it before any thread is started.

    Raises:
        OSError: the kernel refused what every kernel has.
        RuntimeError: a second thread runs already.
    """
    walls = []
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (RENDER_MEMORY_BYTES, RENDER_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (RENDER_CPU_S, RENDER_CPU_S))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        walls.append("limits")
    if sys.platform == "linux":
        forget_privileges()
        if close_files():
            walls.append("landlock")
        if forbid_calls(POWERS | SOCKETS):
            walls.append("seccomp")
    return "+".join(walls) or "none"
