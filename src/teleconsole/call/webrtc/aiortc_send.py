"""What sending needs of aiortc's inside: the second half of `aiortc_private`.

aiortc's own sender sends a whole picture in one burst, knows no congestion control but REMB, and takes transport-wide
feedback for requests to send random packets again. A sender that was given a `Sending` leaves all that to it; the
sender reports stay aiortc's.
"""

import asyncio
import weakref

from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpSendParameters,
)
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

from teleconsole.call.webrtc.sending.feedback import split_feedback
from teleconsole.call.webrtc.sending.sending import Sending

TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_TRANSPORT_CC_ID = 4

_STARTED, _EXITED = "_RTCRtpSender__rtp_started", "_RTCRtpSender__rtp_exited"
_NTP, _RTP = "_RTCRtpSender__ntp_timestamp", "_RTCRtpSender__rtp_timestamp"
_OCTETS, _PACKETS, _ROUND_TRIP = (
    "_RTCRtpSender__octet_count",
    "_RTCRtpSender__packet_count",
    "_RTCRtpSender__rtt",
)
_OF_SENDER = (_STARTED, _EXITED, _NTP, _RTP, _OCTETS, _PACKETS, _ROUND_TRIP, "_ssrc", "_rtx_ssrc")

_stock_run_rtp = RTCRtpSender._run_rtp
_stock_handle_rtcp = RTCRtpSender._handle_rtcp_packet
_stock_rtcp_data = RTCDtlsTransport._handle_rtcp_data
_stock_register = RTCDtlsTransport._register_rtp_sender

_sendings: "weakref.WeakKeyDictionary[RTCRtpSender, Sending]" = weakref.WeakKeyDictionary()
_parameters: "weakref.WeakKeyDictionary[RTCRtpSender, RTCRtpSendParameters]" = weakref.WeakKeyDictionary()


def let_send(sender: RTCRtpSender, sending: Sending) -> None:
    """Leave what this sender sends to `sending`; call it before the connection is negotiated."""
    _sendings[sender] = sending


def _register_rtp_sender(transport: RTCDtlsTransport, sender: RTCRtpSender, parameters: RTCRtpSendParameters) -> None:
    """Remember what was negotiated for a sender that is about to start."""
    _parameters[sender] = parameters
    _stock_register(transport, sender, parameters)


class _SenderPort:
    """A sender of aiortc as `sending.rtp_stream.Port`."""

    def __init__(self, sender: RTCRtpSender, parameters: RTCRtpSendParameters, codec: RTCRtpCodecParameters) -> None:
        self._sender = sender
        self.kind = sender.kind
        self.ssrc: int = sender._ssrc
        self.rtx_ssrc: int = sender._rtx_ssrc
        if codec.payloadType is None:
            raise ValueError("a codec without a payload type was negotiated")
        self.payload_type = codec.payloadType
        self.rtx_payload_type: int | None = None
        self.red_payload_type: int | None = None
        self.fec_payload_type: int | None = None
        self.mid = parameters.muxId
        self.extensions = HeaderExtensionsMap()
        self.extensions.configure(parameters)
        feedback = any(one.type == "transport-cc" for one in codec.rtcpFeedback)
        self.has_transport_cc = feedback and any(one.uri == TRANSPORT_CC for one in parameters.headerExtensions)
        for other in parameters.codecs:
            name = other.mimeType.lower()
            if name.endswith("/rtx") and other.parameters.get("apt") == codec.payloadType:
                self.rtx_payload_type = other.payloadType
            elif name.endswith("/red"):
                self.red_payload_type = other.payloadType
            elif name == "video/ulpfec":
                self.fec_payload_type = other.payloadType

    @property
    def track(self) -> MediaStreamTrack | None:
        """What is sent now."""
        return self._sender.track

    async def transmit(self, data: bytes) -> None:
        """Encrypt and send."""
        await self._sender.transport._send_rtp(data)

    def note_sent(self, ntp_time: int, rtp_timestamp: int, payload_bytes: int) -> None:
        """Count a packet for the sender reports."""
        sender = self._sender
        setattr(sender, _NTP, ntp_time)
        setattr(sender, _RTP, rtp_timestamp)
        setattr(sender, _OCTETS, getattr(sender, _OCTETS) + payload_bytes)
        setattr(sender, _PACKETS, getattr(sender, _PACKETS) + 1)


async def _run_rtp(sender: RTCRtpSender, codec: RTCRtpCodecParameters) -> None:
    """Send until the track ends; stands where aiortc has `RTCRtpSender._run_rtp`."""
    sending, parameters = _sendings.get(sender), _parameters.get(sender)
    if sending is None or parameters is None:
        await _stock_run_rtp(sender, codec)
        return
    getattr(sender, _STARTED).set()
    try:
        await sending.run(_SenderPort(sender, parameters, codec))
    except asyncio.CancelledError:
        pass  # aiortc ends a sender so, and waits for the event below
    finally:
        track = sender.track
        if track is not None:
            track.stop()
        getattr(sender, _EXITED).set()


async def _handle_rtcp_packet(sender: RTCRtpSender, packet: AnyRtcpPacket) -> None:
    """Take what the other side says of a stream; stands where aiortc has `RTCRtpSender._handle_rtcp_packet`."""
    sending = _sendings.get(sender)
    if sending is None:
        await _stock_handle_rtcp(sender, packet)
    elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
        await _stock_handle_rtcp(sender, packet)
        for report in packet.reports:
            if report.ssrc == sender._ssrc:
                round_trip_s = getattr(sender, _ROUND_TRIP)
                sending.on_report(report.fraction_lost / 256, None if round_trip_s is None else round_trip_s * 1000)
    elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
        sending.on_missing(sender._ssrc, packet.lost)
    elif isinstance(packet, RtcpPsfbPacket):
        _take_payload_feedback(sender, sending, packet)


def _take_payload_feedback(sender: RTCRtpSender, sending: Sending, packet: RtcpPsfbPacket) -> None:
    if packet.fmt in (RTCP_PSFB_FIR, RTCP_PSFB_PLI):
        sending.on_key_frame_wanted()
    elif packet.fmt == RTCP_PSFB_APP:
        try:
            bitrate_bps, ssrcs = unpack_remb_fci(packet.fci)
        except ValueError:
            return  # another application's
        if sender._ssrc in ssrcs:
            sending.on_limit(bitrate_bps)


async def _handle_rtcp_data(transport: RTCDtlsTransport, data: bytes) -> None:
    """Take transport-wide feedback out of what arrives; stands for `RTCDtlsTransport._handle_rtcp_data`."""
    feedback, rest = split_feedback(data)
    if feedback:
        senders = [one for one in transport._rtp_router.senders.values() if isinstance(one, RTCRtpSender)]
        for sending in {found for sender in senders if (found := _sendings.get(sender)) is not None}:
            for fci in feedback:
                sending.on_feedback(fci)
    if rest:
        await _stock_rtcp_data(transport, rest)


PARTS: tuple[tuple[object, str, object], ...] = (
    (RTCRtpSender, "_run_rtp", _run_rtp),
    (RTCRtpSender, "_handle_rtcp_packet", _handle_rtcp_packet),
    (RTCDtlsTransport, "_handle_rtcp_data", _handle_rtcp_data),
    (RTCDtlsTransport, "_register_rtp_sender", _register_rtp_sender),
)
"""Owner, name, and what is put there by `aiortc_private`."""


def missing_names() -> list[str]:
    """Return the names that are needed here and that this aiortc has not."""
    code = RTCRtpSender.__init__.__code__.co_names
    missing = [name for name in _OF_SENDER if name not in code]
    missing += [name for owner, name, _ in PARTS if not hasattr(owner, name)]
    missing += [name for name in ("_send_rtp",) if not hasattr(RTCDtlsTransport, name)]
    return missing + [name for name in ("_rtp_router",) if name not in RTCDtlsTransport.__init__.__code__.co_names]


def offer_transport_cc() -> None:
    """Negotiate transport-wide feedback for sound and pictures, both ways; again does nothing."""
    for kind, codecs in CODECS.items():
        extensions = HEADER_EXTENSIONS[kind]
        if any(extension.uri == TRANSPORT_CC for extension in extensions):
            continue
        extensions.append(RTCRtpHeaderExtensionParameters(id=_TRANSPORT_CC_ID, uri=TRANSPORT_CC))
        for codec in codecs:
            if not codec.mimeType.lower().endswith(("/rtx", "/red", "/ulpfec")):
                codec.rtcpFeedback = [*codec.rtcpFeedback, RTCRtcpFeedback(type="transport-cc")]
