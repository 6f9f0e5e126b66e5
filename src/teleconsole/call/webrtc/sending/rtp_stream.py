"""One stream of RTP that leaves: numbers, header extensions, the packets kept for repeating, and RTX (RFC 4588)."""

import asyncio
import random
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, wrap_rtx

from teleconsole.call.webrtc.fec.plan import positions
from teleconsole.call.webrtc.fec.ulpfec import parity_of
from teleconsole.host.limits import CALL_RTP_HISTORY_PACKETS
from teleconsole.host.media_limits import FEC_GROUP_PACKETS, SEND_PACKET_OVERHEAD_BYTES

_SEQUENCE_START = 1 << 15
_LEAST_REPEAT_MS = 10.0
_HEADER_BYTES = 32
_PADDING_BYTES = 200
_PARITY_BYTES = 40
"""Of a parity beside the longest payload in it: its header, and the header extensions of what it protects."""
_NO_TRACK_S = 0.02


class Port(Protocol):
    """What is needed of aiortc's sender.

    Attributes:
        kind: "audio" or "video".
        ssrc: of the stream.
        rtx_ssrc: of the repeated packets.
        payload_type: of the codec.
        rtx_payload_type: None = repeated packets are sent as they were.
        red_payload_type: of `audio/red` or `video/red`, None = not negotiated.
        fec_payload_type: of `video/ulpfec`, inside of RED; None = not negotiated.
        mid: of the media section.
        extensions: negotiated.
        has_transport_cc: whether the other side sends transport-wide feedback.
    """

    kind: str
    ssrc: int
    rtx_ssrc: int
    payload_type: int
    rtx_payload_type: int | None
    red_payload_type: int | None
    fec_payload_type: int | None
    mid: str
    extensions: HeaderExtensionsMap
    has_transport_cc: bool

    @property
    def track(self) -> MediaStreamTrack | None:
        """What is sent now."""

    async def transmit(self, data: bytes) -> None:
        """Encrypt and send; raises ConnectionError when there is no connection any more."""

    def note_sent(self, ntp_time: int, rtp_timestamp: int, payload_bytes: int) -> None:
        """Count a packet for the sender reports; `ntp_time` is when `rtp_timestamp` was captured."""


async def next_frame(port: Port) -> Any:
    """Return what the port's track gives next; while there is none, it is looked for again.

    Raises:
        MediaStreamError: the track has ended.
    """
    while True:
        track = port.track
        if track is not None:
            return await track.recv()
        await asyncio.sleep(_NO_TRACK_S)


@dataclass(frozen=True)
class Parcel:
    """What will be a packet once it leaves.

    Attributes:
        stream: it belongs to.
        payload: RTP payload.
        payload_type: of it.
        timestamp: RTP timestamp, without the stream's random origin.
        marker: last of a picture, first of a talk.
        captured_ntp: when the sound or picture was captured.
        audio_level: dBov below 0, None = a picture.
        repeats: the packet that is sent again, None = new.
        padding_bytes: nothing else is in it, 0 = a real packet.
        group_at: its place among those that the next parities are made of, None = no parity is made of it.
        parity_of: places in that group; empty = no parity, but a packet.
        parity_bytes: how long a parity will be, about.
    """

    stream: "RtpStream"
    payload: bytes
    payload_type: int
    timestamp: int
    marker: bool
    captured_ntp: int = 0
    audio_level: int | None = None
    repeats: RtpPacket | None = None
    padding_bytes: int = 0
    group_at: int | None = None
    parity_of: tuple[int, ...] = ()
    parity_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        """On the wire, about."""
        return len(self.payload) + self.padding_bytes + self.parity_bytes + _HEADER_BYTES + SEND_PACKET_OVERHEAD_BYTES


class RtpStream:
    """Numbers and keeps the packets of one sender.

    Attributes:
        repeated_bytes: sent again since the beginning.

    Thread: the event loop's.
    """

    def __init__(self, port: Port) -> None:
        self.port = port
        self.repeated_bytes = 0
        self._sequence = random.randrange(_SEQUENCE_START)  # noqa: S311 -- a counter's start, not a secret
        self._rtx_sequence = random.randrange(_SEQUENCE_START)  # noqa: S311 -- a counter's start, not a secret
        self._origin = random.getrandbits(32)
        self._last_timestamp = self._origin
        self._kept: OrderedDict[int, RtpPacket] = OrderedDict()
        self._repeated_ms: dict[int, float] = {}
        self._newest: deque[RtpPacket] = deque(maxlen=8)
        self._group: list[bytes] = []

    def packets(self, payloads: list[bytes], timestamp: int, captured_ntp: int, parities: int = 0) -> list[Parcel]:
        """Return the packets of a picture, and after them so many parities, where they were negotiated."""
        last = len(payloads) - 1
        parcels = [
            Parcel(self, payload, self.port.payload_type, timestamp, at == last, captured_ntp)
            for at, payload in enumerate(payloads)
        ]
        if not parities or self.port.red_payload_type is None or self.port.fec_payload_type is None:
            return parcels
        groups = -(-len(parcels) // FEC_GROUP_PACKETS)
        size = -(-len(parcels) // groups)
        protected: list[Parcel] = []
        for start in range(0, len(parcels), size):
            protected += self._protected(parcels[start : start + size], -(-parities // groups))
        return protected

    def _protected(self, parcels: list[Parcel], parities: int) -> list[Parcel]:
        longest_bytes = max(len(parcel.payload) for parcel in parcels) + _PARITY_BYTES
        parity = replace(parcels[0], payload=b"", marker=False, parity_bytes=longest_bytes)
        return [
            *(replace(parcel, group_at=at) for at, parcel in enumerate(parcels)),
            *(replace(parity, parity_of=tuple(chosen)) for chosen in positions(len(parcels), parities)),
        ]

    def repeat(self, sequence: int, now_ms: float, round_trip_ms: float) -> Parcel | None:
        """Return a packet that the other side misses; None when it is not kept, or was sent again just now."""
        packet = self._kept.get(sequence)
        before_ms = self._repeated_ms.get(sequence)
        if packet is None or (before_ms is not None and now_ms - before_ms < max(_LEAST_REPEAT_MS, round_trip_ms)):
            return None
        self._repeated_ms[sequence] = now_ms
        return self._again(packet)

    def forget(self) -> None:
        """Repeat nothing of what was sent: a key frame will follow."""
        self._kept.clear()
        self._repeated_ms.clear()
        self._newest.clear()

    def filler(self, padding_bytes: int) -> Parcel | None:
        """Return a packet to fill up a probe, None where repeated packets have no stream of their own.

        Args:
            padding_bytes: 0 = one that the other side has already; else so much and nothing in it.
        """
        if self.port.rtx_payload_type is None:
            return None
        if padding_bytes or not self._newest:
            empty = Parcel(self, b"", self.port.rtx_payload_type, self._last_timestamp, False)
            return replace(empty, padding_bytes=padding_bytes or _PADDING_BYTES)
        packet = self._newest[0]
        self._newest.rotate(-1)
        return self._again(packet)

    def _again(self, packet: RtpPacket) -> Parcel:
        marker = bool(packet.marker)
        return Parcel(self, packet.payload, packet.payload_type, packet.timestamp, marker, repeats=packet)

    def seal(self, parcel: Parcel, transport_sequence: int | None, ntp_time: int) -> bytes:
        """Return the packet as it leaves now, unencrypted."""
        if parcel.padding_bytes:
            packet = self._padding(parcel)
        elif parcel.repeats is not None:
            packet = self._repeated(parcel.repeats)
        elif parcel.parity_of:
            packet = self._parity(parcel)
        else:
            packet = self._new(parcel)
            if parcel.group_at is not None:
                packet = self._in_red(packet, parcel, transport_sequence)
        packet.extensions.transport_sequence_number = transport_sequence
        packet.extensions.abs_send_time = (ntp_time >> 14) & 0x00FFFFFF
        data = packet.serialize(self.port.extensions)
        if parcel.padding_bytes:
            return data
        if parcel.repeats is None:
            self.port.note_sent(parcel.captured_ntp or ntp_time, packet.timestamp, len(parcel.payload))
        else:
            self.repeated_bytes += len(data)
        return data

    def _in_red(self, packet: RtpPacket, parcel: Parcel, transport_sequence: int | None) -> RtpPacket:
        """Remember a packet for its parities, without what changes as it leaves; return it inside of RED (RFC 2198)."""
        if parcel.group_at == 0:
            self._group.clear()
        packet.extensions.abs_send_time = 0
        packet.extensions.transport_sequence_number = None if transport_sequence is None else 0
        self._group.append(packet.serialize(self.port.extensions))
        return self._red(packet, packet.payload_type, packet.payload)

    def _parity(self, parcel: Parcel) -> RtpPacket:
        packet = self._numbered(parcel)
        packet.extensions.mid = self.port.mid
        return self._red(packet, self.port.fec_payload_type or 0, parity_of(self._group, parcel.parity_of))

    def _red(self, packet: RtpPacket, payload_type: int, payload: bytes) -> RtpPacket:
        red = RtpPacket(
            payload_type=self.port.red_payload_type or 0,
            marker=packet.marker,
            sequence_number=packet.sequence_number,
            timestamp=packet.timestamp,
            ssrc=packet.ssrc,
            payload=bytes([payload_type]) + payload,
        )
        red.extensions = packet.extensions
        return red

    def _padding(self, parcel: Parcel) -> RtpPacket:
        packet = RtpPacket(
            payload_type=parcel.payload_type,
            sequence_number=self._rtx_sequence,
            timestamp=self._last_timestamp,
            ssrc=self.port.rtx_ssrc,
        )
        packet.padding_size = parcel.padding_bytes
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        return packet

    def _numbered(self, parcel: Parcel) -> RtpPacket:
        packet = RtpPacket(
            payload_type=parcel.payload_type,
            marker=int(parcel.marker),
            sequence_number=self._sequence,
            timestamp=(self._origin + parcel.timestamp) & 0xFFFFFFFF,
            ssrc=self.port.ssrc,
            payload=parcel.payload,
        )
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._last_timestamp = packet.timestamp
        return packet

    def _new(self, parcel: Parcel) -> RtpPacket:
        packet = self._numbered(parcel)
        packet.extensions.mid = self.port.mid
        if parcel.audio_level is not None:
            packet.extensions.audio_level = (False, parcel.audio_level)
        self._keep(packet)
        return packet

    def _keep(self, packet: RtpPacket) -> None:
        self._kept.pop(packet.sequence_number, None)
        self._repeated_ms.pop(packet.sequence_number, None)
        self._kept[packet.sequence_number] = packet
        while len(self._kept) > CALL_RTP_HISTORY_PACKETS:
            oldest, _ = self._kept.popitem(last=False)
            self._repeated_ms.pop(oldest, None)
        if len(packet.payload) > 400:  # a filler should be worth its header
            self._newest.append(packet)

    def _repeated(self, packet: RtpPacket) -> RtpPacket:
        rtx_payload_type = self.port.rtx_payload_type
        if rtx_payload_type is None:
            return packet
        repeated: RtpPacket = wrap_rtx(packet, rtx_payload_type, self._rtx_sequence, self.port.rtx_ssrc)
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        return repeated
