"""Which files a patient may send, and whether the bytes are of the kind that their name says."""

from typing import Literal

UploadKind = Literal["photo", "video", "audio", "document"]

ALLOWED: dict[UploadKind, frozenset[str]] = {
    "photo": frozenset({"image/jpeg", "image/png"}),
    "video": frozenset({"video/webm", "video/mp4"}),
    "audio": frozenset({"audio/webm", "audio/mp4"}),
    "document": frozenset({"application/pdf", "image/jpeg", "image/png"}),
}
MAGIC_BYTES = 12
"""Bytes that are enough to tell the kinds apart."""


def media_type(content_type: str) -> str:
    """Return the type without its parameters: a recorder says `video/webm;codecs=vp8,opus`."""
    return content_type.partition(";")[0].strip().lower()


def is_what_it_says(content_type: str, start: bytes) -> bool:
    """Return whether a file that begins so can be of that type.

    Args:
        content_type: one of `ALLOWED`, without parameters.
        start: at least `MAGIC_BYTES` bytes.
    """
    match content_type:
        case "image/jpeg":
            return start.startswith(b"\xff\xd8\xff")
        case "image/png":
            return start.startswith(b"\x89PNG\r\n\x1a\n")
        case "application/pdf":
            return start.startswith(b"%PDF-")
        case "video/webm" | "audio/webm":
            return start.startswith(b"\x1a\x45\xdf\xa3")
        case "video/mp4" | "audio/mp4":
            return start[4:8] == b"ftyp"
        case _:
            return False
