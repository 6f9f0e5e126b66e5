"""The encoders of what is sent: VP8 that follows the link without a key frame at each step, Opus for a voice.

aiortc's own VP8 encoder starts over (a key frame) at every change of the rate by 10 %, and its Opus is stereo
music without protection against loss.
"""

import fractions
import multiprocessing
import random
import time
from typing import Any

import av
from aiortc.codecs.base import Encoder
from aiortc.codecs.vpx import VpxPayloadDescriptor
from av import AudioFrame, AudioResampler, VideoFrame
from av.audio.codeccontext import AudioCodecContext
from av.frame import Frame
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from teleconsole.host.limits import (
    CALL_AUDIO_BPS,
    CALL_AUDIO_HZ,
    CALL_FRAMES_PER_S,
    CALL_VIDEO_MAX_BPS,
    CALL_VIDEO_MIN_BPS,
    CALL_VIDEO_START_BPS,
)

_VIDEO_TIME_BASE = fractions.Fraction(1, 90_000)
_AUDIO_TIME_BASE = fractions.Fraction(1, CALL_AUDIO_HZ)
_PAYLOAD_BYTES = 1200
_PICTURE_IDS = 1 << 15
_FALL, _FALL_AFTER_S = 0.8, 0.25
_RISE, _RISE_AFTER_S = 1.35, 3.0


class Vp8Encoder(Encoder):
    """VP8 in real time. Opened again (a key frame) only for a clear fall of the rate, or a clear and lasting rise.

    Thread: one of the executor's at a time; `target_bitrate` from the event loop's.
    """

    def __init__(self) -> None:
        self.target_bitrate_bps = CALL_VIDEO_START_BPS
        self._context: VideoCodecContext | None = None
        self._opened_bps = 0
        self._opened_s = 0.0
        self._picture_id = random.randrange(_PICTURE_IDS)  # noqa: S311 -- a counter's start, not a secret

    @property
    def target_bitrate(self) -> int:
        """Bits per second; the other side's REMB sets it (aiortc's name)."""
        return self.target_bitrate_bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self.target_bitrate_bps = max(CALL_VIDEO_MIN_BPS, min(int(bitrate), CALL_VIDEO_MAX_BPS))

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads of a picture and its timestamp of 90 kHz."""
        if not isinstance(frame, VideoFrame):
            raise TypeError("VP8 encodes pictures")
        if frame.format.name != "yuv420p":
            frame = frame.reformat(format="yuv420p")
        context = self._fitting_context(frame.width, frame.height)
        frame.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in context.encode(frame))
        return self._packetize(data), _timestamp(frame.pts or 0, frame.time_base, _VIDEO_TIME_BASE)

    def pack(self, packet: "Packet[Any]") -> tuple[list[bytes], int]:
        """Return the RTP payloads of a picture that is encoded already."""
        return self._packetize(bytes(packet)), _timestamp(packet.pts or 0, packet.time_base, _VIDEO_TIME_BASE)

    def _fitting_context(self, width: int, height: int) -> VideoCodecContext:
        context, wanted_bps, age_s = self._context, self.target_bitrate_bps, time.monotonic() - self._opened_s
        falls = wanted_bps < self._opened_bps * _FALL and age_s > _FALL_AFTER_S
        rises = wanted_bps > self._opened_bps * _RISE and age_s > _RISE_AFTER_S
        if context is None or falls or rises or (context.width, context.height) != (width, height):
            self._context = context = _open_vp8(width, height, wanted_bps)
            self._opened_bps, self._opened_s = wanted_bps, time.monotonic()
        return context

    def _packetize(self, data: bytes) -> list[bytes]:
        descriptor = VpxPayloadDescriptor(partition_start=1, partition_id=0, picture_id=self._picture_id)
        self._picture_id = (self._picture_id + 1) % _PICTURE_IDS
        payloads = []
        for at in range(0, len(data), _PAYLOAD_BYTES):
            payloads.append(bytes(descriptor) + data[at : at + _PAYLOAD_BYTES])
            descriptor.partition_start = 0
        return payloads


def _open_vp8(width: int, height: int, bitrate_bps: int) -> VideoCodecContext:
    context = av.CodecContext.create("libvpx", "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError("libvpx is not a video codec here")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.bit_rate = bitrate_bps
    context.time_base = _VIDEO_TIME_BASE
    context.framerate = fractions.Fraction(CALL_FRAMES_PER_S, 1)
    context.gop_size = 3000
    context.qmin, context.qmax = 2, 58
    context.thread_count = min(4, max(1, multiprocessing.cpu_count() - 1))
    context.options = {
        "deadline": "realtime",
        "cpu-used": "-8" if width > 640 else "-6",
        "lag-in-frames": "0",
        "minrate": str(bitrate_bps),
        "maxrate": str(bitrate_bps),
        "bufsize": str(bitrate_bps // 2),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
        "max-intra-rate": "450",
        "static-thresh": "1",
        "noise-sensitivity": "0",
    }
    return context


class OpusEncoder(Encoder):
    """Opus for one voice: mono, 20 ms, with forward error correction for 10 % loss (RFC 6716 section 2.1.7)."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "w")
        if not isinstance(context, AudioCodecContext):
            raise TypeError("libopus is not an audio codec here")
        context.bit_rate = CALL_AUDIO_BPS
        context.format = "s16"
        context.layout = "mono"
        context.sample_rate = CALL_AUDIO_HZ
        context.time_base = _AUDIO_TIME_BASE
        context.options = {"application": "voip", "fec": "1", "packet_loss": "10", "frame_duration": "20"}
        self._context = context
        self._resampler = AudioResampler(format="s16", layout="mono", rate=CALL_AUDIO_HZ, frame_size=960)
        self._first_pts: int | None = None

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads of a piece of sound and its timestamp; none while one fills up."""
        if not isinstance(frame, AudioFrame):
            raise TypeError("Opus encodes sound")
        packets = [packet for part in self._resampler.resample(frame) for packet in self._context.encode(part)]
        if not packets:
            return [], 0
        pts = packets[0].pts or 0
        if self._first_pts is None:
            self._first_pts = pts  # libopus starts below zero, by its look-ahead
        return [bytes(packet) for packet in packets], pts - self._first_pts

    def pack(self, packet: "Packet[Any]") -> tuple[list[bytes], int]:
        """Return the RTP payload of sound that is encoded already."""
        return [bytes(packet)], _timestamp(packet.pts or 0, packet.time_base, _AUDIO_TIME_BASE)


def _timestamp(pts: int, time_base: fractions.Fraction | None, clock: fractions.Fraction) -> int:
    return int(pts * (time_base or clock) / clock)
