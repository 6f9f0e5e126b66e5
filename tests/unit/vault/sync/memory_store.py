"""The store's port in memory: as small as can be, with crashes between any two calls."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import orjson

from teleconsole.vault.store.changes import ChangeRow, Payload, VisitBegan
from teleconsole.vault.store.sync_port import (
    BlobProgress,
    CaseManifest,
    Cursor,
    MissingFile,
    PullResult,
    ReceivedResource,
)
from teleconsole.vault.sync.scopes import OPEN_STATUSES, patients_of

NOTHING = PullResult(0, (), appointments=False, quarantined=0)
Key = tuple[str, str]


class Crash(BaseException):
    """The process ends here."""


class MemoryStore:
    """Holds everything in dictionaries; each method is one step, as a transaction is."""

    def __init__(self) -> None:
        self.rows: dict[Key, ReceivedResource] = {}
        self.cursors: dict[str, Cursor] = {}
        self.changes: dict[str, ChangeRow] = {}
        self.poison: dict[tuple[str, str], str] = {}
        self.values: dict[str, str] = {}
        self.files: dict[str, bytearray] = {}
        self.etags: dict[str, str] = {}
        self.whole: set[str] = set()
        self.given_up: dict[str, str] = {}
        self.mismatches: dict[str, int] = {}
        self.blobs: dict[str, bytes] = {}
        self.dropped: list[str] = []
        self.moved: dict[str, str] = {}
        self._seq = 0

    # --- for tests

    def add(self, change_id: str, case_id: str, payload: Payload, **more: Any) -> ChangeRow:
        self._seq += 1
        row = ChangeRow(
            self._seq, change_id, case_id, more.pop("patient_id", ""), payload, more.pop("base_version", ""),
            "waiting", 0, 0, "", more.pop("made_ms", 1_790_000_000_000), more.pop("is_local_case", False),
        )  # fmt: skip
        self.changes[change_id] = row
        return row

    def of_type(self, type_: str) -> dict[str, str]:
        return {row.id: row.version_id for row in self.rows.values() if row.type == type_ and not row.deleted}

    def _put(self, rows: Sequence[ReceivedResource]) -> PullResult:
        changed, cases = 0, set()
        for row in rows:
            old = self.rows.get((row.type, row.id))
            if old is not None and (old.version_id == row.version_id or old.last_updated_ms > row.last_updated_ms):
                continue
            self.rows[row.type, row.id] = row
            changed += 1
            if row.type == "Task":
                cases.add(row.id)
        return PullResult(changed, tuple(sorted(cases)), appointments=False, quarantined=0)

    # --- pull

    async def cursor(self, scope: str) -> Cursor:
        return self.cursors.get(scope, Cursor())

    async def apply_pull(
        self, scope: str, resources: Sequence[ReceivedResource], cursor: Cursor | None, *, primary: bool = True
    ) -> PullResult:
        result = self._put(resources)
        if cursor is not None:
            self.cursors[scope] = cursor
        return result

    async def resource(self, type_: str, id_: str) -> ReceivedResource | None:
        return self.rows.get((type_, id_))

    async def known_versions(self, type_: str) -> dict[str, str]:
        return self.of_type(type_)

    async def case_manifests(self, *, incomplete_only: bool = True, limit: int = 500) -> tuple[CaseManifest, ...]:
        found = []
        for row in list(self.rows.values()):
            if row.type != "Task" or row.deleted:
                continue
            task = orjson.loads(row.raw)
            named = [one["valueReference"]["reference"].split("/") for one in task.get("input", [])]
            missing = tuple((type_, id_) for type_, id_ in named if (type_, id_) not in self.rows)
            patient = next(iter(patients_of(row.raw)), "")
            if missing or ("Patient", patient) not in self.rows:
                found.append(CaseManifest(row.id, patient, missing))
        return tuple(found[:limit])

    async def open_patients(self) -> tuple[str, ...]:
        tasks = [row.raw for row in self.rows.values() if row.type == "Task"]
        return tuple(
            dict.fromkeys(
                id_ for raw in tasks if orjson.loads(raw)["status"] in OPEN_STATUSES for id_ in patients_of(raw)
            )
        )

    async def patient_read(self, patient_ids: Sequence[str], at_ms: int) -> None:
        self.values["patients read"] = str(at_ms)

    async def quarantine(self, source: str, url: str, raw: bytes, error: str) -> None:
        self.poison[source, url] = error

    # --- push

    async def next_changes(self, now_ms: int, limit: int = 16) -> tuple[ChangeRow, ...]:
        first: dict[str, ChangeRow] = {}
        for row in sorted(self.changes.values(), key=lambda each: each.seq):
            first.setdefault(row.case_id, row)
        due = [row for row in first.values() if row.state in ("waiting", "sending") and row.next_ms <= now_ms]
        return tuple(due[:limit])

    async def next_change_ms(self) -> int | None:
        return min((row.next_ms for row in self.changes.values() if row.state == "waiting"), default=None)

    async def encounter_id(self, visit_id: str) -> str:
        return ""

    def _set(self, change_id: str, **more: Any) -> None:
        self.changes[change_id] = msgspec.structs.replace(self.changes[change_id], **more)

    async def mark_sending(self, change_id: str) -> None:
        self._set(change_id, state="sending", attempts=self.changes[change_id].attempts + 1)

    async def complete(self, change_id: str, truth: Sequence[ReceivedResource], *, case_id: str = "") -> PullResult:
        done = self.changes.pop(change_id, None)
        if done is not None and isinstance(done.payload, VisitBegan) and case_id:
            self.moved[done.case_id] = case_id
            for row in self.changes.values():
                if row.case_id == done.case_id:
                    self._set(row.change_id, case_id=case_id, is_local_case=False)
        return self._put(truth)

    async def refuse(self, change_id: str, reason: str) -> None:
        self._set(change_id, state="refused", last_error=reason)

    async def conflict(self, change_id: str, reason: str, truth: Sequence[ReceivedResource] = ()) -> None:
        self._set(change_id, state="conflict", last_error=reason)
        self._put(truth)

    async def drop(self, change_id: str, truth: Sequence[ReceivedResource] = ()) -> None:
        del self.changes[change_id]
        self.dropped.append(change_id)
        self._put(truth)

    async def retry_later(self, change_id: str, at_ms: int, reason: str, *, never_left: bool = False) -> None:
        attempts = self.changes[change_id].attempts - (1 if never_left else 0)
        self._set(change_id, state="waiting", next_ms=at_ms, last_error=reason, attempts=max(0, attempts))

    async def release_all(self) -> None:
        for row in list(self.changes.values()):
            if row.state == "waiting":
                self._set(row.change_id, next_ms=0)

    # --- files

    def _attachments(self) -> list[MissingFile]:
        found = []
        for row in self.rows.values():
            if row.type == "DocumentReference" and not row.deleted:
                one = orjson.loads(row.raw)["content"][0]["attachment"]
                if "url" in one:
                    size, digest = one.get("size", 0), one.get("hash", "")
                    found.append(MissingFile(row.id, "case", one["url"], one["contentType"], size, digest, 0))
        return sorted(found, key=lambda each: each.size_bytes)

    async def missing_evidence(self, now_ms: int, limit: int = 50) -> tuple[MissingFile, ...]:
        left = [each for each in self._attachments() if each.evidence_id not in self.whole]
        return tuple(each for each in left if each.evidence_id not in self.given_up)[:limit]

    async def begin_blob(self, evidence_id: str, etag: str) -> BlobProgress:
        if self.etags.get(evidence_id) != etag or not etag:
            self.files[evidence_id] = bytearray()
            self.etags[evidence_id] = etag
        return BlobProgress(len(self.files[evidence_id]), etag)

    async def append_blob(self, evidence_id: str, data: bytes) -> int:
        self.files[evidence_id] += data
        return len(self.files[evidence_id])

    async def finish_blob(self, evidence_id: str) -> bool:
        wanted = next(each for each in self._attachments() if each.evidence_id == evidence_id)
        digest = base64.b64encode(hashlib.sha1(self.files[evidence_id], usedforsecurity=False).digest()).decode()
        if wanted.sha1_base64 and wanted.sha1_base64 != digest:
            self.files.pop(evidence_id)
            self.etags.pop(evidence_id)
            self.mismatches[evidence_id] = self.mismatches.get(evidence_id, 0) + 1
            if self.mismatches[evidence_id] == 2:
                self.given_up[evidence_id] = "mismatch"
            return False
        self.whole.add(evidence_id)
        return True

    async def abandon_blob(self, evidence_id: str, *, next_ms: int, problem: str = "", final: bool = False) -> None:
        if final:
            self.given_up[evidence_id] = problem

    async def read_blob(self, evidence_id: str, offset_bytes: int = 0, length_bytes: int = -1) -> bytes:
        return self.blobs[evidence_id]

    # --- status

    async def count_unsent(self) -> tuple[int, int]:
        stuck = sum(row.state in ("refused", "conflict") for row in self.changes.values())
        return len(self.changes) - stuck, stuck

    async def count_missing_files(self) -> int:
        return len(await self.missing_evidence(0, 10_000))

    async def remembered(self, name: str) -> str:
        return self.values.get(name, "")

    async def remember(self, name: str, value: str) -> None:
        self.values[name] = value


class CrashingStore(MemoryStore):
    """A store under a process that dies at the n-th call: before it, or right after it was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.dies_at = 0
        self.is_after = False
        self.calls = 0

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        is_call = not name.startswith("_") and callable(found) and hasattr(MemoryStore, name)
        if not is_call or name in ("add", "of_type"):
            return found
        return self._mortal(found)

    def _mortal(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def mortal(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            dies = self.calls == self.dies_at
            if dies and not self.is_after:
                raise Crash
            result = await call(*arguments, **named)
            if dies:
                raise Crash
            return result

        return mortal
