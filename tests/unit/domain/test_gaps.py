"""Gaps of a visit: what lies between its spans."""

from __future__ import annotations

import pytest

from teleconsole.domain.gaps import Span, gaps_of


@pytest.mark.parametrize(
    ("spans", "ended_ms", "gaps"),
    [
        ((), 90, ()),
        (((10, 50),), 50, ()),
        (((10, 0),), 90, ()),
        (((10, 30), (40, 90)), 90, ((30, 40),)),
        (((40, 90), (10, 30)), 90, ((30, 40),)),
        (((10, 30), (40, 0)), 0, ((30, 40),)),
        (((10, 30), (90, 90)), 90, ((30, 90),)),
        (((10, 0), (40, 90)), 90, ()),
        (((10, 60), (40, 90)), 90, ()),
        (((10, 20), (30, 40), (50, 60)), 60, ((20, 30), (40, 50))),
    ],
)
def test_gaps_lie_between_the_spans(spans: tuple[Span, ...], ended_ms: int, gaps: tuple[Span, ...]) -> None:
    assert gaps_of(spans, ended_ms) == gaps
