"""The system's keyring: only backends that are known to protect, in a thread, with a time-out, in four states."""

import asyncio
import base64
import binascii
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import keyring.errors
from keyring import backend
from keyring.backends import SecretService, Windows, kwallet, macOS

from teleconsole.contracts.vault import KeyringState
from teleconsole.host.limits import VAULT_KEYRING_S

_log = logging.getLogger(__name__)

SERVICE = "teleconsole"
TRUSTED: tuple[type[backend.KeyringBackend], ...] = (
    SecretService.Keyring,
    Windows.WinVaultKeyring,
    macOS.Keyring,
    kwallet.DBusKeyring,
)
"""Never `keyrings.alt` (plain files), `null`, `fail` or a chain."""


@dataclass(frozen=True)
class KeyringAnswer:
    """What the keyring said; `secret` only in state "value"."""

    state: KeyringState
    secret: bytes = b""
    backend: str = ""

    def __repr__(self) -> str:
        """Show no secret."""
        return f"<KeyringAnswer {self.state}>"


class KeyringAccess(Protocol):
    """A keyring, as the key ring of the vault uses it."""

    async def read(self, name: str) -> KeyringAnswer:
        """Return what is kept under a name."""
        ...

    async def write(self, name: str, secret: bytes) -> KeyringAnswer:
        """Keep a secret and read it back; any state but "value" says that it is not kept."""
        ...


class SystemKeyring:
    """The keyring of this system.

    Args:
        timeout_s: a keyring may ask the person; beyond it it counts as locked.
    """

    def __init__(self, timeout_s: float = VAULT_KEYRING_S) -> None:
        self._timeout_s = timeout_s

    async def read(self, name: str) -> KeyringAnswer:
        """Return what is kept under a name."""
        return await self._in_thread(_read, name)

    async def write(self, name: str, secret: bytes) -> KeyringAnswer:
        """Keep a secret and read it back."""
        return await self._in_thread(_write, name, secret)

    async def _in_thread(self, function: Callable[..., KeyringAnswer], *args: object) -> KeyringAnswer:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[KeyringAnswer] = loop.create_future()

        def settle(result: KeyringAnswer) -> None:
            if not answer.done():
                answer.set_result(result)

        def run() -> None:
            result = function(*args)
            with contextlib.suppress(RuntimeError):  # the loop has ended in the meantime: nobody waits any more
                loop.call_soon_threadsafe(settle, result)

        # A thread of its own, as a daemon: a prompt that nobody answers must not keep the process from ending.
        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        except TimeoutError:
            return KeyringAnswer("locked")


def trusted_backend() -> backend.KeyringBackend | None:
    """Return the best keyring that works here and is to be trusted, whatever the user's configuration says."""
    found: list[tuple[float, backend.KeyringBackend]] = []
    for kind in TRUSTED:
        with contextlib.suppress(Exception):  # a probe fails in as many ways as there are desktops: then it is none
            found.append((float(kind.priority), kind()))
    return max(found, key=lambda one: one[0])[1] if found else None


def _read(name: str) -> KeyringAnswer:
    return _answer(lambda ring: ring.get_password(SERVICE, name))


def _write(name: str, secret: bytes) -> KeyringAnswer:
    text = base64.b64encode(secret).decode()

    def keep(ring: backend.KeyringBackend) -> str | None:
        ring.set_password(SERVICE, name, text)
        return ring.get_password(SERVICE, name)

    answer = _answer(keep)
    return answer if answer.secret == secret else KeyringAnswer("unavailable" if answer.secret else answer.state)


def _answer(use: Callable[[backend.KeyringBackend], str | None]) -> KeyringAnswer:
    ring = trusted_backend()
    if ring is None:
        return KeyringAnswer("unavailable")
    name = f"{type(ring).__module__}.{type(ring).__name__}"
    try:
        text = use(ring)
    except keyring.errors.KeyringLocked:
        return KeyringAnswer("locked", backend=name)
    except Exception as error:  # noqa: BLE001 -- D-Bus, COM and Keychain raise their own kinds; the state says it
        _log.warning("the keyring failed: %s", type(error).__name__)
        return KeyringAnswer("unavailable", backend=name)
    if text is None:
        return KeyringAnswer("absent", backend=name)
    try:
        return KeyringAnswer("value", base64.b64decode(text, validate=True), name)
    except (binascii.Error, ValueError):
        return KeyringAnswer("value", b"", name)  # an entry that is not ours: the key id tells it apart
