"""The key header (`queue.keys`): slots that wrap the data key, with a MAC and a generation.

Written as `.tmp`, fsynced, renamed; the generation before stays beside it as `queue.keys.1`. Nothing here is a secret
by itself. The counter of wrong passphrases stands outside of the MAC: it has to be written while the data key is
not known; whoever can write the file can reset it, and Argon2id is the limit that holds.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from teleconsole.domain.errors import StoreCorrupt, StoreTooNew
from teleconsole.host.limits import (
    VAULT_ARGON2_ITERATIONS_MAX,
    VAULT_ARGON2_LANES_MAX,
    VAULT_ARGON2_MEMORY_MAX_KIB,
    VAULT_HEADER_BYTES,
)

HEADER_VERSION = 1
Hex = Annotated[str, Meta(pattern="^[0-9a-f]*$", max_length=512)]


class KeyringSlot(msgspec.Struct, frozen=True, tag="keyring"):
    """Wraps by a random key that the system's keyring holds.

    Attributes:
        key_id: tells a wrong entry from a damaged slot.
        backend: class of the keyring that took the key.
        user: of the system, as far as it is known; for the sentence after a move to another computer.
    """

    key_id: Hex
    nonce: Hex
    wrapped: Hex
    backend: str = ""
    user: str = ""


class PassphraseSlot(msgspec.Struct, frozen=True, tag="passphrase"):
    """Wraps by Argon2id of a passphrase."""

    salt: Hex
    nonce: Hex
    wrapped: Hex
    memory_kib: Annotated[int, Meta(ge=8 * 1024, le=VAULT_ARGON2_MEMORY_MAX_KIB)]
    iterations: Annotated[int, Meta(ge=1, le=VAULT_ARGON2_ITERATIONS_MAX)]
    lanes: Annotated[int, Meta(ge=1, le=VAULT_ARGON2_LANES_MAX)]


Slot = KeyringSlot | PassphraseSlot


class Header(msgspec.Struct, frozen=True):
    """The header.

    Attributes:
        profile_id: random; names the keyring's entry and binds slots and audit chain.
        generation: grows with every write that is MACed.
        audit_size, audit_root: the audit log at the last lock: sees a database that was put back to an older one.
        mac: over everything but itself and the counters.
        wrong_tries, last_try_ms: since the last right passphrase.
    """

    version: int
    profile_id: Hex
    generation: int
    slots: Annotated[tuple[Slot, ...], Meta(max_length=8)]
    audit_size: int = 0
    audit_root: Hex = ""
    mac: Hex = ""
    wrong_tries: int = 0
    last_try_ms: int = 0

    def keyring_slot(self) -> KeyringSlot | None:
        """Return the slot of the system's keyring."""
        return next((slot for slot in self.slots if isinstance(slot, KeyringSlot)), None)

    def passphrase_slot(self) -> PassphraseSlot | None:
        """Return the slot of the passphrase."""
        return next((slot for slot in self.slots if isinstance(slot, PassphraseSlot)), None)

    def signed(self, header_key: bytes) -> "Header":
        """Return the same with a MAC by this key."""
        return msgspec.structs.replace(self, mac=self._mac(header_key))

    def is_signed(self, header_key: bytes) -> bool:
        """Return whether the MAC is by this key."""
        return hmac.compare_digest(self.mac, self._mac(header_key))

    def _mac(self, header_key: bytes) -> str:
        plain = msgspec.structs.replace(self, mac="", wrong_tries=0, last_try_ms=0)
        return hmac.new(header_key, msgspec.json.encode(plain), hashlib.sha256).hexdigest()


class _Version(msgspec.Struct):
    version: int


def previous_generation(file: Path) -> Path:
    """Return where the generation before lies."""
    return file.with_name(file.name + ".1")


def read_header(file: Path) -> Header | None:
    """Return the header, or the generation before where the newest is damaged; None when there is neither.

    Raises:
        StoreCorrupt: both are damaged.
        StoreTooNew: a newer program wrote it.
        OSError: it cannot be read.
    """
    damaged = False
    for place in (file, previous_generation(file)):
        try:
            with place.open("rb") as handle:
                data = handle.read(VAULT_HEADER_BYTES + 1)
        except FileNotFoundError:
            continue
        header = _decode(data)
        if header is not None:
            return header
        damaged = True
    if damaged:
        raise StoreCorrupt(
            "The key file of this computer's cases is damaged. Nothing was deleted; ask IT to restore it from a backup."
        )
    return None


def _decode(data: bytes) -> Header | None:
    if len(data) > VAULT_HEADER_BYTES:
        return None
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version > HEADER_VERSION:
            raise StoreTooNew
        return msgspec.json.decode(data, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_header(file: Path, header: Header, *, keep_previous: bool) -> None:
    """Write the header so that a crash leaves the old or the new one, never half.

    Args:
        file: `queue.keys`.
        header: signed, or the same with other counters.
        keep_previous: the one that is there becomes `queue.keys.1`; False for a write of the counters alone.

    Raises:
        OSError: the disk is full or cannot be written; the old one stays.
    """
    partial = file.with_name(file.name + ".tmp")
    _write_private(partial, msgspec.json.format(msgspec.json.encode(header)))
    if keep_previous and file.exists() and _decode(file.read_bytes()) is not None:
        copy = previous_generation(file).with_name(file.name + ".1.tmp")
        _write_private(copy, file.read_bytes())
        copy.replace(previous_generation(file))
    partial.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable (nothing to do on Windows, which cannot open one)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_private(file: Path, data: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
