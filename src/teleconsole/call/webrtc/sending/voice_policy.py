"""How the voice is sent: by the ladder's step, by the loss that the other side sees, and by what the link takes.

Pure. The voice is whole before it is fine: where the link is narrow it becomes thin, whatever the step says.
"""

from dataclasses import replace

from teleconsole.call.webrtc.profile import AudioProfile
from teleconsole.call.webrtc.sending.opus import VoiceSettings
from teleconsole.host.limits import CALL_AUDIO_BPS
from teleconsole.host.media_limits import (
    SEND_PACKET_OVERHEAD_BYTES,
    SEND_THIN_AUDIO_BPS,
    SEND_THIN_BELOW_BPS,
    SEND_THIN_UNTIL_BPS,
    SEND_VOICE_PART,
    SEND_WHOLE_AUDIO_BPS,
    SEND_WHOLE_BELOW_BPS,
    SEND_WHOLE_FROM_BPS,
)

_FULL_MS, _THIN_MS = 20, 60
_HEADER_BYTES = 20
_LEVELS = ((0.10, 25, 2), (0.04, 15, 1), (0.01, 10, 1), (0.0, 5, 0))
"""Loss from which on; percent that the encoder is told to expect; earlier packets in each."""
_STAY_PART, _STAY_ROOM = 0.6, 1.25
_FALL_AFTER_MS = 5000.0


class VoicePolicy:
    """Rises at once with the loss, falls only after five quiet seconds."""

    def __init__(self) -> None:
        self._level = len(_LEVELS) - 1
        self._calm_since_ms: float | None = None
        self._is_thin = self._is_whole = False
        self._distance = 0

    def settings(
        self, audio: AudioProfile, loss: float, estimate_bps: float, now_ms: float, *, whole: bool = False
    ) -> VoiceSettings:
        """Return how to encode now.

        Args:
            audio: of the ladder's step.
            loss: of our packets, 0 to 1.
            estimate_bps: of the link, sound and picture together.
            now_ms: our clock.
            whole: heart and lung sounds are to be sent as they are; where the link does not afford it, a plain voice.
        """
        self._follow_loss(loss, now_ms)
        self._is_thin = estimate_bps < (SEND_THIN_UNTIL_BPS if self._is_thin else SEND_THIN_BELOW_BPS)
        _, expected, distance = _LEVELS[self._level]
        if audio == "thin" or self._is_thin:
            in_band = expected if self._level < len(_LEVELS) - 1 else 0
            self._is_whole = False
            return VoiceSettings(SEND_THIN_AUDIO_BPS, _THIN_MS, in_band, True, False, 0)
        self._is_whole = whole and estimate_bps >= (SEND_WHOLE_BELOW_BPS if self._is_whole else SEND_WHOLE_FROM_BPS)
        full = VoiceSettings(CALL_AUDIO_BPS, _FULL_MS, expected, False, True, distance)
        if self._is_whole:
            full = replace(full, bitrate_bps=SEND_WHOLE_AUDIO_BPS, is_whole=True)
        self._distance = self._affordable(full, estimate_bps)
        return replace(full, redundancy=self._distance)

    def _affordable(self, wanted: VoiceSettings, estimate_bps: float) -> int:
        distance = wanted.redundancy
        while distance:
            room_bps = estimate_bps * SEND_VOICE_PART * (_STAY_ROOM if distance <= self._distance else 1.0)
            if reserved_bps(replace(wanted, redundancy=distance), has_red=True) <= room_bps:
                return distance
            distance -= 1
        return 0

    def _follow_loss(self, loss: float, now_ms: float) -> None:
        wanted = next(at for at, (least, _, _) in enumerate(_LEVELS) if loss >= least)
        if wanted < self._level:
            self._level = wanted
        if wanted == self._level or loss > _LEVELS[self._level][0] * _STAY_PART:
            self._calm_since_ms = None
            return
        self._calm_since_ms = self._calm_since_ms if self._calm_since_ms is not None else now_ms
        if now_ms - self._calm_since_ms >= _FALL_AFTER_MS:
            self._level += 1
            self._calm_since_ms = None


def reserved_bps(settings: VoiceSettings, *, has_red: bool) -> float:
    """Return what the voice takes of the link, with every header."""
    packets_per_s = 1000 / settings.packet_ms
    copies = 1 + (settings.redundancy if has_red else 0)
    return settings.bitrate_bps * copies + packets_per_s * (_HEADER_BYTES + SEND_PACKET_OVERHEAD_BYTES) * 8
