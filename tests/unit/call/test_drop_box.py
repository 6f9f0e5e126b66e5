"""The drop-box: sealed here, opened with the private key alone, durable, safely named."""

import uuid
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.unit.call.opening import open_items

from teleconsole.call.dropbox import DropBoxWriter, item_id_of
from teleconsole.contracts.dropbox import ChatItem
from teleconsole.domain.errors import CallError

LINE = ChatItem(from_patient=True, text="It itches.", sent_ms=5)


@pytest.fixture
def key() -> X25519PrivateKey:
    return X25519PrivateKey.generate()


def writer(folder: Path, key: X25519PrivateKey, visit_id: str = "visit-0001") -> DropBoxWriter:
    return DropBoxWriter(visit_id, folder, key.public_key().public_bytes_raw())


def test_seal_then_open_gives_the_item_back(tmp_path: Path, key: X25519PrivateKey) -> None:
    item_id = str(uuid.uuid4())
    writer(tmp_path, key).seal(item_id, LINE)
    (item,) = open_items(tmp_path, key, "visit-0001")
    assert (item.visit_id, item.item_id, item.body) == ("visit-0001", item_id, LINE)
    (file,) = tmp_path.iterdir()
    assert file.name.endswith(f"-{item_id}.sealed")
    assert b"itches" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_open_for_another_visit_fails(tmp_path: Path, key: X25519PrivateKey) -> None:
    writer(tmp_path, key).seal(str(uuid.uuid4()), LINE)
    with pytest.raises(InvalidTag):
        open_items(tmp_path, key, "visit-0002")


def test_seal_into_a_folder_that_is_gone_says_that_nothing_was_saved(tmp_path: Path, key: X25519PrivateKey) -> None:
    with pytest.raises(CallError, match="could not be saved"):
        writer(tmp_path / "gone", key).seal(str(uuid.uuid4()), LINE)


def test_writer_refuses_what_is_not_a_key(tmp_path: Path) -> None:
    with pytest.raises(CallError):
        DropBoxWriter("visit-0001", tmp_path, b"short")


@pytest.mark.parametrize("message_id", ["../../../etc/passwd", "a" * 64, "line-0001", "x\0y-----"])
def test_item_id_of_a_strangers_id_is_stable_and_a_safe_name(
    tmp_path: Path, key: X25519PrivateKey, message_id: str
) -> None:
    item_id = item_id_of("visit-0001", message_id)
    assert item_id == item_id_of("visit-0001", message_id)
    assert item_id != item_id_of("visit-0002", message_id)
    writer(tmp_path, key).seal(item_id, LINE)
    assert [path.parent for path in tmp_path.iterdir()] == [tmp_path]


def test_seal_refuses_a_name_that_is_not_a_uuid(tmp_path: Path, key: X25519PrivateKey) -> None:
    with pytest.raises(ValueError, match="UUID"):
        writer(tmp_path, key).seal("../x", LINE)
