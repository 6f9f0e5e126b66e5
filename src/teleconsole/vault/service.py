"""The vault process: serves the contract `VAULT` from one profile."""

import gc
import logging

from teleconsole.contracts.vault import VAULT
from teleconsole.contracts.wire import News
from teleconsole.host.clock import Clock, SystemClock
from teleconsole.host.logs import set_up_logging
from teleconsole.host.paths import Profile, default_profile
from teleconsole.host.policy import load_policy
from teleconsole.ipc.child_args import ChildArgs
from teleconsole.ipc.errors import IpcError
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.serve import serve
from teleconsole.vault.handlers_cases import CaseHandlers
from teleconsole.vault.handlers_lock import LockHandlers
from teleconsole.vault.handlers_sync import SyncHandlers
from teleconsole.vault.handlers_visits import VisitHandlers
from teleconsole.vault.keys.keeper import KeyKeeper
from teleconsole.vault.keys.keyring_access import KeyringAccess, SystemKeyring
from teleconsole.vault.session import MakeEngine
from teleconsole.vault.sync.engine import SyncEngine

_log = logging.getLogger(__name__)


class VaultService:
    """All answers of the vault together.

    Args:
        profile: whose cases.
        keyring: of the system, or one of a test.
        clock: this computer's.
        make_engine: makes the sync engine of a session.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        keyring: KeyringAccess | None = None,
        clock: Clock | None = None,
        make_engine: MakeEngine = SyncEngine,
    ) -> None:
        clock = clock or SystemClock()
        self._peer: Peer | None = None
        self._lock = LockHandlers(
            profile,
            KeyKeeper(profile, keyring or SystemKeyring(), clock),
            policy=load_policy().policy,
            clock=clock,
            make_engine=make_engine,
            tell=self._tell,
        )

    def handlers(self, peer: Peer) -> Handlers:
        """Return the answers, and tell news to this peer from now on."""
        self._peer = peer
        session = self._lock.session
        return {
            **self._lock.handlers(),
            **CaseHandlers(session).handlers(),
            **SyncHandlers(session).handlers(),
            **VisitHandlers(session).handlers(),
        }

    async def close(self) -> None:
        """Lock what is open."""
        await self._lock.close()
        gc.collect()

    def _tell(self, news: News) -> None:
        if self._peer is None:
            return
        try:
            self._peer.tell_soon(news)
        except IpcError as error:
            # The console is gone or asleep: it reads everything anew when it comes back.
            _log.warning("news were not told: %s", error.code)


def main(args: ChildArgs) -> int:
    """Serve until the console closes the connection, and return the exit status."""
    profile = default_profile()
    set_up_logging(profile.logs, "vault")
    service = VaultService(profile)
    return serve(VAULT, service.handlers, argv=args, closing=service.close)
