"""Brings evidence here: resumed where it broke off, checked before it counts, sealed as it arrives."""

from collections.abc import Callable

from teleconsole.domain.errors import EvidenceRefused, NotFhir, Offline, Rejected, SignInNeeded, SyncError
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.downloads import Download, Downloads
from teleconsole.vault.fhir.problems import Gone, Unavailable
from teleconsole.vault.store.sync_port import BlobProgress, MissingFile, SyncStore
from teleconsole.vault.sync.schedule import file_retry_in_s

_GONE = "The clinic's server no longer has this file."
_REFUSED = "The clinic's server does not give this file to you."
_NOT_ARRIVING = "This file could not be fetched after several tries. It stays at the clinic's server."


class Files:
    """Fetches files in the store's order: urgent cases first, small before large, pictures before video.

    Args:
        store: where they go.
        client: to the server.
        clock: this computer's.
        file: told of progress: case_id, evidence_id, here_bytes, size_bytes.
    """

    def __init__(
        self, store: SyncStore, client: FhirClient, clock: Clock, file: Callable[[str, str, int, int], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._file = file
        self._downloads = Downloads(client.transport, client.clock)

    async def fetch_all(self, progress: Callable[[], None]) -> None:
        """Fetch everything that is due.

        Args:
            progress: called after each file.

        Raises:
            Offline, NotFhir: the server cannot be reached; what is here of a file is kept.
            SignInNeeded: the clinician has to sign in again.
            StoreError: the store cannot keep them.
        """
        tried: set[str] = set()
        while True:
            missing = await self._store.missing_evidence(to_ms(self._clock.now()), limits.SYNC_FILES_AT_ONCE)
            waiting = [each for each in missing if each.evidence_id not in tried]
            if not waiting:
                return
            for wanted in waiting:
                is_whole = await self._fetch(wanted)
                if is_whole is not None:  # a mismatch is tried afresh once, and the store counts
                    tried.add(wanted.evidence_id)
                progress()

    async def _fetch(self, wanted: MissingFile) -> bool | None:
        """Fetch one file; True = whole, False = not now, None = it did not match and was thrown away."""
        try:
            return await self._receive(wanted) or None
        except EvidenceRefused as error:
            await self._give_up(wanted, error.sentence)
        except Gone:
            await self._give_up(wanted, _GONE)
        except Rejected:
            await self._give_up(wanted, _REFUSED)
        except SignInNeeded:
            raise
        except Unavailable as error:
            await self._later(wanted, error)
        except (Offline, NotFhir) as error:
            await self._later(wanted, error)
            if self._downloads.is_ours(wanted.url):
                raise  # the others would fail in the same way; a content server elsewhere says nothing about them
        except SyncError as error:
            await self._later(wanted, error)
        return False

    async def _receive(self, wanted: MissingFile) -> bool:
        async with self._downloads.open(wanted.url, wanted.content_type) as whole:
            progress = await self._store.begin_blob(wanted.evidence_id, whole.etag)
            if not (progress.here_bytes and whole.can_resume):
                # without ranges the bytes that are here already come again, and are passed over
                return await self._take(wanted, whole, progress)
        async with self._downloads.open(
            wanted.url, wanted.content_type, offset_bytes=progress.here_bytes, etag=progress.etag
        ) as rest:
            progress = await self._store.begin_blob(wanted.evidence_id, rest.etag)
            return await self._take(wanted, rest, progress)

    async def _take(self, wanted: MissingFile, download: Download, progress: BlobProgress) -> bool:
        here = progress.here_bytes
        at = download.start_bytes
        if at > here:
            raise NotFhir
        async for piece in download.pieces:
            fresh = piece[max(0, here - at) :]
            at += len(piece)
            if fresh:
                here = await self._store.append_blob(wanted.evidence_id, fresh)
                self._file(wanted.case_id, wanted.evidence_id, here, wanted.size_bytes)
        is_whole = await self._store.finish_blob(wanted.evidence_id)
        if is_whole:
            self._file(wanted.case_id, wanted.evidence_id, here, max(here, wanted.size_bytes))
        return is_whole

    async def _give_up(self, wanted: MissingFile, sentence: str) -> None:
        await self._store.abandon_blob(wanted.evidence_id, next_ms=0, problem=sentence, final=True)

    async def _later(self, wanted: MissingFile, error: SyncError) -> None:
        now_ms = to_ms(self._clock.now())
        is_last = wanted.attempts + 1 >= limits.SYNC_FILE_TRIES and not isinstance(error, Offline)
        await self._store.abandon_blob(
            wanted.evidence_id,
            next_ms=now_ms + round(1000 * file_retry_in_s(wanted.attempts)),
            problem=_NOT_ARRIVING if is_last else "",
            final=is_last,
        )
