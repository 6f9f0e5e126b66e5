"""The ICE agent of a connection: aioice's, with servers that never hold it up.

What is replaced of aioice 0.13: it gathers from one STUN and one TURN server and waits five seconds for a dead one.
Here an offer waits `ICE_GATHER_S`; whatever a server says later is paired and told to the other side (RFC 8838). Local
ports lie in the range of the policy. Candidates of every address family that this computer has are kept.
"""

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aioice import Candidate, Connection, TransportPolicy
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, server_reflexive_candidate
from aioice.stun import TransactionError

from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.ports import bind
from teleconsole.call.webrtc.ice.preferring import RELAY_PREFERENCES, PreferringConnection
from teleconsole.call.webrtc.ice.relay import Reach, RelayUnreachable, open_relay
from teleconsole.call.webrtc.ice.servers import StunServer, Transport, TurnServer
from teleconsole.contracts.call import Route
from teleconsole.host.media_limits import ICE_GATHER_S, ICE_SERVER_S

_METHODS = (
    "get_component_candidates", "_remote_candidates_expected", "_check_list_maybe_fail", "_pair_remote_candidate",
    "sort_check_list", "check_complete", "close",
)  # fmt: skip
_ATTRIBUTES = (
    "_protocols", "_local_candidates", "_remote_candidates", "_nominated", "_early_checks_done", "_check_list_done",
    "_closing",
)  # fmt: skip
_BY_RELAY: dict[Transport, Route] = {"udp": "relay-udp", "tcp": "relay-tcp", "tls": "relay-tls"}

_log = logging.getLogger(__name__)


def missing_aioice_names() -> list[str]:
    """Return what is used of `aioice.Connection` besides its documented names, and is not there."""
    known = Connection.__init__.__code__.co_names
    return [name for name in _ATTRIBUTES if name not in known] + [
        name for name in _METHODS if not hasattr(Connection, name)
    ]


@dataclass(frozen=True)
class IcePlan:
    """What the agents of one connection use.

    Attributes:
        chooser: knows the servers, and which relay answers.
        relay_only: nothing but relayed addresses.
        on_candidate: told each candidate that came after the description, as in `a=candidate:`.
    """

    chooser: RelayChooser = field(default_factory=lambda: RelayChooser(Reach()))
    relay_only: bool = False
    on_candidate: Callable[[str], None] = lambda _: None


_PLAN: ContextVar[IcePlan | None] = ContextVar("ice_plan", default=None)


@contextmanager
def planned(plan: IcePlan) -> Iterator[None]:
    """Inside the block, connections are made by this plan."""
    token = _PLAN.set(plan)
    try:
        yield
    finally:
        _PLAN.reset(token)


class IceAgent(PreferringConnection):
    """Stands where aiortc has `aioice.Connection`; arguments are the same, servers among them are not used."""

    def __init__(self, ice_controlling: bool, **arguments: Any) -> None:
        plan = _PLAN.get() or IcePlan()
        arguments["transport_policy"] = TransportPolicy.RELAY if plan.relay_only else TransportPolicy.ALL
        super().__init__(ice_controlling, **arguments)
        self.only_relays = plan.relay_only
        self._plan = plan
        self._asking: set[asyncio.Task[None]] = set()
        self._told: list[Candidate] | None = []
        self._relay: TurnServer | None = None

    @property
    def route(self) -> Route:
        """Over what everything goes now: the selected pair; "" while there is none."""
        pair = self._nominated.get(1)
        if pair is None:
            return ""
        if pair.local_candidate.type == "relay" and self._relay is not None:
            return _BY_RELAY[self._relay.transport]
        return "relay" if pair.remote_candidate.type == "relay" else "direct"

    async def get_component_candidates(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        """Return the candidates that are there by `ICE_GATHER_S`; later ones are told as they come."""
        hosts = [protocol for address in addresses if (protocol := await self._host(component, address)) is not None]
        chooser = self._plan.chooser
        for protocol in hosts:
            if ipaddress.ip_address(protocol.local_candidate.host).version == 4:
                for server in chooser.servers.stun:
                    self._ask(self._reflexive(protocol, server))
        if chooser.servers.turn:
            self._ask(self._relayed(component))
        if self._asking:
            await asyncio.wait(self._asking, timeout=ICE_GATHER_S)
        while self._asking and not hosts and not self._told:
            # relays alone: a description without any address is of no use, and aiortc never connects by one
            await asyncio.wait(self._asking, return_when=asyncio.FIRST_COMPLETED)
        gathered, self._told = self._told or [], None
        return [protocol.local_candidate for protocol in hosts] + gathered

    async def close(self) -> None:
        """Close it, and stop asking."""
        for task in tuple(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await super().close()

    def _remote_candidates_expected(self) -> bool:
        """Whether more candidates may come, of theirs or of ours: until then nothing has failed."""
        return bool(self._asking) or super()._remote_candidates_expected()

    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._asked)

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a server was asked in vain: %s", type(error).__name__)
        if not self._asking and self._early_checks_done and not self._closing:
            self._check_list_maybe_fail()

    async def _host(self, component: int, address: str) -> StunProtocol | None:
        try:
            transport, protocol = await bind(lambda: StunProtocol(self), address, self._plan.chooser.reach.ports)
        except OSError as error:
            _log.info("an address of this computer cannot be used: %s", type(error).__name__)
            return None
        host, port = transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = _candidate(component, "host", host, port)
        self._protocols.append(protocol)
        return protocol

    async def _reflexive(self, protocol: StunProtocol, server: StunServer) -> None:
        with contextlib.suppress(TransactionError, OSError, KeyError, TimeoutError):
            async with asyncio.timeout(ICE_SERVER_S):
                candidate, _ = await server_reflexive_candidate(protocol, (server.host, server.port))
            known = [*(self._told or []), *self._local_candidates]
            if all((candidate.host, candidate.port) != (each.host, each.port) for each in known):
                self._found(candidate)

    async def _relayed(self, component: int) -> None:
        chooser = self._plan.chooser
        if self._plan.relay_only and chooser.is_away:
            return  # whoever made the plan looks for one; nobody waits for it here
        for _ in range(2):  # the one that was remembered may be gone; then the list is gone through again
            server = await chooser.relay()
            if server is None:
                return
            try:
                relay, protocol = await open_relay(server, lambda: StunProtocol(self), chooser.reach)
            except RelayUnreachable:
                chooser.failed()
                continue
            host, port = relay.get_extra_info("sockname")
            base = relay.get_extra_info("related_address")
            if self._plan.relay_only:
                base = (str(ipaddress.ip_address(host).__class__(0)), 9)  # nobody's, as RFC 9429 section 3.5.3 wants it
            protocol.local_candidate = _candidate(component, "relay", host, port, base, server.transport)
            if self._closing:
                await protocol.close()
                return
            self._protocols.append(protocol)
            self._relay = server
            self._found(protocol.local_candidate)
            return

    def _found(self, candidate: Candidate) -> None:
        if self._told is not None:  # before the description: it stands in there
            self._told.append(candidate)
            return
        self._local_candidates.append(candidate)
        for remote in self._remote_candidates if self._early_checks_done and not self._check_list_done else []:
            self._pair_remote_candidate(remote)
        self.sort_check_list()
        self._plan.on_candidate(f"candidate:{candidate.to_sdp()}")


def _candidate(
    component: int, kind: str, host: str, port: int, base: tuple[str, int] | None = None, by: Transport = "tls"
) -> Candidate:
    priority = candidate_priority(component, kind)
    return Candidate(
        foundation=candidate_foundation(kind, "udp", host),
        component=component,
        transport="udp",
        priority=priority + (RELAY_PREFERENCES[by] << 24 if kind == "relay" else 0),
        host=host,
        port=port,
        type=kind,
        related_address=base[0] if base else None,
        related_port=base[1] if base else None,
    )
