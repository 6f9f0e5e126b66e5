"""Failures of the FHIR server as the program's errors, with what the server said about them."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import msgspec

from teleconsole.domain.errors import NotFhir, Offline, Rejected, SignInNeeded, SyncError, VersionConflict
from teleconsole.host import limits
from teleconsole.vault.fhir.raw import without_bom

AGAIN_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


class Unavailable(Offline):
    """The server answers, but asks to come later.

    Attributes:
        retry_after_s: what it asked for; 0 = nothing.
    """

    default_sentence = (
        "The clinic's server is busy or being serviced. What you write is stored here and goes out later."
    )

    def __init__(self, retry_after_s: float = 0.0, sentence: str = "") -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class Unreached(Offline):
    """No connection came about: nothing of the request has left this computer."""


class Silent(Offline):
    """The server took the request and did not answer it; whether it acted on it is not known."""

    default_sentence = "The clinic's server does not answer just now. What you write is stored here and goes out later."


class Gone(Rejected):
    """What was asked for is not on the server (404, 410)."""

    default_sentence = "The clinic's server no longer has this. What you wrote is kept under To send."


class Issue(msgspec.Struct, frozen=True):
    """One line of an OperationOutcome."""

    severity: str = ""
    code: str = ""
    diagnostics: str = ""
    details: dict[str, object] = {}

    @property
    def words(self) -> str:
        """What a person can read of it."""
        text = self.details.get("text")
        return self.diagnostics or (text if isinstance(text, str) else "") or self.code


class Outcome(msgspec.Struct, frozen=True, rename="camel"):
    """An OperationOutcome."""

    resource_type: str = ""
    issue: tuple[Issue, ...] = ()


_OUTCOMES = msgspec.json.Decoder(Outcome)


def issues(body: bytes) -> tuple[str, ...]:
    """Return every issue of an OperationOutcome in words; empty when the body is none."""
    try:
        outcome = _OUTCOMES.decode(without_bom(body))
    except (msgspec.DecodeError, RecursionError):
        return ()
    if outcome.resource_type != "OperationOutcome":
        return ()
    return tuple(words for words in (issue.words.strip() for issue in outcome.issue) if words)


def error_for(status: int, headers: httpx2.Headers, body: bytes, now: datetime) -> SyncError:
    """Return the error for a status that is no success.

    Args:
        status: of HTTP.
        headers: of the answer.
        body: of the answer.
        now: to turn a date in Retry-After into seconds.
    """
    reasons = issues(body)
    if status == 401:
        return SignInNeeded()
    if status in (409, 412):
        return VersionConflict()
    if status in AGAIN_LATER:
        return Unavailable(retry_after_s(headers.get("retry-after", ""), now))
    if status == 407 or 300 <= status < 400 or (not reasons and "html" in headers.get("content-type", "")):
        return NotFhir()
    if status in (404, 410):
        return Gone(_sentence(Gone.default_sentence, reasons))
    opening = f"The clinic's server refused this (HTTP {status})."
    return Rejected(_sentence(opening, reasons))


def retry_after_s(value: str, now: datetime) -> float:
    """Return the seconds that a Retry-After asks for: 0 for nonsense, at most `limits.FHIR_RETRY_AFTER_S`."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    if not math.isfinite(seconds):
        return 0.0
    return min(max(0.0, seconds), limits.FHIR_RETRY_AFTER_S)


def _sentence(opening: str, reasons: tuple[str, ...]) -> str:
    if not reasons:
        return opening
    shown = "; ".join(reasons[: limits.FHIR_REASONS])[: limits.FHIR_REASONS_CHARS]
    more = f" (and {len(reasons) - limits.FHIR_REASONS} more)" if len(reasons) > limits.FHIR_REASONS else ""
    return f"{opening} It says: {shown}{more}"
