"""What lies sealed in a visit's drop-box: written by the call, read by the vault, opened by nobody between.

One item is one file `<folder>/<ms>-<item_id>.sealed`, written as `.tmp`, fsynced, renamed, folder fsynced. Its
bytes are HPKE base mode (RFC 9180; DHKEM X25519, HKDF-SHA256, AES-256-GCM) of the MessagePack of one `SealedItem`, with
info = `drop_box_info(visit_id)`, which binds it to its visit. The vault imports an item once, by `item_id`.
"""

import uuid
from typing import Literal

import msgspec

DROP_BOX_INFO = b"teleconsole drop-box 1"
_ITEMS_OF = uuid.UUID("6f7a2f0e-5d0c-5b5e-9d5e-0d3a5a7c1b42")


def drop_box_info(visit_id: str) -> bytes:
    """Return HPKE's info of one visit: an item that is moved to another visit's folder does not open."""
    return DROP_BOX_INFO + b"\0" + visit_id.encode()


def item_id_of(visit_id: str, message_id: str) -> str:
    """Return the item id of a message that the patient numbered: the same each time, and always a safe file name.

    It becomes the message's identifier in the record, by whichever way the message came: what both the console and the
    gateway got is one.
    """
    return str(uuid.uuid5(_ITEMS_OF, f"{visit_id}|{message_id}"))


class ChatItem(msgspec.Struct, frozen=True, tag="chat"):
    """A line of chat."""

    from_patient: bool
    text: str
    sent_ms: int


class StillItem(msgspec.Struct, frozen=True, tag="still"):
    """The full decoded frame as PNG."""

    png: bytes
    sha256: str
    width: int
    height: int
    taken_ms: int


class PhotoItem(msgspec.Struct, frozen=True, tag="photo"):
    """A photo, a spoken message or a film that the patient sent in the call, the original bytes."""

    data: bytes
    content_type: str
    sha256: str
    sent_ms: int


class SpanItem(msgspec.Struct, frozen=True, tag="span"):
    """People could talk from `from_ms` to `to_ms` (`to_ms` 0 = begins now); between two of these lies a gap."""

    from_ms: int
    to_ms: int
    why: Literal["connected", "lost", "ended-by-clinician", "ended-by-patient"]


class ReportItem(msgspec.Struct, frozen=True, tag="report"):
    """How the call went, in words that can be read: quality, steps, interruptions."""

    text: str
    made_ms: int


Body = ChatItem | StillItem | PhotoItem | SpanItem | ReportItem


class SealedItem(msgspec.Struct, frozen=True):
    """One item of a visit."""

    visit_id: str
    item_id: str
    made_ms: int
    body: Body
