"""The patient's side of a visit without a screen, as the page does it: for `teleconsole peer` and for tests."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from av import VideoFrame

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.signalling import Phase, Signalling
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.relay import Reach
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.safety import fingerprint_of, make_nonce, matches, safety_words
from teleconsole.call.webrtc.stats import Statistics, read
from teleconsole.contracts import channel, signal
from teleconsole.contracts.call import CallStats
from teleconsole.domain.errors import ConnectionLost
from teleconsole.host.limits import CALL_CHAT_LINES, CALL_STATS_S

_ASK_AGAIN_S = 4.0

Event = Literal[
    "gateway", "waiting", "waiting-message", "prepared", "admitted", "connected", "safety-words", "unsafe", "stats",
    "chat", "chat-acknowledged", "notice", "step", "stethoscope", "ended", "refused",
]  # fmt: skip


class PatientVisit:
    """Waits, answers, talks.

    Attributes:
        ended: set when the visit is over, with the reason.
        words: the safety words of now.
        connected: whether a connection ever had media.

    Args:
        url: of the gateway.
        visit_id: of the visit.
        cookies: of the session.
        devices: what is sent.
        report: told of everything, with values that JSON takes.
        say: lines of chat to send when the channel opens.
        reach: how relays are reached; None = as is usual.
        on_picture: told of every picture.

    Thread: the event loop's.
    """

    def __init__(
        self,
        url: str,
        visit_id: str,
        cookies: dict[str, str],
        devices: OpenDevices,
        report: Callable[[Event, dict[str, Any]], None],
        *,
        say: tuple[str, ...] = (),
        extra_ca: str = "",
        proxy: str = "",
        reach: Reach | None = None,
        on_picture: Callable[[VideoFrame], None] = lambda _: None,
    ) -> None:
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.words: tuple[str, ...] = ()
        self.connected = False
        self.lines: dict[str, str] = {}
        self._visit_id = visit_id
        self._devices = devices
        self._report = report
        self._show = on_picture
        self._unacknowledged = {line.id: line for line in map(_line, say)}
        self._ice = RelayChooser(reach or Reach())
        self._relay_only = False
        self._admitted = False
        self._current: Peer | None = None
        self._next: Peer | None = None
        self._newest = 0
        self._nonce = self._commitment = ""
        self._picture: VideoFrame | None = None
        self._level = 0.0
        self._asked_s = 0.0
        self._stethoscope: Literal["", "asked", "on", "plain"] = ""
        self._statistics = Statistics(devices.playout)
        self._inbox: asyncio.Queue[Any] = asyncio.Queue(256)
        self._tasks: set[asyncio.Task[None]] = set()
        self._page_id = str(uuid.uuid4())
        self._signalling = Signalling(
            url,
            lambda: signal.PatientHello(version=signal.PROTOCOL_VERSION, page="visit", page_id=self._page_id),
            signal.PatientWelcome,
            signal.ToPatient,
            self,
            extra_ca=extra_ca,
            proxy=proxy,
            cookies=cookies,
        )

    async def begin(self) -> None:
        """Open the devices and enter the waiting room."""
        await self._devices.open_for_call()
        for work in (self._follow(), self._watch()):
            self._own(work)
        self._signalling.open()

    async def leave(self) -> None:
        """Tell the gateway that the patient leaves, and give everything back."""
        if not self.ended.done():
            self._signalling.send(signal.PatientLeave())
            await asyncio.sleep(0.1)  # the frame is on its way before the socket closes
        await self.close()

    async def close(self) -> None:
        """Give everything back."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        peers = [peer for peer in (self._current, self._next) if peer is not None]
        self._current = self._next = None
        await asyncio.gather(*(peer.close() for peer in peers))
        await self._ice.close()
        await self._devices.close_after_call()
        await self._signalling.close()

    # --- signalling ------------------------------------------------------------------------------------------

    def on_phase(self, phase: Phase, sentence: str) -> None:
        """The gateway's connection came, went, or was refused."""
        self._report("gateway", {"phase": phase})
        if phase == "refused":
            self._finish("refused")

    def on_token_needed(self) -> None:
        """The cookie is not valid any more; `on_phase` has said so."""

    def on_frame(self, frame: Any) -> None:
        """A frame of the gateway."""
        with contextlib.suppress(asyncio.QueueFull):
            self._inbox.put_nowait(frame)

    async def _follow(self) -> None:
        while True:
            match await self._inbox.get():
                case signal.PatientWelcome(stage=stage):
                    self._arrive(stage)
                case signal.WaitingMessage(message_id=message_id):
                    self._signalling.send(signal.Delivered(self._visit_id, message_id))
                    self._report("waiting-message", {})
                case signal.Prepared(ice_servers=servers) if not self._admitted:
                    self._ice.renew(servers)
                case signal.Admitted() as admitted:
                    self._admit(admitted)
                case signal.Offer() as offer if offer.generation > self._newest:
                    await self._answer(offer)
                case signal.Reveal() as reveal if reveal.generation == self._newest:
                    self._reveal(reveal.nonce)
                case signal.Withdraw(generation=generation):
                    if self._next is not None and self._next.generation == generation:
                        self._own(self._next.close())
                        self._next = None
                case signal.Candidate() as candidate if self._next is not None:
                    await self._next.add_candidate(candidate.candidate, candidate.sdp_mid, candidate.sdp_m_line_index)
                case signal.VisitEnded(reason=reason):
                    self._finish(reason)

    def _arrive(self, stage: str) -> None:
        if stage in ("in-call", "interrupted") or self._admitted:
            return  # `admitted` follows
        ok = self._devices.camera is not None and self._devices.has_microphone
        result: signal.DeviceResult = "ok" if ok else "no-camera" if self._devices.has_microphone else "no-microphone"
        self._signalling.send(signal.DeviceReport(result))
        self._signalling.send(signal.EnterWaitingRoom(consented=True))
        self._report("waiting", {})

    def _admit(self, frame: signal.Admitted) -> None:
        """Send from now on, over what was connected meanwhile if it works."""
        self._ice.renew(frame.ice_servers)
        self._relay_only = frame.relay_only or self._ice.reach.relay_only
        was_admitted, self._admitted = self._admitted, True
        self._report("admitted", {})
        peer = self._next
        if was_admitted or peer is None or not (peer.is_connected and peer.is_open):
            self._ask_for_offer()
            return
        self._asked_s = time.monotonic()
        peer.admit()
        self.on_channel_open(peer)

    def _ask_for_offer(self) -> None:
        self._asked_s = time.monotonic()
        self._signalling.send(signal.RequestOffer(self._visit_id))

    async def _answer(self, offer: signal.Offer) -> None:
        self._newest = offer.generation
        if not fingerprint_of(offer.sdp):
            self._report("unsafe", {})
            return
        self._nonce, self._commitment = make_nonce(), offer.commitment
        if self._next is not None:
            self._drop(self._next)
        plan = IcePlan(self._ice, self._relay_only)
        self._next = peer = Peer(offer.generation, plan, self._devices, self, held=not self._admitted)
        try:
            sdp = await peer.make_answer(offer.sdp)
        except ConnectionLost:
            self._drop(peer)
            return
        self._signalling.send(signal.Answer(self._visit_id, offer.generation, sdp, self._nonce))

    def _reveal(self, nonce: str) -> None:
        peer = self._next or self._current
        if peer is None:
            return
        if not matches(self._commitment, nonce):
            self._report("unsafe", {})
            self._drop(peer)
            return
        self.words = safety_words(peer.remote_sdp, peer.local_sdp, nonce, self._nonce)
        self._report("safety-words", {"words": list(self.words)})

    # --- the connection ----------------------------------------------------------------------------------------

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        """A picture was decoded."""
        self._promote(peer)
        self._picture = frame
        self._show(frame)

    def on_sound(self, peer: Peer, packet: SoundPacket) -> None:
        """A packet of sound came."""
        self._promote(peer)
        if peer is self._current:
            self._devices.playout.insert(packet)

    def on_channel_open(self, peer: Peer) -> None:
        """The channel is there: tell what is sent, and say what there is to say."""
        if not self._admitted:
            self._report("prepared", {})
            return  # the rest is said when they are let in
        self._promote(peer)
        microphone, camera = self._devices.has_microphone, self._devices.camera is not None
        self._send(channel.MediaState(microphone=microphone, camera=camera))
        for line in self._unacknowledged.values():
            self._send(line)

    def on_channel_message(self, peer: Peer, message: str | bytes) -> None:
        """Something came on the data channel."""
        with contextlib.suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
            match msgspec.json.decode(message, type=channel.OnChannel):
                case channel.ChatLine(id=line_id, text=text):
                    if line_id not in self.lines and len(self.lines) < CALL_CHAT_LINES:
                        self.lines[line_id] = text
                        self._report("chat", {"characters": len(text)})
                    self._send(channel.ChatAck(line_id))
                case channel.ChatAck(id=line_id) if self._unacknowledged.pop(line_id, None):
                    self._report("chat-acknowledged", {"id": line_id})
                case channel.Notice(kind=kind):
                    self._report("notice", {"kind": kind})
                case channel.Step(step=step):
                    self._report("step", {"step": step})
                case channel.Stethoscope(on=on):
                    self._hold_stethoscope(on=on)
                case signal.Ping(n):
                    self._send(signal.Pong(n))

    def on_state(self, peer: Peer, state: str) -> None:
        """A connection's state changed."""
        if state in ("failed", "closed") and peer in (self._current, self._next):
            self._drop(peer)

    def on_candidate(self, peer: Peer, candidate: str) -> None:
        """An address was found late."""
        self._signalling.send(signal.Candidate(self._visit_id, peer.generation, candidate, "0"))

    def on_narrow(self, peer: Peer, width_bps: float) -> None:
        """The link has become narrow; the console decides what to do."""

    def on_sent_level(self, level: float) -> None:
        """How loud what is sent is."""
        self._level = max(self._level, level)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CALL_STATS_S)
            peer = self._current
            if peer is not None and peer.connection.connectionState == "connected":
                self._tell_stethoscope(peer)
                self._report("stats", msgspec.to_builtins(await self._stats(peer)))
            elif self._admitted and self._next is None and time.monotonic() - self._asked_s > _ASK_AGAIN_S:
                self._ask_for_offer()

    async def _stats(self, peer: Peer) -> CallStats:
        size = (self._picture.width, self._picture.height) if self._picture is not None else (0, 0)
        level, self._level = self._level, 0.0
        late_ms = self._devices.speaker_late_ms
        return self._statistics.take(await read(peer), level_out=level, size=size, sounds=peer.sounds, late_ms=late_ms)

    def _hold_stethoscope(self, *, on: bool) -> None:
        """Send the microphone as it is, or as a voice again; what comes of it is told once a second."""
        self._stethoscope = "asked" if on else ""
        if self._current is not None:
            self._current.send_whole(on=on)
        if not on:
            self._devices.microphone_raw = False

    def _tell_stethoscope(self, peer: Peer) -> None:
        if not self._stethoscope:
            return
        self._devices.microphone_raw = peer.sends_whole
        state: Literal["on", "plain"] = "on" if peer.sends_whole else "plain"
        if state != self._stethoscope:
            self._stethoscope = state
            self._report("stethoscope", {"state": state})
            self._send(channel.StethoscopeState(state))

    def _promote(self, peer: Peer) -> None:
        if peer is not self._next or not self._admitted:
            return
        old, self._current, self._next = self._current, peer, None
        self.connected = True
        self._report("connected", {"generation": peer.generation})
        if old is not None:
            self._own(old.close())

    def _drop(self, peer: Peer) -> None:
        if peer is self._current:
            self._current = None
        elif peer is self._next:
            self._next = None
        self._asked_s = 0.0
        self._own(peer.close())

    def _send(self, frame: msgspec.Struct) -> None:
        if self._current is not None:
            self._current.send(msgspec.json.encode(frame).decode())

    def _finish(self, reason: str) -> None:
        if not self.ended.done():
            self._report("ended", {"reason": reason})
            self.ended.set_result(reason)

    def _own(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _line(text: str) -> channel.ChatLine:
    return channel.ChatLine(id=str(uuid.uuid4()), text=text, sent_ms=time.time_ns() // 1_000_000)
