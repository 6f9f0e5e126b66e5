"""One visit: admitted, connected, kept alive over broken links, ended."""

import asyncio
import time
from typing import Any, Literal, Protocol

import msgspec
from av import VideoFrame

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.call.frames import FrameView
from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.state import CallState
from teleconsole.call.webrtc.channel import Channel
from teleconsole.call.webrtc.connections import Connections
from teleconsole.call.webrtc.course import Course
from teleconsole.call.webrtc.early import Given
from teleconsole.call.webrtc.figures import Figures
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.inbox import Inbox
from teleconsole.call.webrtc.liveness import Liveness
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.recovery import Recovery
from teleconsole.call.webrtc.relay_watch import RelayWatch
from teleconsole.call.webrtc.start_rates import StartRates
from teleconsole.call.webrtc.stats import read
from teleconsole.call.webrtc.stills import capture
from teleconsole.contracts.call import CallPhase, ItemSealed, StatsChanged, StillCaptured
from teleconsole.contracts.channel import MediaState, Notice
from teleconsole.contracts.signal import Admit, Admitted, Answer, Candidate, LadderStep, Ping, RequestOffer
from teleconsole.contracts.sound import StethoscopeSide
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import ConnectionLost
from teleconsole.host.limits import CALL_LIVENESS_S, CALL_STATS_S
from teleconsole.host.media_limits import ICE_CREDENTIALS_S

RECONNECTING = "The connection to the patient is interrupted. It is tried again; chat and notes are kept."
NO_PICTURE = "There is no picture of the patient to keep right now. Try again when you see them."


class Outside(Protocol):
    """What a session needs of the process around it; every call returns at once."""

    def send(self, frame: msgspec.Struct) -> bool:
        """Send a frame to the gateway; False when there is no connection."""

    def tell(self, news: News) -> None:
        """Tell the console."""

    def changed(self) -> None:
        """The state changed."""

    def check_signalling(self) -> None:
        """Look whether the gateway's connection still stands, now."""


class VisitSession:
    """A visit on the console's side.

    Args:
        visit_id: of the visit.
        drop_box: seals what arises.
        devices: chosen ones; opened here and given back at the end.
        state: shown to the console; written here.
        outside: the process around.
        remote_view: where the patient's picture goes, None = nowhere.
        ice: knows the servers and the relay that answers.
        given: what was made while the patient waited, if anything was.

    Thread: the event loop's.
    """

    def __init__(
        self,
        visit_id: str,
        drop_box: DropBoxWriter,
        devices: OpenDevices,
        state: CallState,
        outside: Outside,
        remote_view: FrameView | None,
        ice: RelayChooser,
        given: Given | None = None,
    ) -> None:
        self.visit_id = visit_id
        self._drop_box = drop_box
        self._devices = devices
        self._state = state
        self._outside = outside
        self._remote_view = remote_view
        self._ice = ice
        self._admitted_s = 0.0
        self._offer_at_once = False
        self._given = given
        made = given.connections if given is not None else None
        self._connections = made or Connections(visit_id, self._make_peer, outside.send, self._on_words)
        self._connections.hand_over(self._make_peer, outside.send, self._on_words)
        self._liveness = Liveness()
        self._relays = RelayWatch(ice, state, self._connections.offer_soon, outside.changed)
        self._recovery = Recovery(self._connections, self._liveness, self, lambda: not self._relays.is_away)
        self._channel = Channel(
            visit_id,
            drop_box,
            self._send_on_channel,
            outside.tell,
            self._on_media_state,
            on_pong=self._liveness.answered,
        )
        self._figures = Figures(devices, state, outside.changed)
        self._course = Course(
            visit_id,
            drop_box,
            devices,
            state,
            outside,
            lambda: self._connections.current,
            self._send_on_channel,
            self._show,
        )
        self._channel.on_link(self._course.take_report, self._course.take_still)
        self._channel.on_stethoscope(self._course.stethoscope.take)
        self._inbox = Inbox(self._handle)
        self._tasks: list[asyncio.Task[None]] = []
        self._began_s = time.monotonic()
        self._picture: VideoFrame | None = None
        self._closed = False

    def expect_page(self) -> None:
        """The patient's page listens: offer with the admission, which saves a round trip; else when it asks."""
        self._offer_at_once = True

    async def signalling_back(self) -> None:
        """The gateway's connection stands again."""
        await self._connections.offer_again()

    async def begin(self) -> None:
        """Open the devices and follow the frames of the gateway; the admission was sent already."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(work) for work in (self._inbox.run(), self._watch(), self._channel.run())]
        self._course.start()
        self._use_given()
        await asyncio.gather(self._connections.prepare(), self._devices.open_for_call())
        if self._given is not None and self._given.peer is not None:
            self._given.peer.admit()  # not before: silence first and then the microphone is jitter to the other side
        self._state.sentence = self._devices.problem
        self._outside.changed()

    def take(self, frame: Any) -> None:
        """Take a frame of the gateway about this visit; returns at once."""
        self._inbox.take(frame)

    async def write_chat(self, text: str) -> str:
        """Seal and send a line; return its id.

        Raises:
            CallError: it was not taken or not saved.
        """
        return await self._channel.chat.write(text)

    async def capture_still(self) -> StillCaptured:
        """Keep the newest picture of the patient.

        Raises:
            ConnectionLost: there is none now.
            CallError: it could not be saved.
        """
        if self._picture is None or self._state.phase != "connected" or not self._course.has_new_picture:
            raise ConnectionLost(NO_PICTURE)
        still = await capture(self._picture, self._drop_box)
        self._send_on_channel(Notice(kind="still-captured"))
        self._outside.tell(ItemSealed(self.visit_id, still.item_id, "still"))
        return still

    def devices_changed(self) -> None:
        """Microphone or camera was switched: tell the patient's page."""
        self._course.devices_changed()

    def microphone_chosen(self) -> None:
        """The clinician switched the microphone."""
        self._course.stethoscope.microphone_chosen()
        self._course.devices_changed()

    def choose_stethoscope(self, side: StethoscopeSide) -> None:
        """Send one side's microphone as it is, or none's; see `StethoscopeMode.choose`."""
        self._course.stethoscope.choose(side)

    def choose_step(self, step: LadderStep | Literal[""]) -> None:
        """Go no higher than this step of the ladder; "" = as the link allows."""
        self._course.choose(step)

    async def close(self, why: Literal["ended-by-clinician", "ended-by-patient"]) -> None:
        """End here: seal the span, give back devices, threads and sockets. Again does nothing."""
        if self._closed:
            return
        self._closed = True
        await self._release()
        await self._course.end(why)
        self._state.sentence = ""
        self._enter("ended")

    async def suspend(self) -> None:
        """Give everything back without an end: this process stops, the visit goes on in its successor."""
        if self._closed:
            return
        self._closed = True
        await self._release()

    async def _release(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._channel.finish()
        await self._course.stop()
        await asyncio.gather(self._connections.close(), self._devices.close_after_call())
        self._picture = None

    # --- what peers tell ---------------------------------------------------------------------------------

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        """A picture was decoded."""
        self._has_media(peer)
        if peer is not self._connections.current:
            return
        if not self._state.first_frame_ms:
            self._state.first_frame_ms = max(1, round((time.monotonic() - self._began_s) * 1000))
            self._outside.changed()
        self._figures.shown()
        self._course.moving()
        self._show(frame)

    def on_sound(self, peer: Peer, packet: SoundPacket) -> None:
        """A packet of sound came."""
        self._has_media(peer)
        if peer is self._connections.current:
            self._devices.playout.insert(packet)

    def on_channel_open(self, peer: Peer) -> None:
        """The data channel of a connection can be used: it is the one for chat from now."""
        if not self._has_media(peer) and peer is self._connections.current:
            self._channel_opened()

    def on_channel_message(self, peer: Peer, message: str | bytes) -> None:
        """Something came on the data channel."""
        self._has_media(peer)
        self._channel.take(peer, message)

    def on_state(self, peer: Peer, state: str) -> None:
        """A connection's state changed."""
        if self._closed or state not in ("failed", "closed"):
            return
        if peer in (self._connections.current, self._connections.next):
            self._connections.failed(peer)

    def on_candidate(self, peer: Peer, candidate: str) -> None:
        """An address was found late."""
        self._connections.trickle(peer, candidate)

    def on_sent_level(self, level: float) -> None:
        """How loud what is sent is."""
        self._figures.sent(level)

    def on_narrow(self, peer: Peer, width_bps: float) -> None:
        """The link has become narrow all at once."""
        if peer is self._connections.current:
            self._course.narrow(width_bps)

    # --- what the recovery tells ---------------------------------------------------------------------------

    def on_silence(self) -> None:
        """Nothing arrives any more."""
        self._outside.check_signalling()
        self._relays.doubt(self._connections.current)
        if self._state.phase == "connected":
            self._state.quality, self._state.sentence = "lost", RECONNECTING
            self._enter("reconnecting")

    def on_return(self, peer: Peer) -> None:
        """It arrives again."""
        peer.hurry()
        self._outside.check_signalling()
        if self._state.phase == "reconnecting":
            self._state.sentence = self._devices.problem
            self._enter("connected")

    # --- inside ------------------------------------------------------------------------------------------

    def _show(self, frame: VideoFrame) -> None:
        """This is the newest picture now."""
        self._picture = frame
        if self._remote_view is not None:
            self._remote_view.show(frame)

    def _make_peer(self, generation: int) -> Peer:
        before = self._connections.current
        estimate_bps = before.send_report().estimate_bps if before is not None else 0.0
        start = StartRates.after(estimate_bps, self._figures.received_bps)
        peer = Peer(generation, IcePlan(self._ice, self._relays.are_needed), self._devices, self, start)
        self._course.prepare(peer)
        return peer

    async def _handle(self, frame: Any) -> None:
        match frame:
            case Admitted():
                await self._admitted(frame)
            case RequestOffer():
                self._relays.doubt(self._connections.current)
                await self._connections.offer(asked=True)
            case Answer():
                await self._connections.take_answer(frame)
            case Candidate():
                self._connections.take_candidate(frame)

    async def _admitted(self, frame: Admitted) -> None:
        others = self._ice.renew(frame.ice_servers) or self._relays.wanted_by_gateway != frame.relay_only
        self._relays.wanted_by_gateway, self._admitted_s = frame.relay_only, time.monotonic()
        if self._state.phase != "admitting":
            return  # the socket came back; a running connection is not touched
        self._enter("connecting")
        if self._given is not None and self._given.peer is self._connections.next is not None:
            return  # it stands already
        await self._connections.prepare(anew=others)
        if self._offer_at_once:
            await self._connections.offer()

    def _use_given(self) -> None:
        """What was made while the patient waited carries the call; the page sends when it hears of the admission."""
        given = self._given
        if given is None or given.peer is None:
            return
        given.peer.hand_over(self)
        self._course.prepare(given.peer)
        self._connections.await_media()
        self._on_words(given.words)

    def _has_media(self, peer: Peer) -> bool:
        """The first sign of life of a connection: it carries the call from now. Returns: whether it was the first."""
        if self._closed or peer is not self._connections.next:
            return False
        self._connections.promote(peer)
        self._recovery.promoted()
        if self._state.phase == "admitting":
            self._enter("connecting")  # the way to the patient is shorter than that to the gateway
        self._state.sentence = self._devices.problem
        self._enter("connected")
        if not self._state.started_ms:
            self._state.started_ms = time.time_ns() // 1_000_000
            self._course.connected()
        if peer.is_open:
            self._channel_opened()
        return True

    def _channel_opened(self) -> None:
        self._course.channel_opened()
        self._channel.opened()

    async def _watch(self) -> None:
        told_s = 0.0
        while True:
            await asyncio.sleep(CALL_LIVENESS_S)
            peer = self._connections.current
            await self._connections.renew()
            if self._admitted_s and time.monotonic() - self._admitted_s > ICE_CREDENTIALS_S:
                self._admitted_s = time.monotonic()
                self._outside.send(Admit(self.visit_id))  # answered with credentials that last
            self._relays.step()
            reading = await read(peer) if peer is not None else None
            self._recovery.step(reading.bytes_received if reading is not None else 0)
            if peer is None or reading is None or peer is not self._connections.current:
                continue
            if peer.is_acknowledged:
                self._liveness.answered(self._liveness.last_ping)
            if (number := self._liveness.next_ping()) > 0:
                self._send_on_channel(Ping(number))
            if reading.at_s - told_s >= CALL_STATS_S - CALL_LIVENESS_S / 2:
                told_s = reading.at_s
                stats = self._figures.take(reading, peer, self._picture)
                self._outside.tell(StatsChanged(stats))
                self._course.take_stats(stats)
                self._figures.judge(stats)
                await self._devices.replace_failed()

    def _on_words(self, words: tuple[str, ...]) -> None:
        self._state.show_words(words)
        self._outside.changed()

    def _on_media_state(self, frame: MediaState) -> None:
        self._state.patient_microphone_on, self._state.patient_camera_on = frame.microphone, frame.camera
        if not frame.camera:
            self._figures.camera_off()
        self._outside.changed()

    def _send_on_channel(self, frame: msgspec.Struct) -> bool:
        peer = self._connections.current
        given = peer is not None and peer.send(msgspec.json.encode(frame).decode())
        return given and self._state.phase == "connected"  # on a silent link it waits: that is not called sent

    def _enter(self, phase: CallPhase) -> None:
        if self._state.enter(phase):
            self._outside.changed()
