"""The connection with a patient who waits: made before they are admitted, and silent until then.

What a browser and this process need to find each other and to prove who they are costs several times the way to the
gateway. Done while the patient waits, the first picture costs one. Nothing of anybody's devices is sent before the
admission: our tracks are held back (`Peer`), the page has none on it, and what comes all the same ends it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from av import VideoFrame

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.neteq.packet import SoundPacket
from teleconsole.call.webrtc.connections import Connections
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.inbox import Inbox
from teleconsole.call.webrtc.peer import Peer
from teleconsole.contracts.signal import Answer, Candidate, Ping, Prepare, Prepared
from teleconsole.host.limits import CALL_EARLY_ANSWER_S, CALL_EARLY_LOOK_S, CALL_EARLY_TRIES

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Given:
    """What a visit begins with.

    Attributes:
        connections: of the visit; whoever gets them owns them.
        peer: works now, None when none does.
        words: the safety words of it.
    """

    connections: Connections
    peer: Peer | None
    words: tuple[str, ...]


class EarlyConnection:
    """Makes one, looks after it, and gives it to the visit.

    Attributes:
        visit_id: of the visit.

    Args:
        visit_id: of the visit.
        send: a frame to the gateway; False when there is no connection.
        ice: knows the servers.
        devices: those of the call; nothing of them is sent before `admit`.

    Thread: the event loop's.
    """

    def __init__(
        self, visit_id: str, send: Callable[[msgspec.Struct], bool], ice: RelayChooser, devices: OpenDevices
    ) -> None:
        self.visit_id = visit_id
        self._words: tuple[str, ...] = ()
        self._send = send
        self._ice = ice
        self._devices = devices
        self._connections = Connections(visit_id, self._make_peer, send, self._on_words)
        self._inbox = Inbox(self._handle)
        self._tasks: list[asyncio.Task[None]] = []
        self._pings = self._tries = 0
        self._pinged_s = 0.0
        self._refused = False

    def begin(self) -> None:
        """Ask the gateway to let it be made, and look after it until it is given or closed."""
        self._tasks = [asyncio.get_running_loop().create_task(work) for work in (self._inbox.run(), self._watch())]
        self._ask()

    def take(self, frame: Any) -> None:
        """Take a frame of the gateway about this visit; returns at once."""
        self._inbox.take(frame)

    @property
    def stands(self) -> bool:
        """Whether one works now: what was sent last on its channel was acknowledged, or is on its way still."""
        peer = self._connections.next
        is_fresh = time.monotonic() - self._pinged_s < CALL_EARLY_ANSWER_S
        return peer is not None and self._is_up(peer) and (is_fresh or peer.is_acknowledged)

    def give(self) -> Given:
        """Return everything to the visit that begins now."""
        self._stop()
        peer = self._connections.next
        if peer is not None and not self.stands:
            self._connections.drop(peer)
            peer = None
        return Given(self._connections, peer, self._words)

    async def close(self) -> None:
        """End it."""
        self._stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connections.close()

    # --- what peers tell ---------------------------------------------------------------------------------

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        """A picture before the admission: nobody may send one."""
        self._refuse(peer)

    def on_sound(self, peer: Peer, packet: SoundPacket) -> None:
        """Sound before the admission: nobody may send it."""
        self._refuse(peer)

    def on_channel_open(self, peer: Peer) -> None:
        """It stands."""
        self._tries = 0

    def on_channel_message(self, peer: Peer, message: str | bytes) -> None:
        """Nothing is said before the admission; what comes all the same is not read."""

    def on_state(self, peer: Peer, state: str) -> None:
        """A connection's state changed."""
        if state in ("failed", "closed"):
            self._connections.failed(peer)

    def on_candidate(self, peer: Peer, candidate: str) -> None:
        """An address was found late."""
        self._connections.trickle(peer, candidate)

    def on_sent_level(self, level: float) -> None:
        """Nothing is sent."""

    def on_narrow(self, peer: Peer, width_bps: float) -> None:
        """Nothing is sent that could be less."""

    # --- inside ------------------------------------------------------------------------------------------

    def _make_peer(self, generation: int) -> Peer:
        return Peer(generation, IcePlan(self._ice, relay_only=False), self._devices, self, held=True)

    def _on_words(self, words: tuple[str, ...]) -> None:
        self._words = words

    def _ask(self) -> None:
        if not self._refused and self._tries < CALL_EARLY_TRIES and self._send(Prepare(self.visit_id)):
            self._tries += 1

    def _refuse(self, peer: Peer) -> None:
        if peer is self._connections.next:
            _log.warning("something was sent before the admission; the connection was ended")
            self._refused = True
            self._connections.drop(peer)

    async def _handle(self, frame: Any) -> None:
        match frame:
            case Prepared():
                await self._connections.prepare()
                await self._connections.offer()
            case Answer():
                await self._connections.take_answer(frame)
            case Candidate():
                self._connections.take_candidate(frame)

    async def _watch(self) -> None:
        """Whether it still works is asked now and then: the next one is made while there is time."""
        while True:
            await asyncio.sleep(CALL_EARLY_LOOK_S)
            peer = self._connections.next
            if peer is None:
                self._ask()
            elif self._connections.strayed or self._connections.overdue or self._is_silent(peer):
                self._connections.drop(peer)
                self._ask()

    def _is_silent(self, peer: Peer) -> bool:
        if not self._is_up(peer):
            return False
        if not peer.is_acknowledged:
            return True
        self._pings += 1
        self._pinged_s = time.monotonic()
        peer.send(msgspec.json.encode(Ping(self._pings)).decode())
        return False

    @staticmethod
    def _is_up(peer: Peer) -> bool:
        return peer.is_connected and peer.is_open

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
