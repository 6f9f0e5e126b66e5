"""Pictures that come in RED (RFC 2198) with parities among them (ULPFEC, RFC 5109), as browsers send them.

RED is taken away here, and what a parity can repair is computed. Numbers of parities are numbers of the pictures'
stream, so a parity goes on as a packet that shows nothing. No clock, socket or thread in here.
"""

import struct
from dataclasses import dataclass, field

from aiortc.codecs.vpx import vp8_depayload
from aiortc.rtp import RtpPacket

from teleconsole.call.webrtc.fec.ulpfec import RTP_HEADER_BYTES, FecReceiver, without_mutable
from teleconsole.call.webrtc.video_in.assembly import Packet
from teleconsole.call.webrtc.video_in.counting import Unwrapper
from teleconsole.host.media_limits import FEC_KEPT_PACKETS, FEC_PACKET_BYTES

_MORE_BLOCKS = 0x80


@dataclass(frozen=True)
class PayloadTypes:
    """Of one stream, as negotiated; None = that was not."""

    picture: int
    red: int | None = None
    parity: int | None = None


@dataclass
class PicturePacket:
    """A packet of pictures as `assembly` takes it; empty `_data` = nothing to show."""

    sequence_number: int
    timestamp: int
    marker: int
    payload_type: int
    payload: bytes
    _data: bytes


@dataclass
class Taken:
    """What became of a packet.

    Attributes:
        packet: for the assembly; None = it was malformed.
        is_parity: it shows nothing, but repairs.
        repaired: others, lost before, that are known now.
    """

    packet: Packet | None
    is_parity: bool = False
    repaired: list[Packet] = field(default_factory=list)


class RedFec:
    """Takes every packet of a stream before the assembly does; nothing that comes in raises or makes it grow.

    Attributes:
        repaired: packets that were computed, so far.

    Args:
        types: payload types.
        mutable: ids of the header extensions that change on the way out, so that no parity protects them.
    """

    def __init__(self, types: PayloadTypes, mutable: frozenset[int] = frozenset()) -> None:
        self.types = types
        self.mutable = mutable
        self._numbers = Unwrapper(16)
        self._newest = 0
        self._ssrc: int | None = None
        self._fec = FecReceiver(0)
        self.repaired = 0

    def take(self, packet: Packet, raw: bytes | None) -> Taken:
        """Take a packet.

        Args:
            packet: as aiortc parsed it.
            raw: the whole of it, decrypted; None if what came was a copy (RTX), whose header is not the original's.
        """
        if self.types.parity is None and self.types.red is None:
            return Taken(packet)
        number = self._count(packet, raw)
        block_type, block = packet.payload_type, packet.payload
        is_red = block_type == self.types.red
        if is_red and block:
            block_type, block = block[0], block[1:]
            if block_type & _MORE_BLOCKS:
                return Taken(None)
        if not block:
            return Taken(self._nothing_of(packet))
        if block_type == self.types.parity:
            found = self._fec.take_parity(number, block) if len(block) <= FEC_PACKET_BYTES else []
            return Taken(self._nothing_of(packet), is_parity=True, repaired=self._repaired(found))
        if block_type != self.types.picture:
            return Taken(None)
        picture = _picture(packet, block_type, block)
        if picture is None or raw is None or len(raw) > FEC_PACKET_BYTES:
            return Taken(picture)
        whole = without_mutable(_without_red(raw, block_type) if is_red else raw, self.mutable)
        return Taken(picture, repaired=self._repaired(self._fec.take_packet(number, whole)))

    def _count(self, packet: Packet, raw: bytes | None) -> int:
        ssrc = int.from_bytes(raw[8:RTP_HEADER_BYTES], "big") if raw is not None else self._ssrc
        if ssrc is not None and ssrc != self._ssrc:
            self._ssrc, self._fec = ssrc, FecReceiver(ssrc)
            self._numbers, self._newest = Unwrapper(16), 0
        number = self._numbers.unwrap(packet.sequence_number)
        self._newest = max(self._newest, number)
        return number

    def _nothing_of(self, packet: Packet) -> Packet:
        return PicturePacket(packet.sequence_number, packet.timestamp, 0, self.types.picture, b"", b"")

    def _repaired(self, found: list[tuple[int, bytes]]) -> list[Packet]:
        """Return what is a picture's: a parity may name anything."""
        packets: list[Packet] = []
        for number, raw in found:
            if not self._newest - FEC_KEPT_PACKETS < number < self._newest:
                continue
            try:
                parsed = RtpPacket.parse(raw)
            except (ValueError, struct.error, IndexError):
                continue
            if parsed.payload_type != self.types.picture or not parsed.payload:
                continue
            picture = _picture(parsed, parsed.payload_type, parsed.payload)
            if picture is not None:
                packets.append(picture)
        self.repaired += len(packets)
        return packets


def _picture(packet: Packet | RtpPacket, payload_type: int, payload: bytes) -> Packet | None:
    """Return a packet of a picture, None if its descriptor is malformed."""
    try:
        data = vp8_depayload(payload)
    except ValueError:
        return None
    return PicturePacket(packet.sequence_number, packet.timestamp, packet.marker, payload_type, payload, data)


def _without_red(raw: bytes, payload_type: int) -> bytes:
    """Return the packet as it was before it was put into RED: the parities are of that one."""
    at = RTP_HEADER_BYTES + 4 * (raw[0] & 0x0F)
    if raw[0] & 0x10:
        at += 4 + 4 * int.from_bytes(raw[at + 2 : at + 4], "big")
    return bytes((raw[0], raw[1] & 0x80 | payload_type)) + raw[2:at] + raw[at + 1 :]
