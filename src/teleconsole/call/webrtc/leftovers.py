"""What ended connections leave behind is given back soon, not whenever Python comes to look for it.

The parts of an aiortc connection refer to each other. Python frees such a ring only when it searches all old objects,
which it puts off by their number: a connection is a few thousand small ones, and what it holds outside of Python
(decoded pictures, codecs) does not count. Measured at 720p: 35 to 60 MiB stayed with each visit.
"""

import asyncio
import gc

from teleconsole.host.limits import CALL_LEFTOVERS_S


async def free_leftovers() -> None:
    """Wait until what has just ended is let go of, then search; the search holds up the process for some 50 ms.

    Call it when no call goes on.
    """
    await asyncio.sleep(CALL_LEFTOVERS_S)
    gc.collect()
