"""Hostile use of the data channel, and of SCTP below it (RFC 9260)."""

import asyncio
import base64
import hashlib
import io
import json
import random
import struct
import uuid
from typing import Any

from aiortc import RTCDataChannel
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, DataChunk
from google_crc32c import value as crc32c
from PIL import Image
from tests.integration.call.hostile.line import Line

_UNSENT_BYTES = 256 << 10
_PAUSE_S = 0.01
_CHANNELS = 200
_KEPT_PACKETS = 64
_LARGE = ("chat-too-long", "not-json", "deep", "binary", "too-large", "still")


async def channel_attack(line: Line, rng: random.Random) -> None:
    """Floods and lies on the channel, too many channels, and messages that are too large."""
    while True:
        await line.connected()
        line.sent["connected"] += 1
        opened = 0
        while line.is_connected and line.channel is not None and line.channel.readyState == "open":
            if line.channel.bufferedAmount > _UNSENT_BYTES:
                await asyncio.sleep(_PAUSE_S)
                continue
            kind = rng.choice((*_MESSAGES, "photo", "channels"))
            if kind == "photo":
                await _send_photo(line, line.channel, rng)
            elif kind == "channels":
                for _ in range(20 if opened < _CHANNELS else 0):
                    assert line.peer is not None
                    line.peer.createDataChannel(rng.choice(("chat", "x", "y" * 5_000)), negotiated=False)
                    opened += 1
                    line.sent[kind] += 1
            else:
                for _ in range(1 if kind in _LARGE else rng.choice((1, 1, 10, 100))):
                    line.channel.send(_MESSAGES[kind](rng))
                    line.sent[kind] += 1
            await asyncio.sleep(_PAUSE_S)


def _frame(**values: Any) -> str:
    return json.dumps(values)


def _still(rng: random.Random) -> str:
    file = io.BytesIO()
    Image.new("RGB", rng.choice(((1, 1), (8, 8), (1_500, 1_500)))).save(file, "JPEG", quality=1)
    jpeg = bytearray(file.getvalue())
    at = jpeg.index(b"\xff\xc0") + 5
    if rng.random() < 0.5:
        struct.pack_into("!HH", jpeg, at, rng.choice((0, 1, 65_500)), rng.choice((0, 1, 65_500)))
    for _ in range(rng.choice((0, 0, 5))):
        jpeg[rng.randrange(len(jpeg))] ^= 1 << rng.randrange(8)
    return _frame(type="link-still", jpeg=base64.b64encode(bytes(jpeg)).decode()[:16_384])


def _id(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128)))


def _chat(rng: random.Random) -> str:
    return _frame(type="chat-line", id=_id(rng), text="x" * rng.choice((1, 2_000)), sentMs=1)


def _chat_again(rng: random.Random) -> str:
    return _frame(type="chat-line", id="the-same-line", text="again", sentMs=rng.choice((0, -1, 2**62)))


def _chat_too_long(rng: random.Random) -> str:
    return _frame(type="chat-line", id="x" * rng.choice((1, 64, 65)), text="y" * 30_000, sentMs=1)


def _report(rng: random.Random) -> str:
    rate, loss = rng.choice((0, -1, 10**9, 10**30)), rng.choice((0, 1, 1e308))
    return _frame(type="link-report", estimateBps=rate, lossFraction=loss, roundTripMs=rng.choice((0, 6e5)))


def _media_state(rng: random.Random) -> str:
    return _frame(type="media-state", microphone=rng.random() < 0.5, camera=rng.random() < 0.5)


def _notice(rng: random.Random) -> str:
    return _frame(type="notice", kind=rng.choice(("still-captured", "recording-started", "x")))


_MESSAGES: dict[str, Any] = {
    "chat": _chat,
    "chat-again": _chat_again,
    "chat-too-long": _chat_too_long,
    "acknowledged": lambda rng: _frame(type="chat-ack", id=f"nobody-s-line-{rng.randrange(99)}"),
    "media-state": _media_state,
    "notice": _notice,
    "step": lambda rng: _frame(type="step", step=rng.choice(("720p", "case", "x")), why="z" * 2_000),
    "report": _report,
    "ping": lambda rng: _frame(type="ping", n=rng.choice((0, -1, 2**63, 10**30))),
    "pong": lambda rng: _frame(type="pong", n=rng.randrange(1_000)),
    "still": _still,
    "not-json": lambda rng: rng.choice(("", "{", "[" * 20_000, '{"type":' * 5_000, "\u2028", "\x00" * 100)),
    "deep": lambda rng: '{"type":"chat-line","x":' + "[" * rng.choice((100, 20_000)),
    "binary": lambda rng: rng.randbytes(rng.choice((0, 1, 16_384, 60_000))),
    "too-large": lambda rng: b"\x00" * rng.choice((65_537, 262_144)),
}


async def _send_photo(line: Line, channel: RTCDataChannel, rng: random.Random) -> None:
    """A photo whose size or hash is a lie, that never ends, or that is begun twice."""
    photo_id = _id(rng)
    said, sent = rng.choice(((1, 100_000), (100_000, 1), (100_000, 100_000), (16 << 20, 100_000), (17 << 20, 10)))
    data = rng.randbytes(sent)
    channel.send(_frame(type="photo-start", id=photo_id, contentType="image/jpeg", sizeBytes=said))
    for at in range(0, len(data), 16_384):
        channel.send(data[at : at + 16_384])
    digest = hashlib.sha256(data).hexdigest() if rng.random() < 0.5 else "0" * 64
    if rng.random() < 0.8:
        channel.send(_frame(type="photo-end", id=photo_id, sha256=digest))
    line.sent["photo"] += 1


async def sctp_attack(line: Line, rng: random.Random) -> None:
    """Chunks of SCTP that are genuine in their checksum and tag, and hostile in the rest."""
    while True:
        transport = await line.connected()
        line.sent["connected"] += 1
        kept = _keep_packets(transport)
        try:
            while line.is_connected:
                if kept:
                    for _ in range(rng.choice((1, 10, 50))):
                        await _send_hostile(transport, line, rng, kept)
                if (
                    line.channel is not None
                    and line.channel.readyState == "open"
                    and line.channel.bufferedAmount < 1_000
                ):
                    line.channel.send(_frame(type="ping", n=1))
                await asyncio.sleep(_PAUSE_S)
        except ConnectionError:
            line.sent["closed"] += 1


def _keep_packets(transport: RTCDtlsTransport) -> list[bytes]:
    """Return the list in which genuine packets of SCTP are kept from now."""
    kept: list[bytes] = []
    stock_send = transport._send_data

    async def send(data: bytes) -> None:
        kept.append(data)
        del kept[:-_KEPT_PACKETS]
        await stock_send(data)

    setattr(transport, "_send_data", send)  # noqa: B010 -- a method of one object
    setattr(transport, "_stock_send_data", stock_send)  # noqa: B010
    return kept


async def _send_hostile(transport: RTCDtlsTransport, line: Line, rng: random.Random, kept: list[bytes]) -> None:
    data = bytearray(rng.choice(kept))
    kind = rng.choice(("flipped", "truncated", "chunk", "chunk", "gaps", "many", "again", "endless", "endless"))
    if kind == "endless":
        await _send_endless(line, rng)
        return
    match kind:
        case "flipped":
            for _ in range(rng.randint(1, 6)):
                data[rng.randrange(12, len(data))] ^= 1 << rng.randrange(8)
        case "truncated":
            del data[rng.randrange(12, len(data)) :]
        case "chunk":
            body = rng.randbytes(rng.choice((0, 1, 4, 12, 16, 200)))
            if rng.random() < 0.2:
                body = struct.pack("!HH", rng.choice((1, 7, 13, 0x8008)), rng.choice((0, 1, 4, 0xFFFF)))
            length = rng.choice((len(body) + 4, 0, 3, 4, 0xFFFF))
            data[12:] = struct.pack("!BBH", _chunk_type(rng), rng.randrange(256), length) + body
        case "gaps":
            count = rng.choice((0, 1, 200))
            gaps = rng.randbytes(4 * count)
            head = struct.pack(
                "!LLHH", rng.randrange(1 << 32), rng.choice((0, 0xFFFFFFFF)), rng.choice((count, 0xFFFF)), 0
            )
            data[12:] = struct.pack("!BBH", 3, 0, 16 + len(gaps)) + head + gaps
        case "many":
            data[12:] = struct.pack("!BBH", _chunk_type(rng), 0, 4) * 250
        case _:
            pass
    await _send_sealed(transport, data)
    line.sent[f"sctp-{kind}"] += 1


async def _send_endless(line: Line, rng: random.Random) -> None:
    """Pieces of a message that never ends, and first pieces of others that have no second, on any stream."""
    sctp: Any = line.peer.sctp if line.peer is not None else None
    stream = rng.choice((0, 0, 1, rng.randrange(65_535)))
    for _ in range(rng.choice((1, 20))):
        chunk = DataChunk(flags=rng.choice((0, SCTP_DATA_FIRST_FRAG)))
        chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol = (
            sctp._local_tsn,
            stream,
            rng.choice((0, 1, 9)),
            53,
        )
        chunk.user_data = bytes(rng.choice((1, 1_100, 1_100)))
        sctp._local_tsn = (sctp._local_tsn + rng.choice((1, 1, 1, 2))) % (1 << 32)
        await sctp._send_chunk(chunk)
        line.sent["sctp-endless"] += 1


def _chunk_type(rng: random.Random) -> int:
    """Everything but ABORT and the end of the association, which are nobody's attack."""
    return rng.choice((0, 0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 130, 192, 255))


async def _send_sealed(transport: RTCDtlsTransport, data: bytearray) -> None:
    data[8:12] = bytes(4)
    struct.pack_into("<L", data, 8, crc32c(bytes(data)))
    await transport._stock_send_data(bytes(data))  # type: ignore[attr-defined]  # set above
