"""What ended connections leave behind is given back soon, not whenever Python comes to look for it.

The parts of an aiortc connection refer to each other. Python frees such a ring only when it searches all old objects,
which it puts off by their number: a connection is a few thousand small ones, and what it holds outside of Python
(decoded pictures, codecs) does not count. Measured at 720p: 35 to 60 MiB stayed with each visit.
"""

import asyncio
import ctypes
import gc
import sys

from teleconsole.host.limits import CALL_ARENAS, CALL_LEFTOVERS_S

_M_ARENA_MAX = -8
"""mallopt(3), glibc's malloc.h."""


def share_few_arenas() -> bool:
    """Let all threads take memory from the same few places; return whether this system's C library can.

    glibc gives threads places of their own, up to eight for each core. A call has some 30 threads, most of them codecs'
    with pictures of 1.4 MB, and what one place has free helps no other: 170 MiB after five calls instead of 280.

    Call it before the first thread is started.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, CALL_ARENAS))


async def free_leftovers() -> None:
    """Wait until what has just ended is let go of, then search; the search holds up the process for some 50 ms.

    Call it when no call goes on.
    """
    await asyncio.sleep(CALL_LEFTOVERS_S)
    gc.collect()
