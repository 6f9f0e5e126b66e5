"""All that one connection sends: its voice, its pictures, and the control of both."""

import logging
import time
from collections.abc import Callable

from teleconsole.call.media.libopus import LibopusMissingError
from teleconsole.call.webrtc.arrivals.narrowing import Width
from teleconsole.call.webrtc.profile import SendProfile, SendReport
from teleconsole.call.webrtc.sending.opus import VoiceSettings
from teleconsole.call.webrtc.sending.picture_stream import PictureStream
from teleconsole.call.webrtc.sending.rtp_stream import Port
from teleconsole.call.webrtc.sending.transmitter import Transmitter
from teleconsole.call.webrtc.sending.voice_policy import VoicePolicy, reserved_bps
from teleconsole.call.webrtc.sending.voice_stream import VoiceStream
from teleconsole.host.limits import CALL_FRAMES_PER_S, CALL_HEIGHT_PX, CALL_VIDEO_MAX_BPS, CALL_WIDTH_PX
from teleconsole.host.media_limits import SEND_ESTIMATE_START_BPS

FULL = SendProfile(CALL_WIDTH_PX, CALL_HEIGHT_PX, CALL_FRAMES_PER_S, CALL_VIDEO_MAX_BPS)
"""What is sent until the ladder says otherwise."""

_log = logging.getLogger(__name__)


class Sending:
    """The sender's side of one connection.

    Attributes:
        transmitter: where everything leaves.

    Args:
        voice_age_s: how long ago the sound was made that its track gives next.
        start_bps: what the link is believed to take before it was measured.

    Thread: the event loop's.
    """

    def __init__(
        self, voice_age_s: Callable[[], float] = lambda: 0.0, start_bps: float = SEND_ESTIMATE_START_BPS
    ) -> None:
        self._voice_age_s = voice_age_s
        self.transmitter = Transmitter(start_bps)
        self._profile = FULL
        self._policy = VoicePolicy()
        self._voice: VoiceStream | None = None
        self._pictures: PictureStream | None = None
        self._reported_loss = 0.0
        self._is_whole_wanted = False

    async def run(self, port: Port) -> None:
        """Send the track of a port until it ends."""
        settings = self._voice_settings()
        if port.kind == "audio":
            try:
                self._voice = VoiceStream(port, self.transmitter, settings, self._voice_age_s)
            except LibopusMissingError:
                _log.warning("no voice is sent: there is no libopus")
                return
            try:
                await self._voice.run()
            finally:
                self._voice = None  # a port holds its sender, which holds this
        else:
            self._pictures = PictureStream(port, self.transmitter, self._profile)
            self._adapt()
            try:
                await self._pictures.run()
            finally:
                self._pictures = None

    def apply(self, profile: SendProfile) -> None:
        """Send no more than this from the next picture and packet on; the estimate goes on looking for more."""
        self._profile = profile
        if self._pictures is not None:
            self._pictures.profile = profile
        self._adapt()

    def send_whole(self, *, on: bool) -> None:
        """Send the sound as it is, for heart and lung sounds, while step and link afford it; else a plain voice."""
        self._is_whole_wanted = on
        self._adapt()

    @property
    def sends_whole(self) -> bool:
        """Whether the sound is sent as it is now."""
        return self._voice is not None and self._voice.settings.is_whole

    def report(self) -> SendReport:
        """Return how sending goes now."""
        gcc, pictures = self.transmitter.gcc, self._pictures
        return SendReport(
            estimate_bps=int(gcc.estimate_bps),
            video_bps=pictures.target_bps if pictures is not None else 0,
            loss_fraction=self._loss,
            round_trip_ms=gcc.round_trip_ms,
            encode_ms=pictures.encode_ms if pictures is not None else 0.0,
            queue_ms=self.transmitter.queue_ms,
            limited_by=pictures.limited_by if pictures is not None else "none",
        )

    def on_feedback(self, fci: bytes) -> None:
        """Take transport-wide feedback."""
        self.transmitter.on_feedback(fci)
        self._adapt()

    def on_width(self, width: Width, width_bps: float) -> None:
        """Take what was noticed of the link by what arrives."""
        self.transmitter.on_width(width, width_bps)
        self._adapt()

    def on_limit(self, bitrate_bps: int) -> None:
        """Take the other side's own estimate (REMB)."""
        self.transmitter.gcc.set_remote_limit(bitrate_bps)
        self._adapt()

    def on_report(self, loss: float, round_trip_ms: float | None) -> None:
        """Take a receiver report: part of our packets that was lost, and the round trip when it is known."""
        self._reported_loss = loss
        if round_trip_ms is not None and round_trip_ms > 0 and not self.transmitter.gcc.has_feedback:
            self.transmitter.gcc.set_round_trip(round_trip_ms)
        self._adapt()

    def on_missing(self, ssrc: int, sequences: list[int]) -> None:
        """Take a request to send packets again."""
        self.transmitter.on_missing(ssrc, sequences)

    def on_key_frame_wanted(self) -> None:
        """Take a picture loss indication or a full intra request."""
        if self._pictures is not None:
            self._pictures.want_key_frame()

    @property
    def _loss(self) -> float:
        return self.transmitter.gcc.loss if self.transmitter.gcc.has_feedback else self._reported_loss

    def _adapt(self) -> None:
        settings = self._voice_settings()
        has_red = False
        if self._voice is not None:
            self._voice.settings = settings
            has_red = self._voice.rtp.port.red_payload_type is not None
        if self._pictures is not None:
            self._pictures.reserved_bps = reserved_bps(settings, has_red=has_red)

    def _voice_settings(self) -> VoiceSettings:
        estimate_bps = self.transmitter.gcc.estimate_bps
        whole = self._is_whole_wanted
        return self._policy.settings(self._profile.audio, self._loss, estimate_bps, _now_ms(), whole=whole)


def _now_ms() -> float:
    return time.monotonic() * 1000
