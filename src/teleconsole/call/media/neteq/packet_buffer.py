"""Pieces of Opus that wait for their time, in order of the sound that they carry.

The key is the RTP timestamp, not the sequence number: a copy inside `audio/red` has no sequence number of its own.
"""

from teleconsole.call.media.neteq.packet import OpusPiece
from teleconsole.host.media_limits import NETEQ_PACKETS


class PacketBuffer:
    """A bounded store; when it is full everything goes, since nobody empties it."""

    def __init__(self) -> None:
        self._pieces: dict[int, OpusPiece] = {}
        self._first: int | None = None

    def __len__(self) -> int:
        """How many wait."""
        return len(self._pieces)

    def insert(self, piece: OpusPiece) -> bool:
        """Keep a piece; return False when its sound is here already (an original takes a copy's place)."""
        known = self._pieces.get(piece.timestamp)
        if known is not None and (piece.is_copy or not known.is_copy):
            return False
        if len(self._pieces) >= NETEQ_PACKETS:
            self.clear()
        self._pieces[piece.timestamp] = piece
        if self._first is None or piece.timestamp < self._first:
            self._first = piece.timestamp
        return True

    def first(self) -> OpusPiece | None:
        """Return the earliest piece."""
        return None if self._first is None else self._pieces[self._first]

    def last(self) -> OpusPiece | None:
        """Return the latest piece."""
        return self._pieces[max(self._pieces)] if self._pieces else None

    def take_first(self) -> OpusPiece:
        """Return the earliest piece and keep it no longer.

        Raises:
            KeyError: there is none.
        """
        if self._first is None:
            raise KeyError
        piece = self._pieces.pop(self._first)
        self._first = min(self._pieces, default=None)
        return piece

    def drop_before(self, timestamp: int) -> int:
        """Forget what is earlier; return how many these were."""
        dropped = 0
        while self._first is not None and self._first < timestamp:
            self.take_first()
            dropped += 1
        return dropped

    def clear(self) -> None:
        """Forget everything."""
        self._pieces.clear()
        self._first = None
