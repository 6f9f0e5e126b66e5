"""What a step of the ladder asks of the sender, and what the sender reports back: the two words between them."""

from dataclasses import dataclass
from typing import Literal

AudioProfile = Literal["full", "thin"]
"""full: 20 ms packets, redundancy where the link affords it. thin: 16 kbit/s in packets of 60 ms, no redundancy."""


@dataclass(frozen=True)
class SendProfile:
    """The most that may be sent now.

    Attributes:
        width_px: largest width of the picture, 0 = no picture is sent.
        height_px: largest height.
        frames_per_s: most pictures a second.
        video_max_bps: most bits per second of the picture.
        audio: how the voice is sent; it is never switched off.
    """

    width_px: int
    height_px: int
    frames_per_s: int
    video_max_bps: int
    audio: AudioProfile = "full"


@dataclass(frozen=True)
class SendReport:
    """How sending goes, over about the last second.

    Attributes:
        estimate_bps: what congestion control believes that the link takes, sound included.
        video_bps: target of the picture's encoder, 0 = no picture.
        loss_fraction: of our packets, as the other side reports it, 0 to 1.
        round_trip_ms: to the other side, 0 = not measured yet.
        encode_ms: wall time to encode a picture, median.
        queue_ms: what waits in the pacer, at the pacing rate.
        limited_by: what holds the picture down now.
    """

    estimate_bps: int
    video_bps: int
    loss_fraction: float
    round_trip_ms: float
    encode_ms: float
    queue_ms: float
    limited_by: Literal["none", "network", "cpu", "profile"]
