"""Where aiortc has its jitter buffer for sound: packets go straight to the playout, none waits here."""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from teleconsole.call.media.neteq.packet import SoundPacket

_RED, _OPUS = "audio/red", "audio/opus"


class RtpSound(Protocol):
    """What is needed of an RTP packet."""

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes


class Codec(Protocol):
    """What is needed of a negotiated codec."""

    mimeType: str


class SoundTap:
    """Hands on each packet at once; aiortc decodes nothing, its statistics and reports go on."""

    def __init__(self) -> None:
        self._sink: Callable[[SoundPacket], None] | None = None
        self._codecs: Mapping[int, Codec] = {}
        self._generation = 0

    def open(self, generation: int, codecs: Mapping[int, Codec], sink: Callable[[SoundPacket], None]) -> None:
        """Hand packets to `sink` from now; `generation` tells its connection from others."""
        self._generation, self._codecs, self._sink = generation, codecs, sink

    def add(self, packet: RtpSound) -> bool:
        """Take a packet. Returns: False, sound has no key frames."""
        codec = self._codecs.get(packet.payload_type)
        kind = codec.mimeType.lower() if codec is not None else ""
        if self._sink is not None and kind in (_RED, _OPUS):
            self._sink(
                SoundPacket(
                    source=(self._generation, packet.ssrc),
                    sequence=packet.sequence_number,
                    timestamp=packet.timestamp,
                    payload=packet.payload,
                    arrival_s=time.monotonic(),
                    redundant=kind == _RED,
                )
            )
        return False
