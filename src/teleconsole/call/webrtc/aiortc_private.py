"""Everything that touches aiortc's private names, in one place, proved to fit before the first call.

aiortc 1.16 is not made to be adapted from outside. What is replaced here, and why: notes in `aiortc_receive` and
`aiortc_send`; the bandwidth estimate is told to the other side at once instead of after three seconds, else Chromium
stays at a third of what the link takes.
"""

import dataclasses
import importlib.metadata
import time
from collections.abc import Callable
from typing import Any

import aiortc
from aiortc import rtcicetransport, rtcrtpreceiver
from aiortc.codecs import CODECS
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket

from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc.aiortc_channel import PARTS as CHANNEL_PARTS
from teleconsole.call.webrtc.aiortc_channel import missing_names as missing_channel_names
from teleconsole.call.webrtc.aiortc_data import missing_data_names
from teleconsole.call.webrtc.aiortc_receive import (
    CODECS_OF_RECEIVER,
    RECEIVER_NAMES,
    SilentNacks,
    VideoBuffer,
    decoder_worker,
)
from teleconsole.call.webrtc.aiortc_receive import missing_names as missing_receiving_names
from teleconsole.call.webrtc.aiortc_send import PARTS as SENDING_PARTS
from teleconsole.call.webrtc.aiortc_send import missing_names as missing_sending_names
from teleconsole.call.webrtc.aiortc_send import offer_transport_cc
from teleconsole.call.webrtc.aiortc_transport import PARTS as TRANSPORT_PARTS
from teleconsole.call.webrtc.aiortc_transport import missing_names as missing_transport_names
from teleconsole.call.webrtc.ice.agent import IceAgent, missing_aioice_names
from teleconsole.call.webrtc.sound_tap import SoundTap
from teleconsole.call.webrtc.video_in.lips import SenderClock
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_RECEIVE_MAX_BPS, CALL_RTP_HISTORY_PACKETS

_VERSION = "1.16."
_BUFFER = "_RTCRtpReceiver__jitter_buffer"
_RED = "audio/red"
_RED_PAYLOAD_TYPE = 110
_VIDEO_RED, _ULPFEC, _RTX = "video/red", "video/ulpfec", "video/rtx"
_VIDEO_RED_PAYLOAD_TYPE, _ULPFEC_PAYLOAD_TYPE, _VIDEO_RED_RTX_PAYLOAD_TYPE = 116, 117, 118

_stock_handle_rtp = RTCRtpReceiver._handle_rtp_packet
_stock_handle_rtcp = RTCRtpReceiver._handle_rtcp_packet
_stock_send = RTCRtpSender.send


class AiortcChangedError(RuntimeError):
    """This aiortc is not the one that we know from inside; the program must not start a call with it."""


class _SoundBuffer:
    """Stands where aiortc has its jitter buffer of sound."""

    def __init__(self) -> None:
        self.assembly = SoundTap()
        self.clock = SenderClock(CALL_AUDIO_HZ // 1000)

    def add(self, packet: Any) -> tuple[bool, None]:
        """Hand the packet on. Returns: no key frame is needed, and nothing is to be decoded."""
        return self.assembly.add(packet), None


def _buffer(capacity: int, prefetch: int = 0, is_video: bool = False) -> VideoBuffer | _SoundBuffer:
    """Return what stands where aiortc has its jitter buffer."""
    return VideoBuffer() if is_video else _SoundBuffer()


class _PromptEstimator(RemoteBitrateEstimator):
    """Says from the first packet on what may be sent, and goes down from there as aiortc does."""

    def __init__(self) -> None:
        super().__init__()
        self.rate_control.current_bitrate = CALL_RECEIVE_MAX_BPS
        self.rate_control.latest_estimated_throughput = CALL_RECEIVE_MAX_BPS
        self.rate_control.current_bitrate_initialized = True


async def _handle_rtp_packet(receiver: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
    """Take a packet as aiortc does; of pictures, do then what became due."""
    buffer = getattr(receiver, _BUFFER)
    if isinstance(buffer, VideoBuffer):
        buffer.prepare(receiver, packet)
    await _stock_handle_rtp(receiver, packet, arrival_time_ms)
    if isinstance(buffer, VideoBuffer):
        buffer.run()


async def _send(sender: RTCRtpSender, parameters: RTCRtpSendParameters) -> None:
    """Send the first codec that is not repair: RED of sound stands first because Chromium sends what stands first."""
    repairs = (_RED, _VIDEO_RED, _ULPFEC)
    codecs = sorted(parameters.codecs, key=lambda codec: codec.mimeType.lower() in repairs)
    await _stock_send(sender, dataclasses.replace(parameters, codecs=codecs))


async def _handle_rtcp_packet(receiver: RTCRtpReceiver, packet: AnyRtcpPacket) -> None:
    """Take a packet as aiortc does; of a sender report, keep what its timestamps mean."""
    if isinstance(packet, RtcpSrPacket):
        report = packet.sender_info
        getattr(receiver, _BUFFER).clock.note(report.ntp_timestamp, report.rtp_timestamp)
    await _stock_handle_rtcp(receiver, packet)


def match_lips(pictures: RTCRtpReceiver, sound: RTCRtpReceiver, timestamp: int, heard_s: float) -> float | None:
    """Hold pictures back as the sound of the same sender is; call it about once a second.

    Args:
        pictures: receiver of the pictures.
        sound: receiver of the sound.
        timestamp: RTP's, of a sound.
        heard_s: when it is heard, `time.monotonic()`.

    Returns:
        How much later a picture is shown than its sound is played, in ms; None while it is not known.
    """
    buffer, other = getattr(pictures, _BUFFER), getattr(sound, _BUFFER)
    if not isinstance(buffer, VideoBuffer) or not isinstance(other, _SoundBuffer):
        return None
    buffer.lips.update(other.clock, timestamp, heard_s * 1000)
    return buffer.lips.offset_ms


def overrun(receiver: RTCRtpReceiver, *, begins: bool) -> None:
    """More is sent than a narrow link carries: ask for nothing that was lost, and for a key frame only after a while.

    Args:
        receiver: of pictures or of sound.
        begins: the link has become narrow just now; else it still is.
    """
    buffer = getattr(receiver, _BUFFER)
    if isinstance(buffer, VideoBuffer):
        buffer.video.overrun(time.monotonic() * 1000, begins=begins)


def expect_pictures(receiver: RTCRtpReceiver, *, expected: bool) -> None:
    """Ask for lost packets and for key frames, or for nothing: the other side was told to send none."""
    buffer = getattr(receiver, _BUFFER)
    if isinstance(buffer, VideoBuffer):
        buffer.video.is_expected = expected


def hear(receiver: RTCRtpReceiver, generation: int, sink: Callable[[SoundPacket], None]) -> None:
    """Hand every packet of sound to `sink`, in the event loop's thread, as it comes.

    Args:
        receiver: of sound.
        generation: of its connection.
        sink: must return at once and raise nothing.
    """
    getattr(receiver, _BUFFER).assembly.open(generation, getattr(receiver, CODECS_OF_RECEIVER), sink)


def _offer_repair_of_sound() -> None:
    """Let the other side add redundancy to its Opus: in-band (RFC 7587) and as `audio/red` (RFC 2198)."""
    codecs = CODECS["audio"]
    if any(codec.mimeType == _RED for codec in codecs):
        return
    opus = next(codec for codec in codecs if codec.mimeType == "audio/opus")
    opus.parameters = {"minptime": 10, "useinbandfec": 1}
    red = RTCRtpCodecParameters(
        mimeType=_RED,
        clockRate=opus.clockRate,
        channels=opus.channels,
        payloadType=_RED_PAYLOAD_TYPE,
        parameters={f"{opus.payloadType}/{opus.payloadType}": None},
    )
    codecs.insert(0, red)


def _offer_repair_of_pictures() -> None:
    """Let either side add parities to its pictures: `video/ulpfec` (RFC 5109) within `video/red` (RFC 2198)."""
    codecs = CODECS["video"]
    if any(codec.mimeType == _VIDEO_RED for codec in codecs):
        return
    clock_rate = next(codec.clockRate for codec in codecs)
    offered: tuple[tuple[str, int, dict[str, int | str | None]], ...] = (
        (_VIDEO_RED, _VIDEO_RED_PAYLOAD_TYPE, {}),
        (_RTX, _VIDEO_RED_RTX_PAYLOAD_TYPE, {"apt": _VIDEO_RED_PAYLOAD_TYPE}),
        (_ULPFEC, _ULPFEC_PAYLOAD_TYPE, {}),
    )
    for name, number, parameters in offered:
        codecs.append(
            RTCRtpCodecParameters(mimeType=name, clockRate=clock_rate, payloadType=number, parameters=parameters)
        )


def adapt_aiortc() -> None:
    """Put our parts into aiortc; call it once before the first peer connection, again does nothing.

    Raises:
        AiortcChangedError: a name that is needed is not there.
    """
    check_aiortc()
    _offer_repair_of_sound()
    _offer_repair_of_pictures()
    offer_transport_cc()
    ours: tuple[tuple[object, str, object], ...] = (
        (rtcicetransport, "Connection", IceAgent),
        (rtcrtpreceiver, "RTP_HISTORY_SIZE", CALL_RTP_HISTORY_PACKETS),
        (rtcrtpreceiver, "JitterBuffer", _buffer),
        (rtcrtpreceiver, "NackGenerator", SilentNacks),
        (rtcrtpreceiver, "decoder_worker", decoder_worker),
        (rtcrtpreceiver, "RemoteBitrateEstimator", _PromptEstimator),
        (RTCRtpReceiver, "_handle_rtp_packet", _handle_rtp_packet),
        (RTCRtpReceiver, "_handle_rtcp_packet", _handle_rtcp_packet),
        (RTCRtpSender, "send", _send),
        *SENDING_PARTS,
        *TRANSPORT_PARTS,
        *CHANNEL_PARTS,
    )
    for owner, name, part in ours:
        setattr(owner, name, part)


def check_aiortc() -> None:
    """Prove that every name is where it is expected.

    Raises:
        AiortcChangedError: which one is not.
    """
    version = importlib.metadata.version("aiortc")
    if not version.startswith(_VERSION):
        raise AiortcChangedError(f"aiortc {version} is not {_VERSION}x")
    code = RTCRtpReceiver.__init__.__code__.co_names + RTCRtpReceiver.receive.__code__.co_names
    missing = [name for name in (_BUFFER, *RECEIVER_NAMES) if name not in code]
    owners: tuple[tuple[object, tuple[str, ...]], ...] = (
        (rtcicetransport, ("Connection",)),
        (rtcrtpreceiver, ("NackGenerator", "decoder_worker")),
        (rtcrtpreceiver, ("JitterBuffer", "RemoteBitrateEstimator", "RTP_HISTORY_SIZE", "depayload")),
        (RTCRtpReceiver, ("_handle_rtp_packet", "_handle_rtcp_packet", "_send_rtcp_nack", "_send_rtcp_pli")),
        (RTCRtpSender, ("send",)),
    )
    missing += [name for owner, names in owners for name in names if not hasattr(owner, name)]
    missing += (
        missing_receiving_names()
        + missing_data_names()
        + missing_sending_names()
        + missing_transport_names()
        + missing_channel_names()
        + missing_aioice_names()
    )
    if missing:
        raise AiortcChangedError(f"aiortc {aiortc.__version__} lacks {', '.join(missing)}")
