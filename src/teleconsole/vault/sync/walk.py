"""A walk by value through everything of a search, in the order of change, that loses no row while others write.

The server's next links are followed only inside a tie (rows with one and the same time), because a row that changes
between two pages moves every other row to another place (docs/adr/0003).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from teleconsole.domain.errors import SyncError
from teleconsole.host import limits
from teleconsole.vault.fhir.bundles import Page
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.raw import instant
from teleconsole.vault.store.sync_port import ReceivedResource

_LARGEST_COUNT = 16 * limits.FHIR_PAGE
_Key = tuple[str, str, int]


@dataclass(frozen=True)
class Search:
    """What a walk goes through.

    Attributes:
        type: FHIR resourceType.
        parameters: besides `_lastUpdated`, `_sort` and `_count`.
    """

    type: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """A page of a walk.

    Attributes:
        rows: that this walk has not given before.
        top_ms: the newest lastUpdated seen so far; 0 = none.
        bad: (bytes, reason) of what could not be understood.
    """

    rows: tuple[ReceivedResource, ...]
    top_ms: int
    bad: tuple[tuple[bytes, str], ...]


class Walk:
    """One walk; `steps` may be gone through once.

    Args:
        client: to the server.
        search: what to go through.
        since_ms: rows that changed at this time or later; 0 = all.
    """

    def __init__(self, client: FhirClient, search: Search, since_ms: int = 0) -> None:
        self._client = client
        self._search = search
        self._since_ms = since_ms
        self._count = limits.FHIR_PAGE
        self._seen: set[_Key] = set()
        self._top_ms = 0
        self._pages = 0

    async def steps(self) -> AsyncIterator[Step]:
        """Yield the pages to the end.

        Raises:
            SyncError: the server does not sort, or does not come to an end.
            Offline, NotFhir, SignInNeeded, Rejected: see `Transport.ask`.
        """
        while True:
            page = await self._from_here()
            yield self._step(page)
            if not self._may_have_more(page):
                return
            top_ms = max((row.last_updated_ms for row in page.rows), default=0)
            if top_ms > self._since_ms:
                self._go_to(top_ms)
            elif page.next_url:
                beyond_ms = 0
                async for step in self._through_tie(page):
                    beyond_ms = step.top_ms
                    yield step
                if beyond_ms <= self._since_ms:
                    return
                self._go_to(beyond_ms)
            elif self._count < _LARGEST_COUNT:
                self._count *= 4  # a tie larger than a page, and no link that may be followed
            else:
                raise SyncError("The clinic's server gives its changes in a way that cannot be read to the end.")

    async def _through_tie(self, first: Page) -> AsyncIterator[Step]:
        """Follow the links through rows of one time until a row beyond it, again until a pass brings nothing new."""
        for _ in range(limits.SYNC_TIE_PASSES):
            page, fresh = first, 0
            visited: set[str] = set()
            while page.next_url and page.next_url not in visited and not self._is_beyond(page):
                visited.add(page.next_url)
                self._count_page()
                page = await self._client.follow(self._search.type, page.next_url)
                step = self._step(page)
                fresh += len(step.rows)
                yield step
            if not fresh:
                return
            first = await self._from_here()
            yield self._step(first)

    async def _from_here(self) -> Page:
        self._count_page()
        wanted = [*self._search.parameters, ("_sort", "_lastUpdated"), ("_count", str(self._count))]
        if self._since_ms:
            wanted.append(("_lastUpdated", f"ge{instant(self._since_ms)}"))
        return await self._client.search(self._search.type, wanted)

    def _step(self, page: Page) -> Step:
        times = [row.last_updated_ms for row in page.rows if row.last_updated_ms]
        if times != sorted(times):
            raise SyncError("The clinic's server does not give its changes in the order of time.")
        fresh = [row for row in page.rows if _key(row) not in self._seen]
        self._seen.update(_key(row) for row in fresh)
        self._top_ms = max([self._top_ms, *times])
        return Step(tuple(fresh), self._top_ms, page.bad)

    def _go_to(self, since_ms: int) -> None:
        self._since_ms = since_ms
        self._seen = {key for key in self._seen if key[2] >= since_ms or not key[2]}

    def _is_beyond(self, page: Page) -> bool:
        return any(row.last_updated_ms > self._since_ms for row in page.rows)

    def _may_have_more(self, page: Page) -> bool:
        return page.count > 0 and (page.has_more or page.count >= self._count)

    def _count_page(self) -> None:
        self._pages += 1
        if self._pages > limits.SYNC_WALK_PAGES:
            raise SyncError("The clinic's server gives its changes without an end.")


def _key(row: ReceivedResource) -> _Key:
    return row.id, row.version_id, row.last_updated_ms
