"""Waiting for a condition with a deadline, for asyncio tests."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(probe: Callable[[], T | None], what: str, *, within_s: float = 10.0) -> T:
    """Return the first true answer of `probe`."""
    deadline = time.monotonic() + within_s
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        await asyncio.sleep(0.02)
    return answer


async def until_async(probe: Callable[[], Awaitable[T | None]], what: str, *, within_s: float = 10.0) -> T:
    """Return the first true answer of an asynchronous `probe`."""
    deadline = time.monotonic() + within_s
    while not (answer := await probe()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        await asyncio.sleep(0.05)
    return answer
