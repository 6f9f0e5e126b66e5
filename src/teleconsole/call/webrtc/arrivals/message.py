"""The bytes of a transport-wide congestion control message.

Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1 (RTCP RTPFB, FMT 15).
"""

import itertools
import struct
from collections.abc import Iterator, Sequence

_RTPFB, _FMT = 205, 15
_TICKS_PER_MS = 4
_TICKS_PER_REFERENCE = 256
"""64 ms in ticks of 250 us."""
_MISSING, _SMALL, _LARGE = 0, 1, 2
_SMALL_MOST, _LARGE_LEAST, _LARGE_MOST = 0xFF, -0x8000, 0x7FFF
_RUN_MOST = 0x1FFF
_ONE_BIT, _TWO_BIT = 14, 7


def pack_message(
    sender_ssrc: int, media_ssrc: int, base: int, count: int, arrivals_ms: Sequence[float | None]
) -> tuple[bytes, int]:
    """Return an RTCP packet and how many packets it reports.

    Args:
        sender_ssrc: ours.
        media_ssrc: of a stream of the other side.
        base: transport-wide sequence number (16 bits) of the first packet.
        count: of messages so far; it tells the other side of lost ones.
        arrivals_ms: when each packet from `base` on arrived, None = it did not; one at least did. An arrival that is
            more than 8 s from the one before ends the message early.
    """
    first_ms = next(arrival for arrival in arrivals_ms if arrival is not None)
    reference = int(first_ms * _TICKS_PER_MS // _TICKS_PER_REFERENCE)
    symbols, deltas = _symbols(arrivals_ms, reference * _TICKS_PER_REFERENCE)
    body = struct.pack("!LLHHL", sender_ssrc, media_ssrc, base & 0xFFFF, len(symbols), (reference & 0xFFFFFF) << 8)
    body = body[:-1] + bytes((count & 0xFF,))
    body += b"".join(struct.pack("!H", chunk) for chunk in pack_chunks(symbols)) + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    first_byte = 0x80 | (0x20 if padding else 0) | _FMT
    return struct.pack("!BBH", first_byte, _RTPFB, len(body) // 4) + body, len(symbols)


def pack_chunks(symbols: Sequence[int]) -> Iterator[int]:
    """Yield the 16-bit chunks for packet statuses: runs where they are long, else vectors of one or two bits."""
    at = 0
    while at < len(symbols):
        rest = symbols[at : at + _RUN_MOST]
        _, same = next(itertools.groupby(rest))
        run = sum(1 for _ in same)
        bits = rest[:_ONE_BIT]
        fits_one_bit = _LARGE not in bits
        if run >= min(len(rest), _ONE_BIT if fits_one_bit else _TWO_BIT):
            yield rest[0] << 13 | run
            at += run
        elif fits_one_bit:
            yield 0x8000 | _vector(bits, 1, _ONE_BIT)
            at += _ONE_BIT
        else:
            yield 0xC000 | _vector(rest[:_TWO_BIT], 2, _TWO_BIT)
            at += _TWO_BIT


def _vector(symbols: Sequence[int], width: int, places: int) -> int:
    value = 0
    for symbol in [*symbols, *[_MISSING] * (places - len(symbols))]:
        value = value << width | symbol
    return value


def _symbols(arrivals_ms: Sequence[float | None], clock: int) -> tuple[list[int], bytes]:
    symbols: list[int] = []
    deltas = bytearray()
    for arrival_ms in arrivals_ms:
        if arrival_ms is None:
            symbols.append(_MISSING)
            continue
        ticks = round(arrival_ms * _TICKS_PER_MS)
        delta = ticks - clock
        if 0 <= delta <= _SMALL_MOST:
            symbols.append(_SMALL)
            deltas.append(delta)
        elif _LARGE_LEAST <= delta <= _LARGE_MOST:
            symbols.append(_LARGE)
            deltas += struct.pack("!h", delta)
        else:
            break
        clock = ticks
    return symbols, bytes(deltas)
