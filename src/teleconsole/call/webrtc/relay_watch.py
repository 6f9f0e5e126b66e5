"""Calls that may go over a relay only: whether one answers is known, told, and looked for until one does."""

import time
from collections.abc import Callable
from typing import Protocol

from teleconsole.call.state import CallState
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.contracts.call import Route
from teleconsole.host.media_limits import ICE_LOOK_AGAIN_S


class Routed(Protocol):
    """A connection."""

    @property
    def route(self) -> Route:
        """Over what everything goes."""


class RelayWatch:
    """Tells that no relay answers where one is needed, and offers a connection as soon as one does.

    Attributes:
        wanted_by_gateway: the clinic wants every call over its relay; the policy of this computer may want it, too.

    Args:
        chooser: knows the relays.
        state: shown to the console; `relay_away` is written here.
        offer: makes a new connection, in the background.
        changed: told that the state changed.
        now_s: a clock that never goes back, in seconds.

    Thread: the event loop's.
    """

    def __init__(
        self,
        chooser: RelayChooser,
        state: CallState,
        offer: Callable[[], None],
        changed: Callable[[], None],
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wanted_by_gateway = False
        self._chooser = chooser
        self._state = state
        self._offer = offer
        self._changed = changed
        self._now_s = now_s
        self._looked_s = float("-inf")

    @property
    def are_needed(self) -> bool:
        """Whether a connection may go over a relay only."""
        return self.wanted_by_gateway or self._chooser.reach.relay_only

    @property
    def is_away(self) -> bool:
        """Whether nothing can be connected: a relay is needed, and none answers."""
        return self.are_needed and self._chooser.is_away

    def doubt(self, peer: Routed | None) -> None:
        """One of both hears nothing over this: by which way a relay answers now is found out before it is needed."""
        if peer is not None and (self.are_needed or peer.route.startswith("relay")):
            self._chooser.look_again()

    def step(self) -> None:
        """Look how it stands; called every `CALL_LIVENESS_S`."""
        is_waiting = self._state.phase in ("connecting", "reconnecting")
        is_away = is_waiting and self.is_away
        if is_away and self._now_s() - self._looked_s >= ICE_LOOK_AGAIN_S:
            self._looked_s = self._now_s()
            self._chooser.look_again()
        if is_away == self._state.relay_away:
            return
        self._state.relay_away = is_away
        self._changed()
        if is_waiting and not is_away:
            self._offer()
