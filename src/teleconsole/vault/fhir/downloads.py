"""Files from the FHIR server or a content server: native bytes with Range, or FHIR JSON with base64, in pieces."""

import base64
import binascii
import ipaddress
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from teleconsole.domain.errors import EvidenceRefused, NotFhir, Offline
from teleconsole.host import limits
from teleconsole.vault.fhir.problems import error_for
from teleconsole.vault.fhir.server_clock import ServerClock
from teleconsole.vault.fhir.transport import FHIR_JSON, Transport, bounded_body, origin

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}")
_DATA = re.compile(rb'"data"\s*:\s*"')
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_HEAD_BYTES = 64 << 10


@dataclass(frozen=True)
class Download:
    """An answer whose bytes are about to be read.

    Attributes:
        etag: of the representation; empty when the server gave none that can be relied on.
        start_bytes: where `pieces` begins in the file.
        can_resume: the server gives ranges of this representation.
        pieces: the file's bytes.
    """

    etag: str
    start_bytes: int
    can_resume: bool
    pieces: AsyncIterator[bytes]


class Downloads:
    """Opens files by attachment.url.

    Args:
        transport: to the FHIR server.
        clock: of the server, for Retry-After dates.
    """

    def __init__(self, transport: Transport, clock: ServerClock) -> None:
        self._transport = transport
        self._clock = clock

    @asynccontextmanager
    async def open(
        self, url: str, content_type: str, *, offset_bytes: int = 0, etag: str = ""
    ) -> AsyncIterator[Download]:
        """Give a download, from `offset_bytes` on when the server still has the same representation.

        Args:
            url: as in attachment.url.
            content_type: as announced; asked for first.
            offset_bytes: what is here already.
            etag: of the representation that it came from.

        Raises:
            EvidenceRefused: an address that must not be fetched from.
            Offline, NotFhir, SignInNeeded, Rejected: see `Transport.ask`.
        """
        headers = {"Accept": _accept(content_type), "Accept-Encoding": "identity"}
        if offset_bytes and _is_strong(etag):
            headers |= {"Range": f"bytes={offset_bytes}-", "If-Range": etag}
        async with self._transport.open("GET", self._address(url), headers=headers) as response:
            if not 200 <= response.status_code < 300:
                raise error_for(response.status_code, response.headers, await bounded_body(response), self._clock.now())
            if "json" in response.headers.get("content-type", ""):
                yield Download(_json_etag(response), 0, False, _base64_pieces(response))
            else:
                yield _native(response, offset_bytes if "Range" in headers else 0)

    def is_ours(self, url: str) -> bool:
        """Return whether a file lies on the FHIR server itself."""
        try:
            return self._transport.same_server(httpx2.URL(f"{self._transport.base}/").join(url))
        except httpx2.InvalidURL:
            return False

    def _address(self, url: str) -> httpx2.URL:
        """Return where a file may be fetched from: the FHIR server, or https to a public name."""
        try:
            base = httpx2.URL(f"{self._transport.base}/")
            address = base.join(url)
        except httpx2.InvalidURL as error:
            raise EvidenceRefused from error
        if len(url) > limits.FHIR_URL_CHARS or address.userinfo:
            raise EvidenceRefused
        if origin(address) == origin(base):
            return address
        if address.scheme != "https" or _is_private(address.host):
            raise EvidenceRefused
        return address


def _native(response: httpx2.Response, asked_from: int) -> Download:
    kind = response.headers.get("content-type", "")
    if response.headers.get("content-encoding", "identity") != "identity" or "html" in kind:
        raise NotFhir
    start = 0
    if response.status_code == 206:
        span = _RANGE.fullmatch(response.headers.get("content-range", ""))
        if span is None or int(span[1]) != asked_from:
            raise NotFhir
        start = asked_from
    etag = response.headers.get("etag", "")
    can_resume = _is_strong(etag) and (start > 0 or response.headers.get("accept-ranges", "") == "bytes")
    return Download(etag if _is_strong(etag) else "", start, can_resume, _native_pieces(response))


async def _native_pieces(response: httpx2.Response) -> AsyncIterator[bytes]:
    received = 0
    waiting = bytearray()
    async for piece in response.aiter_raw():
        received += len(piece)
        _bound(received)
        waiting += piece
        if len(waiting) >= limits.FHIR_DOWNLOAD_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


async def _base64_pieces(response: httpx2.Response) -> AsyncIterator[bytes]:
    """Decode the `data` of a Binary while it arrives, so that a large file is never in memory as a whole."""
    waiting = bytearray()
    plain = bytearray()
    received = 0
    inside = False
    async for piece in response.aiter_raw():
        received += len(piece)
        _bound(received * 3 // 4)
        waiting += piece
        if not inside:
            found = _DATA.search(waiting)
            if found is None:
                if len(waiting) > _HEAD_BYTES:
                    raise NotFhir
                continue
            del waiting[: found.end()]
            inside = True
        end = waiting.find(b'"')
        length = end if end >= 0 else len(waiting) - waiting.endswith(b"\\")  # an escape may be cut in two
        plain += _unescaped(bytes(waiting[:length]))
        del waiting[:length]
        if end >= 0:
            yield _decoded(bytes(plain))
            return
        if len(plain) >= limits.FHIR_DOWNLOAD_BYTES:
            whole = len(plain) // 4 * 4
            yield _decoded(bytes(plain[:whole]))
            del plain[:whole]
    if not inside and b'"Binary"' in waiting:
        yield b""  # a Binary without data is an empty file
        return
    raise Offline if inside else NotFhir


def _unescaped(text: bytes) -> bytes:
    # base64Binary may hold white space, and JSON may escape the slash
    for escaped, plain in ((b"\\/", b"/"), (b"\\n", b""), (b"\\r", b""), (b" ", b"")):
        text = text.replace(escaped, plain)
    return text


def _decoded(plain: bytes) -> bytes:
    try:
        return base64.b64decode(plain, validate=True)
    except binascii.Error as error:
        raise NotFhir from error


def _bound(size_bytes: int) -> None:
    if size_bytes > limits.VAULT_FILE_BYTES:
        raise EvidenceRefused("This file is larger than this computer may keep. It stays at the clinic's server.")


def _json_etag(response: httpx2.Response) -> str:
    etag = response.headers.get("etag", "")
    return f"json {etag}" if etag else ""


def _is_strong(etag: str) -> bool:
    return len(etag) > 2 and etag.startswith('"') and etag.endswith('"')


def _accept(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    wanted = kind if _MEDIA_TYPE.fullmatch(kind) else "*/*"
    return f"{wanted}, {FHIR_JSON};q=0.9"


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
