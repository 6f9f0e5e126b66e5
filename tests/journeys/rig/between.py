"""Somebody between the two ends of a call: answers one, offers to the other, and relays pictures, sound and channel."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaRelay
from aiortc.sdp import candidate_from_sdp

_FINGERPRINT = re.compile(r"(?m)^(a=fingerprint:sha-256 )\S+")
_WEAKER = re.compile(r"(?m)^a=fingerprint:(?!sha-256 ).*\n")
OTHER_FINGERPRINT = ":".join(["AB"] * 32)


def with_other_fingerprint(sdp: str) -> str:
    """The description with the certificate of nobody."""
    return _FINGERPRINT.sub(rf"\g<1>{OTHER_FINGERPRINT}", sdp)


class End:
    """The false other end that one side is connected to."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._early: list[str] = []

    async def take(self, sdp: str, kind: str) -> None:
        """Take a description, and the addresses that came before it."""
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, kind))
        for candidate in self._early:
            await self.add(candidate)

    async def add(self, candidate: str) -> None:
        """Take an address of the real side."""
        if self.connection.remoteDescription is None:
            self._early.append(candidate)
            return
        if not candidate:
            return
        parsed = candidate_from_sdp(candidate.removeprefix("candidate:"))
        parsed.sdpMid, parsed.sdpMLineIndex = "0", 0
        await self.connection.addIceCandidate(parsed)

    def sdp(self) -> str:
        """Our description, which names the certificate as a browser does."""
        return _WEAKER.sub("", self.connection.localDescription.sdp)


class Between:
    """Two connections in place of one.

    Attributes:
        console: towards the console.
        page: towards the patient's page.
        nonce: ours, in place of both real ones.
    """

    def __init__(self) -> None:
        self.console, self.page = End(), End()
        self.nonce = secrets.token_hex(32)
        self._relay = MediaRelay()
        self._bridge = _Bridge()

    async def take_offer(self, sdp: str) -> dict[str, str]:
        """Take the console's offer; return what the page's offer has instead."""
        self.console.connection.on("datachannel", self._bridge.join)
        await self.console.take(sdp, "offer")
        for theirs in self.console.connection.getTransceivers():
            track = self._relay.subscribe(theirs.receiver.track)
            self.page.connection.addTransceiver(track, direction="sendrecv")
        self._bridge.join(self.page.connection.createDataChannel("chat", ordered=True))
        await self.page.connection.setLocalDescription(await self.page.connection.createOffer())
        commitment = hashlib.sha256(bytes.fromhex(self.nonce)).hexdigest()
        return {"sdp": self.page.sdp(), "commitment": commitment}

    async def take_answer(self, sdp: str) -> dict[str, str]:
        """Take the page's answer; return what the console's answer has instead."""
        await self.page.take(sdp, "answer")
        ends = zip(self.console.connection.getTransceivers(), self.page.connection.getTransceivers(), strict=True)
        for towards_console, towards_page in ends:
            towards_console.sender.replaceTrack(self._relay.subscribe(towards_page.receiver.track))
            towards_console.direction = "sendrecv"
        await self.console.connection.setLocalDescription(await self.console.connection.createAnswer())
        return {"sdp": self.console.sdp(), "nonce": self.nonce}

    async def close(self) -> None:
        """End both."""
        await asyncio.gather(self.console.connection.close(), self.page.connection.close())


class _Bridge:
    """Two data channels: what comes on one goes out on the other."""

    def __init__(self) -> None:
        self._channels: list[RTCDataChannel] = []

    def join(self, channel: RTCDataChannel) -> None:
        self._channels.append(channel)
        channel.on("message", lambda message: self._pass_on(channel, message))

    def _pass_on(self, source: RTCDataChannel, message: str | bytes) -> None:
        for channel in self._channels:
            if channel is not source and channel.readyState == "open":
                channel.send(message)
