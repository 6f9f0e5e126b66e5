"""What a file is by its own bytes: a short list of kinds, and everything else is refused."""

from typing import NamedTuple

from teleconsole.contracts.render import MediaKind
from teleconsole.domain.errors import EvidenceRefused


class Kind(NamedTuple):
    """A kind of file that may be opened, and the type that its bytes show."""

    media: MediaKind
    content_type: str


_JPEG = Kind("image", "image/jpeg")
_PNG = Kind("image", "image/png")
_PDF = Kind("pdf", "application/pdf")
_WAV = Kind("audio", "audio/wav")
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"dash",
    b"M4V ",
    b"qt  ",
    b"3gp4",
)
_SAME = {
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "video/quicktime": "video/mp4",
    "audio/mp4": "video/mp4",
    "audio/webm": "video/webm",
}


def sniff(head: bytes) -> Kind | None:
    """Return the kind that the first 64 bytes of a file show, None when it is not one that we open."""
    if head.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if head.startswith(b"%PDF-"):
        return _PDF
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return _WAV
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Kind("video", "video/webm")
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return Kind("video", "video/mp4")
    return None


def check_kind(head: bytes, declared: str) -> Kind:
    """Return the kind of a file whose bytes are what its sender said.

    Args:
        head: the first bytes, 64 are enough.
        declared: the content type that came with the file; parameters are ignored.

    Raises:
        EvidenceRefused: not a kind that we open, or not what was declared.
    """
    kind = sniff(head)
    if kind is None:
        raise EvidenceRefused(
            "This file is not a picture, video, sound or PDF of a kind that can be opened here. The original is kept."
        )
    said = declared.partition(";")[0].strip().lower()
    if _SAME.get(said, said) != kind.content_type:
        raise EvidenceRefused(
            "This file is not what its sender said it is, so it was not opened. The original is kept."
        )
    return kind
