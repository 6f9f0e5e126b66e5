"""What every child does to itself before anything else: die with its parent, show its memory to nobody."""

import ctypes
import os
import signal
import sys

if sys.platform != "win32":
    import resource

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def guard_process(parent_pid: int) -> None:
    """Tie this process to its parent and keep its memory out of dumps and of other programs of the same user.

    On Linux the kernel kills it when the parent dies, even when it is stopped or stuck. Elsewhere it ends by the
    end of its connection. Ctrl+C in the terminal is the parent's affair.

    Raises:
        SystemExit: the parent is dead already.

    See: prctl(2), PR_SET_PDEATHSIG (the signal hangs on the thread that forked) and PR_SET_DUMPABLE.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        for option, value in ((_PR_SET_PDEATHSIG, signal.SIGKILL), (_PR_SET_DUMPABLE, 0)):
            if libc.prctl(option, int(value), 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl failed")
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if os.getppid() != parent_pid:
            raise SystemExit(1)
