"""Seals what arises in a visit, so that neither a lock nor a crash costs evidence.

Only the vault has the private key: what is written here, this process can't read again. Format:
`teleconsole.contracts.dropbox`.
"""

import os
import re
import time
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from teleconsole.contracts.dropbox import Body, SealedItem, drop_box_info, item_id_of
from teleconsole.domain.errors import CallError

__all__ = ["NOT_SAVED", "DropBoxWriter", "item_id_of"]

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ITEM_ID = re.compile(r"^[0-9a-f-]{36}$")

NOT_SAVED = "This could not be saved on this computer. Free some disk space and try again; the call goes on."


class DropBoxWriter:
    """Writes the sealed items of one visit.

    Args:
        visit_id: bound to each item.
        folder: exists already; the vault made it.
        public_key: 32 bytes, X25519.

    Raises:
        CallError: the key is not one.

    Thread: any, one item at a time or several; writes block, so not the event loop's.
    """

    def __init__(self, visit_id: str, folder: Path, public_key: bytes) -> None:
        self._visit_id = visit_id
        self._folder = folder
        try:
            self._key = X25519PublicKey.from_public_bytes(public_key)
        except ValueError as error:
            raise CallError from error

    def seal(self, item_id: str, body: Body) -> None:
        """Return when the item is on the disk for good.

        Raises:
            CallError: it could not be written; the sentence says what to do.
            ValueError: the id is not a UUID.
        """
        if not _ITEM_ID.match(item_id):
            raise ValueError("an item of the drop-box is named by a UUID")
        made_ms = time.time_ns() // 1_000_000
        item = SealedItem(self._visit_id, item_id, made_ms, body)
        sealed = _SUITE.encrypt(msgspec.msgpack.encode(item), self._key, drop_box_info(self._visit_id))
        try:
            self._write(f"{made_ms}-{item_id}", sealed)
        except OSError as error:
            raise CallError(NOT_SAVED) from error

    def _write(self, name: str, data: bytes) -> None:
        partial = self._folder / f"{name}.tmp"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._folder / f"{name}.sealed")
        if hasattr(os, "O_DIRECTORY"):  # Windows makes a rename durable by itself
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
