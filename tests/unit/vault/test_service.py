"""The vault process as the console meets it: a real child, real messages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teleconsole.contracts.cases import CountCases, ListCases
from teleconsole.contracts.vault import (
    VAULT,
    CheckVault,
    CreateVault,
    GetSignedIn,
    GetSyncStatus,
    GetVaultState,
    PrepareLock,
    SyncNow,
    Unlock,
)
from teleconsole.ipc.child import Child
from teleconsole.ipc.errors import RemoteFailure
from teleconsole.ipc.peer import Peer

WORDS = "correct horse battery"


@pytest.fixture
async def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Peer]:
    monkeypatch.setenv("TELECONSOLE_PROFILE", str(tmp_path / "profile"))
    child = Child("vault")
    try:
        yield await child.start({}, VAULT)
    finally:
        await child.close()


async def test_first_run_lock_and_unlock(vault: Peer) -> None:
    assert (await vault.ask(GetVaultState(), deadline_s=30)).name == "new"
    with pytest.raises(RemoteFailure) as locked:
        await vault.ask(ListCases())
    assert locked.value.code == "store"
    state = await vault.ask(CreateVault(WORDS), deadline_s=30)
    assert (state.name, state.keyring, state.has_passphrase) == ("open", "unavailable", True)
    assert (await vault.ask(ListCases())).rows == ()
    assert (await vault.ask(CountCases())).unread == 0
    assert (await vault.ask(GetSignedIn())).practitioner_id == ""
    assert (await vault.ask(GetSyncStatus())).phase == "not-signed-in"
    with pytest.raises(RemoteFailure) as nobody:
        await vault.ask(SyncNow())
    assert nobody.value.code == "sign-in-needed"
    await vault.ask(PrepareLock(), deadline_s=30)
    assert (await vault.ask(GetVaultState())).name == "locked"
    for ask, code in (
        (Unlock(after_lock=True), "wrong-key"),
        (Unlock(), "keyring-absent"),
        (Unlock("no"), "wrong-key"),
    ):
        with pytest.raises(RemoteFailure) as refused:
            await vault.ask(ask, deadline_s=30)
        assert refused.value.code == code
    assert (await vault.ask(Unlock(WORDS, after_lock=True), deadline_s=30)).name == "open"
    with pytest.raises(RemoteFailure) as again:
        await vault.ask(CreateVault(WORDS), deadline_s=30)
    assert again.value.code == "store"


async def test_it_checks_itself_while_it_is_locked(vault: Peer) -> None:
    reports = {report.name: report for report in await vault.ask(CheckVault("http://127.0.0.1:9"), deadline_s=30)}
    assert reports["vault"].ok
    assert not reports["keyring"].ok
    assert not reports["server"].ok
