"""The line that is always true: what sync does, up to when all is here, and what waits."""

import asyncio
from collections.abc import Callable

import msgspec

from teleconsole.contracts.vault import SyncPhase, SyncStatus
from teleconsole.domain.errors import StoreError
from teleconsole.vault.fhir.problems import Silent
from teleconsole.vault.store.sync_port import SyncStore

_SYNCED = "synced_ms"
_OFFSET = "offset_ms"
_ASKING: frozenset[SyncPhase] = frozenset({"pushing", "pulling", "fetching-files"})


class StatusLine:
    """Holds the status, and tells when it changes.

    Args:
        store: counted, and remembers across starts.
        told: called with each new status.
    """

    def __init__(self, store: SyncStore, told: Callable[[SyncStatus], None]) -> None:
        self._store = store
        self._told = told
        self._status = SyncStatus("idle", 0, 0, 0, 0, 0)
        self._shown = self._status
        self._counting: asyncio.Task[None] | None = None
        self._files_run = False
        self._is_silent = False

    @property
    def status(self) -> SyncStatus:
        """The status now."""
        return self._shown

    async def load(self) -> None:
        """Take up what an earlier start knew."""
        synced_ms = await self._number(_SYNCED)
        offset_ms = await self._number(_OFFSET)
        self._set(msgspec.structs.replace(self._status, synced_ms=synced_ms, offset_ms=offset_ms))

    async def show(self, phase: SyncPhase, sentence: str = "") -> None:
        """Show a phase, with everything counted afresh."""
        self._status = msgspec.structs.replace(self._status, phase=phase, sentence=sentence)
        await self._count_all()

    async def _count_all(self) -> None:
        to_send, could_not_send = await self._store.count_unsent()
        files_left = await self._store.count_missing_files()
        self._set(
            msgspec.structs.replace(
                self._status,
                to_send=to_send,
                could_not_send=could_not_send,
                files_left=files_left,
            )
        )

    def show_without_counting(self, phase: SyncPhase, sentence: str) -> None:
        """Show a phase when the store does not answer."""
        self._set(msgspec.structs.replace(self._status, phase=phase, sentence=sentence))

    async def finished(self, synced_ms: int, offset_ms: int) -> None:
        """Every scope is complete up to `synced_ms` of the server's time: the only place that says so."""
        await self._store.remember(_SYNCED, str(synced_ms))
        await self._store.remember(_OFFSET, str(offset_ms))
        self._status = msgspec.structs.replace(self._status, synced_ms=synced_ms, offset_ms=offset_ms)
        await self.show("fetching-files" if self._files_run else "idle")

    async def show_files(self) -> None:
        """Files begin to be fetched."""
        self._files_run = True
        if self._status.phase == "idle":
            await self.show("fetching-files")

    async def files_done(self) -> None:
        """No file is being fetched any more."""
        self._files_run = False
        phase: SyncPhase = "idle" if self._status.phase == "fetching-files" else self._status.phase
        await self.show(phase, self._status.sentence)

    def show_silence(self, is_silent: bool) -> None:
        """Say, beside the phase that goes on, that the server keeps us waiting; or that it no longer does."""
        self._is_silent = is_silent
        self._set(self._status)

    def count_soon(self) -> None:
        """Count again beside the work that goes on; at most one counting at a time."""
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count(), name="sync status")

    async def close(self) -> None:
        """End the counting that may still run."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait([self._counting])
            self._counting = None

    async def _count(self) -> None:
        try:
            await self._count_all()
        except StoreError:
            return  # the work beside it meets the same failure, and tells it

    async def _number(self, name: str) -> int:
        text = await self._store.remembered(name)
        return int(text) if text.lstrip("-").isdigit() else 0

    def _set(self, status: SyncStatus) -> None:
        self._status = status
        shown = status
        if self._is_silent and status.phase in _ASKING:
            shown = msgspec.structs.replace(status, sentence=Silent.default_sentence)
        if shown != self._shown:
            self._shown = shown
            self._told(shown)
