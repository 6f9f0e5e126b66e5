"""The gaps of a visit: the times in which even the voice did not pass, between two spans in which it did."""

from collections.abc import Sequence

Span = tuple[int, int]


def gaps_of(spans: Sequence[Span], ended_ms: int) -> tuple[Span, ...]:
    """Return the gaps in order, in Unix milliseconds.

    Args:
        spans: times of talk (from, to); to = 0: until the end, as far as is known.
        ended_ms: end of the visit; 0 = it goes on.
    """
    gaps: list[Span] = []
    until_ms = 0
    for from_ms, to_ms in closed(spans, ended_ms):
        if until_ms and from_ms > until_ms:
            gaps.append((until_ms, from_ms))
        until_ms = max(until_ms, to_ms)
    return tuple(gaps)


def closed(spans: Sequence[Span], ended_ms: int) -> tuple[Span, ...]:
    """Return the spans in order; one whose end was never told lasts until the next one begins, or the visit ends."""
    ordered = sorted(spans)
    following = [from_ms for from_ms, _ in ordered[1:]] + [ended_ms]
    return tuple(
        (from_ms, to_ms or next_ms or from_ms) for (from_ms, to_ms), next_ms in zip(ordered, following, strict=False)
    )
