"""The data key: made once, opened by its slots, never made again over what is there."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.vault.made_up import OPENING_WORDS, FakeClock, FakeKeyring

from teleconsole.domain.errors import (
    KeyringAbsent,
    KeyringLocked,
    KeyringUnavailable,
    StoreCorrupt,
    StoreError,
    StoreTooNew,
    WrongKey,
)
from teleconsole.host.paths import Profile
from teleconsole.vault.audit.chain import Anchor
from teleconsole.vault.keys.header import previous_generation, read_header, write_header
from teleconsole.vault.keys.keeper import DataKeys, KeyKeeper


class Bench:
    """A keeper with everything that it talks to."""

    def __init__(self, folder: Path) -> None:
        self.profile = Profile(folder)
        self.keyring = FakeKeyring()
        self.clock = FakeClock()
        self.keeper = KeyKeeper(self.profile, self.keyring, self.clock)


@pytest.fixture
async def made(tmp_path: Path) -> tuple[Bench, DataKeys]:
    bench = Bench(tmp_path)
    return bench, await bench.keeper.create(OPENING_WORDS)


async def test_both_slots_open_the_same_key(made: tuple[Bench, DataKeys]) -> None:
    bench, keys = made
    assert (await bench.keeper.unlock_by_keyring()).database == keys.database
    assert (await bench.keeper.unlock_by_passphrase(OPENING_WORDS)).database == keys.database
    uses = {keys.database, keys.evidence, keys.audit, keys.drop_box, keys.header_key}
    assert len(uses) == 5
    assert "DataKeys" in repr(keys)
    assert keys.database.hex() not in repr(keys)


@pytest.mark.parametrize(
    ("state", "error"), [("absent", KeyringAbsent), ("locked", KeyringLocked), ("unavailable", KeyringUnavailable)]
)
@pytest.mark.parametrize("has_database", [True, False])
async def test_a_keyring_that_does_not_answer_makes_and_deletes_nothing(
    made: tuple[Bench, DataKeys], state: str, error: type[Exception], has_database: bool
) -> None:
    bench, _ = made
    bench.keyring.state = state
    if has_database:
        bench.profile.database.write_bytes(b"a database")
    before = {file.name: file.read_bytes() for file in bench.profile.folder.iterdir() if file.is_file()}
    with pytest.raises(error):
        await bench.keeper.unlock_by_keyring()
    with pytest.raises(StoreError):
        await bench.keeper.create(OPENING_WORDS)
    assert {file.name: file.read_bytes() for file in bench.profile.folder.iterdir() if file.is_file()} == before
    assert (await bench.keeper.state(is_open=False)).keyring == state


async def test_a_keyring_with_another_key_is_told_apart_from_damage(made: tuple[Bench, DataKeys]) -> None:
    bench, keys = made
    bench.keyring.kept[keys.header.profile_id] = b"x" * 32
    with pytest.raises(WrongKey):
        await bench.keeper.unlock_by_keyring()
    assert (await bench.keeper.unlock_by_passphrase(OPENING_WORDS)).database == keys.database


async def test_without_a_keyring_there_is_a_passphrase_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.keyring.state = "unavailable"
    keys = await bench.keeper.create(OPENING_WORDS)
    assert keys.header.keyring_slot() is None
    with pytest.raises(KeyringAbsent):
        await bench.keeper.unlock_by_keyring()


async def test_a_database_without_its_header_is_refused_and_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.profile.database.write_bytes(b"a database")
    assert (await bench.keeper.state(is_open=False)).name == "refused"
    for attempt in (bench.keeper.create(OPENING_WORDS), bench.keeper.unlock_by_keyring()):
        with pytest.raises(StoreError):
            await attempt
    assert bench.profile.database.read_bytes() == b"a database"
    assert not bench.profile.header.exists()


async def test_after_five_wrong_passphrases_each_has_to_wait_longer(made: tuple[Bench, DataKeys]) -> None:
    bench, keys = made
    for _ in range(5):
        with pytest.raises(WrongKey):
            await bench.keeper.unlock_by_passphrase("wrong")
    assert (await bench.keeper.state(is_open=False)).retry_in_s == 1
    with pytest.raises(WrongKey, match="Wait"):
        await bench.keeper.unlock_by_passphrase(OPENING_WORDS)
    bench.clock.move(1)
    with pytest.raises(WrongKey):
        await bench.keeper.unlock_by_passphrase("wrong")
    assert (await bench.keeper.state(is_open=False)).retry_in_s == 2
    bench.clock.move(-3600)
    assert (await bench.keeper.state(is_open=False)).retry_in_s == 2
    bench.clock.move(3602)
    opened = await bench.keeper.unlock_by_passphrase(OPENING_WORDS)
    assert (opened.database, opened.wrong_tries) == (keys.database, 6)
    assert (await bench.keeper.state(is_open=False)).retry_in_s == 0


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff" * 100, b"[]", b'{"version": 1}', b" " * 100_000])
async def test_a_damaged_header_is_replaced_by_the_generation_before(
    made: tuple[Bench, DataKeys], damage: bytes
) -> None:
    bench, keys = made
    bench.keeper.keep_anchor(keys, Anchor(7, b"r" * 32))
    bench.profile.header.write_bytes(damage)
    assert (await bench.keeper.unlock_by_passphrase(OPENING_WORDS)).database == keys.database
    previous_generation(bench.profile.header).write_bytes(damage)
    bench.profile.header.write_bytes(damage)
    assert (await bench.keeper.state(is_open=False)).name == "refused"
    with pytest.raises(StoreCorrupt):
        await bench.keeper.unlock_by_passphrase(OPENING_WORDS)
    assert bench.profile.header.read_bytes() == damage


@pytest.mark.parametrize(
    "tampered",
    [
        lambda header: msgspec.structs.replace(header, slots=header.slots[:1]),
        lambda header: msgspec.structs.replace(header, generation=99),
        lambda header: msgspec.structs.replace(header, audit_size=1, audit_root="00"),
    ],
)
async def test_a_header_that_something_else_changed_opens_nothing(made: tuple[Bench, DataKeys], tampered: Any) -> None:
    bench, keys = made
    write_header(bench.profile.header, tampered(keys.header), keep_previous=False)
    with pytest.raises(StoreCorrupt):
        await bench.keeper.unlock_by_passphrase(OPENING_WORDS)


async def test_a_header_asks_for_no_more_memory_than_is_allowed(made: tuple[Bench, DataKeys]) -> None:
    bench, _ = made
    text = bench.profile.header.read_text()
    assert '"memory_kib": 65536' in text
    bench.profile.header.write_text(text.replace('"memory_kib": 65536', '"memory_kib": 99999999'))
    previous_generation(bench.profile.header).unlink(missing_ok=True)
    with pytest.raises(StoreCorrupt):
        await bench.keeper.unlock_by_passphrase(OPENING_WORDS)


async def test_a_newer_header_is_refused(made: tuple[Bench, DataKeys]) -> None:
    bench, _ = made
    bench.profile.header.write_text('{"version": 2, "other": true}')
    with pytest.raises(StoreTooNew):
        await bench.keeper.unlock_by_passphrase(OPENING_WORDS)


async def test_the_header_holds_no_key_and_is_for_this_user_alone(made: tuple[Bench, DataKeys]) -> None:
    bench, keys = made
    text = bench.profile.header.read_text()
    secrets = [keys.database, keys.evidence, keys.audit, keys.drop_box, keys.header_key, *bench.keyring.kept.values()]
    assert not any(secret.hex() in text for secret in secrets)
    assert OPENING_WORDS not in text
    assert bench.profile.header.stat().st_mode & 0o777 == 0o600


def test_there_is_none_where_nothing_is(tmp_path: Path) -> None:
    assert read_header(tmp_path / "queue.keys") is None


async def test_a_passphrase_slot_has_the_floor_of_rfc_9106(made: tuple[Bench, DataKeys]) -> None:
    slot = made[1].header.passphrase_slot()
    assert slot is not None
    assert slot.memory_kib >= 65_536
    assert (slot.iterations, slot.lanes) == (3, 4)
