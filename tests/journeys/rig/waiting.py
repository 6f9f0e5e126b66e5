"""Waiting for a condition with a deadline: the only way in which a journey lets time pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.03


class NotInTimeError(AssertionError):
    """A condition did not come true before its deadline; the message says what was seen instead."""


def wait_until(
    probe: Callable[[], T | None],
    what: str,
    *,
    within_s: float = 10.0,
    seen: Callable[[], str] | None = None,
    poll_s: float = POLL_S,
) -> T:
    """Return the first true answer of `probe`.

    Args:
        probe: asked again and again; a false value or an empty container means "not yet".
        what: the condition in words, for the failure's message.
        within_s: the deadline, in seconds from now.
        seen: asked once at the deadline for what was there instead.
        poll_s: pause between two questions, in seconds.

    Raises:
        NotInTimeError: at the deadline.
    """
    deadline = time.monotonic() + within_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            detail = f"\n{seen()}" if seen is not None else ""
            raise NotInTimeError(f"Not within {within_s:g} s: {what}.{detail}")
        time.sleep(poll_s)
