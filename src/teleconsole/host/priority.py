"""Going before other programs, as far as this computer allows."""

import ctypes
import os
import sys

from teleconsole.host.media_limits import CALL_NICENESS

if sys.platform == "win32":
    _ABOVE_NORMAL_PRIORITY_CLASS = 0x8000

    def go_first() -> bool:
        """Let this process and all its threads go before others; return whether the computer allowed it.

        See: Microsoft, "Scheduling Priorities".
        """
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        return bool(kernel.SetPriorityClass(kernel.GetCurrentProcess(), _ABOVE_NORMAL_PRIORITY_CLASS))

else:

    def go_first() -> bool:
        """Let this thread, and all that it starts, go before others; return whether the computer allowed it.

        Linux and macOS allow it to whom an administrator gave it (docs/operations.md).
        See: setpriority(2), RLIMIT_NICE.
        """
        try:
            os.setpriority(os.PRIO_PROCESS, 0, CALL_NICENESS)
        except PermissionError:
            return False
        return True
