"""What was played and how much of it was made up."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Counts since the beginning; the names follow W3C's webrtc-stats where it has them.

    Attributes:
        samples: handed out while a voice was expected.
        concealed_samples: of those, made up: nothing was received for them, and nothing could repair them.
        missing_samples: of those, a later packet shows that they were sent and lost.
        fec_samples: repaired by the low quality copy in the next packet of Opus.
        red_samples: repaired by a copy in a later packet of audio/red.
        accelerated_samples: taken out to be nearer to the target.
        expanded_samples: put in to be nearer to the target.
        received: packets.
        late: packets whose time was over.
        duplicates: packets that were there already.
        malformed: packets that could not be read or decoded.
        resyncs: new beginnings of a stream.
    """

    samples: int = 0
    concealed_samples: int = 0
    missing_samples: int = 0
    fec_samples: int = 0
    red_samples: int = 0
    accelerated_samples: int = 0
    expanded_samples: int = 0
    received: int = 0
    late: int = 0
    duplicates: int = 0
    malformed: int = 0
    resyncs: int = 0


@dataclass(frozen=True, slots=True)
class Hearing:
    """How it is heard now.

    Attributes:
        counters: a copy, of all streams so far.
        target_ms: how long sound should wait after the fastest packet's arrival.
        delay_ms: how long it does.
        source: the stream that is played, None before the first.
        timestamp: RTP's, of the sound that is handed to the loudspeaker now; None while there is only noise.
        at_s: when it was handed over, or heard where that is known, of the monotonic clock.
    """

    counters: Counters
    target_ms: int
    delay_ms: float
    source: tuple[int, int] | None
    timestamp: int | None
    at_s: float
