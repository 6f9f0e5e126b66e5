"""What the audit log says of one act: ids and codes, never a name, never a text."""

from typing import Literal

import msgspec

AuditKind = Literal[
    "created",
    "unlocked",
    "locked",
    "unlock-failed",
    "signed-in",
    "rollback-seen",
    "case-opened",
    "case-searched",
    "cases-listed",
    "evidence-read",
    "evidence-stored",
    "evidence-refused",
    "draft-saved",
    "change-made",
    "change-taken-back",
    "change-tried-again",
    "change-sending",
    "change-sent",
    "change-refused",
    "change-conflict",
    "change-dropped",
    "truth-received",
    "visit-found",
    "visit-prepared",
    "visit-began",
    "visit-ended",
    "item-imported",
    "item-refused",
    "key-rotated",
    "backed-up",
]


class AuditEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act.

    Attributes:
        kind: what was done.
        case_id, patient_id: whom it concerns; empty = nobody in particular.
        entity: id of the change, file, visit or scope.
        count: how many resources or items, 0 = one.
        outcome: "ok", or the code of an error.
    """

    kind: AuditKind
    case_id: str = ""
    patient_id: str = ""
    entity: str = ""
    count: int = 0
    outcome: str = "ok"


class AuditRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event as it stands in the chain: with its time and who was signed in."""

    at_ms: int
    who: str
    event: AuditEvent


def encode_record(record: AuditRecord) -> bytes:
    """Return the one way in which a record is written: JSON, fields in the order of the class."""
    return msgspec.json.encode(record)


def decode_record(data: bytes | str) -> AuditRecord:
    """Return a record.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return msgspec.json.decode(data, type=AuditRecord)
