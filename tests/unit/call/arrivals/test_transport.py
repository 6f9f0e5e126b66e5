"""What stands inside aiortc's transport: routing with the time of arrival, and malformed packets."""

import asyncio
import struct
from typing import Any

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import HeaderExtensionsMap, RtcpPsfbPacket, RtpPacket, unpack_remb_fci
from tests.integration.call.waiting import until
from tests.unit.call.arrivals.reading import read

from teleconsole.call.webrtc.aiortc_send import TRANSPORT_CC
from teleconsole.call.webrtc.aiortc_transport import (
    ArrivalRouter,
    CarefulRtcpPacket,
    CarefulRtpPacket,
    missing_names,
)
from teleconsole.call.webrtc.arrivals.datagrams import Datagram
from teleconsole.call.webrtc.arrivals.narrowing import Width
from teleconsole.host.media_limits import NARROW_ASKED_PART, RTP_STREAMS


class FakeIce:
    """Stands for RTCIceTransport: what was put in is received."""

    def __init__(self) -> None:
        self.packets: asyncio.Queue[bytes] = asyncio.Queue()
        self._recv = self.packets.get


class FakeTransport:
    """Stands for RTCDtlsTransport, without a cipher."""

    def __init__(self) -> None:
        self.state = "connected"
        self.transport = FakeIce()
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()

    async def _send_rtp(self, data: bytes) -> None:
        self.sent.put_nowait(data)


def packet(number: int | None) -> RtpPacket:
    made = RtpPacket(payload_type=97, sequence_number=1, ssrc=7, payload=b"x" * 100)
    made.extensions.transport_sequence_number = number
    return made


def routed(transport: Any) -> tuple[ArrivalRouter, RTCRtpReceiver]:
    router, receiver = ArrivalRouter(), RTCRtpReceiver("video", transport)
    receiver._set_rtcp_ssrc(99)
    router.register_receiver(receiver, [7], [97])
    return router, receiver


def test_names_of_aiortc_are_all_there() -> None:
    assert missing_names() == []


async def test_streams_are_few_and_those_that_were_there_first_go_on() -> None:
    router, receiver = routed(FakeTransport())
    for ssrc in range(1_000, 1_000 + 3 * RTP_STREAMS):
        router.route_rtp(RtpPacket(payload_type=97, sequence_number=1, ssrc=ssrc, payload=b"x"))
    assert len(router.ssrc_table) == RTP_STREAMS
    assert router.route_rtp(packet(None)) is receiver


async def test_arrivals_are_told_by_the_kernels_time() -> None:
    transport = FakeTransport()
    router, receiver = routed(transport)
    started_s = asyncio.get_running_loop().time()
    for number, arrived_s in ((5, started_s), (6, started_s + 0.002), (8, started_s + 0.5)):
        datagram = Datagram(b"ciphered")
        datagram.arrived_s = arrived_s
        transport.transport.packets.put_nowait(datagram)
        await transport.transport._recv()
        assert router.route_rtp(packet(number)) is receiver
    message = read(await asyncio.wait_for(transport.sent.get(), 5))
    assert (message.sender_ssrc, message.media_ssrc) == (99, 7)
    numbers = [number for number, _ in message.arrivals]
    times = [at for _, at in message.arrivals if at is not None]
    assert (numbers, len(times)) == ([5, 6, 7, 8], 3)
    assert [round(later - times[0]) for later in times[1:]] == [2, 500]
    transport.state = "closed"


async def test_nothing_is_told_where_it_was_not_negotiated_and_aiortcs_estimate_stays() -> None:
    transport = FakeTransport()
    router, receiver = routed(transport)
    assert router.route_rtp(packet(None)) is receiver
    assert router._timer is None
    assert receiver._RTCRtpReceiver__remote_bitrate_estimator is not None
    router.route_rtp(packet(1))
    assert receiver._RTCRtpReceiver__remote_bitrate_estimator is None
    transport.state = "closed"


async def test_a_narrow_link_is_told_and_the_other_side_asked_for_less() -> None:
    transport = FakeTransport()
    router, _ = routed(transport)
    told: list[tuple[Width, float]] = []
    router.on_width = lambda width, width_bps: told.append((width, width_bps))
    began_s = asyncio.get_running_loop().time() - 2.0
    wide = [(at * 0.004, at) for at in range(375)]  # 1.5 s
    narrow = [(1.5 + at * 0.045, 375 + at * 12) for at in range(11)]
    for after_s, number in (*wide, *narrow):
        datagram = Datagram(b"ciphered")
        datagram.arrived_s = began_s + after_s
        transport.transport.packets.put_nowait(datagram)
        await transport.transport._recv()
        router.route_rtp(packet(number))
    assert [width for width, _ in told][:2] == ["narrowed", "overrun"]
    told_of = await asyncio.wait_for(transport.sent.get(), 5)
    bitrate_bps, ssrcs = unpack_remb_fci(told_of[told_of.index(b"REMB") :])
    assert ssrcs == [7]
    assert bitrate_bps == pytest.approx(NARROW_ASKED_PART * told[-1][1], rel=0.01)
    transport.state = "closed"


async def test_timer_ends_with_the_transport() -> None:
    transport = FakeTransport()
    router, _ = routed(transport)
    router.route_rtp(packet(1))
    transport.state = "closed"
    await until(lambda: router._timer is None, "the timer is gone")
    assert transport.sent.empty()


def test_header_extension_of_a_wrong_size_is_an_error_that_aiortc_expects() -> None:
    parameters = RTCRtpReceiveParameters()
    parameters.headerExtensions = [RTCRtpHeaderExtensionParameters(id=4, uri=TRANSPORT_CC)]
    known = HeaderExtensionsMap()
    known.configure(parameters)
    extension = b"\xbe\xde\x00\x01\x43\x01\x02\x03"  # id 4 with four bytes
    data = struct.pack("!BBHLL", 0x90, 97, 1, 2, 3) + extension[:8] + b"\x00" * 4
    with pytest.raises(ValueError):
        CarefulRtpPacket.parse(data, known)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes.fromhex("81c90001 00000001"), id="receiver report without its block"),
        pytest.param(bytes.fromhex("81c80001 00000001"), id="sender report without its numbers"),
        pytest.param(bytes.fromhex("80c90000"), id="receiver report without its source"),
        pytest.param(bytes.fromhex("8fcd0002 00000001 00000002 0000"), id="feedback that ends early"),
        pytest.param(bytes.fromhex("81cd0003 00000001 00000002 000000"), id="NACK that ends early"),
    ],
)
def test_malformed_rtcp_is_an_error_that_aiortc_expects(data: bytes) -> None:
    with pytest.raises(ValueError):
        CarefulRtcpPacket.parse(data)


def test_estimate_for_more_streams_than_it_names_is_for_nobody() -> None:
    fci = b"REMB" + struct.pack("!BBH", 200, 0, 0)
    assert ArrivalRouter().route_rtcp(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=fci)) == set()


def test_parsed_packet_keeps_its_bytes() -> None:
    raw = struct.pack("!BBHLL", 0x80, 97, 1, 2, 3) + b"payload"
    packet = CarefulRtpPacket.parse(raw)
    assert isinstance(packet, CarefulRtpPacket)
    assert (packet.raw, packet.payload) == (raw, b"payload")
    assert CarefulRtpPacket(payload=b"ours").raw == b""
