"""Answers what the console asks of the call process."""

import asyncio
import logging
import time
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.call.early_connections import EarlyConnections
from teleconsole.call.frames import FrameView
from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.pcm_player import PcmPlayer
from teleconsole.call.signalling import Phase, Signalling, trust
from teleconsole.call.state import CallState
from teleconsole.call.trial import DeviceTrial
from teleconsole.call.waiting_room import WaitingRoomView
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.ports import PortRange
from teleconsole.call.webrtc.ice.relay import Reach
from teleconsole.call.webrtc.leftovers import free_leftovers
from teleconsole.call.webrtc.session import VisitSession
from teleconsole.contracts import call, signal
from teleconsole.contracts.sound import LevelsChanged, SetStethoscope
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError, ConnectionLost, SignallingLost, TeleconsoleError
from teleconsole.host.limits import CALL_ADMIT_S
from teleconsole.ipc.peer import Congested, Handlers, Peer, PeerLost

BUSY = "A visit is running already. Hang up before you admit the next patient."
CALLING = "The patient is being called. The call begins when they join."
NO_VISIT = "There is no visit now."
_PAGE_LISTENS = ("waiting", "in-call")
"""Stages in which the page takes an offer as soon as it is admitted; the other is a visit that outlived its process."""
_CONNECT_S = 8.0

_log = logging.getLogger(__name__)


class CallService:
    """The call process as one object: signalling, waiting room, at most one visit.

    Args:
        peer: the console.
        devices: of this computer.
        remote_view: where the patient's picture goes.
        self_view: where our own goes.
        sandbox: names of the walls around this process, for the report.

    Thread: the event loop's.
    """

    def __init__(
        self,
        peer: Peer,
        *,
        allow_test_devices: bool,
        remote_view: FrameView | None,
        self_view: FrameView | None,
        sandbox: str = "",
    ) -> None:
        self._peer = peer
        self._remote_view = remote_view
        self._self_view = self_view
        self._state = CallState(sandbox=sandbox)
        self._devices = OpenDevices(allow_test=allow_test_devices, on_change=self._devices_failed, self_view=self_view)
        self._player = PcmPlayer(self._devices)
        self._trial = DeviceTrial(self._devices, self._player, lambda: self._session is not None, self.tell)
        self._waiting_room = WaitingRoomView()
        self._early = EarlyConnections(self.send, self._devices)
        self._signalling: Signalling | None = None
        self._token = ""
        self._ice = RelayChooser(Reach())
        self._clinician_state: signal.ClinicianState | None = None
        self._session: VisitSession | None = None
        self._ending = asyncio.Lock()
        self._unsent_ends: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def handlers(self) -> Handlers:
        """Return what answers each ask."""
        return {
            call.ListDevices: self._list_devices,
            call.SelectDevices: self._select_devices,
            call.JoinGateway: self._join,
            call.LeaveGateway: self._leave,
            call.SetState: self._set_state,
            call.SendWaitingMessage: self._send_waiting_message,
            call.InvitePatientToVisit: self._invite,
            call.StartVisit: self._start_visit,
            call.HangUp: self._hang_up,
            call.SetMicrophone: self._set_microphone,
            call.SetCamera: self._set_camera,
            call.SetStep: self._set_step,
            SetStethoscope: self._set_stethoscope,
            call.SendChat: self._send_chat,
            call.CaptureStill: self._capture_still,
            call.PlayPcm: self._player.play,
            call.GetCallSnapshot: self._get_snapshot,
            **self._trial.handlers(),
        }

    async def close(self) -> None:
        """Give everything back: the process ends. The visit itself goes on when it is started again."""
        session, self._session = self._session, None
        if session is not None:
            await session.suspend()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._early.close()
        await self._ice.close()
        await self._trial.close()
        await self._player.close()
        await self._devices.close()
        if self._signalling is not None:
            await self._signalling.close()
        for view in (self._remote_view, self._self_view):
            if view is not None:
                view.close()

    # --- what the outside tells ----------------------------------------------------------------------------

    def send(self, frame: msgspec.Struct) -> bool:
        """Send a frame to the gateway; False when there is no connection."""
        return self._signalling is not None and self._signalling.send(frame)

    def tell(self, news: News) -> None:
        """Tell the console; one that does not listen any more misses it."""
        try:
            if isinstance(news, call.StatsChanged | call.CallChanged | LevelsChanged):
                self._peer.tell_latest(news)
            else:
                self._peer.tell_soon(news)
        except PeerLost:
            return
        except Congested:
            _log.warning("the console does not keep up; a %s was not told", type(news).__name__)

    def changed(self) -> None:
        """The state changed."""
        self.tell(call.CallChanged(self._state.snapshot()))

    def check_signalling(self) -> None:
        """Look whether the gateway's connection still stands, now."""
        if self._signalling is not None:
            self._signalling.check()

    def on_phase(self, phase: Phase, sentence: str) -> None:
        """The gateway's connection came, went, or was refused."""
        self._state.gateway = phase
        if phase in ("off", "refused") and self._waiting_room.clear():
            self._early.end_all()
            self.tell(call.WaitingRoomChanged(()))
        self.tell(call.GatewayChanged(phase, sentence))
        self.changed()

    def on_token_needed(self) -> None:
        """The gateway wants a fresh token."""
        self.tell(call.TokenNeeded())

    def on_frame(self, frame: Any) -> None:
        """A frame of the gateway."""
        session = self._session
        match frame:
            case signal.ClinicianWelcome(ice_servers=servers):
                if session is None:
                    self._ice.renew(servers)
                self._waiting_room.known = False
                while self._unsent_ends and self.send(signal.EndVisit(self._unsent_ends.pop())):
                    pass
                if self._clinician_state is not None:
                    self.send(signal.SetClinicianState(self._clinician_state))
                if session is not None and self._state.phase == "admitting":
                    self.send(signal.Admit(session.visit_id))
                elif session is not None:
                    self._own(session.signalling_back())
            case signal.WaitingRoom():
                if self._waiting_room.take(frame):
                    self.tell(call.WaitingRoomChanged(self._waiting_room.patients))
                self._connect_early()
                self._admit_who_came()
            case signal.Delivered(visit_id, message_id):
                self.tell(call.WaitingMessageDelivered(visit_id, message_id))
            case signal.CaseNews(case_id):
                self.tell(call.CaseHint(case_id))
            case signal.VisitEnded() if session is not None and frame.visit_id == session.visit_id:
                self._own(self._visit_ended(frame.reason))
            case _ if session is not None and getattr(frame, "visit_id", "") == session.visit_id:
                session.take(frame)
            case _ if session is None:
                self._early.take(frame)

    # --- asks ------------------------------------------------------------------------------------------------

    async def _list_devices(self, _: call.ListDevices) -> call.Devices:
        return await self._devices.describe()

    async def _select_devices(self, ask: call.SelectDevices) -> call.Devices:
        try:
            await self._devices.select(ask.camera, ask.microphone, ask.speaker)
        finally:
            if self._session is not None:
                self._session.devices_changed()
        return await self._devices.describe()

    async def _join(self, ask: call.JoinGateway) -> None:
        self._token = ask.token
        if self._signalling is not None and self._signalling.joined(ask.gateway_url, ask.extra_ca, ask.proxy):
            self._signalling.retry_now()
            return
        if self._signalling is not None:
            await self._signalling.close()
        await self._ice.close()
        self._ice = RelayChooser(await asyncio.to_thread(_reach, ask))
        self._signalling = Signalling(
            ask.gateway_url,
            self._hello,
            signal.ClinicianWelcome,
            signal.ToClinician,
            self,
            extra_ca=ask.extra_ca,
            proxy=ask.proxy,
        )
        self._signalling.open()

    def _hello(self) -> signal.ClinicianHello:
        return signal.ClinicianHello(version=signal.PROTOCOL_VERSION, token=self._token)

    async def _leave(self, _: call.LeaveGateway) -> None:
        signalling, self._signalling = self._signalling, None
        if signalling is not None:
            await signalling.close()

    async def _set_state(self, ask: call.SetState) -> None:
        self._clinician_state = ask.state
        self.send(signal.SetClinicianState(ask.state))

    async def _send_waiting_message(self, ask: call.SendWaitingMessage) -> str:
        message_id = str(uuid.uuid4())
        self._must_send(signal.MessageWaiting(ask.visit_id, message_id, ask.text))
        return message_id

    async def _invite(self, ask: call.InvitePatientToVisit) -> None:
        self._must_send(signal.InvitePatient(ask.visit_id, ask.case_id))

    async def _start_visit(self, ask: call.StartVisit) -> None:
        if self._session is not None:
            raise CallError(BUSY)
        drop_box = DropBoxWriter(ask.visit_id, Path(ask.drop_box_folder), ask.drop_box_key)
        self._state.begin(ask.visit_id)
        self.changed()
        self._session = session = VisitSession(
            ask.visit_id,
            drop_box,
            self._devices,
            self._state,
            self,
            self._remote_view,
            self._ice,
            self._early.give(ask.visit_id),
        )
        try:
            await self._wait_for_gateway()
            stages = [card.stage for card in self._waiting_room.patients if card.visit_id == ask.visit_id]
            if any(stage in _PAGE_LISTENS for stage in stages):
                session.expect_page()
            self._must_send(signal.Admit(ask.visit_id))
            await session.begin()
        except BaseException:
            self._session = None
            await session.suspend()
            self._state.enter("idle")
            self.changed()
            raise
        self._trial.tell_levels()
        self._own(self._watch_admission(session))

    async def _wait_for_gateway(self) -> None:
        """Wait until the gateway has told who is there; a process started anew is told to join meanwhile."""
        deadline_s = time.monotonic() + _CONNECT_S
        while not (self._signalling and self._signalling.phase == "connected" and self._waiting_room.known):
            if time.monotonic() > deadline_s:
                break
            await asyncio.sleep(0.02)

    async def _watch_admission(self, session: VisitSession) -> None:
        await asyncio.sleep(CALL_ADMIT_S)
        if self._session is session and self._state.phase == "admitting":
            is_here = self._signalling is not None and self._signalling.phase == "connected"
            self._state.sentence = CALLING if is_here else SignallingLost.default_sentence
            self.changed()

    def _connect_early(self) -> None:
        """While no visit runs, connections with those who are next are made."""
        if self._session is None:
            self._early.follow(self._waiting_room.patients, self._ice)

    def _admit_who_came(self) -> None:
        """The patient of a case is called before they are here: let them in as soon as they are."""
        session = self._session
        if session is None or self._state.phase != "admitting":
            return
        if any(card.visit_id == session.visit_id and card.stage == "waiting" for card in self._waiting_room.patients):
            self.send(signal.Admit(session.visit_id))

    async def _hang_up(self, _: call.HangUp) -> None:
        session = self._session
        if session is None:
            return
        if not self.send(signal.EndVisit(session.visit_id)):
            self._unsent_ends.add(session.visit_id)  # the patient's side learns it when the gateway is back
        await self._end(session, "ended-by-clinician")

    async def _visit_ended(self, reason: signal.EndReason) -> None:
        session = self._session
        if session is not None:
            by_patient = reason == "ended-by-patient"
            await self._end(session, "ended-by-patient" if by_patient else "ended-by-clinician")
            self.tell(call.PatientLeft(session.visit_id, reason))

    async def _end(self, session: VisitSession, why: Any) -> None:
        async with self._ending:
            await session.close(why)
            if self._session is session:
                self._session = None
                self._own(free_leftovers())
                self._connect_early()

    async def _set_microphone(self, ask: call.SetMicrophone) -> None:
        self._devices.microphone_on = self._state.microphone_on = ask.on
        if self._session is not None:
            self._session.microphone_chosen()

    async def _set_camera(self, ask: call.SetCamera) -> None:
        self._devices.set_camera_on(ask.on)
        self._state.camera_on = ask.on
        if self._session is not None:
            self._session.devices_changed()

    async def _set_step(self, ask: call.SetStep) -> None:
        self._running().choose_step(ask.step)

    async def _set_stethoscope(self, ask: SetStethoscope) -> None:
        self._running().choose_stethoscope(ask.side)

    async def _send_chat(self, ask: call.SendChat) -> str:
        return await self._running().write_chat(ask.text)

    async def _capture_still(self, _: call.CaptureStill) -> call.StillCaptured:
        return await self._running().capture_still()

    async def _get_snapshot(self, _: call.GetCallSnapshot) -> call.CallSnapshot:
        return self._state.snapshot()

    # --- inside ------------------------------------------------------------------------------------------------

    def _running(self) -> VisitSession:
        if self._session is None:
            raise ConnectionLost(NO_VISIT)
        return self._session

    def _must_send(self, frame: msgspec.Struct) -> None:
        if not self.send(frame):
            raise SignallingLost

    def _devices_failed(self) -> None:
        self._own(self._tell_devices())

    async def _tell_devices(self) -> None:
        self.tell(call.DevicesChanged(await self._devices.describe()))
        if self._session is not None:
            self._state.sentence = self._devices.problem
            self._session.devices_changed()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            code = error.code if isinstance(error, TeleconsoleError) else "bug"
            _log.error("%s (%s) in the background", type(error).__name__, code)


def _reach(ask: call.JoinGateway) -> Reach:
    """Return how relays are reached; reads certificates from a file."""
    try:
        whom = trust(ask.extra_ca)
    except SignallingLost:
        whom = trust("")  # the gateway's connection, which needs the file too, tells it
    return Reach(relay_only=ask.relay_only, ports=PortRange(*ask.udp_ports), proxy=ask.proxy, trust=whom)
