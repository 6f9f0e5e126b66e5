"""Everything that touches aiortc's private names, in one place, proved to fit before the first call.

aiortc 1.16 is not made to be adapted from outside. What is replaced here, and why: notes in `frame_assembly` and
`encoders`; the bandwidth estimate is told to the other side at once instead of after three seconds, else Chromium
stays at a third of what the link takes; the sender keeps more packets for retransmission.
"""

import dataclasses
import importlib.metadata
from collections.abc import Callable
from typing import Any

import aiortc
from aiortc import rtcrtpreceiver, rtcrtpsender
from aiortc.codecs import CODECS
from aiortc.codecs import get_encoder as _stock_get_encoder
from aiortc.codecs.base import Encoder
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import RtpPacket

from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc.encoders import OpusEncoder, Vp8Encoder
from teleconsole.call.webrtc.frame_assembly import EncodedFrame, VideoAssembly
from teleconsole.call.webrtc.sound_tap import SoundTap
from teleconsole.host.limits import CALL_RECEIVE_MAX_BPS, CALL_RTP_HISTORY_PACKETS

_VERSION = "1.16."
_BUFFER = "_RTCRtpReceiver__jitter_buffer"
_CODECS = "_RTCRtpReceiver__codecs"
_THREAD = "_RTCRtpReceiver__decoder_thread"
_QUEUE = "_RTCRtpReceiver__decoder_queue"
_MAPPER = "_RTCRtpReceiver__timestamp_mapper"
_RED = "audio/red"
_RED_PAYLOAD_TYPE = 110

_stock_handle_rtp = RTCRtpReceiver._handle_rtp_packet
_stock_send = RTCRtpSender.send


class AiortcChangedError(RuntimeError):
    """This aiortc is not the one that we know from inside; the program must not start a call with it."""


class _Assembly:
    """Stands where aiortc has its jitter buffer."""

    def __init__(self, capacity: int, prefetch: int = 0, is_video: bool = False) -> None:
        self.assembly = VideoAssembly() if is_video else SoundTap()

    def add(self, packet: Any) -> tuple[bool, EncodedFrame | None]:
        """Return whether a key frame is needed, and the next whole frame."""
        wants_key = self.assembly.add(packet)
        return wants_key, self.assembly.whole.popleft() if self.assembly.whole else None


class _PromptEstimator(RemoteBitrateEstimator):
    """Says from the first packet on what may be sent, and goes down from there as aiortc does."""

    def __init__(self) -> None:
        super().__init__()
        self.rate_control.current_bitrate = CALL_RECEIVE_MAX_BPS
        self.rate_control.latest_estimated_throughput = CALL_RECEIVE_MAX_BPS
        self.rate_control.current_bitrate_initialized = True


async def _handle_rtp_packet(receiver: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
    """Take a packet as aiortc does, then hand on all further frames that it completed, not only the first."""
    await _stock_handle_rtp(receiver, packet, arrival_time_ms)
    whole = getattr(receiver, _BUFFER).assembly.whole
    if not whole or not getattr(receiver, _THREAD):
        return
    codec = next(c for c in getattr(receiver, _CODECS).values() if not c.mimeType.lower().endswith("/rtx"))
    while whole:
        frame = whole.popleft()
        frame.timestamp = getattr(receiver, _MAPPER).map(frame.timestamp)
        getattr(receiver, _QUEUE).put((codec, frame))


async def _send(sender: RTCRtpSender, parameters: RTCRtpSendParameters) -> None:
    """Send the first codec that is not RED: RED stands first because Chromium sends what stands first."""
    codecs = sorted(parameters.codecs, key=lambda codec: codec.mimeType.lower() == _RED)
    await _stock_send(sender, dataclasses.replace(parameters, codecs=codecs))


def hear(receiver: RTCRtpReceiver, generation: int, sink: Callable[[SoundPacket], None]) -> None:
    """Hand every packet of sound to `sink`, in the event loop's thread, as it comes.

    Args:
        receiver: of sound.
        generation: of its connection.
        sink: must return at once and raise nothing.
    """
    getattr(receiver, _BUFFER).assembly.open(generation, getattr(receiver, _CODECS), sink)


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


def _get_encoder(codec: RTCRtpCodecParameters) -> Encoder:
    match codec.mimeType.lower():
        case "video/vp8":
            return Vp8Encoder()
        case "audio/opus":
            return OpusEncoder()
    return _stock_get_encoder(codec)


def adapt_aiortc() -> None:
    """Put our parts into aiortc; call it once before the first peer connection, again does nothing.

    Raises:
        AiortcChangedError: a name that is needed is not there.
    """
    check_aiortc()
    _offer_repair_of_sound()
    ours: tuple[tuple[object, str, object], ...] = (
        (rtcrtpsender, "RTP_HISTORY_SIZE", CALL_RTP_HISTORY_PACKETS),
        (rtcrtpsender, "get_encoder", _get_encoder),
        (rtcrtpreceiver, "RTP_HISTORY_SIZE", CALL_RTP_HISTORY_PACKETS),
        (rtcrtpreceiver, "JitterBuffer", _Assembly),
        (rtcrtpreceiver, "RemoteBitrateEstimator", _PromptEstimator),
        (RTCRtpReceiver, "_handle_rtp_packet", _handle_rtp_packet),
        (RTCRtpSender, "send", _send),
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
    missing = [name for name in (_BUFFER, _CODECS, _THREAD, _QUEUE, _MAPPER) if name not in code]
    owners: tuple[tuple[object, tuple[str, ...]], ...] = (
        (rtcrtpreceiver, ("JitterBuffer", "RemoteBitrateEstimator", "RTP_HISTORY_SIZE", "depayload")),
        (rtcrtpsender, ("get_encoder", "RTP_HISTORY_SIZE")),
        (RTCRtpReceiver, ("_handle_rtp_packet",)),
        (RTCRtpSender, ("send",)),
    )
    missing += [name for owner, names in owners for name in names if not hasattr(owner, name)]
    if missing:
        raise AiortcChangedError(f"aiortc {aiortc.__version__} lacks {', '.join(missing)}")
