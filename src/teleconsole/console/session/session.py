"""Who may see what now: opens the vault, signs in, locks and unlocks. It owns no widget."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from teleconsole.console.errors import code_of, sentence_of
from teleconsole.console.ports import VaultPort
from teleconsole.contracts.vault import (
    CreateVault,
    GetSignedIn,
    GetVaultState,
    PrepareLock,
    SignedIn,
    SignIn,
    Unlock,
    VaultState,
)
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.limits import PREPARE_LOCK_S, UNLOCK_S


class VaultLife(VaultPort, Protocol):
    """The vault with power over its life: a lock is the end of the process."""

    async def suspend(self) -> None:
        """Kill it and keep it dead; returns when it is gone from memory."""
        ...

    async def resume(self) -> None:
        """Start it again; returns when it answers."""
        ...


class SessionView(Protocol):
    """What the session shows."""

    def starting(self) -> None:
        """The vault is being asked."""

    def first_run(self) -> None:
        """There is no store yet."""

    def locked(self, sentence: str) -> None:
        """A passphrase is wanted."""

    def refused(self, sentence: str) -> None:
        """The store must not be opened."""

    def sign_in_wanted(self, sentence: str) -> None:
        """Nobody is signed in."""

    def opened(self, who: SignedIn) -> None:
        """Work can begin, or go on where it was."""

    def covered(self) -> None:
        """The screen is to be covered at once."""

    def forgotten(self) -> None:
        """What was begun is safe: everything of patients is to be dropped."""


class Session:
    """The states of a session, and the ways between them.

    Args:
        vault: with power over its life.
        view: shows the states.
        save: keeps what was begun in the panes; called before a lock.

    Attributes:
        who: who is signed in; empty before.
        locked_by_person: the keyring alone never opens the store again.
    """

    def __init__(self, vault: VaultLife, view: SessionView, save: Callable[[], Awaitable[None]]) -> None:
        self._vault = vault
        self._view = view
        self._save = save
        self._locking = False
        self.who = SignedIn()
        self.is_open = False
        self.locked_by_person = False

    async def begin(self) -> None:
        """The vault answers (at the start, or after it was lost): open it as far as that goes by itself.

        Raises: what the vault raises, but no wrong key and nothing of the keyring.
        """
        if self.locked_by_person:
            return
        state = await self._vault.ask(GetVaultState())
        if state.name == "new":
            self._view.first_run()
        elif state.name == "refused":
            self._view.refused(state.sentence)
        elif state.name == "open":
            await self._go_on()
        else:
            await self._open_by_keyring(state)

    async def create(self, passphrase: str) -> None:
        """First run: make the store. Raises: store-*."""
        await self._vault.ask(CreateVault(passphrase), deadline_s=UNLOCK_S)
        await self._go_on()

    async def unlock(self, passphrase: str) -> None:
        """Open the store with the passphrase. Raises: wrong-key, store-*."""
        if self.locked_by_person:
            await self._vault.resume()
        state = await self._vault.ask(Unlock(passphrase, after_lock=self.locked_by_person), deadline_s=UNLOCK_S)
        if state.name == "open":
            self.locked_by_person = False
            await self._go_on()
        else:
            self._view.locked(state.sentence)

    async def sign_in(self, gateway_url: str, code: str) -> None:
        """Exchange the one-time code. Raises: rejected, offline."""
        self.who = await self._vault.ask(SignIn(gateway_url, code), deadline_s=UNLOCK_S)
        await self._go_on()

    async def lock(self) -> None:
        """Cover the screen, keep what was begun, and end the vault. The call goes on."""
        if self._locking or not self.is_open:
            return
        self._locking = True
        try:
            self.locked_by_person = True
            self._view.covered()
            await self._prepare()
            self.is_open = False
            self._view.forgotten()
            await self._vault.suspend()
            self._view.locked("")
        finally:
            self._locking = False

    def lost(self) -> None:
        """The vault ended by itself; `begin` follows when it is back."""
        self.is_open = False

    async def _prepare(self) -> None:
        try:
            await self._save()
            await self._vault.ask(PrepareLock(), deadline_s=PREPARE_LOCK_S)
        except TeleconsoleError:
            # A lock happens in any case: what was committed is safe, and a draft not saved within the last
            # second cannot be saved by a vault that does not answer.
            return

    async def _open_by_keyring(self, state: VaultState) -> None:
        if state.keyring not in ("value", "unchecked"):
            self._view.locked(state.sentence)
            return
        try:
            opened = await self._vault.ask(Unlock(), deadline_s=UNLOCK_S)
        except TeleconsoleError as error:
            quiet = code_of(error) in ("wrong-key", "keyring-absent", "keyring-unavailable")
            self._view.locked("" if quiet else sentence_of(error))
            return
        if opened.name == "open":
            await self._go_on()
        else:
            self._view.locked(opened.sentence)

    async def _go_on(self) -> None:
        self.who = await self._vault.ask(GetSignedIn())
        if not self.who.practitioner_id:
            self._view.sign_in_wanted("")
            return
        self.is_open = True
        self._view.opened(self.who)
