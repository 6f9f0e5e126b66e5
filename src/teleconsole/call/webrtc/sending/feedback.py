"""Reads transport-wide congestion control feedback: which of our packets arrived, and when.

Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1 (RTCP RTPFB, FMT 15).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

RTPFB, FMT_TRANSPORT_CC = 205, 15
_REFERENCE_MS = 64
_DELTA_MS = 0.25
_SMALL, _LARGE = 1, 2


@dataclass(frozen=True)
class TransportFeedback:
    """One feedback message.

    Attributes:
        reference_ms: the other side's clock that arrivals count from; it wraps at 2**24 * 64 ms.
        arrivals: transport-wide sequence number (16 bit) and arrival in ms of that clock; None = it did not.
    """

    reference_ms: int
    arrivals: tuple[tuple[int, float | None], ...]


def split_feedback(compound: bytes) -> tuple[list[bytes], bytes]:
    """Return the feedback messages (without RTCP header and SSRCs) of a compound packet, and the compound without them.

    aiortc would read them as requests for retransmission of random packets. What cannot be read is left as it is.
    """
    feedback, rest, at = [], b"", 0
    while at + 4 <= len(compound):
        first, kind, words = struct.unpack_from("!BBH", compound, at)
        end = at + 4 * (words + 1)
        if end > len(compound):
            break
        if kind == RTPFB and first & 0x1F == FMT_TRANSPORT_CC:
            padding = compound[end - 1] if first & 0x20 else 0
            feedback.append(compound[at + 12 : max(at + 12, end - padding)])
        else:
            rest += compound[at:end]
        at = end
    return feedback, rest + compound[at:]


def parse_feedback(fci: bytes) -> TransportFeedback:
    """Return what a feedback message says.

    Raises:
        ValueError: it is malformed.
    """
    if len(fci) < 8:
        raise ValueError("feedback is too short")
    base, count, reference = struct.unpack_from("!HHI", fci)
    reference_ms = (reference >> 8) * _REFERENCE_MS
    symbols: list[int] = []
    at = 8
    while len(symbols) < count:
        if at + 2 > len(fci):
            raise ValueError("feedback lacks status chunks")
        symbols.extend(_chunk(struct.unpack_from("!H", fci, at)[0], count - len(symbols)))
        at += 2
    arrivals: list[tuple[int, float | None]] = []
    clock_ms = float(reference_ms)
    for offset, symbol in enumerate(symbols):
        sequence = (base + offset) & 0xFFFF
        if symbol not in (_SMALL, _LARGE):
            arrivals.append((sequence, None))
            continue
        size = symbol
        if at + size > len(fci):
            raise ValueError("feedback lacks arrival times")
        delta = struct.unpack_from("!B" if symbol == _SMALL else "!h", fci, at)[0]
        at += size
        clock_ms += delta * _DELTA_MS
        arrivals.append((sequence, clock_ms))
    return TransportFeedback(reference_ms, tuple(arrivals))


def _chunk(chunk: int, most: int) -> Iterator[int]:
    if not chunk & 0x8000:
        symbol, run = chunk >> 13 & 3, chunk & 0x1FFF
        return iter([symbol] * min(run, most))
    if chunk & 0x4000:
        return iter([chunk >> shift & 3 for shift in range(12, -1, -2)][:most])
    return iter([chunk >> shift & 1 for shift in range(13, -1, -1)][:most])
