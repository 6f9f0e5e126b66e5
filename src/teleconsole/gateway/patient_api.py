"""`/patient/session` and `/patient/join`: from a link's token to a cookie, and from a call's offer to its visit."""

from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from teleconsole.domain.errors import SyncError
from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.fhir_proxy import FhirProxy
from teleconsole.gateway.links import Link, LinkRefused, Links
from teleconsole.gateway.problems import Refused, answer, read_body
from teleconsole.gateway.rooms import Rooms
from teleconsole.gateway.sessions import COOKIES, Sessions


class OpenLink(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /patient/session`."""

    token: Annotated[str, Meta(max_length=512)]
    birth_date: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class Join(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /patient/join`."""

    visit_id: Annotated[str, Meta(max_length=64)]


class PatientSessionApi:
    """The handlers of sessions. Belongs to one event loop."""

    def __init__(self, config: GatewayConfig, links: Links, sessions: Sessions, proxy: FhirProxy, rooms: Rooms) -> None:
        self._config = config
        self._links = links
        self._sessions = sessions
        self._proxy = proxy
        self._rooms = rooms

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part."""
        return [
            web.post("/patient/session", self._open),
            web.get("/patient/session", self._current),
            web.post("/patient/join", self._join),
        ]

    async def _open(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request, OpenLink)
        try:
            link = self._links.check(body.token)
        except LinkRefused as refusal:
            raise Refused(410, refusal.problem) from refusal
        before = request.cookies.get(COOKIES[link.kind], "")
        cookie = await self._sessions.open(link, before, body.birth_date)
        response = answer(await self._about(link))
        self._sessions.set_cookie(response, link, cookie)
        return response

    async def _current(self, request: web.Request) -> web.StreamResponse:
        kind: Literal["visit", "submit"] = "visit" if request.query.get("kind") == "visit" else "submit"
        return answer(await self._about(self._sessions.link_of(request, kind)))

    async def _join(self, request: web.Request) -> web.StreamResponse:
        link = self._sessions.link_of(request, "submit")
        body = await read_body(request, Join)
        visit = self._rooms.calling_visit(link)
        visit_link = self._links.of_subject("visit", body.visit_id)
        if visit is None or visit_link is None or visit.id != body.visit_id:
            raise Refused(404, "no-such-visit")
        return answer({"link": f"/v#{self._links.token(visit_link)}"})

    async def _about(self, link: Link) -> dict[str, str]:
        try:
            first_name = await self._proxy.first_name(link.patient_id)
        except SyncError:  # a greeting is not worth a failure; the page greets without the name
            first_name = ""
        return {
            "kind": link.kind,
            "visitId": link.subject_id,
            "clinic": self._config.clinic,
            "clinician": self._config.practitioner.name,
            "firstName": first_name,
        }
