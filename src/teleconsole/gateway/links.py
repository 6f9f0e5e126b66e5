"""Signed links for one visit or one submission: making, checking, revoking.

A token is `<payload>.<HMAC-SHA256>`. Only a token that this gateway signed is looked up, so a guessed one learns
nothing and is answered as one that has expired.
"""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Literal

import msgspec

from teleconsole.gateway.records import RecordStore
from teleconsole.host import limits
from teleconsole.host.clock import Clock

LinkKind = Literal["visit", "submit"]


class Link(msgspec.Struct, frozen=True, rename="camel"):
    """What a link stands for and what became of it. Ids only, no words about a patient.

    Attributes:
        subject_id: the visit's or the submission's id.
        expires_s: Unix time.
        used: some device has opened it; another one has to tell the date of birth.
        case_id: the Task, once there is one.
        thread_id: the Communication that heads the case's thread, once there is one.
        case_number: of a case that was there before the link.
        wrong_birth_dates_s: Unix times of the latest wrong dates of birth.
        submitted_s: when the patient pressed send, 0 if not yet.
        accepted: the FHIR server has the submission.
        refused: the FHIR server refused it for good after the patient had gone; the draft is open again.
        late_messages: of a visit, what was taken from the page after its end, by item id; true with a file.
    """

    id: str
    kind: LinkKind
    subject_id: str
    patient_id: str
    practitioner_id: str
    expires_s: int
    questionnaire_id: str = ""
    appointment_id: str = ""
    case_id: str = ""
    thread_id: str = ""
    case_number: str = ""
    used: bool = False
    revoked: bool = False
    wrong_birth_dates_s: list[int] = []
    submitted_s: int = 0
    accepted: bool = False
    refused: bool = False
    late_messages: dict[str, bool] = {}


class LinkRefused(Exception):
    """The token opens nothing.

    Attributes:
        problem: `expired` (also for a token that was never made here) or `revoked`.
    """

    def __init__(self, problem: Literal["expired", "revoked"]) -> None:
        super().__init__(problem)
        self.problem = problem


class Links:
    """All links of this gateway. Belongs to one event loop."""

    def __init__(self, folder: Path, secret: bytes, clock: Clock) -> None:
        self._records: RecordStore[Link] = RecordStore(folder, Link)
        self._key = hmac.digest(secret, b"teleconsole link v1", hashlib.sha256)
        self._clock = clock

    def make(
        self,
        kind: LinkKind,
        *,
        subject_id: str,
        patient_id: str,
        practitioner_id: str,
        expires_s: int,
        questionnaire_id: str = "",
        appointment_id: str = "",
        case_id: str = "",
    ) -> Link:
        """Make and keep a new link."""
        link = Link(
            id=secrets.token_hex(16),
            kind=kind,
            subject_id=subject_id,
            patient_id=patient_id,
            practitioner_id=practitioner_id,
            expires_s=expires_s,
            questionnaire_id=questionnaire_id,
            appointment_id=appointment_id,
            case_id=case_id,
        )
        self.save(link)
        return link

    def token(self, link: Link) -> str:
        """Return the link's token, always the same one for the same link."""
        payload = msgspec.msgpack.encode([link.id, link.kind, link.subject_id, link.patient_id, link.expires_s])
        return f"{_to_text(payload)}.{_to_text(hmac.digest(self._key, payload, hashlib.sha256))}"

    def check(self, token: str) -> Link:
        """Return the link that a token opens now.

        Raises:
            LinkRefused: it opens nothing.
        """
        link = self._signed(token)
        if link is None:
            raise LinkRefused("expired")
        if link.revoked:
            raise LinkRefused("revoked")
        if self.is_expired(link):
            raise LinkRefused("expired")
        return link

    def get(self, link_id: str) -> Link | None:
        """Return a link by its id, whatever became of it."""
        return self._records.get(link_id)

    def of_subject(self, kind: LinkKind, subject_id: str) -> Link | None:
        """Return the link of a visit or a submission."""
        return next((link for link in self._records if link.kind == kind and link.subject_id == subject_id), None)

    def all(self) -> list[Link]:
        """Return every link that is kept."""
        return list(self._records)

    def save(self, link: Link) -> None:
        """Keep a changed link; it is on the disk when this returns."""
        self._records.put(link.id, link)

    def change(self, link_id: str, **fields: object) -> Link:
        """Change some fields of a link and keep it.

        Raises:
            KeyError: there is no such link.
        """
        link = self._records.get(link_id)
        if link is None:
            raise KeyError(link_id)
        changed = msgspec.structs.replace(link, **fields)
        self.save(changed)
        return changed

    def forget_old(self) -> int:
        """Delete the links that expired longer ago than anything of theirs can wait; return how many."""
        longest_ago_s = self._clock.now().timestamp() - limits.GATEWAY_PENDING_S
        old = [link for link in self._records if link.expires_s < longest_ago_s]
        for link in old:
            self._records.delete(link.id)
        return len(old)

    def is_expired(self, link: Link) -> bool:
        """Return whether a link's time is over."""
        return self._clock.now().timestamp() >= link.expires_s

    def _signed(self, token: str) -> Link | None:
        payload_text, _, mac_text = token.partition(".")
        try:
            payload, mac = _to_bytes(payload_text), _to_bytes(mac_text)
        except ValueError:
            return None
        if not hmac.compare_digest(mac, hmac.digest(self._key, payload, hashlib.sha256)):
            return None
        link_id = msgspec.msgpack.decode(payload)[0]
        link = self._records.get(link_id)
        return link if link is not None and self.token(link) == token else None


def _to_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _to_bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
