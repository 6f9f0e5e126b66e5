"""Everything of the patients whose cases are here, and what cases name besides."""

from collections.abc import Callable, Iterable

from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.store.sync_port import ReceivedResource, SyncStore
from teleconsole.vault.sync.pages import Pages
from teleconsole.vault.sync.scopes import DEPENDENTS, PATIENTS, patients_of
from teleconsole.vault.sync.walk import Search

_SCOPE = "patients"


class Graph:
    """Completes cases. A Patient is kept after everything of that patient: so its row says that all is here.

    Args:
        store: where rows go.
        client: to the server.
        clock: this computer's.
        pages: keeps walks.
    """

    def __init__(self, store: SyncStore, client: FhirClient, clock: Clock, pages: Pages) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._pages = pages
        self._absent_until_ms: dict[tuple[str, str], int] = {}

    async def load_patients(self, also: Iterable[str], progress: Callable[[], None]) -> frozenset[str]:
        """Read all of each patient that is not here yet, most urgent first; return the ids of all that are.

        Args:
            also: patients besides those of open cases and appointments.
            progress: called after each group.
        """
        here = set(await self._store.known_versions("Patient"))
        manifests = await self._store.case_manifests(incomplete_only=True)
        wanted = [*await self._store.open_patients(), *(each.patient_id for each in manifests), *also]
        waiting = [
            each for each in dict.fromkeys(wanted) if each and each not in here and self._is_due(("Patient", each))
        ]
        for start in range(0, len(waiting), limits.FHIR_PATIENTS_A_SEARCH):
            group = waiting[start : start + limits.FHIR_PATIENTS_A_SEARCH]
            here.update(await self._load_group(group))
            progress()
        return frozenset(here)

    async def read_missing(self) -> None:
        """Read by id what cases name and what did not come with their patients."""
        tried: set[tuple[str, str]] = set()
        while True:
            manifests = await self._store.case_manifests(incomplete_only=True)
            named = dict.fromkeys(key for each in manifests for key in each.missing)
            keys = [key for key in named if key not in tried and key[0] != "Patient" and self._is_due(key)]
            if not keys:
                return
            tried.update(keys)
            for start in range(0, len(keys), limits.FHIR_BATCH_READS):
                await self._read_group(keys[start : start + limits.FHIR_BATCH_READS])

    async def _load_group(self, group: list[str]) -> set[str]:
        at_ms = self._client.clock.now_ms()
        names = ",".join(f"Patient/{each}" for each in group)
        wanted = frozenset(group)

        def is_theirs(row: ReceivedResource) -> bool:
            return not wanted.isdisjoint(patients_of(row.raw))

        for dependent in DEPENDENTS:
            search = Search(dependent.type, (*dependent.parameters, ("patient", names)))
            await self._pages.walk_once(_SCOPE, search, is_theirs)
        found = await self._patients(group)
        await self._pages.keep(_SCOPE, found)
        here = {each.id for each in found}
        if here:
            await self._store.patient_read(sorted(here), at_ms)
        for each in group:
            if each not in here:
                self._is_absent(("Patient", each))
        return here

    async def _patients(self, group: list[str]) -> list[ReceivedResource]:
        page = await self._client.search(PATIENTS.type, (("_id", ",".join(group)), ("_count", str(limits.FHIR_PAGE))))
        return [row for row in page.rows if row.id in group]

    async def _read_group(self, keys: list[tuple[str, str]]) -> None:
        answers = await self._client.read_many(keys)
        await self._pages.keep("named by cases", [each.resource for each in answers if each.resource is not None])
        for key, answer in zip(keys, answers, strict=True):
            if answer.resource is None:
                self._is_absent(key)

    def _is_absent(self, key: tuple[str, str]) -> None:
        self._absent_until_ms[key] = to_ms(self._clock.now()) + round(limits.SYNC_ABSENT_S * 1000)

    def _is_due(self, key: tuple[str, str]) -> bool:
        return self._absent_until_ms.get(key, 0) <= to_ms(self._clock.now())
