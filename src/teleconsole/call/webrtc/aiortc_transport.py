"""The parts of aiortc's private inside that see every packet of a transport; `aiortc_private` puts them in.

All streams of a transport share one sequence of numbers, so their arrivals are told of together; aiortc tells nothing.
And what aiortc's parsers raise for malformed packets beside `ValueError` would end its receiving task.
"""

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack, rtcdtlstransport
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtpPacket,
    pack_remb_fci,
)

from teleconsole.call.webrtc.arrivals.datagrams import Datagram
from teleconsole.call.webrtc.arrivals.narrowing import Narrowing, RateRequests, Width
from teleconsole.call.webrtc.arrivals.record import ArrivalRecord
from teleconsole.call.webrtc.ice.agent import IceAgent
from teleconsole.contracts.call import Route
from teleconsole.host.limits import CALL_RECEIVE_MAX_BPS
from teleconsole.host.media_limits import RTP_STREAMS

_RTCP_SSRC = "_RTCRtpReceiver__rtcp_ssrc"
_RECV = "_recv"
_AGENT = "_connection"
_ESTIMATOR = "_RTCRtpReceiver__remote_bitrate_estimator"
_RTCP_MOST_BYTES = 1_100
_HEADER_BYTES = 12 + 8 + 16
"""RTP's header, our header extensions and the tag of SRTP, about."""

OnWidth = Callable[[Width, float], None]
"""Takes what is new about the link's width, and the width in bit/s."""


class ArrivalRouter(rtcdtlstransport.RtpRouter):
    """Routes packets as aiortc does, notes when each one came, and tells the other side.

    Attributes:
        on_width: see `watch_width`.

    Thread: the loop's. Its timer ends by itself when packets stay away or the transport is closed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._record = ArrivalRecord()
        self._timer: asyncio.TimerHandle | None = None
        self._sends: set[asyncio.Task[None]] = set()
        self._media_ssrc = 0
        self._watched: RTCIceTransport | None = None
        self._arrived_s: float | None = None
        self._narrowing = Narrowing()
        self._requests = RateRequests(CALL_RECEIVE_MAX_BPS)
        self.on_width: OnWidth = lambda _, __: None

    def register_receiver(
        self, receiver: Any, ssrcs: list[int], payload_types: list[int], mid: str | None = None
    ) -> None:
        """Take a receiver of this transport as aiortc does."""
        super().register_receiver(receiver, ssrcs, payload_types, mid)
        if isinstance(receiver, RTCRtpReceiver):
            self._watch(receiver.transport.transport)

    def route_rtp(self, packet: RtpPacket) -> Any:
        """Return the receiver of a packet; None = nobody's, or of one stream too many: their report must fit."""
        if packet.ssrc not in self.ssrc_table and len(self.ssrc_table) >= RTP_STREAMS:
            return None
        number = packet.extensions.transport_sequence_number
        receiver = super().route_rtp(packet)
        if number is not None and isinstance(receiver, RTCRtpReceiver):
            # Transport-wide feedback was negotiated, and serves better than an estimate of this side (REMB).
            setattr(receiver, _ESTIMATOR, None)
            self._media_ssrc = packet.ssrc
            size_bytes = _HEADER_BYTES + len(packet.payload) + packet.padding_size
            arrived_s = self._arrived_s or time.monotonic()
            whole = self._record.add(number, size_bytes, arrived_s * 1000, is_picture=_is_of_pictures(receiver))
            if width := self._narrowing.add(whole, size_bytes, arrived_s * 1000):
                self.on_width(width, self._narrowing.width_bps)
            self._arm()
        return receiver

    def route_rtcp(self, packet: AnyRtcpPacket) -> set[Any]:
        """Return whom a packet is for; a malformed one is for nobody."""
        try:
            return super().route_rtcp(packet)
        except struct.error:
            return set()

    def _watch(self, ice: RTCIceTransport) -> None:
        """Note when each packet came: deciphering it makes another object, which knows it no more."""
        if self._watched is ice:
            return
        self._watched, stock_recv = ice, ice._recv

        async def recv() -> bytes:
            data: bytes = await stock_recv()
            self._arrived_s = data.arrived_s if isinstance(data, Datagram) else None
            return data

        setattr(ice, _RECV, recv)

    def _messages(self, sender_ssrc: int) -> list[bytes]:
        width_bps, now_ms = self._narrowing.width_bps, time.monotonic() * 1000
        messages = self._record.messages(sender_ssrc, self._media_ssrc, is_narrow=width_bps > 0)
        wanted_bps = self._requests.due_bps(width_bps, now_ms)
        if wanted_bps is not None:
            fci = pack_remb_fci(wanted_bps, [self._media_ssrc])
            messages.append(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=sender_ssrc, media_ssrc=0, fci=fci)))
        return _joined(messages)

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._record.every_ms() / 1000, self._tell)

    def _tell(self) -> None:
        self._timer = None
        teller = next((one for one in self.receivers if isinstance(one, RTCRtpReceiver)), None)
        if teller is None or teller.transport.state != "connected":
            return
        sender_ssrc = getattr(teller, _RTCP_SSRC)
        if sender_ssrc is not None and (messages := self._messages(sender_ssrc)):
            task = asyncio.get_running_loop().create_task(_send_all(teller.transport, messages))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        if not self._record.is_idle(time.monotonic() * 1000):
            self._arm()


def _is_of_pictures(receiver: RTCRtpReceiver) -> bool:
    track: MediaStreamTrack | None = receiver.track  # aiortc's hint leaves out that there is none at first
    return track is not None and track.kind == "video"


def watch_width(transport: RTCDtlsTransport, on_width: OnWidth) -> None:
    """Call back when a link becomes narrow and while it is overrun; the other side is asked for less by itself.

    Args:
        transport: over which things arrive.
        on_width: takes what `Narrowing.add` says and the width in bit/s; must return at once. Thread: the loop's.
    """
    router = transport._rtp_router
    if isinstance(router, ArrivalRouter):
        router.on_width = on_width


def route_of(transport: RTCDtlsTransport) -> Route:
    """Return over what everything goes now; "" before it is connected."""
    agent = getattr(transport.transport, _AGENT)
    return agent.route if isinstance(agent, IceAgent) else ""


def _joined(messages: list[bytes]) -> list[bytes]:
    """Return the messages as few datagrams (RFC 5506): on a thin link the headers of each cost more than it says."""
    datagrams: list[bytes] = []
    for message in messages:
        if datagrams and len(datagrams[-1]) + len(message) <= _RTCP_MOST_BYTES:
            datagrams[-1] += message
        else:
            datagrams.append(message)
    return datagrams


async def _send_all(transport: RTCDtlsTransport, messages: list[bytes]) -> None:
    try:
        for message in messages:
            await transport._send_rtp(message)
    except ConnectionError:
        return  # it is closing


class CarefulRtpPacket(RtpPacket):
    """Stands where aiortc parses RTP: a header extension of a wrong size is an error that it expects.

    Attributes:
        raw: the whole packet as it came, decrypted: parities are computed over that; empty if it did not come so.
    """

    raw: bytes = b""

    @classmethod
    def parse(cls, data: bytes, extensions_map: HeaderExtensionsMap | None = None) -> RtpPacket:
        """Return the packet, one of this class.

        Raises:
            ValueError: it is malformed.
        """
        try:
            packet = super().parse(data, extensions_map or HeaderExtensionsMap())
        except (struct.error, IndexError) as error:
            raise ValueError("malformed RTP") from error
        if isinstance(packet, cls):
            packet.raw = data
        return packet


class CarefulRtcpPacket(RtcpPacket):
    """Stands where aiortc parses RTCP, likewise."""

    @classmethod
    def parse(cls, data: bytes) -> list[AnyRtcpPacket]:
        """Return the packets of a compound.

        Raises:
            ValueError: one is malformed.
        """
        try:
            return RtcpPacket.parse(data)
        except (struct.error, IndexError) as error:
            raise ValueError("malformed RTCP") from error


PARTS: tuple[tuple[object, str, object], ...] = (
    (rtcdtlstransport, "RtpRouter", ArrivalRouter),
    (rtcdtlstransport, "RtpPacket", CarefulRtpPacket),
    (rtcdtlstransport, "RtcpPacket", CarefulRtcpPacket),
)
"""Owner, name, and what is put there by `aiortc_private`."""


def missing_names() -> list[str]:
    """Return the names that are needed here and that this aiortc has not."""
    code = RTCRtpReceiver.__init__.__code__.co_names
    missing = [name for name in (_RTCP_SSRC, _ESTIMATOR) if name not in code]
    missing += [name for name in (_RECV, _AGENT) if name not in RTCIceTransport.__init__.__code__.co_names]
    return missing + [name for owner, name, _ in PARTS if not hasattr(owner, name)]
