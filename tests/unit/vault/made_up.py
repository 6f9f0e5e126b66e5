"""Made-up resources and an open store, for the tests of the vault."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from teleconsole.host.clock import to_ms
from teleconsole.host.paths import Profile
from teleconsole.vault.keys.keeper import DataKeys, KeyKeeper
from teleconsole.vault.keys.keyring_access import KeyringAnswer
from teleconsole.vault.store.blobs import Blobs
from teleconsole.vault.store.store import Store
from teleconsole.vault.store.sync_port import ReceivedResource
from teleconsole.vault.store.sync_store import StoreForSync

OPENING_WORDS = "correct horse battery"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOON_MS = to_ms(NOON)
ME = "dr-grey"


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class FakeKeyring:
    """A keyring in a state of our choice; keeps what it is given while it is well."""

    def __init__(self, state: str = "value") -> None:
        self.state = state
        self.kept: dict[str, bytes] = {}

    async def read(self, name: str) -> KeyringAnswer:
        if self.state != "value":
            return KeyringAnswer(self.state)  # type: ignore[arg-type]  # the test names the state
        return KeyringAnswer("value", self.kept[name], "fake") if name in self.kept else KeyringAnswer("absent")

    async def write(self, name: str, secret: bytes) -> KeyringAnswer:
        if self.state == "value":
            self.kept[name] = secret
        return await self.read(name)


class Opened:
    """An open store with everything around it."""

    def __init__(self, store: Store, keys: DataKeys, clock: FakeClock) -> None:
        self.store = store
        self.keys = keys
        self.clock = clock
        self.blobs = Blobs(store)
        self.sync = StoreForSync(store, self.blobs)

    async def pull(self, *resources: dict[str, Any]) -> None:
        await self.sync.apply_pull("test", [received(one) for one in resources], None)


@asynccontextmanager
async def opened(folder: Path, clock: FakeClock | None = None) -> AsyncIterator[Opened]:
    """Open the store of a folder; the first time it is made."""
    clock = clock or FakeClock()
    profile = Profile(folder)
    profile.make()
    keeper = KeyKeeper(profile, FakeKeyring("unavailable"), clock)
    keys = (
        await keeper.unlock_by_passphrase(OPENING_WORDS)
        if profile.header.exists()
        else await keeper.create(OPENING_WORDS)
    )
    store = await Store.open(profile, keys, clock)
    store.me = ME
    everything = Opened(store, keys, clock)
    try:
        yield everything
    finally:
        await everything.blobs.close()
        await store.close()


def received(resource: dict[str, Any]) -> ReceivedResource:
    """Return a resource as sync hands it on."""
    meta = resource.get("meta", {})
    updated = meta.get("lastUpdated", "")
    return ReceivedResource(
        resource["resourceType"],
        resource["id"],
        meta.get("versionId", "1"),
        to_ms(datetime.fromisoformat(updated)) if updated else NOON_MS,
        json.dumps(resource).encode(),
    )


def patient(id_: str = "p1", family: str = "Okafor", given: str = "Ada") -> dict[str, Any]:
    """A patient."""
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"system": "urn:teleconsole:mrn", "value": f"MRN-{id_}"}],
        "name": [{"family": family, "given": [given]}],
        "gender": "female",
        "birthDate": "1970-05-01",
        "telecom": [{"system": "phone", "value": "01632 960001"}],
    }


def task(id_: str = "t1", **changed: Any) -> dict[str, Any]:
    """A case."""
    return {
        "resourceType": "Task",
        "id": id_,
        "status": "requested",
        "businessStatus": {"coding": [{"system": "urn:teleconsole:business-status", "code": "awaiting-clinician"}]},
        "intent": "order",
        "priority": "urgent",
        "code": {"coding": [{"system": "urn:teleconsole:case-type", "code": "skin"}]},
        "description": "A rash that spreads",
        "for": {"reference": "Patient/p1"},
        "authoredOn": "2026-03-02T08:00:00Z",
        "restriction": {"period": {"end": "2026-03-02T16:00:00Z"}},
        "groupIdentifier": {"system": "urn:teleconsole:case-number", "value": f"C-{id_}"},
        **changed,
    }


def message(id_: str, text: str, *, sender: str = "Patient/p1", case_id: str = "t1", hour: int = 9) -> dict[str, Any]:
    """A message of a thread."""
    return {
        "resourceType": "Communication",
        "id": id_,
        "status": "completed",
        "basedOn": [{"reference": f"Task/{case_id}"}],
        "subject": {"reference": "Patient/p1"},
        "sender": {"reference": sender},
        "sent": f"2026-03-02T{hour:02}:00:00Z",
        "payload": [{"contentString": text}],
    }


def document(id_: str, *, size: int, sha1: str = "", case_id: str = "t1") -> dict[str, Any]:
    """A photo of a case."""
    return {
        "resourceType": "DocumentReference",
        "id": id_,
        "status": "current",
        "category": [{"coding": [{"system": "urn:teleconsole:evidence-kind", "code": "photo"}]}],
        "subject": {"reference": "Patient/p1"},
        "author": [{"reference": "Patient/p1"}],
        "date": "2026-03-02T08:00:00Z",
        "description": "Left arm",
        "content": [{"attachment": {"url": f"Binary/{id_}", "contentType": "image/jpeg", "size": size, "hash": sha1}}],
        "context": {"related": [{"reference": f"Task/{case_id}"}]},
    }
