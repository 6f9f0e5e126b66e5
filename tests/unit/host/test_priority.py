"""Going before other programs, where it is allowed."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from teleconsole.host.media_limits import CALL_NICENESS
from teleconsole.host.priority import go_first


@pytest.mark.skipif(sys.platform != "linux", reason="a niceness is a thread's own on Linux alone")
def test_it_goes_first_or_says_that_it_may_not() -> None:
    with ThreadPoolExecutor(1) as other:  # the thread of the tests stays as it is
        allowed = other.submit(go_first).result()
        niceness = other.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
    assert niceness == (CALL_NICENESS if allowed else os.getpriority(os.PRIO_PROCESS, 0))
