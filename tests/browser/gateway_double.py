"""A small gateway that speaks docs/signalling.md, keeps all in memory, and can be told to fail."""

import asyncio
import hashlib
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMsgType, web
from yarl import URL

from teleconsole.contracts import signal
from teleconsole.gateway.pages import CONTENT_TYPES
from teleconsole.host import paths

Json = dict[str, Any]

CLINIC = "Hollow Lane Clinic"
CLINICIAN = "Dr Calder"
CLINICIAN_TOKEN = uuid.uuid4().hex
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DEAD = ("expired", "revoked", "unknown")


@dataclass
class Upload:
    """One file on its way."""

    entry: Json
    data: bytearray = field(default_factory=bytearray)


class GatewayDouble:
    """The state of one clinic with one visit and one submission; tests read and change it directly."""

    def __init__(self, questionnaire: Json | None = None) -> None:
        self.visit_id = "visit-00000001"
        self.stage = "expected"
        self.devices = "unchecked"
        self.birth_date = ""
        self.clinician_state = "available"
        self.patient: web.WebSocketResponse | None = None
        self.patient_page_id = ""
        self.clinician: web.WebSocketResponse | None = None
        self.delivered: list[str] = []
        self.from_patient: list[Json] = []
        self.questionnaire = questionnaire or {}
        self.answers: Json = {}
        self.uploads: dict[str, Upload] = {}
        self.measurements: list[Json] = []
        self.thread: list[Json] = []
        self.submissions: list[str] = []
        self.messages: list[Json] = []
        self.calling: str | None = None
        self.submit_page: web.WebSocketResponse | None = None
        self.submit_page_came = asyncio.Event()
        self.server_away = 0
        self.break_patches = 0
        self.broken: list[int] = []
        self.late = "fine"
        self.late_messages: list[Json] = []

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(client_max_size=80 << 20)
        app.add_routes(
            [
                web.get("/v", self._page),
                web.get("/s", self._page),
                web.get("/pages/{path:.+}", self._file),
                web.get("/patient/session", self._resume),
                web.post("/patient/session", self._exchange),
                web.post("/patient/join", self._join),
                web.get("/patient/submission", self._state),
                web.post("/patient/submission", self._submit),
                web.put("/patient/submission/answers", self._save),
                web.post("/patient/uploads", self._start_upload),
                web.patch("/patient/uploads/{id}", self._append),
                web.get("/patient/uploads/{id}", self._offset),  # HEAD too
                web.delete("/patient/uploads/{id}", self._drop),
                web.post("/patient/measurements", self._measure),
                web.delete("/patient/measurements/{id}", self._unmeasure),
                web.post("/patient/messages", self._message),
                web.post("/patient/visits/{visit}/messages", self._late_message),
                web.post("/patient/visits/{visit}/uploads", self._start_late_upload),
                web.patch("/patient/visits/{visit}/uploads/{id}", self._append),
                web.get("/patient/visits/{visit}/uploads/{id}", self._offset),  # HEAD too
                web.get("/signal", self._signal),
            ]
        )
        app.on_response_prepare.append(self._headers)
        app.on_shutdown.append(self._close)
        return app

    async def _headers(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = CSP
        response.headers["Cache-Control"] = "no-store"

    async def _close(self, app: web.Application) -> None:
        for socket in (self.patient, self.clinician, self.submit_page):
            if socket is not None:
                await socket.close()

    # --- pages and sessions ----------------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        return _serve("visit.html" if request.path == "/v" else "submit.html")

    async def _file(self, request: web.Request) -> web.Response:
        return _serve(request.match_info["path"])

    async def _exchange(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["token"] in DEAD:
            return web.json_response({"problem": body["token"]}, status=410)
        given = body.get("birthDate", "")
        if self.birth_date and given != self.birth_date:
            return web.json_response({"problem": "birth-date-wrong" if given else "birth-date-needed"}, status=401)
        kind = "submit" if body["token"].startswith("submit") else "visit"
        response = web.json_response(self._session(kind))
        response.set_cookie(f"teleconsole-{kind}", "yes", httponly=True, samesite="Strict")
        return response

    async def _resume(self, request: web.Request) -> web.Response:
        kind = request.query["kind"]
        if f"teleconsole-{kind}" not in request.cookies:
            return web.json_response({"problem": "no-session"}, status=401)
        return web.json_response(self._session(kind))

    def _session(self, kind: str) -> Json:
        return {
            "kind": kind,
            "visitId": self.visit_id,
            "clinic": CLINIC,
            "clinician": CLINICIAN,
            "firstName": "Ada",
        }

    async def _join(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["visitId"] != self.calling:
            return web.json_response({"problem": "no-such-visit"}, status=404)
        return web.json_response({"link": "/v#visit-from-case"})

    # --- submission ------------------------------------------------------------------------------------------------

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "questionnaire": self.questionnaire,
                "answers": self.answers,
                "files": [upload.entry | {"offset": len(upload.data)} for upload in self.uploads.values()],
                "measurements": self.measurements,
                "submitted": bool(self.submissions),
                "delivered": bool(self.submissions),
                "receipt": "R-4711" if self.submissions else "",
                "caseNumber": "C-12" if self.submissions else "",
                "thread": self.thread,
                "calling": self.calling,
            }
        )

    async def _save(self, request: web.Request) -> web.Response:
        self.answers = await request.json()
        return web.json_response({})

    async def _start_upload(self, request: web.Request) -> web.Response:
        entry = await request.json()
        for known in self.uploads.values():
            if known.entry["sha256"] == entry["sha256"]:
                return web.json_response({"id": known.entry["id"], "offset": len(known.data)}, status=201)
        upload = Upload(entry | {"id": uuid.uuid4().hex})
        self.uploads[upload.entry["id"]] = upload
        return web.json_response({"id": upload.entry["id"], "offset": 0}, status=201)

    async def _append(self, request: web.Request) -> web.Response:
        upload = self.uploads[request.match_info["id"]]
        offset = int(request.headers["Upload-Offset"])
        if offset != len(upload.data):
            return web.json_response({"problem": "wrong-offset", "offset": len(upload.data)}, status=409)
        data = await request.read()
        if self.break_patches and len(data) > 1:
            self.break_patches -= 1
            upload.data += data[: len(data) // 2]
            self.broken.append(len(upload.data))
            assert request.transport is not None
            request.transport.close()  # half of it arrived, the answer never leaves
            return web.json_response({})
        upload.data += data
        if len(upload.data) == upload.entry["size"]:
            assert hashlib.sha256(upload.data).hexdigest() == upload.entry["sha256"]
        return web.json_response({"offset": len(upload.data)})

    async def _offset(self, request: web.Request) -> web.Response:
        upload = self.uploads[request.match_info["id"]]
        return web.json_response({}, headers={"Upload-Offset": str(len(upload.data))})

    async def _drop(self, request: web.Request) -> web.Response:
        del self.uploads[request.match_info["id"]]
        return web.json_response({})

    async def _measure(self, request: web.Request) -> web.Response:
        entry = await request.json()
        self.measurements = [each for each in self.measurements if each["id"] != entry["id"]] + [entry]
        return web.json_response(entry, status=201)

    async def _unmeasure(self, request: web.Request) -> web.Response:
        self.measurements = [each for each in self.measurements if each["id"] != request.match_info["id"]]
        return web.json_response({})

    async def _submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.server_away:
            self.server_away -= 1
            return web.json_response({"problem": "server-away"}, status=202)
        if body["id"] not in self.submissions:
            self.submissions.append(body["id"])
        return web.json_response({"receipt": "R-4711", "caseNumber": "C-12"}, status=201)

    async def _message(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["id"] not in [each["id"] for each in self.messages]:
            self.messages.append(body)
            sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            self.thread.append(
                {"id": body["id"], "from": "patient", "text": body["text"], "sent": sent, "kind": "message"}
            )
        return web.json_response({}, status=201)

    async def _late_message(self, request: web.Request) -> web.Response:
        """After the visit: `late` is "fine", "away", "kept" or "expired"."""
        body = await request.json()
        assert request.match_info["visit"] == self.visit_id
        if self.late == "expired":
            return web.json_response({"problem": "expired"}, status=410)
        if self.late == "away":
            return web.json_response({"problem": "server-away"}, status=503)
        upload = self.uploads.get(body["id"])
        if body.get("withFile") and (upload is None or len(upload.data) < upload.entry["size"]):
            return web.json_response({"problem": "upload-incomplete"}, status=409)
        if body["id"] not in [each["id"] for each in self.late_messages]:
            self.late_messages.append(body)
        return web.json_response({"id": body["id"]}, status=202 if self.late == "kept" else 201)

    async def _start_late_upload(self, request: web.Request) -> web.Response:
        entry = await request.json()
        upload = self.uploads.setdefault(entry["id"], Upload(entry))
        return web.json_response({"id": entry["id"], "offset": len(upload.data)}, status=201)

    # --- signalling ------------------------------------------------------------------------------------------------

    async def _signal(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            if frame["type"] == "clinician-hello":
                await self._clinician_came(socket, frame)
            elif socket is self.clinician:
                msgspec.json.decode(message.data, type=signal.FromClinician)
                await self._from_clinician(frame)
            else:
                msgspec.json.decode(message.data, type=signal.FromPatient)
                await self._from_patient(socket, frame)
        if socket is self.patient:
            self.patient = None
            if self.stage == "in-call":
                self.stage = "interrupted"
        return socket

    async def _clinician_came(self, socket: web.WebSocketResponse, frame: Json) -> None:
        assert frame["token"] == CLINICIAN_TOKEN
        self.clinician = socket
        await socket.send_json({"type": "clinician-welcome", "practitionerId": "p1"})
        await self._tell_room()

    async def _from_clinician(self, frame: Json) -> None:
        kind = frame["type"]
        if kind == "ping":
            await self.to_clinician({"type": "pong", "n": frame["n"]})
        elif kind == "set-clinician-state":
            self.clinician_state = frame["state"]
            await self.to_patient({"type": "clinician-state", "state": frame["state"]})
        elif kind == "message-waiting":
            await self.say(frame["messageId"], frame["text"])
        elif kind == "admit":
            self.stage = "in-call"
            await self.to_clinician(self._admitted())
            await self.to_patient(self._admitted())
        elif kind == "end-visit":
            await self.end("ended-by-clinician")
        else:
            await self.to_patient(frame)

    async def _from_patient(self, socket: web.WebSocketResponse, frame: Json) -> None:
        kind = frame["type"]
        self.from_patient.append(frame)
        if kind == "patient-hello" and frame["page"] == "submit":
            self.submit_page = socket
            await socket.send_json(self._welcome())
            self.submit_page_came.set()
        elif kind == "patient-hello":
            await self._patient_came(socket, frame)
        elif kind == "ping":
            await socket.send_json({"type": "pong", "n": frame["n"]})
        elif kind == "device-report":
            self.devices = frame["result"]
        elif kind == "enter-waiting-room":
            self.stage = "waiting"
            await self._tell_room()
        elif kind == "delivered":
            self.delivered.append(frame["messageId"])
        elif kind == "patient-leave":
            self.stage = "left"
            await self._tell_room()
        elif kind != "pong":
            await self.to_clinician(frame)

    async def _patient_came(self, socket: web.WebSocketResponse, frame: Json) -> None:
        old, self.patient = self.patient, socket
        if old is not None and frame["pageId"] != self.patient_page_id:
            await old.send_json({"type": "visit-ended", "visitId": self.visit_id, "reason": "opened-elsewhere"})
            await old.close(code=4001)
        self.patient_page_id = frame["pageId"]
        if self.stage == "interrupted":
            self.stage = "in-call"
        await self.to_patient(self._welcome())
        if self.stage == "in-call":
            await self.to_patient(self._admitted())

    def _welcome(self) -> Json:
        return {
            "type": "patient-welcome",
            "visitId": self.visit_id,
            "clinic": CLINIC,
            "clinician": CLINICIAN,
            "clinicianState": self.clinician_state,
            "stage": self.stage,
            "startMs": 1_793_544_300_000,
        }

    def _admitted(self) -> Json:
        return {"type": "admitted", "visitId": self.visit_id}

    async def _tell_room(self) -> None:
        card = {"visitId": self.visit_id, "stage": self.stage, "devices": self.devices, "consented": True}
        await self.to_clinician({"type": "waiting-room", "patients": [card]})

    async def say(self, message_id: str, text: str) -> None:
        """Send a line to the waiting patient."""
        sent_ms = int(time.time() * 1000)
        frame = {"type": "waiting-message", "messageId": message_id, "text": text, "sentMs": sent_ms}
        await self.to_patient(frame)

    async def call_from_case(self) -> None:
        """Call the patient of the submission."""
        self.calling = self.visit_id
        if self.submit_page is not None:
            frame = {"type": "calling", "visitId": self.visit_id, "clinician": CLINICIAN}
            await self.submit_page.send_json(frame)

    async def end(self, reason: str) -> None:
        """End the visit for both sides."""
        self.stage = "ended"
        frame = {"type": "visit-ended", "visitId": self.visit_id, "reason": reason}
        await self.to_patient(frame)
        await self.to_clinician(frame)

    async def to_patient(self, frame: Json) -> None:
        """Send one frame to the visit page."""
        if self.patient is not None and not self.patient.closed:
            msgspec.convert(frame, type=signal.ToPatient)
            await self.patient.send_json(frame)

    async def to_clinician(self, frame: Json) -> None:
        """Send one frame to the console's double."""
        if self.clinician is not None and not self.clinician.closed:
            await self.clinician.send_json(frame)


def _serve(name: str) -> web.Response:
    file = paths.resources() / "patient" / name
    if not file.is_file():
        return web.Response(status=404)
    return web.Response(body=file.read_bytes(), content_type=CONTENT_TYPES[file.suffix], charset="utf-8")


def base_of(port: int) -> URL:
    """Return the address of a double on this computer."""
    return URL(f"http://127.0.0.1:{port}")
