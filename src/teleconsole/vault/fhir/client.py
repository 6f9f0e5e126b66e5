"""The FHIR server as sync uses it: searches, reads, transactions. Files: `downloads`."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx2
import orjson

from teleconsole.domain.errors import NotFhir, VersionConflict
from teleconsole.host import limits
from teleconsole.host.clock import Clock
from teleconsole.vault.fhir.bundles import Bundle, Entry, Page, page_of, parse_bundle, received
from teleconsole.vault.fhir.problems import Gone
from teleconsole.vault.fhir.raw import BadResource, without_bom
from teleconsole.vault.fhir.server_clock import ServerClock
from teleconsole.vault.fhir.silence import SilenceWatch
from teleconsole.vault.fhir.transport import FHIR_JSON, Transport
from teleconsole.vault.store.sync_port import ReceivedResource, ServerAccess


@dataclass(frozen=True)
class ReadAnswer:
    """What a batch said about one resource: the resource, or that it is gone, or nothing to rely on."""

    resource: ReceivedResource | None
    is_gone: bool


class FhirClient:
    """One FHIR R4 server. Belongs to one event loop.

    Args:
        access: where it is and who we are.
        clock: this computer's.
        offset_ms: of the server's clock, as known from before.
        on_silence: told when the server keeps us waiting, and when it no longer does; see `SilenceWatch`.
    """

    def __init__(
        self,
        access: ServerAccess,
        clock: Clock,
        offset_ms: int = 0,
        on_silence: Callable[[bool], None] = lambda is_silent: None,
    ) -> None:
        self.clock = ServerClock(clock, offset_ms)
        self.transport = Transport(access, clock, self.clock, SilenceWatch(on_silence))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all connections."""
        await self.transport.aclose()

    async def search(self, type_: str, parameters: Sequence[tuple[str, str]]) -> Page:
        """Return the first page of a search.

        Raises:
            Offline, NotFhir, SignInNeeded, Rejected: see `Transport.ask`.
        """
        query = urlencode(parameters, safe=":|/,")
        return await self._page(type_, self.transport.url(f"{type_}?{query}"))

    async def follow(self, type_: str, next_url: str) -> Page:
        """Return the page behind a link that a `Page` gave."""
        return await self._page(type_, httpx2.URL(next_url))

    async def read(self, type_: str, id_: str) -> ReceivedResource | None:
        """Return a resource as it is now; None when the server does not have it.

        Raises:
            Offline, NotFhir, SignInNeeded, Rejected: see `Transport.ask`.
        """
        return await self._resource(f"{type_}/{id_}", type_, id_)

    async def read_version(self, type_: str, id_: str, version_id: str) -> ReceivedResource | None:
        """Return an older version of a resource; None when the server does not keep it."""
        return await self._resource(f"{type_}/{id_}/_history/{version_id}", type_, id_)

    async def transaction(self, entries: Sequence[Mapping[str, object]]) -> tuple[Entry, ...]:
        """Write all entries or none; return the entries of the answer, one for each, in order, all of success.

        Raises:
            VersionConflict: an `ifMatch` or `ifNoneExist` did not hold: ask what is there.
            NotFhir: the answer does not belong to the request: ask what is there.
            Offline, SignInNeeded, Rejected: see `Transport.ask`.
        """
        answered = await self._bundle("transaction", entries)
        for entry in answered:
            if entry.status in (409, 412):
                raise VersionConflict
            if not 200 <= entry.status < 300:
                raise NotFhir
        return answered

    async def read_many(self, keys: Sequence[tuple[str, str]]) -> tuple[ReadAnswer, ...]:
        """Return resources by (type, id) in one batch, one answer for each, in order; one failure costs no other.

        Raises:
            Offline, NotFhir, SignInNeeded, Rejected: the batch as a whole.
        """
        asked = [{"request": {"method": "GET", "url": f"{type_}/{id_}"}} for type_, id_ in keys]
        answered = await self._bundle("batch", asked)
        return tuple(_read_answer(entry, key) for entry, key in zip(answered, keys, strict=True))

    async def history(self, type_: str, since: str, next_url: str = "") -> tuple[Bundle, str]:
        """Return a page of a type's history and the URL of the next one, empty at the end.

        Raises:
            Rejected: the server does not offer it.
            Offline, NotFhir, SignInNeeded: see `Transport.ask`.
        """
        query = urlencode({"_since": since, "_count": str(limits.FHIR_PAGE)}, safe=":")
        url = httpx2.URL(next_url) if next_url else self.transport.url(f"{type_}/_history?{query}")
        bundle = await self._parsed(await self._get(url))
        return bundle, self._checked_next(url, bundle.next_url)

    async def _page(self, type_: str, url: httpx2.URL) -> Page:
        body = await self._get(url)
        bundle = await self._parsed(body)
        return await asyncio.to_thread(page_of, bundle, type_, self._checked_next(url, bundle.next_url))

    async def _get(self, url: httpx2.URL) -> bytes:
        return _json_object((await self.transport.ask("GET", url)).body)

    @staticmethod
    async def _parsed(body: bytes) -> Bundle:
        return await asyncio.to_thread(parse_bundle, body)

    async def _resource(self, path: str, type_: str, id_: str) -> ReceivedResource | None:
        try:
            body = await self._get(self.transport.url(path))
            found = received(without_bom(body), expected_type=type_)
        except Gone:
            return None
        except BadResource as error:
            raise NotFhir from error
        if found.id != id_:
            raise NotFhir
        return found

    async def _bundle(self, type_: str, entries: Sequence[Mapping[str, object]]) -> tuple[Entry, ...]:
        content = await asyncio.to_thread(
            orjson.dumps,
            {"resourceType": "Bundle", "type": type_, "entry": entries},
            _plain_raw,
        )
        headers = {"Prefer": "return=representation", "Accept": FHIR_JSON}
        answer = await self.transport.ask("POST", self.transport.url(""), content=content, headers=headers)
        bundle = await self._parsed(_json_object(answer.body))
        if bundle.broken or bundle.type != f"{type_}-response" or len(bundle.entries) != len(entries):
            raise NotFhir
        return bundle.entries

    def _checked_next(self, asked: httpx2.URL, next_url: str) -> str:
        """Return a next link that may be followed: the same server, below the base, of bearable length."""
        if not next_url or len(next_url) > limits.FHIR_URL_CHARS:
            return ""
        try:
            url = asked.join(next_url)
        except httpx2.InvalidURL:
            return ""
        return str(url) if self.transport.same_server(url) else ""


def _json_object(body: bytes) -> bytes:
    if not without_bom(body).lstrip().startswith(b"{"):
        raise NotFhir
    return body


def _plain_raw(value: object) -> object:
    if isinstance(value, bytes):
        return orjson.Fragment(value)
    raise TypeError


def _read_answer(entry: Entry, key: tuple[str, str]) -> ReadAnswer:
    if entry.status in (404, 410):
        return ReadAnswer(None, is_gone=True)
    try:
        found = received(bytes(entry.resource), expected_type=key[0])
    except BadResource:
        return ReadAnswer(None, is_gone=False)
    return ReadAnswer(found if found.id == key[1] else None, is_gone=False)
