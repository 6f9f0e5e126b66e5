"""ULPFEC (RFC 5109): packets that are the XOR of others, so that each of them can be computed when one is lost.

Level 0 alone, over whole packets, as browsers do. What changes a packet on its way out (abs-send-time, transport-wide
number) is zero in what is protected, on both sides: `without_mutable`.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from teleconsole.host.media_limits import FEC_KEPT_PACKETS, FEC_KEPT_PARITIES

RTP_HEADER_BYTES = 12
_FEC_HEADER = struct.Struct("!BBHIH")
_LONG = 0x40
_SHORT_MASK_BITS, _LONG_MASK_BITS = 16, 48
_MODULO = 1 << 16
_ONE_BYTE_PROFILE = 0xBEDE


@dataclass
class _Parity:
    """A FEC packet that may still be of use: the numbers that it protects, and their XOR."""

    numbers: frozenset[int]
    flags: int
    marker_and_type: int
    timestamp: int
    length: int
    payload: bytes


def parity_of(packets: Sequence[bytes], chosen: Sequence[int]) -> bytes:
    """Return the payload of a FEC packet.

    Args:
        packets: RTP packets with consecutive numbers, at most 48, as `without_mutable` leaves them.
        chosen: positions of those that are protected, ascending.
    """
    base = _number(packets[chosen[0]])
    offsets = [(_number(packets[at]) - base) % _MODULO for at in chosen]
    is_long = offsets[-1] >= _SHORT_MASK_BITS
    bits = _LONG_MASK_BITS if is_long else _SHORT_MASK_BITS
    mask = sum(1 << (bits - 1 - offset) for offset in offsets)
    bodies = [packets[at][RTP_HEADER_BYTES:] for at in chosen]
    size = max(len(body) for body in bodies)
    flags = marker_and_type = timestamp = length = 0
    for at, body in zip(chosen, bodies, strict=True):
        packet = packets[at]
        flags ^= packet[0] & 0x3F
        marker_and_type ^= packet[1]
        timestamp ^= int.from_bytes(packet[4:8], "big")
        length ^= len(body)
    header = _FEC_HEADER.pack(flags | (_LONG if is_long else 0), marker_and_type, base, timestamp, length)
    return header + struct.pack("!H", size) + mask.to_bytes(bits // 8, "big") + _xor(bodies, size)


class FecReceiver:
    """Keeps packets and parities for a while and computes what is missing. Numbers are counted on, without wrapping.

    Attributes:
        recovered: packets so far.

    Args:
        ssrc: of the stream, for the header of what is computed.
    """

    def __init__(self, ssrc: int) -> None:
        self.recovered = 0
        self._ssrc = ssrc
        self._packets: dict[int, bytes] = {}
        self._parities: list[_Parity] = []

    def take_packet(self, number: int, packet: bytes) -> list[tuple[int, bytes]]:
        """Take a packet of the stream; return numbers and packets that can be computed now.

        Args:
            number: its sequence number, counted on.
            packet: whole, unencrypted, without RED, as `without_mutable` leaves it.
        """
        if number in self._packets:
            return []
        self._keep(number, packet)
        return self._solve()

    def take_parity(self, number: int, payload: bytes) -> list[tuple[int, bytes]]:
        """Take a FEC packet; return numbers and packets that can be computed now; of a malformed one nothing.

        Args:
            number: of the packet that carried it, counted on.
            payload: without RED.
        """
        parity = _parse(number, payload)
        if parity is None:
            return []
        self._parities.append(parity)
        del self._parities[:-FEC_KEPT_PARITIES]
        return self._solve()

    def _keep(self, number: int, packet: bytes) -> None:
        self._packets[number] = packet
        if len(self._packets) < 2 * FEC_KEPT_PACKETS:
            return  # seldom, and then much: every packet comes by here
        oldest = max(self._packets) - FEC_KEPT_PACKETS
        self._packets = {n: p for n, p in self._packets.items() if n > oldest}
        self._parities = [one for one in self._parities if max(one.numbers) > oldest]

    def _solve(self) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        progress = True
        while progress:
            progress = False
            for parity in list(self._parities):
                missing = [number for number in parity.numbers if number not in self._packets]
                if len(missing) > 1:
                    continue
                self._parities.remove(parity)
                packet = self._compute(parity, missing[0]) if missing else None
                if packet is not None:
                    self._keep(missing[0], packet)
                    found.append((missing[0], packet))
                    progress = True
        self.recovered += len(found)
        return found

    def _compute(self, parity: _Parity, number: int) -> bytes | None:
        flags, marker_and_type = parity.flags, parity.marker_and_type
        timestamp, length = parity.timestamp, parity.length
        bodies = [parity.payload]
        for other in parity.numbers - {number}:
            packet = self._packets[other]
            flags ^= packet[0] & 0x3F
            marker_and_type ^= packet[1]
            timestamp ^= int.from_bytes(packet[4:8], "big")
            length ^= len(packet) - RTP_HEADER_BYTES
            bodies.append(packet[RTP_HEADER_BYTES:])
        if length > len(parity.payload):
            return None
        header = struct.pack("!BBHII", 0x80 | flags, marker_and_type, number % _MODULO, timestamp, self._ssrc)
        return header + _xor(bodies, len(parity.payload))[:length]


def without_mutable(packet: bytes, mutable: Iterable[int]) -> bytes:
    """Return a packet with zeros in the header extensions of these ids (RFC 8285, one-byte form)."""
    start = RTP_HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if not packet[0] & 0x10 or len(packet) < start + 4:
        return packet
    profile, words = struct.unpack_from("!HH", packet, start)
    end = start + 4 + 4 * words
    if profile != _ONE_BYTE_PROFILE or end > len(packet):
        return packet
    changed, ids, at = bytearray(packet), frozenset(mutable), start + 4
    while at < end:
        identity, size = packet[at] >> 4, (packet[at] & 0x0F) + 1
        if identity == 0:
            at += 1
            continue
        if identity in ids and at + 1 + size <= end:
            changed[at + 1 : at + 1 + size] = bytes(size)
        at += 1 + size
    return bytes(changed)


def _parse(number: int, payload: bytes) -> _Parity | None:
    if len(payload) < _FEC_HEADER.size + 4:
        return None
    flags, marker_and_type, base, timestamp, length = _FEC_HEADER.unpack_from(payload)
    bits = _LONG_MASK_BITS if flags & _LONG else _SHORT_MASK_BITS
    body_at = _FEC_HEADER.size + 2 + bits // 8
    if flags & 0x80 or len(payload) < body_at:
        return None
    size = int.from_bytes(payload[_FEC_HEADER.size : _FEC_HEADER.size + 2], "big")
    mask = int.from_bytes(payload[_FEC_HEADER.size + 2 : body_at], "big")
    first = number - ((number - base) % _MODULO)
    numbers = frozenset(first + at for at in range(bits) if mask >> (bits - 1 - at) & 1)
    body = payload[body_at : body_at + size]
    if not numbers or len(body) < size:
        return None
    return _Parity(numbers, flags & 0x3F, marker_and_type, timestamp, length, body)


def _number(packet: bytes) -> int:
    return int.from_bytes(packet[2:4], "big")


def _xor(bodies: Iterable[bytes], size: int) -> bytes:
    """Return the XOR of byte strings, the shorter ones filled up with zeros; as numbers, which is fast enough."""
    result = 0
    for body in bodies:
        result ^= int.from_bytes(body.ljust(size, b"\0"), "big")
    return result.to_bytes(size, "big")
