"""One pull: cases, appointments, everything of their patients, and what changed there since."""

from collections.abc import Callable

from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.store.sync_port import Cursor, PullResult, ReceivedResource, SyncStore
from teleconsole.vault.sync.deletions import Deletions
from teleconsole.vault.sync.graph import Graph
from teleconsole.vault.sync.pages import Pages
from teleconsole.vault.sync.scopes import (
    ANSWERS,
    CLOSED_CASES,
    DEPENDENTS,
    OPEN_CASES,
    PATIENTS,
    STAFF,
    my_appointments,
    patients_of,
    people_of,
)


class Puller:
    """Brings the store up to the server's state.

    First the whole of each new patient is read (`Graph`), then for each type what changed anywhere since, of which
    rows about unknown patients are passed over: a poll costs a handful of requests, whatever the number of cases.

    Args:
        store: where it goes.
        client: to the server.
        clock: this computer's.
        practitioner_id: of the clinician who is signed in.
        changed: told of every page that changed something.
    """

    def __init__(
        self,
        store: SyncStore,
        client: FhirClient,
        clock: Clock,
        practitioner_id: str,
        changed: Callable[[PullResult], None],
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._me = practitioner_id
        self._pages = Pages(store, client, clock, changed)
        self._graph = Graph(store, client, clock, self._pages)
        self._deletions = Deletions(store, client, clock, changed)
        self._read_all_ms = 0

    async def pull(self, progress: Callable[[], None]) -> int:
        """Pull everything once; return the server's time up to which every scope is complete here.

        Args:
            progress: called now and then, for the status line.

        Raises:
            SyncError: it stopped half-way; what was read is kept, and the next pull goes on from there.
            StoreError: the store could not keep it.
        """
        begun_ms = to_ms(self._clock.now())
        tasks = await self._pages.walk_scope("Task open", OPEN_CASES)
        await self._begin_news(begun_ms + self._client.clock.offset_ms)
        since_ms = self._client.clock.now_ms() - limits.SYNC_CLOSED_MS
        tasks += await self._pages.walk_scope("Task closed", CLOSED_CASES, first_since_ms=since_ms)
        tasks += await self._pages.walk_scope("Appointment mine", my_appointments(self._me))
        await self._pages.walk_scope("Practitioner", STAFF)
        progress()
        known = await self._graph.load_patients(
            (each for task in tasks for each in sorted(patients_of(task.raw))), progress
        )
        await self._read_news(known)
        await self._graph.read_missing()
        await self._deletions.look()
        await self._all_was_read(known, begun_ms)
        return begun_ms + self._client.clock.offset_ms

    async def _begin_news(self, server_ms: int) -> None:
        """Before the first patient is read, set where the walks over what changed begin."""
        for search in _NEWS:
            scope = _news_scope(search.type)
            if not (await self._store.cursor(scope)).watermark_ms:
                await self._store.apply_pull(scope, (), Cursor(server_ms, server_ms))

    async def _read_news(self, known: frozenset[str]) -> None:
        def belongs_here(row: ReceivedResource) -> bool:
            people = people_of(row.raw)
            return f"Practitioner/{self._me}" in people or any(
                each.removeprefix("Patient/") in known for each in people
            )

        for search in _NEWS:
            await self._pages.walk_scope(_news_scope(search.type), search, keep=belongs_here)

    async def _all_was_read(self, known: frozenset[str], begun_ms: int) -> None:
        if known and begun_ms - self._read_all_ms > limits.SYNC_DELETIONS_S * 1000:
            await self._store.patient_read(sorted(known), begun_ms + self._client.clock.offset_ms)
            self._read_all_ms = begun_ms


_NEWS = (*DEPENDENTS, ANSWERS, PATIENTS)


def _news_scope(type_: str) -> str:
    return f"{type_} news"
