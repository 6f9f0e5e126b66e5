"""Redundant audio data (RFC 2198): a packet that carries copies of those before it."""

from typing import NamedTuple

from teleconsole.host.media_limits import RED_BLOCKS

_MORE = 0x80
_HEADER_BYTES = 4


class RedError(ValueError):
    """The payload is not as RFC 2198 says."""


class RedBlock(NamedTuple):
    """One block; `offset` is how much earlier its sound is, in RTP's clock."""

    payload_type: int
    offset: int
    data: bytes


def split_red(payload: bytes) -> list[RedBlock]:
    """Return the blocks of a payload, the oldest first, the packet's own last.

    Raises:
        RedError: it is malformed, has too many blocks, or no sound of its own.
    """
    headers: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & _MORE:
        if at + _HEADER_BYTES > len(payload) or len(headers) >= RED_BLOCKS:
            raise RedError
        word = int.from_bytes(payload[at : at + _HEADER_BYTES])
        headers.append((word >> 24 & 0x7F, word >> 10 & 0x3FFF, word & 0x3FF))
        at += _HEADER_BYTES
    if at >= len(payload):
        raise RedError
    own_type = payload[at] & 0x7F
    at += 1
    blocks = []
    for payload_type, offset, length in headers:
        if at + length > len(payload) or (length and not offset):
            raise RedError
        if payload_type == own_type:
            blocks.append(RedBlock(payload_type, offset, payload[at : at + length]))
        at += length
    if at >= len(payload):
        raise RedError
    return [*blocks, RedBlock(own_type, 0, payload[at:])]
