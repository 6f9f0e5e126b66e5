"""What comes from the network: packets of sound, and the pieces of Opus inside them."""

from dataclasses import dataclass

from teleconsole.call.media.neteq.red import RedError, split_red

DTX_BYTES = 2
"""A packet of at most so many bytes says that there is nothing to hear (RFC 6716 section 3.2.1)."""


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """An RTP packet of a voice.

    Attributes:
        source: which connection and stream it belongs to; another value is another voice.
        sequence: 16 bits, as in RTP.
        timestamp: 32 bits, 48 kHz.
        payload: Opus, or `audio/red` around it.
        arrival_s: of a monotonic clock.
        redundant: whether it is `audio/red` (RFC 2198).
    """

    source: tuple[int, int]
    sequence: int
    timestamp: int
    payload: bytes
    arrival_s: float
    redundant: bool = False


@dataclass(frozen=True, slots=True)
class OpusPiece:
    """One Opus packet with its place in the stream.

    Attributes:
        timestamp: unwrapped.
        sequence: unwrapped, of the RTP packet that carried it first.
        data: for the decoder.
        behind: how much later than itself the packet begins that it came in, in samples; 0 in its own.
    """

    timestamp: int
    sequence: int
    data: bytes
    behind: int = 0

    @property
    def is_copy(self) -> bool:
        """Whether it came in a later packet than its own."""
        return self.behind > 0

    @property
    def is_pause(self) -> bool:
        """Whether it says that nothing is to be heard (DTX)."""
        return len(self.data) <= DTX_BYTES


class Unwrapper:
    """Makes numbers that wrap into numbers that grow.

    Args:
        bits: of the wrapped number.
    """

    def __init__(self, bits: int) -> None:
        self._modulo = 1 << bits
        self._last: int | None = None

    def unwrap(self, value: int) -> int:
        """Return the number nearest to the one before."""
        value %= self._modulo
        if self._last is None:
            self._last = value + self._modulo  # room below for what comes out of order
            return self._last
        ahead = (value - self._last) % self._modulo
        self._last += ahead - self._modulo if ahead >= self._modulo // 2 else ahead
        return self._last


def opus_pieces(packet: SoundPacket, sequence: int, timestamp: int) -> list[OpusPiece]:
    """Return what is inside of a packet, copies of earlier ones first, the packet's own last.

    Args:
        packet: as it came.
        sequence: of it, unwrapped.
        timestamp: of it, unwrapped.

    Raises:
        ValueError: it is not what it says.
    """
    if not packet.redundant:
        if not packet.payload:
            raise RedError
        return [OpusPiece(timestamp, sequence, packet.payload)]
    blocks = split_red(packet.payload)
    last = len(blocks) - 1
    return [
        OpusPiece(timestamp - block.offset, sequence - (last - at), block.data, behind=block.offset)
        for at, block in enumerate(blocks)
        if block.data
    ]
