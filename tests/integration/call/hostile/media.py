"""Hostile packets after a genuine handshake: SRTP takes them, so the parts behind it have to."""

import asyncio
import random
from collections import deque
from typing import Any, Protocol

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import is_rtcp
from tests.integration.call.hostile.line import Line

_KEPT_PACKETS = 64
_PAUSE_S = 0.01
_HEADER_BYTES = 12


class Tap:
    """Stands before a transport: keeps genuine packets as patterns, changes some on their way, and sends others.

    Attributes:
        genuine: the last RTP packets of our own tracks, before encryption.
        theirs: SSRCs of the call process.
        has_patterns: set with the first of them.
        rewrite: changes a genuine packet on its way, None = as it is.
    """

    def __init__(self, line: Line, transport: RTCDtlsTransport, rng: random.Random) -> None:
        self.genuine: deque[bytes] = deque(maxlen=_KEPT_PACKETS)
        self.theirs = [*_ssrcs_of(line)] or [1]
        self.line = line
        self.rewrite: Any = None
        self.has_patterns = asyncio.Event()
        self._rng = rng
        self._transport = transport
        self._stock_send = transport._send_rtp
        self._numbers: dict[int, int] = {}
        setattr(transport, "_send_rtp", self._pass_on)  # noqa: B010 -- a method of one object

    async def send(self, data: bytes, kind: str) -> None:
        """Send a packet encrypted; what SRTP itself refuses is sent as it is."""
        try:
            await self._stock_send(data)
        except pylibsrtp.Error:
            kind += "-raw"
            await self._transport.transport._send(data[:1200])
        self.line.sent[kind] += 1

    def pattern(self, *, video: bool | None = None) -> bytearray:
        """Return a genuine packet to change; of pictures, of sound, or of any."""
        kinds = [each for each in self.genuine if video is None or is_video(each) == video]
        return bytearray(self._rng.choice(kinds or list(self.genuine)))

    def number(self, ssrc: int, step: int = 1) -> int:
        """Return the next sequence number of a stream of our own making."""
        self._numbers[ssrc] = (self._numbers.get(ssrc, self._rng.randrange(65536)) + step) % 65536
        return self._numbers[ssrc]

    async def _pass_on(self, data: bytes) -> None:
        if not is_rtcp(data) and len(data) > _HEADER_BYTES:
            self.genuine.append(data)
            self.has_patterns.set()
            if self.rewrite is not None and self._rng.random() < 0.3:
                await self.send(self.rewrite(bytearray(data), self._rng), "rewritten")
                return
        await self._stock_send(data)


class Mutator(Protocol):
    """Makes hostile packets."""

    def __call__(self, tap: Tap, rng: random.Random) -> list[tuple[str, bytes]]:
        """Return packets with their kinds; may set `tap.rewrite`."""


class MediaAttack:
    """Connects, sends what a mutator makes, and connects again when the other side gave up."""

    def __init__(self, mutator: Mutator) -> None:
        self._mutator = mutator

    async def __call__(self, line: Line, rng: random.Random) -> None:
        """Run until cancelled."""
        while True:
            tap = Tap(line, await line.connected(), rng)
            await tap.has_patterns.wait()
            line.sent["connected"] += 1
            try:
                while line.is_connected and not _is_given_up(line):
                    for kind, data in self._mutator(tap, rng):
                        await tap.send(data, kind)
                    await asyncio.sleep(_PAUSE_S)
            except ConnectionError:
                line.sent["closed"] += 1


def is_video(packet: bytes | bytearray) -> bool:
    """Whether a genuine packet is of pictures: payload types of VP8, RED and their RTX in the call's offers."""
    return packet[1] & 0x7F in (97, 98, 116, 118)


def _is_given_up(line: Line) -> bool:
    """Whether the call process offers another connection."""
    while not line.frames.empty():
        if line.frames.get_nowait()["type"] == "offer":
            return True
    return False


def _ssrcs_of(line: Line) -> set[int]:
    assert line.peer is not None
    lines = line.peer.remoteDescription.sdp.splitlines()
    return {int(each.split()[0].partition("ssrc:")[2]) for each in lines if each.startswith("a=ssrc:")}
