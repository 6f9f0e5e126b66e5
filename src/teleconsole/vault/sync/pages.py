"""Walks whose pages are kept in the store, with the watermark in the same transaction."""

import hashlib
from collections.abc import Callable, Sequence

import msgspec

from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.store.sync_port import Cursor, PullResult, ReceivedResource, SyncStore
from teleconsole.vault.sync.walk import Search, Walk

Keep = Callable[[ReceivedResource], bool]


class _Remembered(msgspec.Struct):
    """What a scope remembers besides its watermark."""

    swept_ms: int = 0


class Pages:
    """Reads scopes into the store.

    Args:
        store: where rows and watermarks go.
        client: to the server.
        clock: this computer's.
        changed: told of every page that changed something.
    """

    def __init__(
        self, store: SyncStore, client: FhirClient, clock: Clock, changed: Callable[[PullResult], None]
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._changed = changed

    async def walk_scope(
        self, scope: str, search: Search, *, keep: Keep | None = None, first_since_ms: int = 0
    ) -> list[ReceivedResource]:
        """Read what changed in a scope since the last time, to its end, and return the rows that were kept.

        Args:
            scope: name of the cursor.
            search: what belongs to it.
            keep: rows for which it says no are passed over, but move the watermark.
            first_since_ms: where the very first walk begins.
        """
        cursor = await self._store.cursor(scope)
        begun_ms = to_ms(self._clock.now())
        memory = _memory(cursor)
        is_sweep = begun_ms - memory.swept_ms > limits.SYNC_DAY_MS
        kept: list[ReceivedResource] = []
        watermark_ms = cursor.watermark_ms
        walk = Walk(self._client, search, _start_ms(cursor, is_sweep=is_sweep, first_since_ms=first_since_ms))
        async for step in walk.steps():
            rows = [row for row in step.rows if keep is None or keep(row)]
            watermark_ms = max(watermark_ms, self._not_in_the_future(step.top_ms))
            page = Cursor(watermark_ms, cursor.complete_ms, cursor.state)
            if rows or watermark_ms != cursor.watermark_ms:
                self._told(await self._store.apply_pull(scope, rows, page))
            await self._set_aside(scope, step.bad)
            kept += rows
        if is_sweep:
            memory.swept_ms = begun_ms
        complete_ms = begun_ms + self._client.clock.offset_ms
        if kept or is_sweep or complete_ms - cursor.complete_ms > limits.SYNC_QUIET_MS:  # a quiet poll writes nothing
            done = Cursor(watermark_ms, complete_ms, msgspec.json.encode(memory).decode())
            await self._store.apply_pull(scope, (), done)
        return kept

    async def walk_once(self, scope: str, search: Search, keep: Keep) -> None:
        """Read all of a search into the store without a cursor.

        Args:
            scope: for the poison tray.
            search: what to read.
            keep: servers pass over parameters that they do not know, so what came is checked.
        """
        async for step in Walk(self._client, search).steps():
            await self.keep(scope, [row for row in step.rows if keep(row)])
            await self._set_aside(scope, step.bad)

    async def keep(self, scope: str, rows: Sequence[ReceivedResource]) -> None:
        """Keep rows that were read by their ids."""
        if rows:
            self._told(await self._store.apply_pull(scope, rows, None, primary=False))

    def _told(self, result: PullResult) -> None:
        if result.changed:
            self._changed(result)

    async def _set_aside(self, scope: str, bad: Sequence[tuple[bytes, str]]) -> None:
        for raw, reason in bad:
            name = hashlib.sha256(raw).hexdigest()[:24]  # the same bytes again count up, and take no new place
            await self._store.quarantine(scope, name, raw[: limits.VAULT_QUARANTINE_BYTES], reason)

    def _not_in_the_future(self, at_ms: int) -> int:
        now_ms = self._client.clock.now_ms()
        return 0 if at_ms > now_ms + limits.SYNC_FUTURE_MS else min(at_ms, now_ms)


def _start_ms(cursor: Cursor, *, is_sweep: bool, first_since_ms: int) -> int:
    """Return from when on a scope is read again.

    A walk that came to its end at the server's time T has seen everything older than T less the overlap, so that a
    quiet scope does not read its last rows again at each poll.
    """
    if not cursor.watermark_ms and not cursor.complete_ms:
        return max(0, first_since_ms)
    behind_ms = limits.SYNC_DAY_MS if is_sweep else limits.SYNC_OVERLAP_MS
    quiet_ms = 0 if is_sweep or not cursor.complete_ms else cursor.complete_ms - limits.SYNC_QUIET_MS
    return max(0, max(cursor.watermark_ms, quiet_ms) - behind_ms)


def _memory(cursor: Cursor) -> _Remembered:
    try:
        return msgspec.json.decode(cursor.state, type=_Remembered) if cursor.state else _Remembered()
    except msgspec.DecodeError:
        return _Remembered()
