"""Keeps call and vault together: a fresh token for the gateway, sealed items imported, hints followed by a sync.

What a call tells of itself for IT goes into the logs.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from teleconsole.console.errors import code_of
from teleconsole.console.ports import CallPort, VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.contracts.call import CallReported, CaseHint, ItemSealed, JoinGateway, LeaveGateway, TokenNeeded
from teleconsole.contracts.vault import SyncNow
from teleconsole.contracts.visits import GetGatewayPass, ImportDropBox
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.call_log import log_call
from teleconsole.host.limits import GATEWAY_JOIN_RETRY_S, UNLOCK_S
from teleconsole.host.policy import Policy

_FINAL = frozenset({"sign-in-needed", "rejected", "peer-lost"})
"""Asking again would not help: `open` is called when the reason is gone."""


class CallLink:
    """Works while the store is open.

    Args:
        vault: gives the token.
        call: joins the gateway with it.
        policy: proxy and extra certificates for the way there.
        scope: runs the work.
        is_open: whether the store is open now.
    """

    def __init__(
        self, vault: VaultPort, call: CallPort, policy: Policy, scope: TaskScope, is_open: Callable[[], bool]
    ) -> None:
        self._vault = vault
        self._call = call
        self._policy = policy
        self._scope = scope
        self._is_open = is_open
        call.on_restarted(self.open)
        call.on_news(TokenNeeded, lambda news: self.open())
        call.on_news(CaseHint, lambda news: self._start("sync", self._sync))
        call.on_news(CallReported, lambda news: log_call(news.line))
        call.on_news(ItemSealed, lambda news: self._start("import", self._import))

    def open(self) -> None:
        """Join the gateway, as soon as the store is open."""
        self._start("join", self._join)

    async def leave(self) -> None:
        """Leave the gateway."""
        await self._call.ask(LeaveGateway())

    def _start(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._is_open():
            self._scope.latest(key, self._quietly(work))

    async def _quietly(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run it; a failure here is told by the status line and by the waiting room's own state."""
        while True:
            try:
                await work()
                return
            except TeleconsoleError as error:
                if code_of(error) in _FINAL or work != self._join:
                    return
            await asyncio.sleep(GATEWAY_JOIN_RETRY_S)

    async def _join(self) -> None:
        gateway_pass = await self._vault.ask(GetGatewayPass(), deadline_s=UNLOCK_S)
        await self._call.ask(
            JoinGateway(
                gateway_pass.gateway_url,
                gateway_pass.token,
                self._policy.extra_ca_file,
                self._policy.proxy_url,
                self._policy.relay_only,
                self._policy.udp_ports,
            )
        )

    async def _sync(self) -> None:
        await self._vault.ask(SyncNow())

    async def _import(self) -> None:
        await self._vault.ask(ImportDropBox(), deadline_s=UNLOCK_S)
