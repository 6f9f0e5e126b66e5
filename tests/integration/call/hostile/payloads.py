"""Well-formed packets with hostile contents: what reaches the decoders of sound and pictures."""

import functools
import random
import struct
from fractions import Fraction

import av
import numpy as np
from tests.integration.call.hostile.media import Tap, is_video

_RED, _OPUS, _VP8 = 110, 96, 97
_PICTURE_RED, _PARITY = 116, 117
_RED_TYPES = (_RED, _OPUS, _VP8, 0, 127)
_SIZES = (
    (16, 16),
    (17, 33),
    (2, 2),
    (1, 1),
    (320, 180),
    (1280, 720),
    (720, 1280),
    (3840, 2160),
    (4096, 16),
    (16, 4096),
)
_PART_BYTES = 1_100
_TICKS = 6_000
_FRESH = 0x5EED1000


def payload(tap: Tap, rng: random.Random) -> list[tuple[str, bytes]]:
    """Garbage in place of Opus, RED and VP8, mostly in the genuine streams, and payload types that change."""
    tap.rewrite = _with_garbage
    made = []
    for video in (False, True):
        data = _body(tap.pattern(video=video))
        ssrc = _FRESH + rng.randrange(4)
        struct.pack_into("!H", data, 2, tap.number(ssrc))
        struct.pack_into("!L", data, 8, ssrc)
        made.append(("payload", _with_garbage(data, rng)))
    return made


def _with_garbage(data: bytearray, rng: random.Random) -> bytes:
    start = _payload_start(data)
    if is_video(data) and rng.random() < 0.4:
        data[1] = data[1] & 0x80 | rng.choice((_PICTURE_RED, _PICTURE_RED, _PARITY))
        data[start:] = _parity_garbage(data, start, rng)
        return bytes(data)
    if is_video(data):
        data[start:] = rng.choice((_vp8_garbage, _vp8_lying_key_frame, _vp8_flipped))(data[start:], rng)
        return bytes(data)
    if rng.random() < 0.5:
        data[1] = data[1] & 0x80 | _RED
        data[start:] = _red_garbage(rng)
    else:
        data[1] = data[1] & 0x80 | rng.choice((_OPUS, _OPUS, 0, 8, 9, 13, _VP8))
        data[start:] = rng.randbytes(rng.choice((0, 1, 2, 3, 20, 200, 1_200)))
    return bytes(data)


def _parity_garbage(data: bytearray, start: int, rng: random.Random) -> bytes:
    """A block of RED: a genuine picture, or a parity of packets near this one whose XOR means nothing."""
    kind = rng.choice((_VP8, _PARITY, _PARITY, _PARITY, _PICTURE_RED, _OPUS, 0x80 | _VP8, 0xFF))
    if kind == _VP8 and rng.random() < 0.7:
        return bytes((kind,)) + data[start:]
    base = (int.from_bytes(data[2:4], "big") - rng.randrange(50)) % 65536
    size = rng.choice((0, 1, 10, 300, 1_100, 0xFFFF))
    flags, marker_and_type = rng.choice((0, 0x40, 0x10, 0x20, 0x0F, 0xFF)), rng.choice((0, _VP8, 0x80 | _VP8, _OPUS))
    header = struct.pack("!BBHIHH", flags, marker_and_type, base, rng.getrandbits(32), rng.choice((size, 0xFFFF)), size)
    mask = rng.choice((b"\x80\0", b"\xff\xff", b"\x80\0\0\0\0\0", b"\0\0", rng.randbytes(6)))
    return bytes((kind,)) + header + mask + rng.randbytes(min(size, 1_100))


def _vp8_garbage(_: bytearray, rng: random.Random) -> bytes:
    return rng.randbytes(rng.choice((0, 1, 2, 3, 6, 10, 200, 1_100)))


def _vp8_lying_key_frame(_: bytearray, rng: random.Random) -> bytes:
    width, height = rng.choice(((16_383, 16_383), (0, 0), (1, 16_383), (3840, 2160), (65_535, 65_535), (641, 361)))
    tag = struct.pack("<L", 0x10 | rng.randrange(1 << 19) << 5)[:3]
    return b"\x10" + tag + b"\x9d\x01\x2a" + struct.pack("<HH", width, height) + rng.randbytes(rng.choice((0, 10, 900)))


def _vp8_flipped(genuine: bytearray, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 20)):
        if genuine:
            genuine[rng.randrange(len(genuine))] ^= 1 << rng.randrange(8)
    return bytes(genuine)


def _red_garbage(rng: random.Random) -> bytes:
    blocks = rng.choice((0, 1, 2, 300))
    heads = b"".join(
        struct.pack(
            "!L", (0x80 | rng.choice(_RED_TYPES)) << 24 | rng.randrange(1 << 14) << 10 | rng.choice((0, 1, 60, 1_023))
        )
        for _ in range(blocks)
    )
    return (heads + bytes([rng.choice(_RED_TYPES)]) + rng.randbytes(rng.choice((0, 1, 60, 300))))[:1_200]


def picture(tap: Tap, rng: random.Random) -> list[tuple[str, bytes]]:
    """Real VP8 of 4K, of odd and of tiny sizes, another one each time, with frames missing between them."""
    size = rng.choice(_SIZES)
    frames = list(_encoded(*size))
    if rng.random() < 0.3:
        frames = frames[1:]  # frames that build on one that never came
    if rng.random() < 0.2:
        frames = [_flipped(each, rng) for each in frames]
    pattern = _body(tap.pattern(video=True))
    ssrc = _FRESH + 0x100 + rng.choice((0, 0, 0, rng.randrange(64)))
    packets = []
    for frame in frames:
        ticks = tap.number(ssrc ^ 0xFFFF, 1) * _TICKS & 0xFFFFFFFF
        parts = [frame[at : at + _PART_BYTES] for at in range(0, len(frame), _PART_BYTES)]
        for number, part in enumerate(parts):
            data = pattern[: _payload_start(pattern)]
            data[1] = _VP8 | (0x80 if number == len(parts) - 1 else 0)
            struct.pack_into("!HLL", data, 2, tap.number(ssrc), ticks, ssrc)
            packets.append((f"picture-{size[0]}x{size[1]}", bytes(data) + (b"\x10" if number == 0 else b"\x00") + part))
    return packets


def encode_all() -> None:
    """Encode every size now: it takes longer than an attack may wait."""
    for size in _SIZES:
        _encoded(*size)


def _flipped(frame: bytes, rng: random.Random) -> bytes:
    changed = bytearray(frame)
    for _ in range(20):
        changed[rng.randrange(10, len(changed)) if len(changed) > 10 else 0] ^= 1 << rng.randrange(8)
    return bytes(changed)


@functools.cache
def _encoded(width_px: int, height_px: int) -> tuple[bytes, ...]:
    """A key frame and two that build on it."""
    context = av.CodecContext.create("libvpx", "w")
    context.width, context.height = width_px, height_px
    context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 30)
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    frames: list[bytes] = []
    for number in range(3):
        pixels = np.full((height_px, width_px, 3), 40 + 60 * number, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        frames += [bytes(packet) for packet in context.encode(frame)]
    return tuple(frames)


def _payload_start(data: bytes | bytearray) -> int:
    start = 12 + 4 * (data[0] & 0x0F)
    if data[0] & 0x10:
        start += 4 + 4 * struct.unpack_from("!H", data, start + 2)[0]
    return int(start)


def _body(data: bytearray) -> bytearray:
    """The packet without padding."""
    if data[0] & 0x20:
        del data[-data[-1] :]
        data[0] &= ~0x20
    return data
