"""The parts of aiortc's private inside that receive pictures; `aiortc_private` puts them in and checks the names.

Where aiortc asks once for a lost packet and then waits for 512 others, `video_in` asks by a timer and holds pictures
back as long as the link needs. aiortc's own code still counts for the RTCP reports, unwraps RTX and takes the VP8
descriptor away; its NACKs, its buffer, its PLIs and its decoder's thread are not used for pictures.
"""

import asyncio
import queue
import threading
import time
from typing import Any

from aiortc import rtcrtpreceiver
from aiortc.codecs import is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from teleconsole.call.webrtc.aiortc_transport import CarefulRtpPacket
from teleconsole.call.webrtc.video_in.assembly import Frame
from teleconsole.call.webrtc.video_in.decoding import decode_pictures
from teleconsole.call.webrtc.video_in.lips import LipSync, SenderClock
from teleconsole.call.webrtc.video_in.receiver import VideoReceiver
from teleconsole.call.webrtc.video_in.red_fec import PayloadTypes, RedFec
from teleconsole.host.media_limits import VIDEO_DECODER_FRAMES, VIDEO_NACK_BATCH

CODECS_OF_RECEIVER = "_RTCRtpReceiver__codecs"
_DECODER_THREAD = "_RTCRtpReceiver__decoder_thread"
_DECODER_QUEUE = "_RTCRtpReceiver__decoder_queue"
_DECODER_FAILED = "_RTCRtpReceiver__decoder_error"
_TIMESTAMP_MAPPER = "_RTCRtpReceiver__timestamp_mapper"

RECEIVER_NAMES = (CODECS_OF_RECEIVER, _DECODER_THREAD, _DECODER_QUEUE, _DECODER_FAILED, _TIMESTAMP_MAPPER)
"""Private attributes of a receiver that are used here; they are proved to be there before the first call."""

_EXTENSIONS, _EXTENSION_IDS = "_rtp_header_extensions_map", "_HeaderExtensionsMap__ids"

_VIDEO_TICKS_PER_MS = 90
_stock_decoder_worker = rtcrtpreceiver.decoder_worker


class SilentNacks:
    """Stands where aiortc asks for lost packets, and asks for none: `VideoBuffer` does."""

    def __init__(self) -> None:
        self.missing: set[int] = set()

    def add(self, packet: RtpPacket) -> bool:
        """Return False: nothing is to be sent."""
        return False


class VideoBuffer:
    """Stands where aiortc has its jitter buffer of pictures; it owns the timer of its receiver.

    Attributes:
        video: the state of the stream.
        red_fec: takes RED away and computes what is lost; None before the first packet.
        clock: of its sender.
        lips: holds the pictures back for the sound.

    Thread: the loop's. The timer ends by itself when the receiver has stopped.
    """

    def __init__(self) -> None:
        self.video = VideoReceiver()
        self.red_fec: RedFec | None = None
        self.clock = SenderClock(_VIDEO_TICKS_PER_MS)
        self.lips = LipSync(self.video.delay, self.clock)
        self._receiver: RTCRtpReceiver | None = None
        self._ssrc = 0
        self._is_retransmission = False
        self._timer: asyncio.TimerHandle | None = None
        self._sends: set[asyncio.Task[None]] = set()

    def prepare(self, receiver: RTCRtpReceiver, packet: RtpPacket) -> None:
        """See a packet as it came, before aiortc unwraps what came by RTX (RFC 4588)."""
        self._receiver = receiver
        if self.red_fec is None:
            self.red_fec = _red_fec(receiver)
        codec = getattr(receiver, CODECS_OF_RECEIVER).get(packet.payload_type)
        self._is_retransmission = codec is not None and is_rtx(codec)
        failed: threading.Event = getattr(receiver, _DECODER_FAILED)
        if failed.is_set():
            failed.clear()
            self.video.decoding_failed()

    def add(self, packet: Any) -> tuple[bool, None]:
        """Take a packet from aiortc. Returns: no PLI and no frame, both come by `run`."""
        if self.red_fec is None:
            return False, None
        self._ssrc = packet.ssrc
        raw = packet.raw if isinstance(packet, CarefulRtpPacket) else None  # aiortc makes another of what came by RTX
        taken, now_ms = self.red_fec.take(packet, raw), _now_ms()
        if taken.packet is not None:
            self.video.add(taken.packet, now_ms, is_retransmission=self._is_retransmission, is_parity=taken.is_parity)
        for repaired in taken.repaired:
            self.video.add_repaired(repaired, now_ms)
        return False, None

    def run(self) -> None:
        """Do what is due and set the timer for the next time."""
        receiver = self._receiver
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if receiver is None or getattr(receiver, _DECODER_THREAD) is None:
            return
        frames: queue.Queue[Any] = getattr(receiver, _DECODER_QUEUE)
        step = self.video.step(_now_ms(), decoder_waits=frames.qsize(), decoder_most=VIDEO_DECODER_FRAMES)
        for frame in step.frames:
            self._decode(receiver, frame)
        if step.wants_key_frame:
            self._send(receiver._send_rtcp_pli(self._ssrc))
        for start in range(0, len(step.lost), VIDEO_NACK_BATCH):
            self._send(receiver._send_rtcp_nack(self._ssrc, step.lost[start : start + VIDEO_NACK_BATCH]))
        if step.again_ms is not None:
            wait_s = max(0.001, (step.again_ms - _now_ms()) / 1000)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self.run)

    def _decode(self, receiver: RTCRtpReceiver, frame: Frame) -> None:
        codec = getattr(receiver, CODECS_OF_RECEIVER).get(frame.payload_type)
        if codec is None:
            return
        frame.timestamp = getattr(receiver, _TIMESTAMP_MAPPER).map(frame.timestamp & 0xFFFFFFFF)
        getattr(receiver, _DECODER_QUEUE).put((codec, frame))

    def _send(self, sending: Any) -> None:
        task = asyncio.get_running_loop().create_task(sending)
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)


def _red_fec(receiver: RTCRtpReceiver) -> RedFec:
    """Return what suits that which was negotiated for this receiver."""
    types = {codec.name.lower(): number for number, codec in getattr(receiver, CODECS_OF_RECEIVER).items()}
    ids = getattr(getattr(receiver.transport, _EXTENSIONS), _EXTENSION_IDS)
    mutable = {ids.abs_send_time, ids.transmission_offset, ids.transport_sequence_number} - {None}
    return RedFec(PayloadTypes(types.get("vp8", -1), types.get("red"), types.get("ulpfec")), frozenset(mutable))


def missing_names() -> list[str]:
    """Return the names that are needed here beside a receiver's own and that this aiortc has not."""
    missing = [name for name in (_EXTENSION_IDS,) if name not in HeaderExtensionsMap.__init__.__code__.co_names]
    return missing + [name for name in (_EXTENSIONS,) if name not in RTCDtlsTransport.__init__.__code__.co_names]


def decoder_worker(
    loop: asyncio.AbstractEventLoop,
    frames: "queue.Queue[Any]",
    pictures: "asyncio.Queue[Any]",
    failed: threading.Event,
) -> None:
    """Decode pictures our way and sound aiortc's way; which it is says the thread's name, which aiortc gives."""
    is_video = threading.current_thread().name.startswith("video")
    (decode_pictures if is_video else _stock_decoder_worker)(loop, frames, pictures, failed)


def _now_ms() -> float:
    return time.monotonic() * 1000
