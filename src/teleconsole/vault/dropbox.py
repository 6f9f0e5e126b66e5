"""Takes in what the call sealed while a visit ran: each item once, with its changes, in one transaction.

A file is deleted only after the commit; one that cannot be opened is set aside, never deleted.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from teleconsole.contracts.dropbox import (
    ChatItem,
    PhotoItem,
    ReportItem,
    SealedItem,
    SpanItem,
    StillItem,
    drop_box_info,
)
from teleconsole.domain.errors import StoreError
from teleconsole.host.limits import VAULT_SPOOL_ITEM_BYTES, VAULT_SPOOL_ITEMS
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.door import at_the_door
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox, visits
from teleconsole.vault.store.blobs import Blobs, StoredFile
from teleconsole.vault.store.changes import ChatPayload, FileKind, NotePayload, StillPayload
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.store import Store
from teleconsole.vault.store.touched import Touched
from teleconsole.vault.store.visits import VisitRow

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_STILL: tuple[FileKind, str] = ("still", "Still from the visit")
_KINDS: dict[str, tuple[FileKind, str]] = {
    "image": ("photo", "Photo sent in the visit"),
    "audio": ("audio", "Spoken message sent in the visit"),
    "video": ("video", "Video message sent in the visit"),
}
_VISIT_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")

_log = logging.getLogger(__name__)


class ImportedItem(msgspec.Struct, frozen=True):
    """An item that is committed now."""

    visit_id: str
    item_id: str
    case_id: str


def new_private_key() -> bytes:
    """Return a key for one visit's drop-box."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_key(private_key: bytes) -> bytes:
    """Return the half that the call gets."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def folder_of(spool: Path, visit_id: str) -> Path:
    """Return the folder of a visit's drop-box.

    Raises:
        StoreError: the id could lead elsewhere.
    """
    if not _VISIT_ID.match(visit_id):
        raise StoreError("The gateway named a visit that this program does not understand.")
    return spool / visit_id


class DropBoxes:
    """Imports the drop-boxes of all visits of an open store.

    Args:
        store, blobs: open.
        on_imported: called after each commit, in the event loop.
    """

    def __init__(self, store: Store, blobs: Blobs, on_imported: Callable[[ImportedItem], None]) -> None:
        self._store = store
        self._blobs = blobs
        self._on_imported = on_imported
        self._one_at_a_time = asyncio.Lock()

    async def import_all(self) -> int:
        """Take in everything that lies there and return how many items were new.

        Raises:
            DiskFull, StoreError: what was taken in so far stays; the rest lies there still.
        """
        async with self._one_at_a_time:
            imported = 0
            for file in await asyncio.to_thread(_sealed_files, self._store.profile.spool):
                imported += await self._import(file)
            return imported

    async def _import(self, file: Path) -> bool:
        visit_id = file.parent.name
        try:
            visit = await self._store.read(lambda connection: visits.find_visit(connection, visit_id))
        except StoreError:
            _log.warning("a drop-box of an unknown visit was left as it is")
            return False
        item = await asyncio.to_thread(_open, file, visit) if visit.private_key else None
        if item is None or (isinstance(item.body, StillItem | PhotoItem) and not _is_whole(item.body)):
            await self._set_aside(file, visit)
            return False
        stored = await self._keep_file(item)
        event = AuditEvent("item-imported", case_id=visit.case_id, patient_id=visit.patient_id, entity=item.item_id)
        is_new = await self._store.write(event, lambda connection: self._commit(connection, item, stored))
        await asyncio.to_thread(_delete, file)
        if is_new:
            self._on_imported(ImportedItem(visit_id, item.item_id, visit.case_id))
        return is_new

    async def _keep_file(self, item: SealedItem) -> StoredFile | None:
        match item.body:
            case StillItem(png):
                return await self._blobs.keep_whole(png)
            case PhotoItem(data):
                return await self._blobs.keep_whole(data)
            case _:
                return None

    def _commit(self, connection: Connection, item: SealedItem, stored: StoredFile | None) -> bool:
        now_ms = self._store.now_ms()
        if connection.execute("SELECT 1 FROM dropbox_item WHERE item_id = ?", (item.item_id,)).fetchone():
            return False
        connection.execute("INSERT INTO dropbox_item VALUES (?, ?, ?)", (item.item_id, item.visit_id, now_ms))
        visit = visits.find_visit(connection, item.visit_id)
        touched = Touched()
        match item.body:
            case ChatItem(from_patient, text, sent_ms):
                payload = ChatPayload(item.item_id, visit.visit_id, text, from_patient, sent_ms)
                outbox.add(connection, visit.case_id, payload, touched, now_ms=now_ms)
            case SpanItem(from_ms, to_ms):
                visits.keep_visit(connection, visits.add_span(visit, from_ms, to_ms))
            case ReportItem(text):
                report = NotePayload(text, visit.visit_id, about="call")
                outbox.add(connection, visit.case_id, report, touched, now_ms=now_ms)
            case StillItem() | PhotoItem() as body if stored is not None:
                still = _still(item, body, stored)
                from_patient = isinstance(body, PhotoItem)
                _insert_evidence(connection, visit, still, from_patient=from_patient)
                stored.insert(connection, still.evidence_id)
                outbox.add(connection, visit.case_id, still, touched, now_ms=now_ms)
            case _:
                pass
        touched.case(visit.case_id)
        bring_up_to_date(connection, touched)
        return True

    async def _set_aside(self, file: Path, visit: VisitRow) -> None:
        _log.error("an item of a drop-box could not be opened and was set aside")
        event = AuditEvent("item-refused", case_id=visit.case_id, entity=visit.visit_id, outcome="evidence-refused")
        await self._store.write(event, lambda _: None)
        await asyncio.to_thread(file.replace, file.with_suffix(".refused"))


def _sealed_files(spool: Path) -> list[Path]:
    """Return what is sealed, in the order in which it arose; a `.tmp` was never called saved."""
    with at_the_door():
        files = [file for folder in spool.iterdir() if folder.is_dir() for file in folder.glob("*.sealed")]
        return sorted(files, key=lambda file: (file.parent.name, _made_ms(file), file.name))[:VAULT_SPOOL_ITEMS]


def _made_ms(file: Path) -> int:
    digits = file.name.partition("-")[0]
    return int(digits) if digits.isdigit() and len(digits) < 20 else 0


def _open(file: Path, visit: VisitRow) -> SealedItem | None:
    """Return the item, None when it is not one of this visit."""
    with at_the_door(), file.open("rb") as handle:
        sealed = handle.read(VAULT_SPOOL_ITEM_BYTES + 1)
    if len(sealed) > VAULT_SPOOL_ITEM_BYTES:
        return None
    try:
        key = X25519PrivateKey.from_private_bytes(visit.private_key)
        opened = _SUITE.decrypt(sealed, key, info=drop_box_info(visit.visit_id))
        item = msgspec.msgpack.decode(opened, type=SealedItem)
    except (InvalidTag, ValueError, msgspec.DecodeError):
        return None
    return item if item.visit_id == visit.visit_id else None


def _is_whole(body: StillItem | PhotoItem) -> bool:
    if isinstance(body, PhotoItem) and body.content_type.partition("/")[0] not in _KINDS:
        return False
    data = body.png if isinstance(body, StillItem) else body.data
    return hashlib.sha256(data).hexdigest() == body.sha256.lower()


def _still(item: SealedItem, body: StillItem | PhotoItem, stored: StoredFile) -> StillPayload:
    kind, title = _KINDS[body.content_type.partition("/")[0]] if isinstance(body, PhotoItem) else _STILL
    return StillPayload(
        evidence_id=item.item_id,
        visit_id=item.visit_id,
        kind=kind,
        title=title,
        content_type="image/png" if isinstance(body, StillItem) else body.content_type,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        sha1_base64=stored.sha1_base64,
        taken_ms=body.taken_ms if isinstance(body, StillItem) else body.sent_ms,
    )


def _insert_evidence(connection: Connection, visit: VisitRow, still: StillPayload, *, from_patient: bool) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO evidence (evidence_id, document_id, case_id, patient_id, encounter_id, visit_id, kind,"
        " title, content_type, size_bytes, url, sha1_base64, taken_ms, from_patient)"
        " VALUES (?, '', ?, ?, '', ?, ?, ?, ?, ?, '', ?, ?, ?)",
        (
            still.evidence_id,
            visit.case_id,
            visit.patient_id,
            visit.visit_id,
            still.kind,
            still.title,
            still.content_type,
            still.size_bytes,
            still.sha1_base64,
            still.taken_ms,
            int(from_patient),
        ),
    )


def _delete(file: Path) -> None:
    with at_the_door():
        file.unlink(missing_ok=True)
