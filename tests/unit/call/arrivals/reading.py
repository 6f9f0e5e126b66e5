"""A reader of transport-wide feedback of the tests' own, straight from the draft's text."""

import struct
from dataclasses import dataclass


@dataclass
class Read:
    """A message as the draft's section 3.1 names its parts; arrivals in ms of the clock of `reference_ms`."""

    sender_ssrc: int
    media_ssrc: int
    base: int
    count: int
    reference_ms: int
    arrivals: list[tuple[int, float | None]]


def read(packet: bytes) -> Read:
    first, kind, words = struct.unpack_from("!BBH", packet)
    assert (first >> 6, first & 0x1F, kind) == (2, 15, 205)
    assert len(packet) == 4 * (words + 1)
    body = packet[4 : len(packet) - (packet[-1] if first & 0x20 else 0)]
    sender, media, base, statuses = struct.unpack_from("!LLHH", body)
    reference_ms = int.from_bytes(body[12:15]) * 64
    symbols, at = _symbols(body, 16, statuses)
    clock, arrivals = float(reference_ms), list[tuple[int, float | None]]()
    for index, symbol in enumerate(symbols):
        number = (base + index) % 65536
        if symbol == 0:
            arrivals.append((number, None))
            continue
        if symbol == 1:
            delta, at = body[at], at + 1
        else:
            delta, at = struct.unpack_from("!h", body, at)[0], at + 2
        clock += delta / 4
        arrivals.append((number, clock))
    assert at == len(body), "nothing is left over"
    return Read(sender, media, base, body[15], reference_ms, arrivals)


def _symbols(body: bytes, at: int, statuses: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    while len(symbols) < statuses:
        chunk = int.from_bytes(body[at : at + 2])
        at += 2
        bits = f"{chunk:016b}"
        if bits[0] == "0":
            symbols += [int(bits[1:3], 2)] * int(bits[3:], 2)
        elif bits[1] == "0":
            symbols += [int(bit) for bit in bits[2:]]
        else:
            symbols += [int(bits[place : place + 2], 2) for place in range(2, 16, 2)]
    assert all(symbol == 0 for symbol in symbols[statuses:])
    return symbols[:statuses], at
