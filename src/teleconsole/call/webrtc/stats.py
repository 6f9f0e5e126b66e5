"""The numbers of a call, once a second: differences between two readings of the connection's counters."""

import time
from dataclasses import dataclass
from typing import Any

from teleconsole.call.media.playout import Playout
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.quality import Freezes, one_way_ms, opinion_score, rating, word_of
from teleconsole.contracts.call import CallStats, Quality, Route

_VIDEO_CLOCK_HZ = 90_000


@dataclass(frozen=True)
class Reading:
    """Counters of a connection at a moment; bytes and packets since its beginning."""

    at_s: float = 0.0
    generation: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    packets_received: int = 0
    packets_lost: int = 0
    pictures_received: int = 0
    pictures_sent: int = 0
    round_trip_s: float = 0.0
    jitter_s: float = 0.0
    route: Route = ""


async def read(peer: Peer) -> Reading:
    """Return the counters now."""
    values = dict.fromkeys(("bytes_received", "bytes_sent", "packets_received", "packets_lost"), 0)
    round_trip_s, jitter_s = 0.0, 0.0
    report: dict[str, Any] = await peer.connection.getStats()
    for entry in report.values():
        if entry.type == "transport":
            values["bytes_received"] = entry.bytesReceived
            values["bytes_sent"] = entry.bytesSent
        elif entry.type == "inbound-rtp":
            values["packets_received"] += entry.packetsReceived
            values["packets_lost"] += max(0, entry.packetsLost)
            if entry.kind == "video":
                jitter_s = entry.jitter / _VIDEO_CLOCK_HZ
        elif entry.type == "remote-inbound-rtp" and entry.roundTripTime:
            round_trip_s = max(round_trip_s, entry.roundTripTime)
    return Reading(
        at_s=time.monotonic(),
        generation=peer.generation,
        pictures_received=peer.pictures,
        pictures_sent=peer.camera_track.frames,
        round_trip_s=round_trip_s,
        jitter_s=jitter_s,
        route=peer.route,
        **values,
    )


class Statistics:
    """Makes the numbers of a second out of two readings.

    Attributes:
        freezes: of the picture; told of each one shown.
    """

    def __init__(self, playout: Playout) -> None:
        self._playout = playout
        self._before = Reading()
        self._blocks = (0, 0)
        self._late_ms: float | None = None
        self.freezes = Freezes()

    def take(self, now: Reading, *, level_out: float, size: tuple[int, int], sounds: int, late_ms: float) -> CallStats:
        """Return the numbers since the last call.

        Args:
            now: of the connection that carries the call.
            level_out: the loudest of what was sent.
            size: of the newest picture received, in pixels.
            sounds: pieces of sound received.
            late_ms: silence of the open loudspeaker so far because it was served too late.
        """
        before, self._before = self._before, now
        if before.generation != now.generation:
            before = Reading(at_s=now.at_s - 1.0, generation=now.generation)
        span_s = max(0.001, now.at_s - before.at_s)
        lost = max(0, now.packets_lost - before.packets_lost)
        expected = lost + max(0, now.packets_received - before.packets_received)
        blocks, concealed = self._playout.blocks, self._playout.concealed_blocks
        new_blocks, new_concealed = blocks - self._blocks[0], concealed - self._blocks[1]
        self._blocks = blocks, concealed
        new_late_ms = 0.0 if self._late_ms is None else max(0.0, late_ms - self._late_ms)
        self._late_ms = late_ms
        made_up_percent = 100.0 * new_concealed / new_blocks if new_blocks > 0 else 0.0
        delay_ms = one_way_ms(now.round_trip_s * 1000, self._playout.target_ms)
        voice = rating(delay_ms, made_up_percent)
        return CallStats(
            at_ms=time.time_ns() // 1_000_000,
            received_fps=(now.pictures_received - before.pictures_received) / span_s,
            sent_fps=(now.pictures_sent - before.pictures_sent) / span_s,
            received_kbps=(now.bytes_received - before.bytes_received) * 8 / 1000 / span_s,
            sent_kbps=(now.bytes_sent - before.bytes_sent) * 8 / 1000 / span_s,
            round_trip_ms=now.round_trip_s * 1000,
            loss_percent=100.0 * lost / expected if expected else 0.0,
            jitter_ms=now.jitter_s * 1000,
            audio_concealed_percent=made_up_percent,
            audio_late_ms=new_late_ms,
            frame_width=size[0],
            frame_height=size[1],
            frames_decoded=now.pictures_received,
            audio_frames_received=sounds,
            audio_level_in=self._playout.level,
            audio_level_out=level_out,
            codec="VP8",
            one_way_ms=delay_ms,
            r_factor=voice,
            opinion_score=opinion_score(voice),
            freeze_count=self.freezes.count,
            freezes_s=self.freezes.total_s,
            playout_delay_ms=self._playout.delay_ms,
            playout_target_ms=self._playout.target_ms,
            route=now.route,
        )


def quality_of(stats: CallStats) -> Quality:
    """Return the word for the numbers of a connection that works (thresholds: `teleconsole.call.webrtc.quality`)."""
    return word_of(stats.r_factor, stats.one_way_ms)
