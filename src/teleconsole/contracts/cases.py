"""Cases as the vault shows them: the queue, one case, and what a clinician does with it.

Times are Unix milliseconds in UTC (`*_ms`); 0 means "none". Texts are in words already. Ids are the FHIR server's
logical ids, except `change_id`, `visit_id` and `evidence_id` of what is not there yet, which are UUIDs of our own.
"""

from typing import Literal

from teleconsole.contracts.snapshot import Snapshot
from teleconsole.contracts.wire import Ask

Priority = Literal["stat", "urgent", "asap", "routine"]
CaseView = Literal[
    "open", "mine", "unclaimed", "due-today", "awaiting-patient", "awaiting-results", "closed", "drafts", "incomplete"
]
CaseType = Literal["skin", "wound", "blood-pressure", "mood", "general"]
EvidenceKind = Literal["photo", "video", "audio", "document", "still"]
Completeness = Literal["complete", "partial", "arriving"]
ClaimState = Literal["none", "mine", "asked-for", "other"]
EntryKind = Literal[
    "intake", "message", "follow-up-question", "follow-up-answer", "evidence", "vitals", "visit", "note", "decision"
]
SendState = Literal["sent", "waiting", "sending", "refused", "conflict"]
DecisionOutcome = Literal["advice", "prescription", "visit", "referral", "close"]


class CaseRow(Snapshot, frozen=True):
    """One row of the queue, everything that its two lines show."""

    case_id: str
    patient_id: str
    name: str
    age_years: int  # -1 unknown
    reason: str
    case_type: CaseType
    priority: Priority
    status: str
    business_status: str
    due_ms: int
    authored_ms: int
    unread_count: int
    photo_count: int
    video_count: int
    document_count: int
    has_vitals: bool
    claim: ClaimState
    claimed_by: str  # name or initials of the other clinician
    completeness: Completeness
    evidence_here: int  # of evidence_total files on this computer
    evidence_total: int
    unsent_count: int
    has_draft: bool


class CasePage(Snapshot, frozen=True):
    """A page of the queue in its order (priority group, due, id), by keyset; `next_key` empty = the end."""

    rows: tuple[CaseRow, ...]
    next_key: str
    total: int


class ListCases(Ask[CasePage], frozen=True):
    """Cases of a view that match the search, from `after_key` on. Search: words of name, MRN, reason and messages."""

    view: CaseView = "open"
    search: str = ""
    case_types: tuple[CaseType, ...] = ()
    priorities: tuple[Priority, ...] = ()
    order: Literal["due", "newest", "priority"] = "due"
    after_key: str = ""
    limit: int = 200


class ViewCount(Snapshot, frozen=True):
    """How many cases a view has."""

    view: CaseView
    count: int


class CaseTypeCount(Snapshot, frozen=True):
    """How many open cases of a type there are."""

    case_type: CaseType
    count: int


class CaseCounts(Snapshot, frozen=True):
    """The numbers beside the views."""

    views: tuple[ViewCount, ...]
    case_types: tuple[CaseTypeCount, ...]
    unread: int
    to_send: int
    could_not_send: int


class CountCases(Ask[CaseCounts], frozen=True):
    """The numbers beside the views."""


class SafetyItem(Snapshot, frozen=True):
    """One allergy, medicine or problem: a line and what stands under it; `severe` is shown in danger."""

    text: str
    detail: str = ""
    severe: bool = False


class PatientHeader(Snapshot, frozen=True):
    """Who the case is about."""

    patient_id: str
    name: str
    gender: str
    birth_date: str  # ISO 8601, may be partial
    age_years: int
    mrn: str
    phone: str
    language: str
    interpreter: bool
    allergies: tuple[SafetyItem, ...]
    medicines: tuple[SafetyItem, ...]
    problems: tuple[SafetyItem, ...]
    flags: tuple[SafetyItem, ...]
    read_at_ms: int  # when these were last read from the server


class Answer(Snapshot, frozen=True):
    """A question as the patient saw it and the answer; `worrying` = shown bold."""

    question: str
    answer: str
    worrying: bool = False
    group: str = ""


class EvidenceItem(Snapshot, frozen=True):
    """A file of the case. `here_bytes < size_bytes` = still arriving; `problem` = one sentence, else empty."""

    evidence_id: str
    kind: EvidenceKind
    title: str
    content_type: str
    size_bytes: int
    here_bytes: int
    taken_ms: int
    problem: str = ""


class Measurement(Snapshot, frozen=True):
    """One point of a series; `second` is the diastolic value of a blood pressure, else 0."""

    at_ms: int
    value: float
    second: float = 0.0


class VitalSeries(Snapshot, frozen=True):
    """Measurements of one kind over time, oldest first."""

    code: Literal["blood-pressure", "weight", "heart-rate", "temperature", "oxygen-saturation"]
    title: str
    unit: str
    points: tuple[Measurement, ...]
    target_high: float = 0.0
    target_low: float = 0.0


class TimelineEntry(Snapshot, frozen=True):
    """One entry of the case's timeline, oldest first.

    Attributes:
        entry_id: stable across syncs (resource type and id, or the change's UUID while it is unsent).
        author: name as shown; `from_me`, `from_patient` tell the side.
        change_id: of the outbox, when `send_state` is not "sent".
        duration_s: of a visit.
    """

    entry_id: str
    kind: EntryKind
    at_ms: int
    author: str
    from_me: bool = False
    from_patient: bool = False
    title: str = ""
    text: str = ""
    answers: tuple[Answer, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    vitals: tuple[VitalSeries, ...] = ()
    send_state: SendState = "sent"
    send_problem: str = ""
    change_id: str = ""
    unread: bool = False
    duration_s: int = 0
    in_visit: bool = False  # a line of a visit's chat


class Draft(Snapshot, frozen=True):
    """A text that was begun: kept through crash and lock."""

    kind: Literal["reply", "follow-up-question", "note", "decision"]
    text: str
    saved_ms: int


class CaseDetail(Snapshot, frozen=True):
    """A case as it stands here now: server truth with the pending changes laid over it."""

    row: CaseRow
    patient: PatientHeader
    timeline: tuple[TimelineEntry, ...]
    drafts: tuple[Draft, ...]
    claimed_until_ms: int
    case_number: str
    looked_at_ms: int  # when it was opened before, for the "New since" line; 0 = never
    visit_id: str = ""  # of a visit that is open now


class OpenCase(Ask[CaseDetail], frozen=True):
    """The whole case; an audit row is written. `mark_read` sets its entries read."""

    case_id: str
    mark_read: bool = True


class SaveDraft(Ask[Draft], frozen=True):
    """Keep a draft; empty text removes it."""

    case_id: str
    kind: Literal["reply", "follow-up-question", "note", "decision"]
    text: str


class ChangeMade(Snapshot, frozen=True):
    """The intent is in the outbox: committed, and shown in every view at once."""

    change_id: str


class Claim(Ask[ChangeMade], frozen=True):
    """Ask for the case; offline it stays "asked for" until the server agreed."""

    case_id: str


class Release(Ask[ChangeMade], frozen=True):
    """Give the case back."""

    case_id: str


class Reply(Ask[ChangeMade], frozen=True):
    """A message to the patient; the draft of that kind is removed in the same transaction."""

    case_id: str
    text: str


class AskFollowUp(Ask[ChangeMade], frozen=True):
    """A question that the patient's page lets them answer; the case then awaits the patient."""

    case_id: str
    text: str


class Decide(Ask[ChangeMade], frozen=True):
    """A decision, told to the patient in `text`; `close` ends the case."""

    case_id: str
    outcome: DecisionOutcome
    text: str


class WriteNote(Ask[ChangeMade], frozen=True):
    """A note for the record, not for the patient; `visit_id` when written beside the video."""

    case_id: str
    text: str
    visit_id: str = ""


class ReadEvidence(Ask[bytes], frozen=True):
    """A slice of the original, at most 512 KiB; an audit row is written for the first one.

    Raises: evidence-missing, evidence-refused.
    """

    evidence_id: str
    offset_bytes: int
    length_bytes: int
