"""`/api`: sign-in, tokens, visits and links for the vault."""

import hashlib
import re
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from teleconsole.gateway.case_resources import VISIT_SYSTEM
from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.fhir_proxy import FhirProxy
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.problems import Refused, answer, read_body
from teleconsole.gateway.questionnaires import Questionnaires
from teleconsole.gateway.rooms import Rooms
from teleconsole.gateway.times import instant_s
from teleconsole.gateway.tokens import Purpose, Tokens
from teleconsole.gateway.visits import Visit, Visits, new_visit_id
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms

LogicalId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
_VISIT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class SignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/sign-in`."""

    code: Annotated[str, Meta(max_length=64)]


class TokenRequest(msgspec.Struct, frozen=True):
    """Body of `POST /api/token`."""

    purpose: Purpose


class NewVisit(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /api/visits`; one of the case and the appointment."""

    patient_id: LogicalId
    case_id: LogicalId | None = None
    appointment_id: LogicalId | None = None


class NewSubmissionLink(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /api/submission-links`; with a case the link shows and continues its thread."""

    patient_id: LogicalId
    questionnaire_id: LogicalId
    case_id: LogicalId | None = None


class ClinicianApi:
    """The handlers of `/api`. Belongs to one event loop."""

    def __init__(  # every collaborator is one noun of the routes
        self,
        config: GatewayConfig,
        clock: Clock,
        tokens: Tokens,
        links: Links,
        visits: Visits,
        rooms: Rooms,
        proxy: FhirProxy,
        questionnaires: Questionnaires,
    ) -> None:
        self._config = config
        self._clock = clock
        self._tokens = tokens
        self._links = links
        self._visits = visits
        self._rooms = rooms
        self._proxy = proxy
        self._questionnaires = questionnaires

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        return [
            web.get("/api/health", self._health),
            web.post("/api/sign-in", self._sign_in),
            web.post("/api/token", self._token),
            web.post("/api/visits", self._new_visit),
            web.post("/api/visits/{visit_id}/revoke", self._revoke),
            web.post("/api/submission-links", self._new_submission_link),
        ]

    async def _health(self, request: web.Request) -> web.StreamResponse:
        return answer({"status": "ok", "time": self._clock.now()})

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request, SignIn)
        practitioner_id, refresh_token = self._tokens.sign_in(body.code)
        return answer(
            {
                "practitionerId": practitioner_id,
                "name": self._config.practitioner.name,
                "clinic": self._config.clinic,
                "fhirBase": self._config.fhir_base,
                "refreshToken": refresh_token,
            }
        )

    async def _token(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request, TokenRequest)
        token = self._tokens.access(_bearer(request), body.purpose)
        return answer({"token": token, "expiresInS": limits.GATEWAY_ACCESS_TOKEN_S})

    async def _new_visit(self, request: web.Request) -> web.StreamResponse:
        practitioner_id = self._practitioner(request)
        body = await read_body(request, NewVisit)
        if body.appointment_id is not None:
            visit = await self._visit_of_appointment(practitioner_id, body.patient_id, body.appointment_id)
        elif body.case_id is not None:
            visit = await self._visit_of_case(practitioner_id, body.patient_id, body.case_id)
        else:
            raise Refused(400, "malformed")
        self._rooms.visits_changed(practitioner_id)
        return answer({"visitId": visit.id, "link": self._url(self._link_of_visit(visit))})

    async def _visit_of_appointment(self, practitioner_id: str, patient_id: str, appointment_id: str) -> Visit:
        appointment = await self._proxy.appointment(patient_id, appointment_id)
        if appointment is None:
            raise Refused(404, "not-found")
        identifiers = [i for i in appointment.get("identifier", []) if i.get("system") == VISIT_SYSTEM]
        visit_id = str(identifiers[0].get("value", "")) if identifiers else ""
        if not _VISIT_ID.fullmatch(visit_id):
            visit_id = f"appointment-{hashlib.sha256(appointment_id.encode()).hexdigest()[:32]}"
        known = self._visits.get(visit_id)
        if known is not None:
            if known.patient_id != patient_id:
                raise Refused(409, "not-allowed")
            return known
        start_s = instant_s(appointment.get("start")) or int(self._clock.now().timestamp())
        end_s = max(instant_s(appointment.get("end")) or start_s, int(self._clock.now().timestamp()))
        case_id = self._proxy.case_of(appointment)
        return self._visits.save(
            Visit(
                id=visit_id,
                patient_id=patient_id,
                practitioner_id=practitioner_id,
                case_id=case_id,
                appointment_id=appointment_id,
                start_ms=start_s * 1000,
                expires_s=end_s + limits.GATEWAY_VISIT_LINK_S,
            )
        )

    async def _visit_of_case(self, practitioner_id: str, patient_id: str, case_id: str) -> Visit:
        known = self._visits.open_visit_of_case(case_id)
        if known is not None and known.patient_id == patient_id and known.practitioner_id == practitioner_id:
            return known
        if await self._proxy.case(patient_id, case_id) is None:
            raise Refused(404, "not-found")
        now = self._clock.now()
        return self._visits.save(
            Visit(
                id=new_visit_id(),
                patient_id=patient_id,
                practitioner_id=practitioner_id,
                case_id=case_id,
                start_ms=to_ms(now),
                expires_s=int(now.timestamp()) + limits.GATEWAY_VISIT_LINK_S,
            )
        )

    def _link_of_visit(self, visit: Visit) -> Link:
        return self._links.of_subject("visit", visit.id) or self._links.make(
            "visit",
            subject_id=visit.id,
            patient_id=visit.patient_id,
            practitioner_id=visit.practitioner_id,
            expires_s=visit.expires_s,
            appointment_id=visit.appointment_id,
            case_id=visit.case_id,
        )

    async def _revoke(self, request: web.Request) -> web.StreamResponse:
        practitioner_id = self._practitioner(request)
        visit = self._visits.get(request.match_info["visit_id"])
        if visit is None or visit.practitioner_id != practitioner_id:
            raise Refused(404, "not-found")
        link = self._links.of_subject("visit", visit.id)
        if link is not None:
            self._links.change(link.id, revoked=True)
        self._rooms.end(visit, "link-revoked")
        return answer({"status": "revoked"})

    async def _new_submission_link(self, request: web.Request) -> web.StreamResponse:
        practitioner_id = self._practitioner(request)
        body = await read_body(request, NewSubmissionLink)
        if self._questionnaires.get(body.questionnaire_id) is None:
            raise Refused(404, "not-found")
        case_id = body.case_id or ""
        known = await (self._proxy.case(body.patient_id, case_id) if case_id else self._proxy.patient(body.patient_id))
        if known is None:
            raise Refused(404, "not-found")
        link = self._links.make(
            "submit",
            subject_id=new_visit_id(),
            patient_id=body.patient_id,
            practitioner_id=practitioner_id,
            expires_s=int(self._clock.now().timestamp()) + limits.GATEWAY_SUBMISSION_LINK_S,
            questionnaire_id=body.questionnaire_id,
            case_id=case_id,
        )
        if case_id:
            number = str(known.get("groupIdentifier", {}).get("value", ""))
            link = self._links.change(link.id, accepted=True, case_number=number)
        return answer({"link": self._url(link)})

    def _practitioner(self, request: web.Request) -> str:
        practitioner_id = self._tokens.practitioner_of(_bearer(request), "fhir")
        if practitioner_id is None:
            raise Refused(401, "sign-in-needed")
        return practitioner_id

    def _url(self, link: Link) -> str:
        page = "v" if link.kind == "visit" else "s"
        return f"{self._config.base_url}/{page}#{self._links.token(link)}"


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(401, "sign-in-needed")
    return token.strip()
