"""Made-up links, second by second, and the steps that the ladder takes on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from teleconsole.call.webrtc.ladder.machine import Ladder
from teleconsole.call.webrtc.ladder.sample import LinkSample

EVERY_S = 0.5

Change = tuple[float, str, str]
"""At what second, which step, why."""


def link(seconds: float, **fields: Any) -> Iterator[LinkSample]:
    """A link that stays as it is."""
    for _ in range(round(seconds / EVERY_S)):
        yield LinkSample(at_s=0.0, **fields)


def silence(seconds: float) -> Iterator[LinkSample]:
    """A link on which nothing arrives any more."""
    for number in range(round(seconds / EVERY_S)):
        yield LinkSample(at_s=0.0, silent_s=number * EVERY_S)


def walk(ladder: Ladder, *parts: Iterable[LinkSample]) -> list[Change]:
    """Feed the parts one after the other, each with its clock moved to the end of the one before."""
    changes: list[Change] = []
    at_s = 0.0
    for part in parts:
        for sample in part:
            if ladder.take(replace(sample, at_s=at_s)):
                changes.append((at_s, ladder.step, ladder.cause))
            at_s += EVERY_S
    return changes


def steps(changes: list[Change]) -> list[str]:
    """The steps alone."""
    return [step for _, step, _ in changes]
