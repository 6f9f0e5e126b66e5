"""One connection's packets: numbered, paced, repeated when asked for, and told of."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiortc.clock import current_ntp_time
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpSendParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unwrap_rtx
from tests.integration.call.waiting import until

from teleconsole.call.webrtc.fec.ulpfec import FecReceiver
from teleconsole.call.webrtc.sending.rtp_stream import Parcel, RtpStream
from teleconsole.call.webrtc.sending.transmitter import Transmitter

TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


class FakePort:
    """Keeps what was sent."""

    def __init__(self, kind: str = "video", *, has_transport_cc: bool = True) -> None:
        self.kind = kind
        self.ssrc, self.rtx_ssrc = 1111, 2222
        self.payload_type = 97
        self.rtx_payload_type: int | None = 98
        self.red_payload_type: int | None = None
        self.fec_payload_type: int | None = None
        self.mid = "1"
        self.has_transport_cc = has_transport_cc
        self.extensions = HeaderExtensionsMap()
        parameters = RTCRtpSendParameters(
            codecs=[], headerExtensions=[RTCRtpHeaderExtensionParameters(4, TRANSPORT_CC)]
        )
        self.extensions.configure(parameters)
        self.sent: list[RtpPacket] = []
        self.counted: list[tuple[int, int, int]] = []
        self.is_gone = False

    @property
    def track(self) -> MediaStreamTrack | None:
        return None

    async def transmit(self, data: bytes) -> None:
        if self.is_gone:
            raise ConnectionError
        self.sent.append(RtpPacket.parse(data, self.extensions))

    def note_sent(self, ntp_time: int, rtp_timestamp: int, payload_bytes: int) -> None:
        self.counted.append((ntp_time, rtp_timestamp, payload_bytes))


@asynccontextmanager
async def sending(port: FakePort) -> AsyncIterator[tuple[Transmitter, RtpStream]]:
    transmitter, stream = Transmitter(), RtpStream(port)
    transmitter.add_stream(stream)
    yield transmitter, stream
    transmitter.remove_stream(stream)


async def test_transmitter_numbers_all_packets_of_a_connection_in_one_row() -> None:
    port = FakePort()
    async with sending(port) as (transmitter, stream):
        transmitter.put(stream.packets([b"a" * 1000, b"b" * 1000], 3000, 7 << 32))
        await transmitter.send_now(Parcel(stream, b"voice", 96, 960, False, audio_level=30))
        await until(lambda: len(port.sent) >= 3, "all are sent")
    pictures = [packet for packet in port.sent if packet.payload_type == 97]
    assert [packet.payload[:1] for packet in pictures[:2]] == [b"a", b"b"]
    assert [packet.marker for packet in pictures[:2]] == [0, 1]
    numbers = [packet.extensions.transport_sequence_number for packet in port.sent]
    assert numbers == list(range(1, len(numbers) + 1))
    assert port.sent[0].payload == b"voice"
    assert port.counted[1][0] == 7 << 32


async def test_transmitter_repeats_what_is_missed_once_a_round_trip() -> None:
    port = FakePort(has_transport_cc=False)
    async with sending(port) as (transmitter, stream):
        transmitter.gcc.set_round_trip(10_000)
        transmitter.put(stream.packets([b"first"], 3000, 0))
        await until(lambda: len(port.sent) == 1, "it is sent")
        number = port.sent[0].sequence_number
        transmitter.on_missing(port.ssrc, [number, (number + 1) & 0xFFFF])
        transmitter.on_missing(port.ssrc, [number])
        transmitter.on_missing(4711, [number])
        await until(lambda: len(port.sent) == 2, "it is sent again")
    again = port.sent[1]
    assert (again.ssrc, again.payload_type) == (2222, 98)
    assert again.payload == struct.pack("!H", number) + b"first"
    assert len(port.counted) == 1


async def test_transmitter_fills_a_probe_up_with_what_was_sent_already() -> None:
    port = FakePort()
    async with sending(port) as (transmitter, stream):
        transmitter.put(stream.packets([b"x" * 1000], 3000, 0))
        await until(lambda: sum(packet.ssrc == 2222 for packet in port.sent) >= 3, "repeated packets fill the probe")
        assert transmitter.gcc.probes.rate_bps is None or len(port.sent) < 10


async def test_transmitter_throws_away_what_waits_too_long_and_says_so() -> None:
    port = FakePort(has_transport_cc=False)
    flushed = []
    async with sending(port) as (transmitter, stream):
        transmitter.on_flush = lambda: flushed.append(len(port.sent))
        transmitter.gcc.set_remote_limit(40_000)
        transmitter.put(stream.packets([b"x" * 1000] * 60, 3000, 0))
        await until(lambda: flushed, "it was thrown away")
        await until(lambda: transmitter.queue_ms == 0, "nothing waits")
    assert len(port.sent) < 10


async def test_transmitter_repeats_nothing_of_what_was_given_up() -> None:
    port = FakePort(has_transport_cc=False)
    async with sending(port) as (transmitter, stream):
        transmitter.put(stream.packets([b"old"], 3000, 0))
        await until(lambda: len(port.sent) == 1, "it is sent")
        stream.forget()
        transmitter.on_missing(port.ssrc, [port.sent[0].sequence_number])
        transmitter.put(stream.packets([b"new"], 6000, 0))
        transmitter.drop_pictures()
        assert transmitter.queue_ms == 0
        transmitter.put(stream.packets([b"newer"], 9000, 0))
        await until(lambda: len(port.sent) == 2, "the newer one is sent")
    assert port.sent[1].payload == b"newer"
    assert port.sent[1].sequence_number == (port.sent[0].sequence_number + 1) & 0xFFFF


async def test_transmitter_fills_a_probe_of_a_narrow_link_with_padding() -> None:
    port = FakePort()
    async with sending(port) as (transmitter, stream):
        transmitter.gcc.set_remote_limit(90_000)
        transmitter.put(stream.packets([b"x" * 1000], 3000, 0))
        await until(lambda: sum(packet.ssrc == 2222 for packet in port.sent) >= 3, "padding fills the probe")
    assert all(packet.payload == b"" and packet.padding_size == 40 for packet in port.sent if packet.ssrc == 2222)


async def test_transmitter_learns_the_round_trip_from_feedback() -> None:
    port = FakePort()
    async with sending(port) as (transmitter, stream):
        transmitter.put(stream.packets([b"x" * 100], 3000, 0))
        await until(lambda: port.sent, "it is sent")
        await asyncio.sleep(0.02)
        fci = struct.pack("!HHIHBB", 1, 1, (5 << 8) | 1, 1 << 13 | 1, 4, 0)
        transmitter.on_feedback(b"malformed")
        assert not transmitter.gcc.has_feedback
        transmitter.on_feedback(fci)
    assert transmitter.gcc.has_feedback
    assert 15 < transmitter.gcc.round_trip_ms < 5000


async def test_transmitter_ends_quietly_when_the_connection_is_gone() -> None:
    port = FakePort()
    async with sending(port) as (transmitter, stream):
        port.is_gone = True
        transmitter.put(stream.packets([b"x"], 3000, 0))
        await asyncio.sleep(0.02)
    assert not port.sent


async def test_protected_picture_leaves_in_red_with_parities_that_repair_it() -> None:
    port = FakePort()
    port.red_payload_type, port.fec_payload_type = 116, 117
    async with sending(port) as (transmitter, stream):
        payloads = [bytes([at]) * (400 + at) for at in range(10)]
        transmitter.put(stream.packets(payloads, 90_000, current_ntp_time(), parities=4))
        await until(lambda: len(port.sent) == 14, "all left")
    assert {packet.payload_type for packet in port.sent} == {116}
    numbers = [packet.sequence_number for packet in port.sent]
    assert numbers == [(numbers[0] + at) & 0xFFFF for at in range(14)]
    assert [packet.payload[0] for packet in port.sent] == [97] * 10 + [117] * 4
    assert [packet.marker for packet in port.sent] == [0] * 9 + [1] + [0] * 4
    receiver = FecReceiver(port.ssrc)
    back: dict[int, bytes] = {}
    for at, packet in enumerate(port.sent):
        if at in (2, 7):
            continue
        if at < 10:
            back.update(receiver.take_packet(numbers[0] + at, plain(port, packet)))
        else:
            back.update(receiver.take_parity(numbers[0] + at, packet.payload[1:]))
    assert [RtpPacket.parse(data, port.extensions).payload for _, data in sorted(back.items())] == [
        payloads[2],
        payloads[7],
    ]


async def test_what_is_repeated_of_a_protected_picture_is_no_red() -> None:
    port = FakePort(has_transport_cc=False)
    port.red_payload_type, port.fec_payload_type = 116, 117
    async with sending(port) as (transmitter, stream):
        transmitter.put(stream.packets([b"one", b"two"], 90_000, current_ntp_time(), parities=1))
        await until(lambda: len(port.sent) == 3, "all left")
        transmitter.on_missing(port.ssrc, [packet.sequence_number for packet in port.sent])
        await until(lambda: len(port.sent) == 5, "repeated, but for the parity")
    again = [unwrap_rtx(packet, payload_type=97, ssrc=port.ssrc) for packet in port.sent[3:]]
    assert [packet.payload for packet in again] == [b"one", b"two"]


def plain(port: FakePort, red: RtpPacket) -> bytes:
    """A packet as its parities were made of it."""
    packet = RtpPacket(
        payload_type=red.payload[0],
        marker=red.marker,
        sequence_number=red.sequence_number,
        timestamp=red.timestamp,
        ssrc=red.ssrc,
        payload=red.payload[1:],
    )
    packet.extensions.mid, packet.extensions.transport_sequence_number = red.extensions.mid, 0
    return packet.serialize(port.extensions)
