"""Malformed RTP and RTCP (RFC 3550, 4585, 5104, 8285; transport-wide feedback and REMB by their drafts)."""

import random
import struct

from tests.integration.call.hostile.media import Tap

_OUR_SSRC = 0x5EED0000
_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def rtp(tap: Tap, rng: random.Random) -> list[tuple[str, bytes]]:
    """Genuine packets with broken headers, payload types, numbers and extensions; also on their way."""
    tap.rewrite = _broken
    packets = []
    for _ in range(rng.choice((1, 4, 16))):
        data = tap.pattern()
        ssrc = _OUR_SSRC + rng.choice((0, 1, 2, rng.randrange(0xFFFF)))
        step = rng.choice((1, 1, 1, 2, 50, 3_000, -3, 32_768))
        struct.pack_into("!H", data, 2, tap.number(ssrc, step))
        struct.pack_into("!L", data, 8, ssrc)
        packets.append(("rtp", _broken(data, rng)))
    return packets


def _broken(data: bytearray, rng: random.Random) -> bytes:
    match rng.randrange(11):
        case 0:
            return bytes(data[: rng.randrange(12, len(data) + 1)])
        case 1:
            return bytes(data[:12])
        case 2:
            data[0] |= 0x0F  # fifteen contributing sources, which are not there
        case 3:
            data[0] |= 0x20  # padding beyond the beginning, or of nothing
            data[-1] = rng.choice((0, 1, 255, len(data) & 0xFF))
        case 4:
            data[0] |= 0x10
            data[12:16] = struct.pack(
                "!HH", rng.choice((0xBEDE, 0x1000, 0, 0xFFFF)), rng.choice((0, 1, 2, 255, 0xFFFF))
            )
        case 5 | 6:
            _put_extension(data, rng)
        case 7:
            data[1] = data[1] & 0x80 | rng.randrange(128)
        case 8:
            struct.pack_into("!L", data, 4, rng.choice(_EDGES))
        case 9:
            data[12:] = rng.randbytes(rng.choice((0, 1, 2, 3, 100, 1_100)))
        case _:
            for _ in range(rng.randint(1, 8)):
                data[rng.choice((1, rng.randrange(12, len(data)) if len(data) > 12 else 1))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _put_extension(data: bytearray, rng: random.Random) -> None:
    words = rng.choice((0, 1, 2, 5, 60))
    profile = rng.choice((0xBEDE, 0xBEDE, 0x1000, 0x1005))
    elements = bytearray(rng.randbytes(words * 4))
    if words and rng.random() < 0.7:  # the numbers that were negotiated, with sizes that are not theirs
        elements[0] = rng.randint(1, 6) << 4 | rng.randrange(16)
    data[0] = data[0] & ~0x1F | 0x10
    data[12:] = struct.pack("!HH", profile, words) + elements + data[12 + rng.choice((0, 4)) :]


def rtcp(tap: Tap, rng: random.Random) -> list[tuple[str, bytes]]:
    """Reports and feedback that lie about counts, lengths and everything else, and storms of them."""
    kind = rng.choice(tuple(_RTCP))
    times = rng.choice((1, 1, 5, 40))
    return [(f"rtcp-{kind}", _RTCP[kind](tap, rng)) for _ in range(times)]


def _packet(packet_type: int, count: int, body: bytes, *, words: int | None = None, padding: bool = False) -> bytes:
    body += bytes(-len(body) % 4)
    first = 0x80 | (0x20 if padding else 0) | count & 0x1F
    return struct.pack("!BBH", first, packet_type, len(body) // 4 if words is None else words & 0xFFFF) + body


def _about(tap: Tap, rng: random.Random) -> bytes:
    return struct.pack("!LL", _OUR_SSRC, rng.choice((*tap.theirs, 0, rng.randrange(1 << 32))))


def _report(tap: Tap, rng: random.Random) -> bytes:
    numbers = [rng.choice(_EDGES) for _ in range(4)]
    block = struct.pack("!LL4L", rng.choice(tap.theirs), rng.choice((0, 0xFF000000, 0xFFFFFFFF, 0x00800000)), *numbers)
    blocks = block * rng.choice((0, 1, 2, 31))
    count = rng.choice((len(blocks) // 24, 31, 0))
    if rng.random() < 0.5:
        return _packet(201, count, struct.pack("!L", _OUR_SSRC) + blocks)
    info = struct.pack("!QLLL", rng.choice((0, 2**64 - 1, 1 << 63)), *(rng.choice(_EDGES) for _ in range(3)))
    return _packet(200, count, struct.pack("!L", _OUR_SSRC) + info + blocks)


def _transport_feedback(tap: Tap, rng: random.Random) -> bytes:
    base, count = rng.randrange(65536), rng.choice((0, 1, 2, 100, 8_191, 65_535))
    chunks = rng.choice((
        struct.pack("!H", 0x2000 | rng.choice((1, 100, 0x1FFF))) * rng.choice((1, 8, 300)),
        struct.pack("!H", rng.choice((0xFFFF, 0xBFFF, 0x6000))) * rng.choice((1, 8, 100)),
        rng.randbytes(rng.choice((0, 1, 2, 7, 200))),
    ))  # fmt: skip
    deltas = rng.randbytes(rng.choice((0, 1, 100, 400)))
    reference = rng.choice((0, 0xFFFFFF, rng.randrange(1 << 24))) << 8 | rng.randrange(256)
    body = _about(tap, rng) + struct.pack("!HHL", base, count, reference) + chunks + deltas
    return _packet(205, 15, body[:1_100])


def _nacks(tap: Tap, rng: random.Random) -> bytes:
    pairs = b"".join(
        struct.pack("!HH", rng.randrange(65536), rng.choice((0, 0xFFFF))) for _ in range(rng.choice((0, 1, 270)))
    )
    return _packet(205, 1, struct.pack("!LL", _OUR_SSRC, rng.choice(tap.theirs)) + pairs)


def _key_frame_wish(tap: Tap, rng: random.Random) -> bytes:
    about = struct.pack("!LL", _OUR_SSRC, rng.choice(tap.theirs))
    if rng.random() < 0.6:
        return _packet(206, 1, about)
    return _packet(
        206, 4, about + struct.pack("!LL", rng.choice(tap.theirs), rng.randrange(1 << 32)) * rng.choice((0, 1, 100))
    )


def _estimate(tap: Tap, rng: random.Random) -> bytes:
    rate = rng.choice((0, 1, 0x3FFFF, 63 << 18, 63 << 18 | 0x3FFFF, 20 << 18 | 1, rng.randrange(1 << 24)))
    count = rng.choice((0, 1, 255))
    ssrcs = struct.pack("!L", rng.choice(tap.theirs)) * rng.choice((0, 1, 200))
    return _packet(206, 15, struct.pack("!LL", _OUR_SSRC, 0) + b"REMB" + struct.pack("!L", count << 24 | rate) + ssrcs)


def _garbage(tap: Tap, rng: random.Random) -> bytes:
    head = _report(tap, rng) if rng.random() < 0.5 else b""
    body = rng.randbytes(4 * rng.choice((0, 1, 2, 50)))
    second = _packet(rng.choice((192, 195, 200, 201, 202, 203, 204, 205, 206, 207, 223)), rng.randrange(32), body,
                     words=rng.choice((None, 0, 1, 0xFFFF)), padding=rng.random() < 0.3)  # fmt: skip
    return head + second


def _descriptions(tap: Tap, rng: random.Random) -> bytes:
    item = bytes([rng.choice((0, 1, 8, 255)), rng.choice((0, 5, 255))]) + rng.randbytes(rng.choice((0, 5, 200)))
    return _packet(202, rng.choice((0, 1, 31)), struct.pack("!L", _OUR_SSRC) + item * rng.choice((1, 3)))


def _bye(tap: Tap, rng: random.Random) -> bytes:
    ours = struct.unpack_from("!L", rng.choice(tap.genuine), 8)[0]
    body = struct.pack("!L", rng.choice((_OUR_SSRC, ours))) + rng.choice((b"", b"\xff", b"\x04gone"))
    return _packet(203, rng.choice((0, 1, 31)), body)


_RTCP = {
    "report": _report, "transport-feedback": _transport_feedback, "nacks": _nacks, "key-frame-wish": _key_frame_wish,
    "estimate": _estimate, "garbage": _garbage, "descriptions": _descriptions, "bye": _bye,
}  # fmt: skip
