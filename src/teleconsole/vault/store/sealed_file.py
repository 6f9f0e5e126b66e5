"""A sealed file: AES-256-GCM in 64 KiB chunks (the STREAM construction of Hoang et al.), a key of its own each.

Header: magic, file id. Nonce: 7 random bytes | u32 index | 1 byte "last". The header is bound into every chunk, so that
chunks cannot be moved, cut off or taken from another file. Any byte can be read without those before it.
"""

import os
import struct
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from teleconsole.domain.errors import EvidenceRefused
from teleconsole.host.limits import VAULT_CHUNK_BYTES
from teleconsole.vault.keys.header import sync_folder

MAGIC = b"TCSEAL1\n"
KEY_BYTES = 32
_PREFIX_BYTES = 7
_HEADER_BYTES = len(MAGIC) + _PREFIX_BYTES
_TAG_BYTES = 16
_SEALED_CHUNK_BYTES = VAULT_CHUNK_BYTES + _TAG_BYTES


def new_key() -> bytes:
    """Return a key for one file."""
    return os.urandom(KEY_BYTES)


class SealedWriter:
    """Writes `<file>.tmp` and renames it at the end; goes on where an earlier one was stopped.

    A chunk is sealed as soon as more follows it; what is short of one is in memory alone and comes again.

    Args:
        file: where it will lie.
        key: of this file.

    Attributes:
        here_bytes: how many are sealed or in memory.

    Raises:
        OSError: the disk is full or cannot be written.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        self._partial = file.with_name(file.name + ".tmp")
        self._pending = bytearray()
        self._handle = self._partial.open("r+b" if self._partial.exists() else "w+b")
        self._header = self._handle.read(_HEADER_BYTES)
        if len(self._header) != _HEADER_BYTES or not self._header.startswith(MAGIC):
            self._header = MAGIC + os.urandom(_PREFIX_BYTES)
            self._handle.seek(0)
            self._handle.truncate()
            self._handle.write(self._header)
        self._chunks = self._whole_chunks()
        self._handle.seek(_HEADER_BYTES + self._chunks * _SEALED_CHUNK_BYTES)
        self._handle.truncate()

    @property
    def here_bytes(self) -> int:
        """How many bytes there are."""
        return self._chunks * VAULT_CHUNK_BYTES + len(self._pending)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._pending += data
        while len(self._pending) > VAULT_CHUNK_BYTES:
            self._seal(bytes(self._pending[:VAULT_CHUNK_BYTES]), last=False)
            del self._pending[:VAULT_CHUNK_BYTES]

    def finish(self) -> None:
        """Seal the end, make everything durable and give the file its name."""
        self._seal(bytes(self._pending), last=True)
        self._pending.clear()
        self._handle.flush()
        os.fsync(self._handle.fileno())
        self._handle.close()
        self._partial.replace(self._file)
        sync_folder(self._file.parent)

    def close(self) -> None:
        """Stop for now; the whole chunks stay."""
        if not self._handle.closed:
            self._handle.flush()
            os.fsync(self._handle.fileno())
            self._handle.close()

    def discard(self) -> None:
        """Throw away what was written."""
        self._handle.close()
        self._partial.unlink(missing_ok=True)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        nonce = _nonce(self._header, self._chunks, last=last)
        self._handle.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._chunks += 1

    def _whole_chunks(self) -> int:
        """Return how many chunks are whole; a torn or foreign one at the end is not counted."""
        self._handle.seek(0, os.SEEK_END)
        chunks = (self._handle.tell() - _HEADER_BYTES) // _SEALED_CHUNK_BYTES
        while chunks > 0:
            self._handle.seek(_HEADER_BYTES + (chunks - 1) * _SEALED_CHUNK_BYTES)
            try:
                nonce = _nonce(self._header, chunks - 1, last=False)
                self._cipher.decrypt(nonce, self._handle.read(_SEALED_CHUNK_BYTES), self._header)
                return chunks
            except InvalidTag:
                chunks -= 1
        return 0


class SealedReader:
    """Reads any bytes of a sealed file.

    Args:
        file: finished.
        key: of this file.

    Attributes:
        size_bytes: of the content.

    Raises:
        EvidenceRefused: it is no such file.
        OSError: it is not there.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._handle = file.open("rb")
        self._header = self._handle.read(_HEADER_BYTES)
        body_bytes = file.stat().st_size - _HEADER_BYTES
        self._chunks = max(1, -(-body_bytes // _SEALED_CHUNK_BYTES))
        self.size_bytes = body_bytes - self._chunks * _TAG_BYTES
        if len(self._header) != _HEADER_BYTES or not self._header.startswith(MAGIC) or self.size_bytes < 0:
            self._handle.close()
            raise EvidenceRefused

    def __enter__(self) -> "SealedReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()

    def read(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Return bytes from an offset, fewer at the end.

        Raises:
            EvidenceRefused: a byte is not what was written.
        """
        end = min(self.size_bytes, offset_bytes + length_bytes)
        if offset_bytes >= end:
            return b""
        first, last = offset_bytes // VAULT_CHUNK_BYTES, (end - 1) // VAULT_CHUNK_BYTES
        content = b"".join(self._chunk(index) for index in range(first, last + 1))
        start = offset_bytes - first * VAULT_CHUNK_BYTES
        return content[start : start + end - offset_bytes]

    def _chunk(self, index: int) -> bytes:
        self._handle.seek(_HEADER_BYTES + index * _SEALED_CHUNK_BYTES)
        sealed = self._handle.read(_SEALED_CHUNK_BYTES)
        try:
            return self._cipher.decrypt(
                _nonce(self._header, index, last=index == self._chunks - 1), sealed, self._header
            )
        except InvalidTag as error:
            raise EvidenceRefused from error


def _nonce(header: bytes, index: int, *, last: bool) -> bytes:
    return header[len(MAGIC) :] + struct.pack(">IB", index, last)
