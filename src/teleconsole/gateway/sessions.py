"""Sessions of browsers: a cookie for each kind of page, bound to the device that opened the link first.

Another device has to tell the patient's date of birth, which is compared in constant time and rate limited.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from aiohttp import web

from teleconsole.gateway.links import Link, LinkKind, Links
from teleconsole.gateway.problems import Refused
from teleconsole.gateway.records import RecordStore
from teleconsole.host import limits
from teleconsole.host.clock import Clock

COOKIES: dict[LinkKind, str] = {"visit": "teleconsole-visit", "submit": "teleconsole-submit"}
LINKS_OF_A_DEVICE = 16


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """What a browser's cookie stands for.

    Attributes:
        link_ids: the links this browser has opened; the last one is the one in use.
    """

    link_ids: list[str]
    opened_s: int


class Sessions:
    """All sessions, kept on disk by the hash of their cookie. Belongs to one event loop.

    Args:
        birth_date: gives the patient's date of birth (YYYY-MM-DD) by FHIR id.
        secure: whether cookies are sent by https only.
    """

    def __init__(
        self, folder: Path, links: Links, clock: Clock, birth_date: Callable[[str], Awaitable[str]], *, secure: bool
    ) -> None:
        self._records: RecordStore[Session] = RecordStore(folder, Session)
        self._links = links
        self._clock = clock
        self._birth_date = birth_date
        self._secure = secure

    async def open(self, link: Link, cookie: str, birth_date: str | None) -> str:
        """Return the cookie of a session on this link: the given one when this browser has opened the link before.

        Raises:
            Refused: another device, and no date of birth or a wrong one, or too many of them.
        """
        key = _hashed(cookie)
        session = self._records.get(key)
        if session is None or not cookie:
            cookie = secrets.token_urlsafe(32)
            key, session = _hashed(cookie), Session(link_ids=[], opened_s=0)
        if link.used and link.id not in session.link_ids:
            await self._check_birth_date(link, birth_date)
        if not link.used:
            self._links.change(link.id, used=True)
        link_ids = [*(other for other in session.link_ids if other != link.id), link.id][-LINKS_OF_A_DEVICE:]
        self._records.put(key, Session(link_ids=link_ids, opened_s=int(self._clock.now().timestamp())))
        return cookie

    def link_of(self, request: web.Request, kind: LinkKind, subject_id: str = "") -> Link:
        """Return the link that the request's cookie opens: the one in use, or the one of a subject.

        Raises:
            Refused: there is no session, or its link is revoked or expired.
        """
        cookie = request.cookies.get(COOKIES[kind], "")
        session = self._records.get(_hashed(cookie)) if cookie else None
        links = [self._links.get(link_id) for link_id in (session.link_ids if session else [])]
        if subject_id:
            links = [link for link in links if link is not None and link.subject_id == subject_id]
        link = links[-1] if links else None
        if link is None or link.kind != kind:
            raise Refused(401, "no-session")
        if link.revoked:
            raise Refused(410, "revoked")
        if self._links.is_expired(link):
            raise Refused(410, "expired")
        return link

    def set_cookie(self, response: web.Response, link: Link, cookie: str) -> None:
        """Put the session's cookie into an answer; no script can read it and no other site can send it."""
        age_s = max(0, link.expires_s - int(self._clock.now().timestamp()))
        response.set_cookie(
            COOKIES[link.kind], cookie, max_age=age_s, path="/", httponly=True, samesite="Strict", secure=self._secure
        )

    def sweep(self) -> int:
        """Forget the sessions whose links are all over; return how many."""
        over = [key for key, session in self._records.items() if not any(map(self._is_live, session.link_ids))]
        for key in over:
            self._records.delete(key)
        return len(over)

    def _is_live(self, link_id: str) -> bool:
        link = self._links.get(link_id)
        return link is not None and not link.revoked and not self._links.is_expired(link)

    async def _check_birth_date(self, link: Link, birth_date: str | None) -> None:
        if birth_date is None:
            raise Refused(401, "birth-date-needed")
        now_s = int(self._clock.now().timestamp())
        recent = [at for at in link.wrong_birth_dates_s if at > now_s - limits.GATEWAY_BIRTH_DATE_WINDOW_S]
        if len(recent) >= limits.GATEWAY_BIRTH_DATE_TRIES:
            raise Refused(429, "too-many-tries")
        # The try is counted before the server is asked: many requests at once are not more tries.
        self._links.change(link.id, wrong_birth_dates_s=[*recent, now_s])
        known = await self._birth_date(link.patient_id)
        if not known or not hmac.compare_digest(_digest(known), _digest(birth_date)):
            raise Refused(401, "birth-date-wrong")
        self._links.change(link.id, wrong_birth_dates_s=recent)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _hashed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
