"""What happens when nothing arrives any more: told, made again, and given up when the old connection comes back.

The old connection is never ended by this: after a short outage it carries on at once, and is faster than any new one.
Whichever has media first goes on.
"""

from collections.abc import Callable
from typing import Protocol

from teleconsole.call.webrtc.connections import Connections
from teleconsole.call.webrtc.liveness import Liveness
from teleconsole.call.webrtc.peer import Peer
from teleconsole.host.limits import CALL_LOST_S, CALL_SILENT_S


class RecoveryEvents(Protocol):
    """What the visit is told; every call must return at once."""

    def on_silence(self) -> None:
        """Nothing arrives: the screen says so, and the gateway's connection is looked at too."""

    def on_return(self, peer: Peer) -> None:
        """It arrives again on the connection that carries the call."""


class Recovery:
    """Decides when the call is interrupted, when another connection is offered, and when that one is not needed.

    Args:
        connections: of the visit.
        liveness: of the one that carries it.
        events: told of everything.
        can_offer: whether there is a way that a new connection could take.

    Thread: the event loop's.
    """

    def __init__(
        self,
        connections: Connections,
        liveness: Liveness,
        events: RecoveryEvents,
        can_offer: Callable[[], bool] = lambda: True,
    ) -> None:
        self._connections = connections
        self._liveness = liveness
        self._events = events
        self._can_offer = can_offer
        self._had_one = False
        self._is_silent = False

    def promoted(self) -> None:
        """A connection has its first media and carries the call from now."""
        self._liveness.restart()
        self._had_one, self._is_silent = True, False

    def step(self, bytes_received: int) -> None:
        """Look, and do what is needed; called every `CALL_LIVENESS_S`.

        Args:
            bytes_received: by the current connection since its beginning; anything when there is none.
        """
        peer = self._connections.current
        if peer is None:
            self._without_any()
            return
        silent_s = self._liveness.look(peer.generation, bytes_received)
        if self._liveness.unanswered_s > CALL_LOST_S and not self._liveness.slept:
            silent_s = max(silent_s, CALL_SILENT_S)  # they may hear nothing of us; they ask for another themselves
        if silent_s < CALL_SILENT_S:
            self._is_heard(peer)
        else:
            self._hears_nothing(silent_s)

    def _without_any(self) -> None:
        """The connection ended, or there was none yet."""
        if self._had_one:
            self._tell_silence()
            if not self._connections.pending and self._can_offer():
                self._connections.offer_soon()
        elif self._connections.overdue and self._can_offer():
            self._connections.offer_soon()

    def _is_heard(self, peer: Peer) -> None:
        if self._is_silent or self._liveness.slept:
            self._is_silent = False
            self._events.on_return(peer)
        if self._liveness.proved:
            self._connections.withdraw()
        if self._connections.overdue and (offered := self._connections.next) is not None:
            self._connections.drop(offered)

    def _hears_nothing(self, silent_s: float) -> None:
        self._tell_silence()
        moved = self._connections.moved
        if (silent_s > CALL_LOST_S or moved) and not self._connections.pending and self._can_offer():
            self._connections.offer_soon()

    def _tell_silence(self) -> None:
        if not self._is_silent:
            self._is_silent = True
            self._events.on_silence()
