"""Who may send files, and how each is named: a submission that is not sent yet, a visit that is over."""

import uuid
from typing import Annotated, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta

from teleconsole.contracts.dropbox import item_id_of
from teleconsole.gateway.file_kinds import UploadKind
from teleconsole.gateway.links import Link
from teleconsole.gateway.problems import Refused
from teleconsole.gateway.sessions import Sessions
from teleconsole.gateway.spool import Draft, Upload
from teleconsole.gateway.text import Uuid
from teleconsole.gateway.visits import Visits
from teleconsole.host import limits
from teleconsole.host.clock import Clock


class UploadForm(msgspec.Struct, frozen=True, rename="camel"):
    """The body that announces a file.

    Attributes:
        id: of the chat line that it is, in a visit.
    """

    kind: UploadKind
    name: Annotated[str, Meta(max_length=255)]
    content_type: Annotated[str, Meta(max_length=128)]
    size: Annotated[int, Meta(ge=1)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    id: Uuid | None = None


class UploadDoor(Protocol):
    """One kind of page that sends files.

    Attributes:
        path: where its routes begin.
    """

    path: str

    def open_link(self, request: web.Request) -> Link:
        """Return the link whose page may send now.

        Raises:
            Refused: it may not.
        """

    def known(self, link: Link, draft: Draft, form: UploadForm) -> Upload | None:
        """Return the file that was announced before.

        Raises:
            Refused: another one was announced under its id.
        """

    def taken(self, link: Link, draft: Draft) -> int:
        """Return how many files count already."""

    def new_id(self, link: Link, form: UploadForm) -> str:
        """Return the id under which a file is kept and later found on the FHIR server.

        Raises:
            Refused: `malformed`.
        """


class SubmissionDoor:
    """Files of a submission that is not sent yet. Belongs to one event loop."""

    path = "/patient/uploads"

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def open_link(self, request: web.Request) -> Link:
        """Return the submission's link.

        Raises:
            Refused: no session, or it is sent.
        """
        link = self._sessions.link_of(request, "submit")
        if link.submitted_s or link.accepted:
            raise Refused(409, "already-submitted")
        return link

    def known(self, link: Link, draft: Draft, form: UploadForm) -> Upload | None:
        """Return the same file, so that one which is chosen again goes on where it stopped."""
        return draft.same_file(form.kind, form.sha256, form.size)

    def taken(self, link: Link, draft: Draft) -> int:
        """Return how many files the draft has."""
        return len(draft.uploads)

    def new_id(self, link: Link, form: UploadForm) -> str:
        """Return a new id."""
        return str(uuid.uuid4())


class VisitDoor:
    """What the console had not got when a visit ended, for a day after it. Belongs to one event loop."""

    path = "/patient/visits/{visit_id}/uploads"

    def __init__(self, sessions: Sessions, visits: Visits, clock: Clock) -> None:
        self._sessions = sessions
        self._visits = visits
        self._clock = clock

    def open_link(self, request: web.Request) -> Link:
        """Return the link of the visit in the request's path.

        Raises:
            Refused: no session, the call is not over (`visit-not-over`), or over for too long (`expired`).
        """
        link = self._sessions.link_of(request, "visit", request.match_info["visit_id"])
        visit = self._visits.get(link.subject_id)
        if visit is None or not visit.ended_s:
            raise Refused(409, "visit-not-over")
        if self._clock.now().timestamp() >= visit.ended_s + limits.GATEWAY_AFTER_VISIT_S:
            raise Refused(410, "expired")
        return link

    def known(self, link: Link, draft: Draft, form: UploadForm) -> Upload | None:
        """Return the file of the same chat line.

        Raises:
            Refused: it was another file.
        """
        known = draft.upload(self.new_id(link, form))
        if known is not None and (known.kind, known.sha256, known.size) != (form.kind, form.sha256, form.size):
            raise Refused(409, "not-allowed")
        return known

    def taken(self, link: Link, draft: Draft) -> int:
        """Return how many files came after this visit, also those that are delivered."""
        return len({each.id for each in draft.uploads} | {each for each, file in link.late_messages.items() if file})

    def new_id(self, link: Link, form: UploadForm) -> str:
        """Return the id that the console gives to the same chat line.

        Raises:
            Refused: `malformed`, the line is not named.
        """
        if form.id is None:
            raise Refused(400, "malformed")
        return item_id_of(link.subject_id, form.id)
