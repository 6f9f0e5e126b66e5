"""How large and how often pictures are sent: by the rate, by the time that encoding takes, and by the ladder's step.

Pure. The sizes go down a ladder of their own inside the step; a change costs a key frame, so each has two thresholds.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Literal

from teleconsole.call.webrtc.profile import SendProfile
from teleconsole.host.limits import CALL_FRAMES_PER_S
from teleconsole.host.media_limits import SEND_PICTURE_PAUSE_BPS, SEND_PICTURE_RESUME_BPS

Limit = Literal["none", "network", "cpu", "profile"]


@dataclass(frozen=True)
class _Rung:
    height_px: int
    frames_per_s: int
    leave_bps: int
    enter_bps: int


_RUNGS = (
    _Rung(720, 30, 420_000, 650_000),
    _Rung(540, 30, 260_000, 420_000),
    _Rung(360, 30, 130_000, 240_000),
    _Rung(270, 20, 75_000, 130_000),
    _Rung(180, 15, 0, 75_000),
)
_UP_AFTER_MS, _DOWN_AFTER_MS, _DOWN_AT_ONCE = 1500.0, 500.0, 0.5
_BUSY_PART, _BUSY_AFTER_MS = 0.75, 2000.0
_IDLE_PART, _IDLE_AFTER_MS = 0.35, 15_000.0
_TIMES, _LEAST_TIMES = 30, 8


@dataclass(frozen=True)
class PicturePlan:
    """The next picture: 0 for `height_px` = none."""

    width_px: int
    height_px: int
    frames_per_s: int
    limited_by: Limit


class PicturePlanner:
    """Decides for each picture.

    Attributes:
        encode_ms: median of the last pictures.
    """

    def __init__(self) -> None:
        self.encode_ms = 0.0
        self._rung = 0
        self._cpu_rung = 0
        self._times: deque[float] = deque(maxlen=_TIMES)
        self._enough_since_ms: float | None = None
        self._little_since_ms: float | None = None
        self._busy_since_ms: float | None = None
        self._idle_since_ms: float | None = None
        self._is_paused = False

    def took(self, encode_ms: float, now_ms: float) -> None:
        """Learn how long a picture took to encode."""
        self._times.append(encode_ms)
        self.encode_ms = median(self._times)
        interval_ms = 1000 / CALL_FRAMES_PER_S
        is_busy = len(self._times) >= _LEAST_TIMES and self.encode_ms > _BUSY_PART * interval_ms
        self._busy_since_ms = (self._busy_since_ms or now_ms) if is_busy else None
        is_idle = self.encode_ms < _IDLE_PART * interval_ms
        self._idle_since_ms = (self._idle_since_ms or now_ms) if is_idle else None
        if self._busy_since_ms and now_ms - self._busy_since_ms > _BUSY_AFTER_MS and self._cpu_rung < len(_RUNGS) - 1:
            self._cpu_rung = max(self._cpu_rung, self._rung) + 1
            self._cpu_rung = min(self._cpu_rung, len(_RUNGS) - 1)
            self._forget_times()
        elif self._idle_since_ms and now_ms - self._idle_since_ms > _IDLE_AFTER_MS and self._cpu_rung:
            self._cpu_rung -= 1
            self._forget_times()

    def plan(self, camera: tuple[int, int], target_bps: float, profile: SendProfile, now_ms: float) -> PicturePlan:
        """Return what to do with a picture of the camera's size.

        Args:
            camera: width and height in pixels.
            target_bps: of the picture, as far as the link goes; short dips do not count.
            profile: of the ladder.
            now_ms: our clock.
        """
        if not profile.height_px or not profile.width_px:
            return PicturePlan(0, 0, 0, "profile")
        self._is_paused = target_bps < (SEND_PICTURE_RESUME_BPS if self._is_paused else SEND_PICTURE_PAUSE_BPS)
        if self._is_paused:
            return PicturePlan(0, 0, 0, "network")
        self._follow(target_bps, now_ms)
        at = max(self._rung, self._cpu_rung)
        rung = _RUNGS[at]
        limit: Limit = "none"
        if at:
            limit = "cpu" if self._cpu_rung >= self._rung else "network"
        height_px, frames_per_s = rung.height_px, rung.frames_per_s
        if profile.height_px < height_px or profile.frames_per_s < frames_per_s:
            limit = "profile"
        width_px, height_px = _fitting(camera, profile.width_px, min(height_px, profile.height_px))
        return PicturePlan(width_px, height_px, max(1, min(frames_per_s, profile.frames_per_s)), limit)

    def _follow(self, target_bps: float, now_ms: float) -> None:
        if self._rung < len(_RUNGS) - 1 and target_bps < _RUNGS[self._rung].leave_bps:
            self._little_since_ms = self._little_since_ms if self._little_since_ms is not None else now_ms
            is_far = target_bps < _DOWN_AT_ONCE * _RUNGS[self._rung].leave_bps
            if is_far or now_ms - self._little_since_ms >= _DOWN_AFTER_MS:
                while self._rung < len(_RUNGS) - 1 and target_bps < _RUNGS[self._rung].leave_bps:
                    self._rung += 1
                self._little_since_ms = None
            self._enough_since_ms = None
            return
        self._little_since_ms = None
        if self._rung and target_bps >= _RUNGS[self._rung - 1].enter_bps:
            self._enough_since_ms = self._enough_since_ms if self._enough_since_ms is not None else now_ms
            if now_ms - self._enough_since_ms >= _UP_AFTER_MS:
                while self._rung and target_bps >= _RUNGS[self._rung - 1].enter_bps:
                    self._rung -= 1
                self._enough_since_ms = None
        else:
            self._enough_since_ms = None

    def _forget_times(self) -> None:
        self._times.clear()
        self._busy_since_ms = self._idle_since_ms = None


def _fitting(camera: tuple[int, int], most_width_px: int, most_height_px: int) -> tuple[int, int]:
    width, height = camera
    if height > width:  # held upright: the same number of pixels
        most_width_px, most_height_px = most_height_px, most_width_px
    scale = min(1.0, most_width_px / width, most_height_px / height)
    return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)
