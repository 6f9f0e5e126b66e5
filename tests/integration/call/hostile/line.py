"""What an attack has of the call: frames both ways, and a genuine connection if it wants one."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

from aiohttp import web
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport

Frame = dict[str, Any]
NONCE = "5a" * 32
CONNECT_S = 15.0


class Line:
    """The hostile end of one visit.

    Attributes:
        visit_id: of the visit.
        sent: how often what was sent.
        frames: of the call process; offers, reveals, candidates.
        peer: the genuine connection, after `connect`.
        channel: its data channel.
    """

    def __init__(self, socket: web.WebSocketResponse, visit_id: str) -> None:
        self.visit_id = visit_id
        self.sent: Counter[str] = Counter()
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.peer: RTCPeerConnection | None = None
        self.channel: RTCDataChannel | None = None
        self._socket = socket
        self._ready = asyncio.Event()

    def take(self, frame: Frame) -> None:
        """A frame of the call process came."""
        self.frames.put_nowait(frame)

    async def send(self, frame: Frame, kind: str = "") -> None:
        """Send a frame."""
        await self._socket.send_json(frame)
        self.sent[kind or frame["type"]] += 1

    async def send_text(self, text: str, kind: str) -> None:
        """Send any text."""
        await self._socket.send_str(text)
        self.sent[kind] += 1

    async def send_bytes(self, data: bytes, kind: str) -> None:
        """Send any bytes."""
        await self._socket.send_bytes(data)
        self.sent[kind] += 1

    async def offer(self) -> Frame:
        """Ask for an offer and return it."""
        while True:
            await self.send({"type": "request-offer", "visitId": self.visit_id})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.5):
                    while (frame := await self.frames.get())["type"] != "offer":
                        pass
                    return frame

    async def answer(self, offer: Frame, sdp: str, kind: str = "answer") -> None:
        """Answer an offer with this description."""
        frame = {"type": "answer", "visitId": self.visit_id, "generation": offer["generation"]}
        await self.send({**frame, "sdp": sdp, "nonce": NONCE}, kind)

    async def describe(self, offer: Frame) -> str:
        """Make a peer for an offer and return the description of a well-behaved answer."""
        if self.peer is not None:
            await self.peer.close()
        settings = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.peer = peer = RTCPeerConnection(settings)
        self.channel = None
        self._ready.clear()
        peer.on("datachannel", self._take_channel)
        peer.on("connectionstatechange", self._look)
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        for transceiver in peer.getTransceivers():
            track = VideoStreamTrack() if transceiver.kind == "video" else AudioStreamTrack()
            transceiver.sender.replaceTrack(track)
            transceiver.direction = "sendrecv"
        await peer.setLocalDescription(await peer.createAnswer())
        lines = peer.localDescription.sdp.splitlines()
        kept = [each for each in lines if "fingerprint" not in each or ":sha-256 " in each]
        return "\r\n".join([*_with_redundancy(kept), ""])

    async def connect(self) -> RTCDtlsTransport:
        """Connect genuinely and send pictures and sound; return the transport."""
        offer = await self.offer()
        await self.answer(offer, await self.describe(offer))
        assert self.peer is not None
        async with asyncio.timeout(CONNECT_S):
            await self._ready.wait()
        transport: RTCDtlsTransport = self.peer.getTransceivers()[0].sender.transport
        return transport

    async def connected(self) -> RTCDtlsTransport:
        """Connect until it succeeds: the other side may have given up the connection of before."""
        while True:
            with contextlib.suppress(TimeoutError):
                return await self.connect()

    @property
    def is_connected(self) -> bool:
        """Whether the connection still stands for us."""
        return self.peer is not None and self.peer.connectionState == "connected"

    async def close(self) -> None:
        """End the connection."""
        if self.peer is not None:
            await self.peer.close()

    def _take_channel(self, channel: RTCDataChannel) -> None:
        self.channel = channel
        self._look()

    def _look(self) -> None:
        if self.is_connected and self.channel is not None:
            self._ready.set()


def _with_redundancy(lines: list[str]) -> list[str]:
    """An answer that takes RED too (RFC 2198), which this peer would not know."""
    at = next(number for number, line in enumerate(lines) if line.startswith("a=rtpmap:96 opus"))
    audio = next(number for number, line in enumerate(lines) if line.startswith("m=audio"))
    red = ["a=rtpmap:110 red/48000/2", "a=fmtp:110 96/96"]
    return [*lines[:audio], lines[audio] + " 110", *lines[audio + 1 : at], *red, *lines[at:]]
