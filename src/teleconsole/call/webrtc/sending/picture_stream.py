"""Pictures on their way out: the newest of the camera, encoded for what the link takes now, paced."""

import asyncio
import time
from contextlib import suppress

from aiortc.clock import current_ntp_time
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from teleconsole.call.webrtc.fec.plan import Protection
from teleconsole.call.webrtc.profile import SendProfile
from teleconsole.call.webrtc.sending.picture_encoder import PictureEncoder, ticks
from teleconsole.call.webrtc.sending.picture_plan import Limit, PicturePlan, PicturePlanner
from teleconsole.call.webrtc.sending.rtp_stream import Port, RtpStream, next_frame
from teleconsole.call.webrtc.sending.transmitter import Transmitter
from teleconsole.host.limits import CALL_VIDEO_MAX_BPS
from teleconsole.host.media_limits import (
    SEND_BLOCKED_MS,
    SEND_KEY_FRAME_PAUSE_MS,
    SEND_PICTURE_LEAST_BPS,
    SEND_QUEUE_SKIP_MS,
)

_EARLY_PART = 0.6
_PAYLOAD_SHARE = 0.94
_CLOCK_HZ = 90_000


class PictureStream:
    """Sends the pictures of a port's track until the track ends.

    Attributes:
        profile: the most that may be sent.
        reserved_bps: kept for the voice.
        target_bps: of the encoder now, 0 = no picture is sent.
        limited_by: what holds the picture down.
        skipped: pictures that were left out because others waited still.
    """

    def __init__(self, port: Port, transmitter: Transmitter, profile: SendProfile) -> None:
        self.profile = profile
        self.reserved_bps = 0.0
        self.target_bps = 0
        self.limited_by: Limit = "none"
        self.skipped = 0
        self.rtp = RtpStream(port)
        self._port = port
        self._transmitter = transmitter
        self._encoder = PictureEncoder()
        self._planner = PicturePlanner()
        self._wants_key = False
        self._key_ms = 0.0
        self._due_ticks = 0.0
        self._blocked_since_ms: float | None = None
        self._repeat_bps = 0.0
        self._repeat_seen = (0.0, 0)
        self._protection = Protection()

    @property
    def encode_ms(self) -> float:
        """Wall time to encode a picture, median."""
        return self._planner.encode_ms

    def want_key_frame(self) -> None:
        """The other side cannot go on: the next picture must need no other."""
        self._wants_key = True

    async def run(self) -> None:
        """Send until the track ends or the connection is gone."""
        self._transmitter.add_stream(self.rtp)
        self._transmitter.on_flush = self._give_up
        try:
            with suppress(MediaStreamError, ConnectionError):
                while True:
                    frame = await next_frame(self._port)
                    if isinstance(frame, VideoFrame):
                        await self._take(frame)
        finally:
            self._transmitter.remove_stream(self.rtp)
            self._transmitter.on_flush = _nothing
            await asyncio.get_running_loop().run_in_executor(None, self._encoder.close)

    def _must_skip(self, now_ms: float) -> bool:
        """Return whether this picture is left out: the newest one is to be sent, and not to wait behind others."""
        if now_ms < self._transmitter.pictures_from_ms:
            return True
        is_silent = self._transmitter.gcc.is_silent
        if not is_silent and self._transmitter.queue_ms <= SEND_QUEUE_SKIP_MS:
            self._blocked_since_ms = None
            return False
        if self._blocked_since_ms is None:
            self._blocked_since_ms = now_ms
        if now_ms - self._blocked_since_ms > SEND_BLOCKED_MS:
            # what waits, most of it sent again, is older than what could be shown instead
            self._transmitter.drop_pictures()
            self._give_up()
            return is_silent
        return True

    def _is_too_many(self, at: int, interval: float) -> bool:
        """Return whether a picture comes before its time; one that is a little early after a late one does not."""
        return self._due_ticks - _CLOCK_HZ < at < self._due_ticks - _EARLY_PART * interval

    def _next_due_ticks(self, at: int, interval: float) -> float:
        """Return when the picture after this one is due; what is far from its time is of another clock."""
        is_near = abs(at - self._due_ticks) < _CLOCK_HZ
        return (max(self._due_ticks, at - interval) if is_near else at) + interval

    def _give_up(self) -> None:
        """What was sent so far is worth nothing more: begin anew with the next picture."""
        self.rtp.forget()
        self._wants_key = True

    async def _take(self, frame: VideoFrame) -> None:
        now_ms = time.monotonic() * 1000
        gcc = self._transmitter.gcc
        if self._port.fec_payload_type is not None and gcc.has_feedback:
            self._protection.update(gcc.loss, gcc.round_trip_ms, gcc.estimate_bps, gcc.queue_ms, now_ms)
        steady_bps, target_bps = self._share(gcc.estimate_bps, now_ms), self._share(gcc.target_bps, now_ms)
        plan = self._planner.plan((frame.width, frame.height), steady_bps, self.profile, now_ms)
        self.limited_by = plan.limited_by
        if not plan.height_px:
            if self.target_bps:
                self.target_bps = 0
                self._transmitter.drop_pictures()
                self._give_up()
                await asyncio.get_running_loop().run_in_executor(None, self._encoder.rest)
            return
        self.target_bps = max(SEND_PICTURE_LEAST_BPS, int(target_bps))
        at, interval = ticks(frame), _CLOCK_HZ / plan.frames_per_s
        if self._is_too_many(at, interval):
            return
        if self._must_skip(now_ms):
            self.skipped += 1
            return
        self._due_ticks = self._next_due_ticks(at, interval)
        await self._encode(frame, at, plan, now_ms)

    async def _encode(self, frame: VideoFrame, at: int, plan: PicturePlan, now_ms: float) -> None:
        key = self._wants_key and now_ms - self._key_ms >= SEND_KEY_FRAME_PAUSE_MS
        age_s = min(1.0, max(0.0, time.monotonic() - at / _CLOCK_HZ)) if frame.pts else 0.0
        captured_ntp = current_ntp_time() - int(age_s * (1 << 32))

        def work() -> tuple[list[bytes], bool, float]:
            begun_s = time.perf_counter()
            size = plan.width_px, plan.height_px
            made = self._encoder.encode(frame, size, self.target_bps, plan.frames_per_s, key_frame=key)
            return *made, (time.perf_counter() - begun_s) * 1000

        payloads, is_key, took_ms = await asyncio.get_running_loop().run_in_executor(None, work)
        self._planner.took(took_ms, now_ms)
        if is_key:
            self._wants_key = False
            self._key_ms = now_ms
        parities = self._protection.parities(len(payloads))
        self._transmitter.put(self.rtp.packets(payloads, at, captured_ntp, parities))

    def _share(self, link_bps: float, now_ms: float) -> float:
        since_ms, before = self._repeat_seen
        if now_ms - since_ms >= 500:
            bits = (self.rtp.repeated_bytes - before) * 8
            self._repeat_bps = bits * 1000 / (now_ms - since_ms) if since_ms else 0.0
            self._repeat_seen = now_ms, self.rtp.repeated_bytes
        left = link_bps - self.reserved_bps
        left -= min(self._repeat_bps, left / 2)  # what is sent again is sent instead of new pictures
        left /= 1 + self._protection.overhead
        return max(0.0, min(left * _PAYLOAD_SHARE, self.profile.video_max_bps, CALL_VIDEO_MAX_BPS))


def _nothing() -> None:
    """Nobody is to be told."""
