"""HTTP to one FHIR server: bounded answers, the token to one origin only, failures as the program's errors."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from teleconsole.domain.errors import NotFhir, Offline, SignInNeeded
from teleconsole.host import limits
from teleconsole.host.clock import Clock
from teleconsole.vault.fhir.problems import Silent, Unreached, error_for
from teleconsole.vault.fhir.server_clock import ServerClock
from teleconsole.vault.fhir.silence import SilenceWatch
from teleconsole.vault.store.sync_port import ServerAccess

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True)
class Answer:
    """A whole answer with a status of success.

    Attributes:
        status: 200 to 299, or one that the caller allowed.
        headers: as received.
        body: unpacked, at most `limits.FHIR_ANSWER_BYTES`.
    """

    status: int
    headers: httpx2.Headers
    body: bytes


class Transport:
    """Sends requests to one FHIR server. Belongs to one event loop; `aclose` ends its connections.

    Args:
        access: where the server is and what proves who we are.
        clock: this computer's.
        server_clock: learns from each answer.
        silence: learns how long each answer is waited for.
    """

    def __init__(self, access: ServerAccess, clock: Clock, server_clock: ServerClock, silence: SilenceWatch) -> None:
        self.base = httpx2.URL(access.fhir_base.rstrip("/"))
        self._tokens = access.tokens
        self._clock = clock
        self._server_clock = server_clock
        self._silence = silence
        loopback = self.base.host in {"127.0.0.1", "::1", "localhost"}
        self._http = httpx2.AsyncClient(
            verify=_certificates(access.extra_ca_file) if access.extra_ca_file else True,
            proxy=access.proxy_url or None,
            trust_env=not loopback and not access.proxy_url,  # a proxy has no business with this computer itself
            timeout=httpx2.Timeout(limits.FHIR_STALL_S, connect=limits.FHIR_CONNECT_S),
            limits=httpx2.Limits(max_connections=limits.FHIR_CONNECTIONS),
            follow_redirects=False,
        )

    async def aclose(self) -> None:
        """End all connections."""
        await self._http.aclose()

    def url(self, path: str) -> httpx2.URL:
        """Return the URL of a path below the base; the base itself for an empty one."""
        return httpx2.URL(f"{self.base}/{path}" if path else str(self.base))

    def same_server(self, url: httpx2.URL) -> bool:
        """Return whether a URL lies below the base: only then it is followed, and only there the token goes."""
        below = url.path == self.base.path or url.path.startswith(self.base.path.rstrip("/") + "/")
        return origin(url) == origin(self.base) and not url.userinfo and below and "/../" not in url.path

    async def ask(
        self,
        method: str,
        url: httpx2.URL,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: frozenset[int] = frozenset(),
    ) -> Answer:
        """Return the answer of a request to the FHIR server.

        Args:
            method: of HTTP.
            url: below the base.
            content: FHIR JSON.
            headers: besides those that every request has.
            allowed: statuses that are answers here, not errors.

        Raises:
            Offline: no connection, a stall, a broken or endless answer, or the server asks to come later.
            NotFhir: something else answered.
            SignInNeeded, VersionConflict, Rejected: the server's status, with all reasons.
        """
        sent = {"Accept": FHIR_JSON, "Accept-Encoding": "gzip", **(headers or {})}
        if content is not None:
            sent["Content-Type"] = FHIR_JSON
        try:
            async with asyncio.timeout(limits.FHIR_ANSWER_S):
                async with self.open(method, url, headers=sent, content=content) as response:
                    body = await bounded_body(response)
        except TimeoutError as error:
            raise Offline from error
        if not (200 <= response.status_code < 300 or response.status_code in allowed):
            raise error_for(response.status_code, response.headers, body, self._clock.now())
        return Answer(response.status_code, response.headers, body)

    @asynccontextmanager
    async def open(
        self, method: str, url: httpx2.URL, *, headers: Mapping[str, str], content: bytes | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """Give a response whose body has not been read; after a 401 it was asked once more with a fresh token.

        Raises:
            Unreached: no connection came about.
            Silent: it did not answer for `limits.FHIR_STALL_S`.
            Offline: it broke.
            SignInNeeded: 401 with a fresh token too.
        """
        ours = self.same_server(url)
        for fresh in (False, True):
            sent = dict(headers)
            token = await self._tokens.access_token(fresh=fresh) if ours else ""
            if token:
                sent["Authorization"] = f"Bearer {token}"
            try:
                async with AsyncExitStack() as stack:
                    with self._silence.waiting():
                        response = await stack.enter_async_context(
                            self._http.stream(method, url, headers=sent, content=content)
                        )
                    if response.status_code == 401 and ours and not fresh:
                        continue
                    if response.status_code == 401 and ours:
                        raise SignInNeeded
                    if ours:
                        self._server_clock.saw(response.headers.get("date", ""))
                    yield response
                    return
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                raise Unreached from error
            except httpx2.ReadTimeout as error:
                raise Silent from error
            except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError) as error:
                raise Offline from error


async def bounded_body(response: httpx2.Response) -> bytes:
    """Return the unpacked body, read and unpacked in steps.

    Raises:
        NotFhir: larger than `limits.FHIR_ANSWER_BYTES`, packed beyond reason, or packed in a way we did not ask for.
        Offline: it ended too early.
    """
    received = bytearray()
    packed = 0
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    async for piece in response.aiter_raw():
        packed += len(piece)
        while piece:
            try:
                if unpack is None:
                    data, piece = piece, b""
                else:
                    data = unpack.decompress(piece, limits.FHIR_DOWNLOAD_BYTES)
                    piece = unpack.unconsumed_tail
            except zlib.error as error:
                raise NotFhir from error
            received += data
            bomb = len(received) > limits.FHIR_GZIP_FREE_BYTES + packed * limits.FHIR_GZIP_RATIO
            if bomb or len(received) > limits.FHIR_ANSWER_BYTES:
                raise NotFhir
    if unpack is not None and packed and not unpack.eof:
        raise Offline
    return bytes(received)


def origin(url: httpx2.URL) -> tuple[str, str, int]:
    """Return scheme, host and port, with the port that the scheme implies."""
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme, 0)


def _unpacker(encoding: str) -> "zlib._Decompress | None":
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    raise NotFhir


def _certificates(extra_ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(Path(extra_ca_file))
    return context
