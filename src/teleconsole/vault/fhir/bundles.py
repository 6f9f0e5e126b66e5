"""Bundles as they come: pages of a search, histories and the answers of transactions, entry by entry."""

from dataclasses import dataclass, field

import msgspec

from teleconsole.domain.errors import NotFhir, Rejected
from teleconsole.vault.fhir.problems import issues
from teleconsole.vault.fhir.raw import BadResource, entry_slices, instant_ms, read_head, without_bom
from teleconsole.vault.store.sync_port import ReceivedResource


class _Search(msgspec.Struct, frozen=True):
    mode: str = "match"


class _Request(msgspec.Struct, frozen=True):
    method: str = ""
    url: str = ""


class _Response(msgspec.Struct, frozen=True, rename="camel"):
    status: str = ""
    location: str = ""
    etag: str = ""
    last_modified: str = ""
    outcome: msgspec.Raw = msgspec.Raw(b"")


class Entry(msgspec.Struct, frozen=True):
    """One entry of a Bundle."""

    resource: msgspec.Raw = msgspec.Raw(b"")
    search: _Search = _Search()
    request: _Request = _Request()
    response: _Response = _Response()

    @property
    def status(self) -> int:
        """The number in response.status; 0 when there is none."""
        number = self.response.status[:3]
        return int(number) if number.isdigit() else 0


class Link(msgspec.Struct, frozen=True):
    """A link of a Bundle."""

    relation: str = ""
    url: str = ""


class _Bundle(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str
    type: str = ""
    link: tuple[Link, ...] = ()
    entry: tuple[Entry | None, ...] = ()


class _Frame(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str
    type: str = ""
    link: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A Bundle taken apart.

    Attributes:
        type: of the Bundle.
        next_url: of the link "next", unchecked; empty when there is none.
        entries: those that could be read, in order.
        broken: bytes of entries that could not.
    """

    type: str
    next_url: str
    entries: tuple[Entry, ...]
    broken: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page of a search.

    Attributes:
        rows: matches of the type that was asked for, in the server's order.
        count: entries on the page, whatever they were.
        next_url: below the server's base; empty when there is none that may be followed.
        has_more: the server says that there is more.
        bad: (bytes, reason) of what could not be understood.
    """

    rows: tuple[ReceivedResource, ...]
    count: int
    next_url: str = ""
    has_more: bool = False
    bad: tuple[tuple[bytes, str], ...] = field(default=())


_BUNDLES = msgspec.json.Decoder(_Bundle)
_ENTRIES = msgspec.json.Decoder(Entry)


def parse_bundle(body: bytes) -> Bundle:
    """Return a Bundle; entries that cannot be read stand in `broken` and cost no other.

    Raises:
        NotFhir: the body is no Bundle.
        Rejected: it is an OperationOutcome.
    """
    body = without_bom(body)
    try:
        whole = _BUNDLES.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        return _parse_broken(body, error)
    if whole.resource_type != "Bundle":
        raise _not_a_bundle(body)
    entries = tuple(entry for entry in whole.entry if entry is not None)
    return Bundle(whole.type, _next(whole.link), entries)


def received(raw: bytes, *, expected_type: str = "") -> ReceivedResource:
    """Return the row for a resource.

    Raises:
        BadResource: unsound, without an id, or not of the type that was asked for.
    """
    head = read_head(raw)
    if not head.id:
        raise BadResource("no id")
    if expected_type and head.resource_type != expected_type:
        raise BadResource("another type than asked for")
    if head.is_subsetted:
        raise BadResource("SUBSETTED")
    return ReceivedResource(head.resource_type, head.id, head.meta.version_id, head.last_updated_ms, raw)


def page_of(bundle: Bundle, type_: str, next_url: str) -> Page:
    """Return the page of a search for one type; rows that were only included, and outcomes, are passed over."""
    rows: list[ReceivedResource] = []
    bad = [(raw, "entry cannot be read") for raw in bundle.broken]
    for entry in bundle.entries:
        raw = bytes(entry.resource)
        if entry.search.mode != "match" or not raw:
            continue
        try:
            rows.append(received(raw, expected_type=type_))
        except BadResource as error:
            if str(error) != "SUBSETTED":
                bad.append((raw, str(error)))
    count = len(bundle.entries) + len(bundle.broken)
    return Page(tuple(rows), count, next_url, bool(bundle.next_url), tuple(bad))


def tombstones(bundle: Bundle, since_ms: int) -> tuple[tuple[ReceivedResource, ...], bool]:
    """Return the deletions in a page of a history, and whether older pages may still matter.

    Judged by request.method alone: some servers put the resource into the entry of its deletion.
    """
    found: list[ReceivedResource] = []
    older = False
    for entry in bundle.entries:
        at_ms = instant_ms(entry.response.last_modified)
        older = older or 0 < at_ms < since_ms
        parts = entry.request.url.rstrip("/").split("/")
        if entry.request.method == "DELETE" and len(parts) >= 2 and at_ms >= since_ms:
            version = entry.response.etag.removeprefix("W/").strip('"')
            found.append(ReceivedResource(parts[-2], parts[-1], version, at_ms, b"", deleted=True))
    return tuple(found), not older


def _next(links: tuple[Link, ...]) -> str:
    return next((link.url for link in links if link.relation == "next"), "")


def _parse_broken(body: bytes, error: Exception) -> Bundle:
    frame = _frame(body)
    if frame.resource_type != "Bundle":
        raise _not_a_bundle(body) from error
    entries: list[Entry] = []
    broken: list[bytes] = []
    for piece in entry_slices(body):
        try:
            entries.append(_ENTRIES.decode(piece))
        except (msgspec.DecodeError, RecursionError):
            broken.append(piece)
    return Bundle(frame.type, _next(frame.link), tuple(entries), tuple(broken))


def _frame(body: bytes) -> _Frame:
    """Read the Bundle around its entries, which cannot be read as a whole."""
    start = body.find(b'"entry"')
    pieces = list(entry_slices(body)) if start >= 0 else []
    if not pieces:
        raise NotFhir
    end = body.rfind(pieces[-1]) + len(pieces[-1])
    try:
        return msgspec.json.decode(body[:start] + b'"entry":[' + body[end:], type=_Frame)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotFhir from error


def _not_a_bundle(body: bytes) -> NotFhir | Rejected:
    reasons = issues(body)
    return Rejected(f"The clinic's server refused this. It says: {'; '.join(reasons)}") if reasons else NotFhir()
