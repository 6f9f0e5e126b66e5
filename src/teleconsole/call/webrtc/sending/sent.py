"""Remembers when each packet left, and joins that with the other side's feedback."""

from collections import OrderedDict
from dataclasses import dataclass

from teleconsole.call.webrtc.sending.feedback import TransportFeedback
from teleconsole.host.media_limits import SENT_PACKETS

_WRAP_MS = (1 << 24) * 64


@dataclass(frozen=True)
class SentPacket:
    """A packet that left.

    Attributes:
        sent_ms: on our clock.
        size_bytes: with its RTP header.
        cluster: number of the probe that it belongs to, 0 = none.
    """

    sent_ms: float
    size_bytes: int
    cluster: int = 0


@dataclass(frozen=True)
class PacketResult:
    """What became of a packet: `arrived_ms` on the other side's clock, None = it did not arrive."""

    sent: SentPacket
    arrived_ms: float | None


class SentPackets:
    """The packets that were sent and are not accounted for yet, the oldest forgotten first."""

    def __init__(self) -> None:
        self._packets: OrderedDict[int, SentPacket] = OrderedDict()
        self._next = 1
        self._clock_ms: float | None = None
        self._offset_ms = 0
        self.in_flight_bytes = 0

    def add(self, packet: SentPacket) -> int:
        """Remember a packet and return its transport-wide sequence number (16 bit)."""
        number, self._next = self._next, self._next + 1
        self._packets[number] = packet
        self.in_flight_bytes += packet.size_bytes
        while len(self._packets) > SENT_PACKETS:
            self._forget(next(iter(self._packets)))
        return number & 0xFFFF

    def results(self, feedback: TransportFeedback) -> list[PacketResult]:
        """Return what became of the packets that the feedback names, each only once, in the order they were sent.

        One that is reported missing counts as lost, also where it comes late after all.
        """
        self._follow_clock(feedback.reference_ms)
        found: list[PacketResult] = []
        for sequence, arrived_ms in feedback.arrivals:
            number = self._unwrapped(sequence)
            packet = self._packets.get(number)
            if packet is None:
                continue
            self._forget(number)
            found.append(PacketResult(packet, None if arrived_ms is None else arrived_ms + self._offset_ms))
        return found

    def _forget(self, number: int) -> None:
        self.in_flight_bytes -= self._packets.pop(number).size_bytes

    def _unwrapped(self, sequence: int) -> int:
        newest = self._next - 1
        return newest - ((newest - sequence) & 0xFFFF)

    def _follow_clock(self, reference_ms: int) -> None:
        if self._clock_ms is not None:
            step = reference_ms + self._offset_ms - self._clock_ms
            if step < -_WRAP_MS / 2:
                self._offset_ms += _WRAP_MS
            elif step > _WRAP_MS / 2:
                self._offset_ms -= _WRAP_MS
        self._clock_ms = reference_ms + self._offset_ms
