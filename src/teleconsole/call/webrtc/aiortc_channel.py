"""The parts of aiortc's private inside that take SCTP from a stranger; `aiortc_private` puts them in.

aiortc tells the other side how much it may send and then takes whatever comes: fragments of a message that never ends,
or thousands of streams, would fill the memory. It counts acknowledged numbers one by one, also millions of them, and
reads a parameter of no length for ever. And a malformed chunk ends its receiving task, and with it the connection.
"""

import logging
import struct

from aiortc import rtcsctptransport
from aiortc.rtcsctptransport import DataChunk, RTCSctpTransport, SackChunk
from OpenSSL import SSL

from teleconsole.host.media_limits import (
    CHANNEL_ACKNOWLEDGED_CHUNKS,
    CHANNEL_HELD_CHUNKS,
    CHANNEL_STREAMS,
    CHANNEL_WINDOW_BYTES,
)

_WINDOW = "_advertised_rwnd"
_STREAMS = "_inbound_streams"
_MISORDERED = "_sack_misordered"
_SACK_NEEDED = "_sack_needed"
_DUPLICATES = "_sack_duplicates"
_NEXT_TSN = "_local_tsn"
_TSN_MODULO = 1 << 32
_PARAM_HEAD_BYTES = 4
_MISTAKES = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RuntimeError, TypeError, ValueError,
    struct.error,
)  # fmt: skip
"""What aiortc raises for chunks that nobody in order sends; a closed connection is none of them."""

_log = logging.getLogger(__name__)

_stock_handle_data = RTCSctpTransport._handle_data
_stock_receive_data_chunk = RTCSctpTransport._receive_data_chunk
_stock_receive_sack_chunk = RTCSctpTransport._receive_sack_chunk


def decode_params(body: bytes) -> list[tuple[int, bytes]]:
    """Return the parameters of a chunk, as type and value (RFC 9260 section 3.2.1).

    Raises:
        ValueError: one is shorter than its own head, or longer than the chunk.
    """
    params, start = [], 0
    while start <= len(body) - _PARAM_HEAD_BYTES:
        kind, length = struct.unpack_from("!HH", body, start)
        if not _PARAM_HEAD_BYTES <= length <= len(body) - start:
            raise ValueError("malformed parameter of SCTP")
        params.append((kind, body[start + _PARAM_HEAD_BYTES : start + length]))
        start += length + -length % 4
    return params


async def _handle_data(transport: RTCSctpTransport, data: bytes) -> None:
    """Take a packet as aiortc does; a malformed one is dropped, as a lost one would be."""
    try:
        await _stock_handle_data(transport, data)
    except _MISTAKES as error:
        _log.warning("a malformed packet of the data channel was dropped: %s", type(error).__name__)
    except SSL.Error:  # the answer would be longer than DTLS takes: nobody in order makes us say so much at once
        getattr(transport, _DUPLICATES).clear()
        _log.warning("a packet of the data channel could not be answered; it was dropped")


async def _receive_data_chunk(transport: RTCSctpTransport, chunk: DataChunk) -> None:
    """Take a chunk as aiortc does, if it fits into what is held until its message is whole (RFC 9260 section 6.2)."""
    if _has_room(transport, chunk):
        await _stock_receive_data_chunk(transport, chunk)
    else:
        setattr(transport, _SACK_NEEDED, True)  # it is not received: a sender in order sends it again


async def _receive_sack_chunk(transport: RTCSctpTransport, chunk: SackChunk) -> None:
    """Take an acknowledgement as aiortc does, of numbers that we have sent, each once (RFC 9260 section 3.3.4)."""
    room = (getattr(transport, _NEXT_TSN) - 1 - chunk.cumulative_tsn) % _TSN_MODULO
    before, gaps = 0, []
    for start, end in chunk.gaps:
        if before < start <= end <= min(room, CHANNEL_ACKNOWLEDGED_CHUNKS):
            gaps.append((start, end))
            before = end
    chunk.gaps = gaps
    await _stock_receive_sack_chunk(transport, chunk)


def _has_room(transport: RTCSctpTransport, chunk: DataChunk) -> bool:
    streams = getattr(transport, _STREAMS)
    if chunk.stream_id not in streams and len(streams) >= CHANNEL_STREAMS:
        return False
    if getattr(transport, _WINDOW) < len(chunk.user_data) - CHANNEL_WINDOW_BYTES:
        return False
    if len(getattr(transport, _MISORDERED)) >= CHANNEL_HELD_CHUNKS:
        return False
    return sum(len(stream.reassembly) for stream in streams.values()) < CHANNEL_HELD_CHUNKS


PARTS: tuple[tuple[object, str, object], ...] = (
    (rtcsctptransport, "decode_params", decode_params),
    (RTCSctpTransport, "_handle_data", _handle_data),
    (RTCSctpTransport, "_receive_data_chunk", _receive_data_chunk),
    (RTCSctpTransport, "_receive_sack_chunk", _receive_sack_chunk),
)
"""Owner, name, and what is put there by `aiortc_private`."""


def missing_names() -> list[str]:
    """Return the names that are needed here and that this aiortc has not."""
    code = RTCSctpTransport.__init__.__code__.co_names
    missing = [name for owner, name, _ in PARTS if not hasattr(owner, name)]
    return missing + [
        name for name in (_WINDOW, _STREAMS, _MISORDERED, _SACK_NEEDED, _DUPLICATES, _NEXT_TSN) if name not in code
    ]
