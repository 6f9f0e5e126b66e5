"""What a stranger sends on SCTP is held within bounds, and a malformed packet is dropped."""

import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, SCTP_DATA_LAST_FRAG, DataChunk, SackChunk, encode_params
from google_crc32c import value as crc32c
from OpenSSL import SSL

from teleconsole.call.webrtc.aiortc_channel import PARTS, decode_params, missing_names
from teleconsole.host.media_limits import CHANNEL_HELD_CHUNKS, CHANNEL_STREAMS, CHANNEL_WINDOW_BYTES

WINDOW_BYTES = 1 << 20
FIRST_TSN = 100
_, HANDLE_DATA, RECEIVE_CHUNK, RECEIVE_SACK = (part for _, _, part in PARTS)


@pytest.fixture
async def sctp() -> AsyncIterator[Any]:
    """A transport that has heard of the first number."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.createDataChannel("chat")
    transport: Any = connection.sctp
    transport._last_received_tsn = FIRST_TSN - 1
    yield transport
    await connection.close()


def chunk(number: int, data: bytes, *, flags: int = 0, stream: int = 1) -> DataChunk:
    made = DataChunk(flags=flags)
    made.tsn, made.stream_id, made.stream_seq, made.protocol, made.user_data = FIRST_TSN + number, stream, 0, 53, data
    return made


async def receive(transport: Any, *chunks: DataChunk) -> None:
    for each in chunks:
        await RECEIVE_CHUNK(transport, each)  # type: ignore[operator]  # typed as an object in the table


def packet(transport: Any, body: bytes) -> bytes:
    head = struct.pack("!HHL", 5000, 5000, transport._local_verification_tag)
    padded = body + bytes(-len(body) % 4)
    return head + struct.pack("<L", crc32c(head + bytes(4) + padded)) + padded


def held_bytes(transport: Any) -> int:
    streams = transport._inbound_streams.values()
    return sum(len(each.user_data) for stream in streams for each in stream.reassembly)


def test_aiortc_has_the_names() -> None:
    assert missing_names() == []


async def test_a_message_that_never_ends_is_held_up_to_the_window(sctp: Any) -> None:
    await receive(sctp, chunk(0, bytes(1_000), flags=SCTP_DATA_FIRST_FRAG))
    await receive(sctp, *(chunk(number, bytes(1_000)) for number in range(1, 3_000)))
    assert WINDOW_BYTES < held_bytes(sctp) <= WINDOW_BYTES + CHANNEL_WINDOW_BYTES


async def test_tiny_pieces_are_held_up_to_a_number(sctp: Any) -> None:
    await receive(sctp, *(chunk(2 * number, b"x") for number in range(1, 2 * CHANNEL_HELD_CHUNKS)))
    assert held_bytes(sctp) == CHANNEL_HELD_CHUNKS
    assert len(sctp._sack_misordered) == CHANNEL_HELD_CHUNKS


async def test_an_answer_too_long_for_dtls_ends_nothing(sctp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise SSL.Error([("SSL routines", "", "dtls message too big")])

    monkeypatch.setattr(sctp, "_receive_chunk", refuse)
    sctp._sack_duplicates.extend(range(5_000))
    await HANDLE_DATA(sctp, packet(sctp, bytes(chunk(0, b"x"))))  # type: ignore[operator]  # an object in the table
    assert sctp._sack_duplicates == []


async def test_streams_are_few(sctp: Any) -> None:
    await receive(sctp, *(chunk(number, b"x", stream=number) for number in range(1_000)))
    assert len(sctp._inbound_streams) == CHANNEL_STREAMS


@pytest.mark.parametrize(
    "body", [b"\x00\x07\x00\x00", b"\x00\x07\x00\x03", b"\x00\x07\x00\x09abcd", b"\x00\x07\xff\xff"]
)
def test_a_parameter_of_a_wrong_length_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError, match="malformed"):
        decode_params(body)


def test_parameters_are_read_as_aiortc_writes_them() -> None:
    params = [(7, b""), (8, b"abcde"), (9, b"abcd")]
    assert decode_params(encode_params(params)) == params


async def acknowledge(transport: Any, *gaps: tuple[int, int]) -> SackChunk:
    sack = SackChunk()
    sack.cumulative_tsn, sack.gaps = transport._local_tsn - 10, list(gaps)
    await RECEIVE_SACK(transport, sack)  # type: ignore[operator]
    return sack


async def test_numbers_that_were_never_sent_or_come_twice_are_not_acknowledged(sctp: Any) -> None:
    sctp._last_sacked_tsn = sctp._advanced_peer_ack_tsn = sctp._local_tsn - 10
    assert (await acknowledge(sctp, (2, 3), (5, 9))).gaps == [(2, 3), (5, 9)]
    assert (await acknowledge(sctp, *[(1, 65_535)] * 300)).gaps == []
    assert (await acknowledge(sctp, (4, 6), (4, 6), (1, 2), (8, 7), (0, 0))).gaps == [(4, 6)]


async def test_what_did_not_fit_is_taken_when_it_comes_again(sctp: Any) -> None:
    whole = SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG
    await receive(sctp, *(chunk(number, b"x", stream=number) for number in range(CHANNEL_STREAMS)))
    late = chunk(CHANNEL_STREAMS, b"whole", flags=whole, stream=99)
    await receive(sctp, late)
    assert sctp._last_received_tsn == FIRST_TSN + CHANNEL_STREAMS - 1
    assert sctp._sack_needed
    sctp._inbound_streams.clear()
    await receive(sctp, late)
    assert sctp._last_received_tsn == late.tsn


@pytest.mark.parametrize(
    "body", [b"\x03\x00\x00\x05\x00", b"\x00\x03\x00\x06ab", b"\x82\x00\x00\x08\x00\x0d\xff\xff", b"\x01\x00\x00\x04"]
)
async def test_a_malformed_packet_is_dropped(sctp: Any, body: bytes) -> None:
    await HANDLE_DATA(sctp, packet(sctp, body))  # type: ignore[operator]
    assert sctp._last_received_tsn == FIRST_TSN - 1
