"""Puts earlier sound into each packet, so that one that is lost arrives with the next (RFC 2198, `audio/red`)."""

import struct
from collections import deque

_MOST_OFFSET = (1 << 14) - 1
_MOST_LENGTH = (1 << 10) - 1
_KEPT = 2


class Redundancy:
    """Remembers the last packets of a voice."""

    def __init__(self) -> None:
        self._before: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)

    def remember(self, timestamp: int, payload: bytes) -> None:
        """Keep a packet that is sent without redundancy for the next ones."""
        self._before.append((timestamp, payload))

    def wrap(self, timestamp: int, payload: bytes, payload_type: int, distance: int) -> bytes:
        """Return the payload of `audio/red` with up to `distance` earlier packets before this one.

        Args:
            timestamp: RTP timestamp of this packet.
            payload: of Opus.
            payload_type: of Opus.
            distance: 0 to 2.
        """
        earlier = [
            (timestamp - at, old)
            for at, old in list(self._before)[max(0, len(self._before) - distance) :]
            if distance and 0 < timestamp - at <= _MOST_OFFSET and len(old) <= _MOST_LENGTH
        ]
        self.remember(timestamp, payload)
        headers = b"".join(
            struct.pack("!I", 0x80000000 | payload_type << 24 | offset << 10 | len(old)) for offset, old in earlier
        )
        return headers + bytes([payload_type]) + b"".join(old for _, old in earlier) + payload
