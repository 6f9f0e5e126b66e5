"""Resources as bytes: kept as received, looked at only where needed, and written back with our own elements swapped."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import orjson

_LOGICAL_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,60}")
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUBSETTED = "SUBSETTED"


class BadResource(Exception):
    """Bytes that are not a resource we can keep; the text says why, without content."""


class Coding(msgspec.Struct, frozen=True):
    """A FHIR Coding, as far as a tag needs it."""

    system: str = ""
    code: str = ""


class Meta(msgspec.Struct, frozen=True, rename="camel"):
    """What `meta` says about a version."""

    version_id: str = ""
    last_updated: str = ""
    tag: tuple[Coding, ...] = ()


class Head(msgspec.Struct, frozen=True, rename="camel"):
    """What every resource says about itself."""

    resource_type: str
    id: str = ""
    meta: Meta = Meta()

    @property
    def last_updated_ms(self) -> int:
        """meta.lastUpdated; 0 when there is none that can be read."""
        return instant_ms(self.meta.last_updated)

    @property
    def is_subsetted(self) -> bool:
        """Whether parts were left out: never kept, never written back."""
        return any(tag.code == _SUBSETTED for tag in self.meta.tag)


_HEADS = msgspec.json.Decoder(Head)
_OBJECTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def instant_ms(text: str) -> int:
    """Return Unix milliseconds of a FHIR instant, finer parts cut off; 0 for anything that is none.

    Never rounded up: a search from a time that is too late would miss the rows between.
    """
    try:
        at = datetime.fromisoformat(text)
        return max(0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return 0


def instant(at_ms: int) -> str:
    """Return a FHIR instant in UTC for Unix milliseconds."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_bom(body: bytes) -> bytes:
    """Return the body without a byte order mark, which some proxies add."""
    return body.removeprefix(_BOM)


def read_head(raw: bytes) -> Head:
    """Return what a resource says about itself, after a check that all of it is sound JSON.

    Raises:
        BadResource: NaN, lone surrogates, nesting without end, no type or no usable id.
    """
    try:
        orjson.loads(raw)
        head = _HEADS.decode(raw)
    except (orjson.JSONDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise BadResource(f"not a resource: {type(error).__name__}") from error
    if not _TYPE.fullmatch(head.resource_type):
        raise BadResource("resourceType is not a type")
    if head.id and not is_logical_id(head.id):
        raise BadResource("id is not a logical id")
    return head


def is_logical_id(text: str) -> bool:
    """Return whether a text can stand in a URL as an id."""
    return _LOGICAL_ID.fullmatch(text) is not None and text.strip(".") != ""


def swap(raw: bytes, elements: Mapping[str, object], removed: tuple[str, ...] = ()) -> bytes:
    """Return the resource with these top-level elements replaced; every other byte of a value stays.

    Args:
        raw: as received.
        elements: name → value to be written as JSON.
        removed: names that go away.

    Raises:
        BadResource: raw is not a JSON object.
    """
    try:
        parts = _OBJECTS.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadResource("not an object") from error
    for name in removed:
        parts.pop(name, None)
    for name, value in elements.items():
        parts[name] = msgspec.Raw(orjson.dumps(value))
    return msgspec.json.encode(parts)


def entry_slices(body: bytes) -> Iterator[bytes]:
    """Yield the bytes of each entry of a Bundle that does not decode as a whole, so that one bad entry costs no other.

    Reads brackets and strings alone, without recursion, so nesting without end does no harm.
    """
    depth = 0
    start = 0
    inside = False
    last = b""
    for token in _TOKENS.finditer(body):
        mark = token.group()
        if mark in b"{[":
            depth += 1
            if depth == 2 and mark == b"[" and last == b'"entry"':
                inside = True
            elif depth == 3 and inside:
                start = token.start()
        elif mark in b"}]":
            if depth == 3 and inside:
                yield body[start : token.end()]
            if depth == 2:
                inside = False
            depth -= 1
        last = mark
