"""A server that keeps one waiting is noticed long before the request is given up, so that the screen can say so."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from teleconsole.host import limits


class SilenceWatch:
    """Counts the requests whose answer has not begun within `limits.FHIR_SLOW_S`. Belongs to one event loop.

    Args:
        told: called with True when the first request is late, and with False when none is late any more.
    """

    def __init__(self, told: Callable[[bool], None]) -> None:
        self._told = told
        self._late = 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Watch while the body waits for the beginning of one answer."""
        is_late = False

        def late() -> None:
            nonlocal is_late
            is_late = True
            self._late += 1
            if self._late == 1:
                self._told(True)

        timer = asyncio.get_running_loop().call_later(limits.FHIR_SLOW_S, late)
        try:
            yield
        finally:
            timer.cancel()
            if is_late:
                self._late -= 1
                if not self._late:
                    self._told(False)
