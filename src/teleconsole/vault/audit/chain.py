"""The audit log: a hash chain inside the database, signed at intervals.

h(i) = SHA-256(0x01 | h(i-1) | i as u64 | SHA-256(record)); h(0) is bound to the profile. A checkpoint signs (size,
h(size)) by Ed25519. What a chain and local checkpoints cannot see: a tail that was cut off with its checkpoints; an
anchor that is kept elsewhere (the key header, the server) does, for everything before it.
"""

import hashlib
import struct
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from teleconsole.host.limits import VAULT_CHECKPOINT_EVENTS
from teleconsole.vault.audit.event import AuditEvent, AuditRecord, decode_record, encode_record
from teleconsole.vault.sqlcipher import Connection


@dataclass(frozen=True)
class Anchor:
    """A size of the log and its hash there."""

    size: int
    root: bytes


@dataclass(frozen=True)
class AuditReport:
    """What `verify` found.

    Attributes:
        size: events that are there.
        problem: empty = the chain holds; else what is wrong, without content.
        first_bad: number of the event where it breaks, 0 = none.
    """

    size: int
    problem: str = ""
    first_bad: int = 0

    @property
    def ok(self) -> bool:
        """Whether the chain holds."""
        return not self.problem


class AuditLog:
    """Appends to the chain inside the caller's transaction, and verifies it.

    Args:
        profile_id: binds the chain to this profile.
        signing_key: 32 secret bytes.
    """

    def __init__(self, profile_id: str, signing_key: bytes) -> None:
        self._genesis = hashlib.sha256(b"teleconsole audit 1\0" + profile_id.encode()).digest()
        self._signer = Ed25519PrivateKey.from_private_bytes(signing_key)
        self._profile_id = profile_id

    @property
    def public_key(self) -> Ed25519PublicKey:
        """Checks the signatures of the checkpoints."""
        return self._signer.public_key()

    def append(self, connection: Connection, event: AuditEvent, *, who: str, now_ms: int) -> None:
        """Add an event; a checkpoint is made when it is time. The caller's transaction commits it."""
        head = self.head(connection)
        record = encode_record(AuditRecord(now_ms, who, event))
        number = head.size + 1
        root = _link(head.root, number, record)
        connection.execute("INSERT INTO audit_event VALUES (?, ?, ?)", (number, record.decode(), root))
        if number % VAULT_CHECKPOINT_EVENTS == 0:
            self._sign(connection, Anchor(number, root), now_ms)

    def checkpoint(self, connection: Connection, now_ms: int) -> Anchor:
        """Sign the head as it is now and return it."""
        head = self.head(connection)
        if head.size:
            self._sign(connection, head, now_ms)
        return head

    def head(self, connection: Connection) -> Anchor:
        """Return the size of the log and its hash there."""
        row = connection.execute("SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1").fetchone()
        return Anchor(row[0], bytes(row[1])) if row else Anchor(0, self._genesis)

    def verify(self, connection: Connection, anchor: Anchor | None = None) -> AuditReport:
        """Walk the whole chain, its checkpoints and an anchor from elsewhere.

        Args:
            connection: reads alone.
            anchor: kept outside of the database; the log must reach it and agree there.
        """
        checkpoints = {
            size: (bytes(root), bytes(signature))
            for size, root, signature in connection.execute("SELECT size, root, signature FROM audit_checkpoint")
        }
        known = {anchor.size: anchor.root} if anchor is not None and anchor.size else {}
        root, size = self._genesis, 0
        for number, text, stored in connection.execute("SELECT number, event, hash FROM audit_event ORDER BY number"):
            record = str(text).encode()
            if number != size + 1:
                return AuditReport(size, "an event is missing", size + 1)
            root, size = _link(root, number, record), number
            if root != bytes(stored) or not _is_record(record):
                return AuditReport(size, "an event was changed", number)
            if number in known and known[number] != root:
                return AuditReport(size, "the log is not the one that was anchored", number)
            if number in checkpoints and not self._is_signed(number, root, *checkpoints.pop(number)):
                return AuditReport(size, "a signed checkpoint does not fit", number)
        if checkpoints or any(number > size for number in known):
            return AuditReport(size, "the end of the log was cut off", size + 1)
        if missing := self._missing_checkpoint(connection, size):
            return AuditReport(size, "a signed checkpoint is missing", missing)
        return AuditReport(size)

    def _missing_checkpoint(self, connection: Connection, size: int) -> int:
        have = {row[0] for row in connection.execute("SELECT size FROM audit_checkpoint")}
        wanted = range(VAULT_CHECKPOINT_EVENTS, size + 1, VAULT_CHECKPOINT_EVENTS)
        return next((number for number in wanted if number not in have), 0)

    def _sign(self, connection: Connection, head: Anchor, now_ms: int) -> None:
        signature = self._signer.sign(self._statement(head.size, head.root))
        connection.execute(
            "INSERT OR REPLACE INTO audit_checkpoint VALUES (?, ?, ?, ?)", (head.size, head.root, signature, now_ms)
        )

    def _is_signed(self, size: int, root: bytes, signed_root: bytes, signature: bytes) -> bool:
        try:
            self.public_key.verify(signature, self._statement(size, signed_root))
        except InvalidSignature:
            return False
        return root == signed_root

    def _statement(self, size: int, root: bytes) -> bytes:
        return f"teleconsole audit 1\n{self._profile_id}\n{size}\n{root.hex()}\n".encode()


def _link(before: bytes, number: int, record: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + before + struct.pack(">Q", number) + hashlib.sha256(record).digest()).digest()


def _is_record(data: bytes) -> bool:
    try:
        decode_record(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
