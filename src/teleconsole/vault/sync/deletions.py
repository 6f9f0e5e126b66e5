"""What the server deleted, from the histories of the types, where it offers them."""

from collections.abc import Callable

from teleconsole.domain.errors import NotFhir, Rejected
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.bundles import tombstones
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.raw import instant
from teleconsole.vault.store.sync_port import Cursor, PullResult, ReceivedResource, SyncStore
from teleconsole.vault.sync.scopes import CAN_BE_DELETED


class Deletions:
    """Looks for deletions now and then.

    Args:
        store: where tombstones go.
        client: to the server.
        clock: this computer's.
        changed: told when something went away.
    """

    def __init__(
        self, store: SyncStore, client: FhirClient, clock: Clock, changed: Callable[[PullResult], None]
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._changed = changed
        self._next_ms = 0
        self._without_history: set[str] = set()

    async def look(self, *, now: bool = False) -> None:
        """Read the histories when it is time (or `now`). A server without them is not asked again.

        Raises:
            Offline, NotFhir, SignInNeeded: see `Transport.ask`.
        """
        at_ms = to_ms(self._clock.now())
        if at_ms < self._next_ms and not now:
            return
        for type_ in CAN_BE_DELETED:
            if type_ not in self._without_history:
                await self._look_at(type_, at_ms)
        self._next_ms = at_ms + round(limits.SYNC_DELETIONS_S * 1000)

    async def _look_at(self, type_: str, begun_ms: int) -> None:
        scope = f"{type_} deleted"
        cursor = await self._store.cursor(scope)
        server_ms = begun_ms + self._client.clock.offset_ms
        gone: tuple[ReceivedResource, ...] = ()
        if cursor.watermark_ms:  # before the first time there is nothing here that could have gone
            try:
                gone = await self._gone_since(type_, cursor.watermark_ms - limits.SYNC_OVERLAP_MS)
            except (Rejected, NotFhir):
                self._without_history.add(type_)
                return
        result = await self._store.apply_pull(scope, gone, Cursor(server_ms, server_ms))
        if result.changed:
            self._changed(result)

    async def _gone_since(self, type_: str, since_ms: int) -> tuple[ReceivedResource, ...]:
        found: dict[str, ReceivedResource] = {}
        alive: set[str] = set()
        next_url = ""
        for _ in range(limits.SYNC_HISTORY_PAGES):
            bundle, next_url = await self._client.history(type_, instant(since_ms), next_url)
            gone, may_go_on = tombstones(bundle, since_ms)
            # newest first: what was written again after its deletion is alive
            gone_ids = {each.id for each in gone}
            for entry in bundle.entries:
                id_ = entry.request.url.rstrip("/").split("/")[-1]
                if entry.request.method == "PUT" and id_ not in gone_ids and id_ not in found:
                    alive.add(id_)
            found.update({each.id: each for each in gone if each.id not in alive and each.type == type_})
            if not next_url or not may_go_on:
                break
        return tuple(found.values())
