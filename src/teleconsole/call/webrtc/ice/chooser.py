"""Which relay is used: the first of the list that answers, found out before a call needs it, then remembered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from teleconsole.call.webrtc.ice.addresses import host_addresses
from teleconsole.call.webrtc.ice.relay import Reach, RelayUnreachable, probe
from teleconsole.call.webrtc.ice.servers import Servers, TurnServer, read_servers
from teleconsole.contracts.signal import IceServer
from teleconsole.host.media_limits import ICE_STAGGER_S

Probe = Callable[[TurnServer, Reach], Awaitable[None]]

_log = logging.getLogger(__name__)


class RelayChooser:
    """The servers of now, and the relay that is known to answer.

    UDP comes before TCP before TLS: the next is tried when the one before failed or has said nothing for
    `ICE_STAGGER_S`, and whichever answers first is taken. On another network it is found out anew.

    Attributes:
        servers: with the credentials of now.
        reach: how they are reached.

    Args:
        reach: how they are reached.
        probe: tells whether a relay answers.
        addresses: this computer's, now.

    Thread: the event loop's.
    """

    def __init__(
        self,
        reach: Reach,
        probe: Probe = probe,
        addresses: Callable[[], frozenset[str]] = host_addresses,
    ) -> None:
        self.servers = Servers()
        self.reach = reach
        self._probe = probe
        self._addresses = addresses
        self._none_answers = False
        self._found_at: frozenset[str] = frozenset()
        self._search: asyncio.Task[TurnServer | None] | None = None

    def renew(self, entries: Iterable[IceServer]) -> bool:
        """Take the gateway's list, with fresh credentials; a search begins in the background when one is needed.

        Returns:
            Whether there are other servers than before.
        """
        before, self.servers = self.servers, read_servers(entries)
        changed = [s.place for s in before.turn] != [
            s.place for s in self.servers.turn
        ] or before.stun != self.servers.stun
        if changed:
            self._none_answers = False
            self._forget()
        self._begin()
        return changed

    @property
    def is_away(self) -> bool:
        """Whether none answered when they were looked for last, or there is none at all."""
        return self._none_answers or not self.servers.turn

    def look_again(self) -> None:
        """Find out anew which one answers, in the background; does nothing while that is being found out."""
        if self._search is not None and self._search.done():
            self._forget()
        self._begin()

    async def relay(self) -> TurnServer | None:
        """Return the relay to use with the credentials of now, None when none answers; may take seconds."""
        if self._search is not None and self._found_at != self._addresses():
            self._forget()
        self._begin()
        search = self._search
        if search is None:
            return None
        await asyncio.wait({search})
        if search.cancelled():
            return await self.relay() if self._search is not search else None
        if (found := search.result()) is not None:
            return next((server for server in self.servers.turn if server.place == found.place), None)
        if search is self._search:
            self._forget()  # none answers now; the next connection looks again
        return None

    def failed(self) -> None:
        """The relay that was chosen does not answer any more."""
        self._forget()

    async def close(self) -> None:
        """End what is being looked for."""
        search, self._search = self._search, None
        if search is not None:
            search.cancel()
            await asyncio.gather(search, return_exceptions=True)

    def _forget(self) -> None:
        if self._search is not None and not self._search.done():
            self._search.cancel()
        self._search = None

    def _begin(self) -> None:
        if self._search is None and self.servers.turn:
            self._found_at = self._addresses()
            self._search = asyncio.get_running_loop().create_task(self._find(self.servers.turn))

    async def _find(self, relays: tuple[TurnServer, ...]) -> TurnServer | None:
        tries: dict[asyncio.Task[None], TurnServer] = {}
        waiting = list(relays)
        try:
            while waiting or tries:
                if waiting:
                    relay = waiting.pop(0)
                    tries[asyncio.get_running_loop().create_task(self._try(relay))] = relay
                done, _ = await asyncio.wait(
                    tries, timeout=ICE_STAGGER_S if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                for task in [each for each in tries if each in done]:
                    relay = tries.pop(task)
                    if task.exception() is None:
                        self._none_answers = False
                        _log.info("a relay answers by %s", relay.transport)
                        return relay
                    _log.info("a relay does not answer by %s", relay.transport)
            self._none_answers = True
            return None
        finally:
            for task in tries:
                task.cancel()
            await asyncio.gather(*tries, return_exceptions=True)

    async def _try(self, relay: TurnServer) -> None:
        try:
            await self._probe(relay, self.reach)
        except RelayUnreachable:
            raise
        except OSError as error:
            raise RelayUnreachable from error
