"""What a new connection believes of the link before it has measured: at first little, later what was seen.

A browser begins at 300 kbit/s, and its first picture leaves at that pace. It reads another start out of the format
parameters of the description that it answers (`x-google-start-bitrate`, kbit/s, libwebrtc's name; others ignore it).
"""

import re
from dataclasses import dataclass

from teleconsole.host.media_limits import (
    RECEIVE_START_BPS,
    SEND_ESTIMATE_START_BPS,
    START_AGAIN_LEAST_BPS,
    START_AGAIN_MOST_BPS,
    START_AGAIN_PART,
)

_VP8 = re.compile(r"^a=rtpmap:(\d+) VP8/90000\r?\n", re.MULTILINE)


@dataclass(frozen=True)
class StartRates:
    """Bits per second, sound and picture together.

    Attributes:
        send_bps: of our estimate.
        receive_bps: of the other side's.
    """

    send_bps: float = SEND_ESTIMATE_START_BPS
    receive_bps: float = RECEIVE_START_BPS

    @classmethod
    def after(cls, sent_bps: float, received_bps: float) -> "StartRates":
        """Return those of a connection that follows one; 0 = that one had not come so far."""
        return cls(
            _again(sent_bps) if sent_bps > 0 else cls.send_bps,
            _again(received_bps) if received_bps > 0 else cls.receive_bps,
        )


FIRST_RATES = StartRates()
"""Of a visit's first connection."""


def with_start_rate(sdp: str, rate_bps: float) -> str:
    """Return an offer that tells a browser where to begin with its pictures."""
    return _VP8.sub(
        lambda found: f"{found[0]}a=fmtp:{found[1]} x-google-start-bitrate={round(rate_bps / 1000)}\r\n", sdp
    )


def _again(seen_bps: float) -> float:
    """The new way may take less than the old one: less is sent at first, so that it need not stand still."""
    return min(START_AGAIN_MOST_BPS, max(START_AGAIN_LEAST_BPS, START_AGAIN_PART * seen_bps))
