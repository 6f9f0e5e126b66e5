"""The outbox's values: each intent of the clinician as a typed payload, and the row that carries it."""

from typing import Literal

import msgspec

from teleconsole.contracts.cases import DecisionOutcome
from teleconsole.contracts.vault import ChangeKind

FileKind = Literal["still", "photo", "audio", "video"]
ChangeState = Literal["waiting", "sending", "refused", "conflict"]
"""A change that was sent has no row any more: its resources are in the truth."""


class ReplyPayload(msgspec.Struct, frozen=True, tag="reply"):
    """A message to the patient."""

    text: str


class QuestionPayload(msgspec.Struct, frozen=True, tag="follow-up-question"):
    """A question to the patient; the case then awaits the patient."""

    text: str


class DecisionPayload(msgspec.Struct, frozen=True, tag="decision"):
    """A decision, told to the patient; `close` ends the case."""

    outcome: DecisionOutcome
    text: str


class NotePayload(msgspec.Struct, frozen=True, tag="note"):
    """A note for the record.

    Attributes:
        visit_id: empty when it was not written in a visit.
        about: "call" = how the call went, made by the program; empty = by the clinician.
    """

    text: str
    visit_id: str = ""
    about: Literal["", "call"] = ""


class ClaimPayload(msgspec.Struct, frozen=True, tag="claim"):
    """The case is asked for until `until_ms`."""

    until_ms: int


class ReleasePayload(msgspec.Struct, frozen=True, tag="release"):
    """The case is given back."""


class VisitBegan(msgspec.Struct, frozen=True, tag="visit-began"):
    """An Encounter to be made, with `urn:teleconsole:visit` = visit_id; everything of the visit waits behind it.

    Attributes:
        appointment_id: empty = none.
        makes_case: there is no case yet: the same transaction makes a Task, whose `urn:teleconsole:change` identifier
            is the change's id. `complete` is then told the Task's id by `case_id`.
    """

    visit_id: str
    appointment_id: str
    reason: str
    started_ms: int
    makes_case: bool = False


class VisitEnded(msgspec.Struct, frozen=True, tag="visit-ended"):
    """The Encounter is finished; `spans` are the times (from, to) in which it was connected."""

    visit_id: str
    appointment_id: str
    started_ms: int
    ended_ms: int
    spans: tuple[tuple[int, int], ...] = ()


class StillPayload(msgspec.Struct, frozen=True, tag="still"):
    """A file that arose in a visit: Binary and DocumentReference. Its bytes: `SyncStore.read_blob`.

    Attributes:
        sha1_base64: for `attachment.hash`, as R4 has it.
        kind: "still" = taken by the clinician, the others = sent by the patient.
    """

    evidence_id: str
    visit_id: str
    kind: FileKind
    title: str
    content_type: str
    size_bytes: int
    sha256: str
    sha1_base64: str
    taken_ms: int


class ChatPayload(msgspec.Struct, frozen=True, tag="chat"):
    """A line of a visit; `line_id` becomes the identifier `urn:teleconsole:chat-line`."""

    line_id: str
    visit_id: str
    text: str
    from_patient: bool
    sent_ms: int


Payload = (
    ReplyPayload
    | QuestionPayload
    | DecisionPayload
    | NotePayload
    | ClaimPayload
    | ReleasePayload
    | VisitBegan
    | VisitEnded
    | StillPayload
    | ChatPayload
)

_KINDS: dict[type[msgspec.Struct], ChangeKind] = {
    ReplyPayload: "reply",
    QuestionPayload: "follow-up-question",
    DecisionPayload: "decision",
    NotePayload: "note",
    ClaimPayload: "claim",
    ReleasePayload: "release",
    VisitBegan: "visit",
    VisitEnded: "visit",
    StillPayload: "still",
    ChatPayload: "chat",
}
_DECODER: "msgspec.json.Decoder[Payload]" = msgspec.json.Decoder(Payload)


def kind_of(payload: Payload) -> ChangeKind:
    """Return the kind under which a payload is listed."""
    return _KINDS[type(payload)]


def encode_payload(payload: Payload) -> str:
    """Return the payload as the outbox keeps it."""
    return msgspec.json.encode(payload).decode()


def decode_payload(text: str) -> Payload:
    """Return the payload of an outbox row.

    Raises:
        msgspec.ValidationError: a newer program wrote it.
    """
    return _DECODER.decode(text)


class ChangeRow(msgspec.Struct, frozen=True):
    """One intent that is not at the server yet.

    Attributes:
        seq: order in which the intents were made.
        change_id: UUID, the identifier `urn:teleconsole:change` and If-None-Exist.
        case_id: of the Task; for a case that is not at the server yet a UUID of our own (`is_local_case`).
        patient_id: of the Patient.
        base_version: versionId of the Task when the intent was made; empty = the Task is not there yet.
        attempts: how often it was tried; the outbox's schedule is in `next_ms`.
        made_ms: by this computer's clock plus the known offset of the server's.
    """

    seq: int
    change_id: str
    case_id: str
    patient_id: str
    payload: Payload
    base_version: str
    state: ChangeState
    attempts: int
    next_ms: int
    last_error: str
    made_ms: int
    is_local_case: bool

    @property
    def kind(self) -> ChangeKind:
        """Under which kind it is listed."""
        return kind_of(self.payload)

    def __repr__(self) -> str:
        """Show ids alone."""
        return f"<ChangeRow {self.kind} {self.change_id}>"
