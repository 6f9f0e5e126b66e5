"""`GET /signal`: the WebSocket of patients' pages and call processes, from its hello to its end."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar

from aiohttp import WSCloseCode, WSMsgType, web

from teleconsole.contracts import signal
from teleconsole.gateway.frames import FrameReader, NotTaken, clinician_frames, json_schema, patient_frames
from teleconsole.gateway.problems import Refused, answer
from teleconsole.gateway.rooms import Rooms
from teleconsole.gateway.sessions import Sessions
from teleconsole.gateway.sockets import NOT_SIGNED_IN, FrameRate, SocketWire
from teleconsole.gateway.tokens import Tokens
from teleconsole.gateway.visits import Visits
from teleconsole.host import limits

FrameT = TypeVar("FrameT")

log = logging.getLogger(__name__)


class Signalling:
    """Accepts sockets, checks who they are, and hands their frames to the rooms. Belongs to one event loop."""

    def __init__(self, rooms: Rooms, visits: Visits, sessions: Sessions, tokens: Tokens) -> None:
        self._rooms = rooms
        self._visits = visits
        self._sessions = sessions
        self._tokens = tokens
        self._patient_frames = patient_frames()
        self._clinician_frames = clinician_frames()
        self._sockets: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        return [web.get("/signal", self._accept), web.get("/signal.schema.json", self._schema)]

    async def close(self) -> None:
        """Close every socket; the clients come back to the next gateway."""
        closings = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in list(self._sockets)]
        await asyncio.gather(*closings, return_exceptions=True)

    async def _schema(self, request: web.Request) -> web.StreamResponse:
        return answer(json_schema())

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        if len(self._sockets) >= limits.GATEWAY_SOCKETS:
            raise Refused(503, "too-many-sockets")
        socket = web.WebSocketResponse(
            timeout=limits.GATEWAY_CLOSE_S,
            heartbeat=limits.GATEWAY_HEARTBEAT_S,
            max_msg_size=limits.GATEWAY_FRAME_HARD_BYTES,
            compress=False,
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        wire = SocketWire(socket)
        pump = asyncio.create_task(wire.pump(), name="signalling pump")
        try:
            await self._greet(request, socket, wire)
        finally:
            self._sockets.discard(socket)
            wire.close(WSCloseCode.OK)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pump, limits.GATEWAY_HELLO_S)
        return socket

    async def _greet(self, request: web.Request, socket: web.WebSocketResponse, wire: SocketWire) -> None:
        try:
            hello = await self._hello(socket)
            if hello.version != signal.PROTOCOL_VERSION:
                raise NotTaken("version", f"This gateway speaks version {signal.PROTOCOL_VERSION}.")
            if isinstance(hello, signal.ClinicianHello):
                await self._clinician(hello, socket, wire)
            elif hello.page == "visit":
                await self._visit_page(request, hello, socket, wire)
            else:
                await self._submission_page(request, socket, wire)
        except NotTaken as refusal:
            wire.send(refusal.problem)
            wire.close(NOT_SIGNED_IN)

    async def _hello(self, socket: web.WebSocketResponse) -> signal.PatientHello | signal.ClinicianHello:
        try:
            message = await socket.receive(timeout=limits.GATEWAY_HELLO_S)
        except TimeoutError as error:
            raise NotTaken("sign-in-needed", "No hello came.") from error
        if message.type is not WSMsgType.TEXT:
            raise NotTaken("malformed", "The first frame is a hello in JSON text.")
        try:
            frame: object = self._patient_frames.read(message.data)
        except NotTaken as refusal:
            if refusal.problem.code != "not-allowed":
                raise
            frame = self._clinician_frames.read(message.data)
        if not isinstance(frame, signal.PatientHello | signal.ClinicianHello):
            raise NotTaken("sign-in-needed", "The first frame is a hello.")
        return frame

    async def _visit_page(
        self, request: web.Request, hello: signal.PatientHello, socket: web.WebSocketResponse, wire: SocketWire
    ) -> None:
        try:
            link = self._sessions.link_of(request, "visit")
        except Refused as refusal:
            raise NotTaken("sign-in-needed", refusal.problem) from refusal
        visit = self._visits.get(link.subject_id)
        if visit is None:
            raise NotTaken("no-such-visit")
        self._rooms.page_joined(visit, wire, hello.page_id)
        try:
            async for frame in self._frames(socket, wire, self._patient_frames):
                self._take(wire, partial(self._rooms.from_patient, visit.id, frame))
        finally:
            self._rooms.page_left(visit.id, wire)

    async def _submission_page(self, request: web.Request, socket: web.WebSocketResponse, wire: SocketWire) -> None:
        try:
            link = self._sessions.link_of(request, "submit")
        except Refused as refusal:
            raise NotTaken("sign-in-needed", refusal.problem) from refusal
        self._rooms.submission_page_joined(link, wire)
        try:
            async for _frame in self._frames(socket, wire, self._patient_frames):
                wire.send(signal.Problem(code="not-allowed", text="A submission page only listens."))
        finally:
            self._rooms.submission_page_left(link.id, wire)

    async def _clinician(self, hello: signal.ClinicianHello, socket: web.WebSocketResponse, wire: SocketWire) -> None:
        practitioner_id = self._tokens.practitioner_of(hello.token, "signalling")
        if practitioner_id is None:
            raise NotTaken("sign-in-needed", "The token is not valid any more.")
        self._rooms.clinician_joined(practitioner_id, wire)
        try:
            async for frame in self._frames(socket, wire, self._clinician_frames):
                self._take(wire, partial(self._rooms.from_clinician, practitioner_id, frame))
        finally:
            self._rooms.clinician_left(practitioner_id, wire)

    @staticmethod
    def _take(wire: SocketWire, handle: Callable[[], None]) -> None:
        try:
            handle()
        except NotTaken as refusal:
            wire.send(refusal.problem)

    @staticmethod
    async def _frames(
        socket: web.WebSocketResponse, wire: SocketWire, reader: FrameReader[FrameT]
    ) -> AsyncIterator[FrameT]:
        """Give the frames that are within the bounds; answer pings and refusals by itself."""
        rate = FrameRate()
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                return
            if not rate.takes_one():
                if rate.refused > limits.GATEWAY_REFUSED_FRAMES:
                    wire.close(WSCloseCode.POLICY_VIOLATION)
                    return
                if rate.refused % limits.GATEWAY_FRAMES_BURST == 1:  # an answer to each would be a flood of our own
                    wire.send(signal.Problem(code="too-fast", text="Frames come faster than they are taken."))
                continue
            try:
                if message.type is not WSMsgType.TEXT:
                    raise NotTaken("malformed", "Frames are JSON text.")
                frame = reader.read(message.data)
            except NotTaken as refusal:
                wire.send(refusal.problem)
                continue
            if isinstance(frame, signal.Ping):
                wire.send(signal.Pong(n=frame.n))
            elif not isinstance(frame, signal.Pong):
                yield frame
