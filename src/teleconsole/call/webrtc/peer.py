"""One generation of the connection to the other side: made, used, closed, never repaired.

The console's side offers, the patient's side (`teleconsole peer`) answers; the rest is the same for both.
"""

import asyncio
import contextlib
import dataclasses
import logging
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.counters import Hearing
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc.aiortc_data import everything_acknowledged, send_again_now
from teleconsole.call.webrtc.aiortc_private import expect_pictures, hear, match_lips, overrun
from teleconsole.call.webrtc.aiortc_send import let_send
from teleconsole.call.webrtc.aiortc_transport import route_of, watch_width
from teleconsole.call.webrtc.arrivals.narrowing import Width
from teleconsole.call.webrtc.ice.agent import IcePlan, planned
from teleconsole.call.webrtc.ice.description import has_name, without_candidates
from teleconsole.call.webrtc.ice.relay import RelayUnreachable
from teleconsole.call.webrtc.profile import SendProfile, SendReport
from teleconsole.call.webrtc.safety import one_fingerprint
from teleconsole.call.webrtc.sending.sending import Sending
from teleconsole.call.webrtc.start_rates import FIRST_RATES, StartRates, with_start_rate
from teleconsole.call.webrtc.tracks import CameraTrack, MicrophoneTrack
from teleconsole.contracts.call import Route
from teleconsole.domain.errors import ConnectionLost
from teleconsole.host.limits import CALL_CHANNEL_MESSAGE_BYTES, CALL_CLOSE_S
from teleconsole.host.media_limits import LIPS_BROWSER_SPEAKER_MS, MICROPHONE_SETTLE_S

VIDEO_CODECS = ("video/vp8", "video/red", "video/rtx", "video/ulpfec")
_AUDIO_CODECS = ("audio/opus", "audio/red")
"""What is negotiated."""

_log = logging.getLogger(__name__)


class PeerEvents(Protocol):
    """What a connection tells its owner; every call must return at once."""

    def on_picture(self, peer: "Peer", frame: VideoFrame) -> None:
        """A picture was decoded."""

    def on_sound(self, peer: "Peer", packet: SoundPacket) -> None:
        """A packet of sound came; it is decoded when it is played."""

    def on_channel_open(self, peer: "Peer") -> None:
        """The data channel can be used."""

    def on_channel_message(self, peer: "Peer", message: str | bytes) -> None:
        """Something came on the data channel."""

    def on_state(self, peer: "Peer", state: str) -> None:
        """`RTCPeerConnection.connectionState` changed."""

    def on_candidate(self, peer: "Peer", candidate: str) -> None:
        """An address was found after the description was made; `candidate:…` as in an SDP."""

    def on_sent_level(self, level: float) -> None:
        """How loud what is sent is."""

    def on_narrow(self, peer: "Peer", width_bps: float) -> None:
        """What arrives has shrunk to this all at once, and much of what was sent is lost."""


class Peer:
    """A peer connection with its tracks and its channel "chat".

    Attributes:
        generation: its number.
        states: every connection state so far, in order.
        pictures: decoded.
        sounds: packets of sound that came.
        local_sdp: our description once it is made.

    Args:
        generation: as in the signalling frames.
        ice: servers and policy, explicit; without servers only direct addresses, never a stranger's STUN server.
        devices: what is sent.
        events: told of everything.
        start: where the rates begin.
        held: whether it is made before the patient is admitted: nothing of the devices is sent until `admit`.
    """

    def __init__(
        self,
        generation: int,
        ice: IcePlan,
        devices: OpenDevices,
        events: PeerEvents,
        start: StartRates = FIRST_RATES,
        *,
        held: bool = False,
    ) -> None:
        self.generation = generation
        self.states: list[str] = ["new"]
        self.pictures = 0
        self.sounds = 0
        self.local_sdp = ""
        self.remote_sdp = ""
        self._seen, self._heard = asyncio.Event(), asyncio.Event()
        if not held:
            self._seen.set()
            self._heard.set()
        self.camera_track = CameraTrack(devices, self._seen)
        self.microphone_track = MicrophoneTrack(devices, self._heard, self._on_sent_level)
        self._events = events
        self._start = start
        self._sending = Sending(_age_of(self.microphone_track), start.send_bps)
        self._tasks: set[asyncio.Task[None]] = set()
        self._channel: RTCDataChannel | None = None
        self._closing: asyncio.Task[None] | None = None
        self._ice = dataclasses.replace(ice, on_candidate=lambda line: self._events.on_candidate(self, line))
        # the servers are the plan's, not aiortc's; one transport for all, else each asks them and takes a relay
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.connection.on("connectionstatechange", self._on_state)
        self.connection.on("track", self._on_track)
        self.connection.on("datachannel", self._on_channel)

    async def make_offer(self) -> str:
        """Gather addresses and return the SDP of the offer: sound, picture, channel.

        Raises:
            RelayUnreachable: it may go over a relay only, and none answers.
        """
        with planned(self._ice):
            self._add(self.microphone_track, _AUDIO_CODECS)
            self._add(self.camera_track, VIDEO_CODECS)
            self._on_channel(self.connection.createDataChannel("chat", ordered=True))
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp = one_fingerprint(self.connection.localDescription.sdp)
        if self._ice.relay_only and not without_candidates(sdp)[1]:
            raise RelayUnreachable("a description without an address is of no use")
        self.local_sdp = with_start_rate(sdp, self._start.receive_bps)
        return self.local_sdp

    async def take_answer(self, sdp: str) -> None:
        """Take the other side's answer; connecting begins.

        Raises:
            ConnectionLost: it is not an answer to this offer.
        """
        await self._take(RTCSessionDescription(sdp, "answer"))

    async def make_answer(self, sdp: str) -> str:
        """Take an offer and return the SDP of the answer.

        Raises:
            ConnectionLost: it is not an offer that can be answered.
        """
        await self._take(RTCSessionDescription(sdp, "offer"))
        for transceiver in self.connection.getTransceivers():
            is_video = transceiver.kind == "video"
            let_send(transceiver.sender, self._sending)
            transceiver.sender.replaceTrack(self.camera_track if is_video else self.microphone_track)
            transceiver.direction = "sendrecv"
            transceiver.setCodecPreferences(_codecs(transceiver.kind, VIDEO_CODECS if is_video else _AUDIO_CODECS))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        self.local_sdp = one_fingerprint(self.connection.localDescription.sdp)
        return self.local_sdp

    async def add_candidate(self, candidate: str, sdp_mid: str, sdp_m_line_index: int) -> None:
        """Take a trickled candidate; one that makes no sense is ignored."""
        if not candidate or not self.remote_sdp or self._closing is not None:
            return
        refusals = (ValueError, AssertionError, IndexError, InvalidStateError, InvalidAccessError)
        with contextlib.suppress(*refusals, OSError):  # the last: no multicast here to look a name up
            parsed = candidate_from_sdp(candidate.removeprefix("candidate:"))
            parsed.sdpMid = sdp_mid or None
            parsed.sdpMLineIndex = sdp_m_line_index
            await self.connection.addIceCandidate(parsed)

    def hand_over(self, events: PeerEvents) -> None:
        """Tell everything to somebody else from now on."""
        self._events = events

    def admit(self) -> None:
        """The patient is admitted, and the devices have just been opened: what they give is sent from now on.

        A microphone gives its first sound in bursts, which the other side would take for the link's, and wait longer.
        """
        self._seen.set()
        asyncio.get_running_loop().call_later(MICROPHONE_SETTLE_S, self._heard.set)

    @property
    def is_open(self) -> bool:
        """Whether the channel can be used."""
        return self._channel is not None and self._channel.readyState == "open"

    @property
    def is_connected(self) -> bool:
        """Whether ICE and DTLS are through; it says nothing about whether anything arrives."""
        return self.connection.connectionState == "connected"

    @property
    def is_unproved(self) -> bool:
        """Whether DTLS failed: the other side has another certificate than its description names, or none of use."""
        return any(each.sender.transport.state == "failed" for each in self.connection.getTransceivers())

    @property
    def route(self) -> Route:
        """Over what everything goes now; "" before it is connected."""
        return route_of(self.connection.getTransceivers()[0].receiver.transport)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the other side has acknowledged all that was sent on the channel."""
        return everything_acknowledged(self.connection)

    def hurry(self) -> None:
        """After an outage: what the other side did not acknowledge is sent again at once."""
        send_again_now(self.connection)

    def send(self, message: str | bytes) -> bool:
        """Send on the channel; False when it is not open."""
        if self._channel is None or not self.is_open:
            return False
        self._channel.send(message)
        return True

    def apply(self, profile: SendProfile) -> None:
        """Send no more than this from now on; without pictures of ours none are expected either."""
        self._sending.apply(profile)
        for transceiver in self.connection.getTransceivers():
            expect_pictures(transceiver.receiver, expected=profile.width_px > 0)

    def send_whole(self, *, on: bool) -> None:
        """Send the sound as it is while the link affords it, for heart and lung sounds; else a plain voice."""
        self._sending.send_whole(on=on)

    @property
    def sends_whole(self) -> bool:
        """Whether the sound is sent as it is now."""
        return self._sending.sends_whole

    def send_report(self) -> SendReport:
        """Return how sending goes now."""
        return self._sending.report()

    @property
    def unsent_bytes(self) -> int:
        """Bytes of the channel that were not handed to the network yet."""
        return self._channel.bufferedAmount if self._channel is not None else 0

    def match_lips(self, hearing: Hearing) -> float | None:
        """Hold the pictures back as the sound is; call it about once a second.

        Args:
            hearing: what is heard now.

        Returns:
            How much later a picture is shown than its sound is played, in ms; None while it is not known.
        """
        if hearing.source is None or hearing.source[0] != self.generation or hearing.timestamp is None:
            return None
        receivers = {one.kind: one.receiver for one in self.connection.getTransceivers()}
        if "video" not in receivers or "audio" not in receivers:
            return None
        return match_lips(receivers["video"], receivers["audio"], hearing.timestamp, hearing.at_s)

    async def close(self) -> None:
        """End it; returns when threads, sockets and tasks are gone. Again: waits for the first."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(CALL_CLOSE_S):
                await self.connection.close()
        except (TimeoutError, ConnectionError, InvalidStateError) as error:
            _log.warning("a connection did not end in order: %s", type(error).__name__)
        self.camera_track.stop()
        self.microphone_track.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, description: RTCSessionDescription) -> None:
        sdp, candidates = without_candidates(description.sdp)
        try:
            with planned(self._ice):
                await self.connection.setRemoteDescription(RTCSessionDescription(sdp, description.type))
        except (ValueError, AssertionError, LookupError, AttributeError, TypeError) as error:
            # aiortc's parser raises all of these for a malformed description
            raise ConnectionLost from error
        except (RuntimeError, OverflowError) as error:  # likewise; its StopIteration becomes a RuntimeError
            raise ConnectionLost from error
        except (InvalidStateError, InvalidAccessError) as error:
            raise ConnectionLost from error
        self.remote_sdp = description.sdp
        for candidate in candidates:
            adding = self.add_candidate(candidate, "", 0)
            if has_name(candidate):
                self._own(adding)  # looked up in the background
            else:
                await adding

    def _add(self, track: MediaStreamTrack, mime_types: tuple[str, ...]) -> None:
        transceiver = self.connection.addTransceiver(track, direction="sendrecv")
        let_send(transceiver.sender, self._sending)
        transceiver.setCodecPreferences(_codecs(track.kind, mime_types))

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_state(self) -> None:
        state = self.connection.connectionState
        if state != self.states[-1]:
            self.states.append(state)
            if state == "connected":
                watch_width(self.connection.getTransceivers()[0].receiver.transport, self._on_width)
            self._events.on_state(self, state)

    def _on_width(self, width: Width, width_bps: float) -> None:
        for transceiver in self.connection.getTransceivers():
            overrun(transceiver.receiver, begins=width == "narrowed")
        self._sending.on_width(width, width_bps)
        if width == "narrowed":
            self._events.on_narrow(self, width_bps)

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._own(self._drain(track, self._take_picture))
            return
        for transceiver in self.connection.getTransceivers():
            if transceiver.receiver.track is track:
                hear(transceiver.receiver, self.generation, self._take_sound)

    async def _drain(self, track: MediaStreamTrack, take: Callable[[Any], None]) -> None:
        # Always drained at once: aiortc's queue behind a track has no bound.
        with contextlib.suppress(MediaStreamError):
            while True:
                take(await track.recv())

    def _on_sent_level(self, level: float) -> None:
        self._events.on_sent_level(level)

    def _take_picture(self, frame: VideoFrame) -> None:
        self.pictures += 1
        self._events.on_picture(self, frame)

    def _take_sound(self, packet: SoundPacket) -> None:
        self.sounds += 1
        self._events.on_sound(self, packet)

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != "chat" or self._channel is not None:
            channel.close()
            return
        self._channel = channel
        channel.on("open", lambda: self._events.on_channel_open(self))
        channel.on("message", self._on_message)
        if channel.readyState == "open":
            self._events.on_channel_open(self)

    def _on_message(self, message: str | bytes) -> None:
        if len(message) <= CALL_CHANNEL_MESSAGE_BYTES:
            self._events.on_channel_message(self, message)


def _codecs(kind: str, mime_types: tuple[str, ...]) -> list[Any]:
    capabilities = RTCRtpSender.getCapabilities(kind)
    return [codec for codec in capabilities.codecs if codec.mimeType.lower() in mime_types]


def _age_of(track: MicrophoneTrack) -> Callable[[], float]:
    """Return what asks a track for the age of its sound without keeping it: who sends lives as long as the sender."""
    weak = weakref.ref(track)
    return lambda: LIPS_BROWSER_SPEAKER_MS / 1000 + (0.0 if (alive := weak()) is None else alive.age_s)
