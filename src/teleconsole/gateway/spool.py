"""The encrypted spool: drafts, uploads and messages of a link until the FHIR server has them.

Everything is sealed with AES-256-GCM under a key that is derived from the link's token and the server's secret, so what
lies on the disk opens only while the link's record lives. Uploads grow in sealed chunks and go on after a crash where
the last whole chunk ended.
"""

import hashlib
import os
import secrets
import shutil
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from teleconsole.gateway.file_kinds import UploadKind
from teleconsole.gateway.measurements import Measurement
from teleconsole.gateway.records import write_atomically
from teleconsole.host import limits

NONCE_BYTES = 12
TAG_BYTES = 16
_LENGTH = struct.Struct(">I")


class Upload(msgspec.Struct, frozen=True, rename="camel"):
    """One file of a draft.

    Attributes:
        id: UUID; also the evidence's identifier on the FHIR server.
        content_type: without parameters.
        sha256: of the whole file, in hex, as the page computed it.
        complete: all bytes are here and were checked.
    """

    id: str
    kind: UploadKind
    name: str
    content_type: str
    size: int
    sha256: str
    added_ms: int
    complete: bool = False


class Draft(msgspec.Struct, frozen=True, rename="camel"):
    """What a patient has entered and not yet handed over."""

    answers: dict[str, Any] = {}
    uploads: list[Upload] = []
    measurements: list[Measurement] = []

    def upload(self, upload_id: str) -> Upload | None:
        """Return a file by its id."""
        return next((upload for upload in self.uploads if upload.id == upload_id), None)

    def same_file(self, kind: UploadKind, sha256: str, size: int) -> Upload | None:
        """Return the file that was announced in the same words before."""
        return next((one for one in self.uploads if (one.kind, one.sha256, one.size) == (kind, sha256, size)), None)


class WaitingMessage(msgspec.Struct, frozen=True, rename="camel"):
    """A message of the patient on its way to the FHIR server.

    Attributes:
        with_file: it is the draft's file of the same id, spoken, filmed or photographed.
    """

    id: str
    text: str
    sent_ms: int
    in_response_to: str = ""
    with_file: bool = False


class SpoolDamaged(Exception):
    """A sealed file is not what was written."""


class Spool:
    """The spool's folder of one link. Its methods block on the disk; callers hold the link's lock and use a thread.

    Args:
        root: the spool of the gateway.
        link_id: names the folder.
        token: the link's token.
        secret: the server's secret.
    """

    def __init__(self, root: Path, link_id: str, token: str, secret: bytes) -> None:
        self._folder = root / link_id
        self._link_id = link_id
        self._root_key = _derive(secret, hashlib.sha256(token.encode()).digest(), b"teleconsole spool v1")

    def draft(self) -> Draft:
        """Return the draft, an empty one when there is none.

        Raises:
            SpoolDamaged: the file was changed.
        """
        content = self._unseal("draft")
        return Draft() if content is None else msgspec.json.decode(content, type=Draft)

    def save_draft(self, draft: Draft) -> None:
        """Keep the draft; it is on the disk, sealed, when this returns."""
        self._seal("draft", msgspec.json.encode(draft))

    def messages(self) -> list[WaitingMessage]:
        """Return the messages that wait, oldest first."""
        found = []
        for file in self._folder.glob("message-*"):
            content = self._unseal(file.name)
            if content is not None:
                found.append(msgspec.json.decode(content, type=WaitingMessage))
        return sorted(found, key=lambda message: (message.sent_ms, message.id))

    def save_message(self, message: WaitingMessage) -> None:
        """Keep a message until `drop_message`."""
        self._seal(f"message-{message.id}", msgspec.json.encode(message))

    def drop_message(self, message_id: str) -> None:
        """Forget a message that the FHIR server has."""
        (self._folder / f"message-{message_id}").unlink(missing_ok=True)

    def progress(self, upload_id: str) -> tuple[int, int]:
        """Return how many bytes and chunks of a file are here; what a crash left half-written is cut off."""
        file = self._folder / f"upload-{upload_id}"
        if not file.exists():
            return 0, 0
        received, chunks, good_end = 0, 0, 0
        with file.open("r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            while good_end + _LENGTH.size <= size:
                stream.seek(good_end)
                (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
                end = good_end + _LENGTH.size + length
                if end > size or length < NONCE_BYTES + TAG_BYTES:
                    break
                received, chunks, good_end = received + length - NONCE_BYTES - TAG_BYTES, chunks + 1, end
            stream.truncate(good_end)
        return received, chunks

    def append(self, upload_id: str, chunk_index: int, content: bytes) -> None:
        """Add one chunk to a file; `sync` makes it durable.

        Args:
            upload_id: of the draft.
            chunk_index: how many chunks are there already.
            content: at most `limits.GATEWAY_UPLOAD_CHUNK_BYTES`.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._upload_cipher(upload_id).encrypt(nonce, content, _LENGTH.pack(chunk_index))
        descriptor = os.open(self._folder / f"upload-{upload_id}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as stream:
            stream.write(_LENGTH.pack(len(sealed)) + sealed)

    def sync(self, upload_id: str) -> None:
        """Make what was appended survive a power cut."""
        descriptor = os.open(self._folder / f"upload-{upload_id}", os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, upload_id: str) -> bytes:
        """Return all bytes of a file that are here.

        Raises:
            SpoolDamaged: a chunk was changed or moved.
        """
        cipher = self._upload_cipher(upload_id)
        content = bytearray()
        for index, sealed in enumerate(self._sealed_chunks(upload_id)):
            content += _open(cipher, sealed, _LENGTH.pack(index))
        return bytes(content)

    def forget_upload(self, upload_id: str) -> None:
        """Take a file out of the draft and delete its bytes."""
        draft = self.draft()
        kept = [each for each in draft.uploads if each.id != upload_id]
        if len(kept) < len(draft.uploads):
            self.save_draft(msgspec.structs.replace(draft, uploads=kept))
        self.drop(upload_id)

    def drop(self, upload_id: str) -> None:
        """Delete the bytes of a file."""
        (self._folder / f"upload-{upload_id}").unlink(missing_ok=True)

    def delete_draft(self) -> None:
        """Delete the draft and its files, which the FHIR server has; messages that wait stay."""
        for file in [*self._folder.glob("upload-*"), *self._folder.glob("draft")]:
            file.unlink(missing_ok=True)
        if self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()

    def delete(self) -> None:
        """Delete everything of this link."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def idle_s(self) -> float:
        """Return the seconds since something was written, 0 when there is nothing."""
        if not self._folder.is_dir():
            return 0.0
        latest = max((file.stat().st_mtime for file in self._folder.iterdir()), default=self._folder.stat().st_mtime)
        return max(0.0, time.time() - latest)

    def _sealed_chunks(self, upload_id: str) -> Iterator[bytes]:
        file = self._folder / f"upload-{upload_id}"
        if not file.exists():
            return
        with file.open("rb") as stream:
            while len(header := stream.read(_LENGTH.size)) == _LENGTH.size:
                (length,) = _LENGTH.unpack(header)
                if length > limits.GATEWAY_UPLOAD_CHUNK_BYTES + NONCE_BYTES + TAG_BYTES:
                    raise SpoolDamaged
                sealed = stream.read(length)
                if len(sealed) == length:
                    yield sealed

    def _upload_cipher(self, upload_id: str) -> AESGCM:
        return AESGCM(_derive(self._root_key, b"", b"upload " + upload_id.encode()))

    def _seal(self, name: str, content: bytes) -> None:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(self._root_key).encrypt(nonce, content, name.encode())
        write_atomically(self._folder / name, sealed)

    def _unseal(self, name: str) -> bytes | None:
        file = self._folder / name
        return _open(AESGCM(self._root_key), file.read_bytes(), name.encode()) if file.exists() else None


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise SpoolDamaged from error


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)
