"""The system's keyring: which are trusted, the time-out, and a real gnome-keyring in a session of its own."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

import pytest
from keyring import backend
from keyring.errors import KeyringLocked

from teleconsole.vault.keys import keyring_access
from teleconsole.vault.keys.keyring_access import KeyringAnswer, SystemKeyring

REAL = """
import asyncio
from teleconsole.vault.keys.keyring_access import SystemKeyring

async def main():
    ring = SystemKeyring()
    before = await ring.read("profile")
    written = await ring.write("profile", b"\\x00secret\\xff")
    after = await ring.read("profile")
    print(before.state, written.state, after.state, after.secret == b"\\x00secret\\xff", after.backend)

asyncio.run(main())
"""


class Plain(backend.KeyringBackend):
    """A keyring that keeps its entries in this process; in a test it is trusted."""

    priority: ClassVar[float] = 1
    kept: ClassVar[dict[str, str]] = {}
    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> type[Plain]:
    monkeypatch.setattr(keyring_access, "TRUSTED", (Plain,))
    monkeypatch.setattr(Plain, "kept", {})
    return Plain


async def test_a_secret_comes_back_as_it_was_kept(plain: type[Plain]) -> None:
    ring = SystemKeyring()
    assert (await ring.read("a")).state == "absent"
    assert (await ring.write("a", b"\0\xff")).state == "value"
    assert (await ring.read("a")).secret == b"\0\xff"
    assert "ff" not in repr(await ring.read("a"))


async def test_a_locked_keyring_and_a_foreign_entry_are_told_apart(
    plain: type[Plain], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain.kept["a"] = "not base64!"
    assert await SystemKeyring().read("a") == KeyringAnswer("value", b"", f"{plain.__module__}.Plain")
    monkeypatch.setattr(plain, "locked", True)
    assert (await SystemKeyring().read("a")).state == "locked"


async def test_a_keyring_that_asks_for_ever_counts_as_locked(
    plain: type[Plain], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def ask(self: Plain, service: str, username: str) -> str | None:
        answered.wait(10)
        return None

    monkeypatch.setattr(plain, "get_password", ask)
    assert (await SystemKeyring(timeout_s=0.05).read("a")).state == "locked"
    answered.set()


async def test_keyrings_that_protect_nothing_are_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    assert (await SystemKeyring().read("a")).state == "unavailable"
    names = {kind.__module__ for kind in keyring_access.TRUSTED}
    assert not names & {"keyring.backends.null", "keyring.backends.fail", "keyring.backends.chainer"}


@pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None,
    reason="gnome-keyring or dbus-run-session is not installed",
)
def test_a_real_keyring_keeps_the_key_over_sessions_and_says_when_it_is_locked(tmp_path: Path) -> None:
    def session(password: str) -> list[str]:
        unlock = f"printf %s {password} | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        }
        result = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", f'{unlock}; exec "$0" -c "$1"', sys.executable, REAL],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return result.stdout.split()

    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "data").mkdir()
    service = "keyring.backends.SecretService.Keyring"
    assert session("right") == ["absent", "value", "value", "True", service]
    assert session("right") == ["value", "value", "value", "True", service]
    assert session("wrong")[:4] == ["locked", "locked", "locked", "False"]
