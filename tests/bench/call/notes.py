"""What one end noted while a call went on; all moments are Unix time in seconds of this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Paint(NamedTuple):
    """A picture that was shown.

    Attributes:
        at_s: when.
        number: read in it, -1 where none could be read.
        psnr_db: against the clip, 0 where it was not judged.
    """

    at_s: float
    number: int
    width: int
    height: int
    psnr_db: float


@dataclass
class Notes:
    """Of one end.

    Attributes:
        captures: (moment, number) of each picture that its own camera gave.
        paints: the remote pictures.
        counters: its statistics over time; W3C's for a browser, the call process's own for the console.
        told: (moment, words) when the person was told that the connection is away.
        steps: (moment, step of the ladder) of the console, each when it changed.
        paint_ms: how long painting a picture took, the median, where it was painted by the console's widget.
    """

    captures: list[tuple[float, int]] = field(default_factory=list)
    paints: list[Paint] = field(default_factory=list)
    counters: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[float, str]] = field(default_factory=list)
    steps: list[tuple[float, str]] = field(default_factory=list)
    paint_ms: float | None = None
