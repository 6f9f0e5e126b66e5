"""Answers for the lock, the sign-in and the vault's check of itself."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from teleconsole.contracts.vault import (
    CheckReport,
    CheckVault,
    CreateVault,
    GetSignedIn,
    GetVaultState,
    PrepareLock,
    SignedIn,
    SignIn,
    Unlock,
    VaultState,
)
from teleconsole.contracts.wire import Done, News
from teleconsole.domain.errors import StoreError, TeleconsoleError, WrongKey
from teleconsole.host.clock import Clock
from teleconsole.host.paths import Profile
from teleconsole.host.policy import Policy
from teleconsole.ipc.responder import Handlers
from teleconsole.vault.door import at_the_door
from teleconsole.vault.gateway_client import GatewayClient
from teleconsole.vault.keys.keeper import DataKeys, KeyKeeper
from teleconsole.vault.session import MakeEngine, VaultSession
from teleconsole.vault.store import gate
from teleconsole.vault.store.profile_lock import ProfileLock
from teleconsole.vault.store.store import Store

_CLOCK_S = 120
_log = logging.getLogger(__name__)


class LockHandlers:
    """Opens and locks the vault; the other handlers take the open session from here.

    Args:
        profile: where everything lies.
        keeper: of its keys.
        policy: that holds.
        clock: this computer's.
        make_engine: makes the sync engine of a session.
        tell: hands news to the console.
    """

    def __init__(
        self,
        profile: Profile,
        keeper: KeyKeeper,
        *,
        policy: Policy,
        clock: Clock,
        make_engine: MakeEngine,
        tell: Callable[[News], None],
    ) -> None:
        self._profile = profile
        self._keeper = keeper
        self._policy = policy
        self._clock = clock
        self._make_engine = make_engine
        self._tell = tell
        self._lock = ProfileLock(profile.lock)
        self._session: VaultSession | None = None
        self._one_at_a_time = asyncio.Lock()
        self._sentence = ""

    def handlers(self) -> Handlers:
        """Return the answers of this class."""
        return {
            GetVaultState: self._get_state,
            CreateVault: self._create,
            Unlock: self._unlock,
            PrepareLock: self._prepare_lock,
            GetSignedIn: self._get_signed_in,
            SignIn: self._sign_in,
            CheckVault: self._check,
        }

    def session(self) -> VaultSession:
        """Return the open vault.

        Raises:
            StoreError: it is locked.
        """
        if self._session is None:
            raise StoreError("The cases are locked. Unlock them and try again; nothing is lost.")
        return self._session

    async def close(self) -> None:
        """Lock, when it is open; errors are logged, what was committed is safe."""
        with contextlib.suppress(TeleconsoleError):
            await self._prepare_lock(PrepareLock())
        self._lock.release()

    async def _get_state(self, _: GetVaultState) -> VaultState:
        state = await self._keeper.state(is_open=self._session is not None)
        if self._session is not None and self._sentence:
            return VaultState(state.name, state.keyring, state.has_passphrase, self._sentence, state.retry_in_s)
        return state

    async def _create(self, ask: CreateVault) -> VaultState:
        async with self._one_at_a_time:
            self._take_lock()
            await self._open(await self._keeper.create(ask.passphrase))
        return await self._get_state(GetVaultState())

    async def _unlock(self, ask: Unlock) -> VaultState:
        async with self._one_at_a_time:
            if self._session is None:
                if not ask.passphrase and ask.after_lock:
                    raise WrongKey("After a lock the passphrase is needed. Your cases are safe.")
                self._take_lock()
                if ask.passphrase:
                    keys = await self._keeper.unlock_by_passphrase(ask.passphrase)
                else:
                    keys = await self._keeper.unlock_by_keyring()
                await self._open(keys)
        return await self._get_state(GetVaultState())

    async def _open(self, keys: DataKeys) -> None:
        store = await Store.open(self._profile, keys, self._clock)
        session = VaultSession(
            store, keys, policy=self._policy, clock=self._clock, make_engine=self._make_engine, tell=self._tell
        )
        try:
            self._sentence = await session.begin()
        except BaseException:
            await store.close()
            raise
        self._session = session

    async def _prepare_lock(self, _: PrepareLock) -> Done:
        async with self._one_at_a_time:
            session, self._session = self._session, None
            if session is not None:
                anchor = await session.end()
                self._keeper.keep_anchor(session.keys, anchor)
        return Done()

    async def _get_signed_in(self, _: GetSignedIn) -> SignedIn:
        account = self.session().account
        if account is None:
            return SignedIn()
        return SignedIn(account.practitioner_id, account.name, account.clinic, account.gateway_url)

    async def _sign_in(self, ask: SignIn) -> SignedIn:
        await self.session().sign_in(ask.gateway_url, ask.code)
        return await self._get_signed_in(GetSignedIn())

    async def _check(self, ask: CheckVault) -> tuple[CheckReport, ...]:
        return (await self._check_gate(), await self._check_keyring(), *await self._check_server(ask.fhir_url))

    async def _check_gate(self) -> CheckReport:
        try:
            with at_the_door():
                await asyncio.to_thread(gate.check_library)
        except TeleconsoleError as error:
            return CheckReport("vault", ok=False, sentence=error.sentence)
        return CheckReport("vault", ok=True, sentence="The encryption of the case store works.")

    async def _check_keyring(self) -> CheckReport:
        try:
            state = await self._keeper.look_at_keyring()
        except TeleconsoleError as error:
            return CheckReport("keyring", ok=False, sentence=error.sentence)
        sentences = {
            "value": "The keyring holds the key of this profile.",
            "absent": "The keyring works and has no key of this profile.",
            "locked": "The keyring is locked. Unlock it, or use the passphrase.",
        }
        sentence = sentences.get(state, "There is no keyring that can be trusted; the passphrase opens the cases.")
        return CheckReport("keyring", ok=state in ("value", "absent"), sentence=sentence)

    async def _check_server(self, url: str) -> tuple[CheckReport, ...]:
        if not url:
            return ()
        try:
            client = GatewayClient(url, self._policy)
            try:
                answer = await client.health()
            finally:
                await client.close()
        except TeleconsoleError as error:
            return (CheckReport("server", ok=False, sentence=error.sentence),)
        server = CheckReport("server", answer.is_success, "The clinic's gateway answers.")
        if not answer.is_success:
            server = CheckReport("server", ok=False, sentence="The clinic's gateway answers that it is out of order.")
        try:
            there = parsedate_to_datetime(answer.headers.get("date", ""))
            off_s = round((there - self._clock.now()).total_seconds())
        except (ValueError, TypeError):
            return (server,)
        words = f"This computer's clock is {abs(off_s)} s {'behind' if off_s > 0 else 'ahead of'} the server's."
        return (server, CheckReport("clock", abs(off_s) <= _CLOCK_S, words))

    def _take_lock(self) -> None:
        with at_the_door():
            self._profile.make()
            self._lock.take()
