"""`teleconsole store` and `teleconsole audit` on real profiles."""

import io
import json
from pathlib import Path

import pytest
from tests.unit.vault.made_up import OPENING_WORDS, document, opened, patient, task

from teleconsole.cli import main
from teleconsole.host.paths import Profile
from teleconsole.vault.store.profile_lock import ProfileLock


@pytest.fixture
async def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "profile"
    async with opened(folder) as vault:
        await vault.pull(patient(), task(), document("d1", size=100_000))
        await vault.sync.begin_blob("d1", "")
        await vault.sync.append_blob("d1", b"p" * 100_000)
        assert await vault.sync.finish_blob("d1")
        await vault.store.settle()
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *words: str, profile: Path, passphrase: str = OPENING_WORDS) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(passphrase + "\n"))
    tail = () if words[1] == "restore" else ("--passphrase-stdin",)
    return main([*words, "--profile", str(profile), *tail])


def test_a_store_that_is_well_and_one_that_is_not(
    profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "store", "check", "--json", profile=profile) == 0
    assert json.loads(capsys.readouterr().out)["store"]["files_read"] == 1
    (sealed,) = Profile(profile).evidence.iterdir()
    content = bytearray(sealed.read_bytes())
    content[70_000] ^= 1
    sealed.write_bytes(content)
    assert run(monkeypatch, "store", "check", profile=profile) == 1
    assert "1 files that cannot be read back" in capsys.readouterr().out


def test_a_damaged_page_is_found_or_refused_and_nothing_is_deleted(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Profile(profile).database
    content = bytearray(database.read_bytes())
    content[len(content) // 2] ^= 1
    database.write_bytes(content)
    assert run(monkeypatch, "store", "check", profile=profile) == 1
    assert database.exists()


def test_the_app_that_is_open_has_the_lock(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProfileLock(Profile(profile).lock):
        for words in (("store", "check"), ("store", "backup", "x"), ("store", "restore", "x"), ("audit", "verify")):
            assert run(monkeypatch, *words, profile=profile) == 2


def test_a_copy_is_put_back_whole(profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, new = tmp_path / "copy", tmp_path / "new"
    assert run(monkeypatch, "store", "backup", str(copy), profile=profile) == 0
    assert run(monkeypatch, "store", "backup", str(copy), profile=profile) == 1
    assert run(monkeypatch, "store", "restore", str(copy), profile=new) == 0
    assert run(monkeypatch, "store", "restore", str(copy), profile=new) == 1
    assert run(monkeypatch, "store", "check", profile=new) == 0
    assert run(monkeypatch, "store", "check", profile=new, passphrase="wrong") == 1
    assert run(monkeypatch, "store", "restore", str(tmp_path / "nothing"), profile=tmp_path / "other") == 1


def test_the_audit_log_is_proved_and_exported(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "audit", "verify", "--json", profile=profile) == 0
    size = json.loads(capsys.readouterr().out)["size"]
    export = tmp_path / "audit.jsonl"
    assert run(monkeypatch, "audit", "export", str(export), profile=profile) == 0
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    assert [line["number"] for line in lines] == list(range(1, size + 1))
    assert "Okafor" not in export.read_text()
    assert run(monkeypatch, "audit", "export", str(export), profile=profile) == 1


@pytest.mark.parametrize("command", ["store", "audit"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert "example:" in capsys.readouterr().out
    assert main([command]) == 2
