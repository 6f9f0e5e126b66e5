"""A small store of records, one JSON file each, written atomically: what has to survive a restart of the gateway."""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

RecordT = TypeVar("RecordT", bound=msgspec.Struct)

_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


def write_atomically(file: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old content or the new one, readable by this user only.

    Raises:
        OSError: the disk refused.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make new and removed names in a folder survive a power cut, where the system can."""
    if os.name != "posix":  # Windows has no handle of a folder to flush
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RecordStore(Generic[RecordT]):
    """Records of one type by key, in memory and in a folder. Belongs to one event loop."""

    def __init__(self, folder: Path, record_type: type[RecordT]) -> None:
        self._folder = folder
        self._records: dict[str, RecordT] = {}
        decoder = msgspec.json.Decoder(record_type)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in folder.glob("*.json"):
            self._records[file.stem] = decoder.decode(file.read_bytes())

    def __iter__(self) -> Iterator[RecordT]:
        """Iterate over the records that are there now; changes meanwhile are allowed."""
        return iter(list(self._records.values()))

    def items(self) -> list[tuple[str, RecordT]]:
        """Return the keys and records that are there now."""
        return list(self._records.items())

    def get(self, key: str) -> RecordT | None:
        """Return the record or None."""
        return self._records.get(key)

    def put(self, key: str, record: RecordT) -> None:
        """Keep a record; it is on the disk when this returns.

        Raises:
            ValueError: the key would not be a plain file name.
            OSError: the disk refused; the old record stays.
        """
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of a record")
        write_atomically(self._folder / f"{key}.json", msgspec.json.encode(record))
        self._records[key] = record

    def delete(self, key: str) -> None:
        """Forget a record; nothing to do when there is none."""
        if self._records.pop(key, None) is not None:
            (self._folder / f"{key}.json").unlink(missing_ok=True)
            sync_folder(self._folder)
