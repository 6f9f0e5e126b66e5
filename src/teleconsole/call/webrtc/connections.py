"""The connections of a visit: the one that carries it, and the next one while it is being made.

A link that broke is never repaired: a new generation is offered, the old one is kept until the new one has media.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec

from teleconsole.call.webrtc.ice.addresses import host_addresses
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.safety import commitment_of, make_nonce, safety_words
from teleconsole.contracts.signal import Answer, Candidate, Offer, Reveal, Withdraw
from teleconsole.domain.errors import ConnectionLost
from teleconsole.host.limits import CALL_CONNECT_S, CALL_LOST_S
from teleconsole.host.media_limits import CALL_CONNECT_AGAIN_S, ICE_LATE_CANDIDATES, ICE_RENEW_S

_EPOCH_S = 1_704_067_200
"""2024-01-01: generations start from the seconds since, so that they rise over a restart of this process too."""
_REPEAT_S = 1.0

_log = logging.getLogger(__name__)


class MakePeer(Protocol):
    """Makes the peer of a generation with what is known by then."""

    def __call__(self, generation: int) -> Peer:
        """Return a new one; nothing is sent yet."""


class Connections:
    """Makes, promotes and closes the peers of one visit, on the side that offers.

    Attributes:
        current: carries the call, None before the first and after a loss.
        next: offered or being prepared.

    Args:
        visit_id: of the visit.
        make_peer: makes each of them.
        send: a frame to the gateway; False when there is no connection.
        on_words: told the safety words of each generation; none = it could not be proved secure and was stopped.
        addresses: this computer's, now.
        now_s: a clock that never goes back, in seconds.
    """

    def __init__(
        self,
        visit_id: str,
        make_peer: MakePeer,
        send: Callable[[msgspec.Struct], bool],
        on_words: Callable[[tuple[str, ...]], None],
        *,
        addresses: Callable[[], frozenset[str]] = host_addresses,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.current: Peer | None = None
        self.next: Peer | None = None
        self._visit_id = visit_id
        self._make_peer = make_peer
        self._send = send
        self._on_words = on_words
        self._addresses = addresses
        self._now_s = now_s
        self._made_at: dict[int, frozenset[str]] = {}
        self._generation = 0
        self._nonce = ""
        self._offered_s = self._made_s = 0.0
        self._patience_s: float | None = None
        self._late: list[str] = []
        self._answered = self._asked = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._making = asyncio.Lock()

    def hand_over(
        self,
        make_peer: MakePeer,
        send: Callable[[msgspec.Struct], bool],
        on_words: Callable[[tuple[str, ...]], None],
    ) -> None:
        """Somebody else owns them from now on: the patient is admitted. Arguments as of the class."""
        self._make_peer, self._send, self._on_words = make_peer, send, on_words

    def await_media(self) -> None:
        """The offered one stands already and may be used now: its media is due at once, else another is offered."""
        self._offered_s, self._patience_s = self._now_s() - _REPEAT_S, _REPEAT_S + CALL_LOST_S

    async def prepare(self, *, anew: bool = False) -> None:
        """Make the next connection and gather its addresses, before anybody asks for it.

        Args:
            anew: also when one is prepared already, because there are other servers now.
        """
        async with self._making:
            if self.next is None or (anew and self._offered_s == 0):
                await self._make()

    async def renew(self) -> None:
        """Make the prepared one anew when it has waited long: addresses and mappings of firewalls do not last."""
        if self._making.locked():
            return  # another one is being made, which over relays may take seconds; nobody waits for that here
        async with self._making:
            if self.next is None or self._offered_s > 0:
                return
            if self._now_s() - self._made_s > ICE_RENEW_S or self._is_elsewhere(self.next):
                await self._make()

    def trickle(self, peer: Peer, candidate: str) -> None:
        """Tell the other side an address that was found after the description was made."""
        if peer is not self.next or len(self._late) >= ICE_LATE_CANDIDATES:
            return
        self._late.append(candidate)
        if self._offered_s > 0:
            self._send_candidate(peer, candidate)

    async def offer(self, *, asked: bool = False) -> None:
        """Offer a connection now: the prepared one, else a new one. Soon after the last offer it does nothing.

        Args:
            asked: the other side wants it, so it is not withdrawn because we hear well.
        """
        async with self._making:
            offered = self._offered_s > 0
            if self.next is not None and offered and self._now_s() - self._offered_s < _REPEAT_S:
                self._asked = self._asked or asked
                return
            if self.next is None or offered or self._is_elsewhere(self.next):
                if self.current is not None and not self._addresses():
                    return  # no network at all: nothing that it could go over, and nobody to tell
                await self._make()
            self._asked = asked
            self._send_offer()

    def offer_soon(self) -> None:
        """Offer a connection in the background; does nothing while one is being made."""
        if not self._making.locked():
            self._own(self.offer())

    async def offer_again(self) -> None:
        """The gateway is back: what was offered meanwhile may never have come to the other side."""
        async with self._making:
            if self.next is None or self._offered_s == 0 or self._answered:
                return
            if self._is_elsewhere(self.next):
                await self._make()
            self._send_offer()

    def withdraw(self) -> None:
        """The one that carries the call works both ways: an offer of ours that nobody needs any more is dropped."""
        peer = self.next
        if self.current is None or peer is None or self._offered_s == 0 or self._asked or peer.is_connected:
            return
        _log.info("the connection came back by itself; a new one is not needed")
        self.drop(peer)
        self._send(Withdraw(visit_id=self._visit_id, generation=peer.generation))

    async def take_answer(self, answer: Answer) -> None:
        """Take the answer to the newest offer, and reveal our nonce; stale ones are dropped.

        One without a clear fingerprint or nonce is never connected to: nobody could tell whose it is.
        """
        peer = self.next
        if peer is None or answer.generation != peer.generation or self._answered:
            return
        self._answered = True
        words = safety_words(peer.local_sdp, answer.sdp, self._nonce, answer.nonce)
        if not words:
            self._refuse(peer)
            return
        try:
            await peer.take_answer(answer.sdp)
        except ConnectionLost:
            _log.warning("an answer could not be used")
            self.drop(peer)
            return
        self._send(Reveal(visit_id=self._visit_id, generation=peer.generation, nonce=self._nonce))
        self._on_words(words)

    def take_candidate(self, frame: Candidate) -> None:
        """Take a trickled candidate of the generation it names."""
        for peer in (self.next, self.current):
            if peer is not None and peer.generation == frame.generation:
                # in the background: a name of mDNS is looked for, up to seconds
                self._own(peer.add_candidate(frame.candidate, frame.sdp_mid, frame.sdp_m_line_index))

    def promote(self, peer: Peer) -> None:
        """This one has media: it carries the call from now, the old one is closed."""
        if peer is not self.next:
            return
        old, self.current, self.next = self.current, peer, None
        if old is not None:
            self._own(old.close())

    def failed(self, peer: Peer) -> None:
        """This one ended by itself; a new one whose certificate was not the promised one is told of."""
        if peer is self.next and peer.is_unproved:
            self._refuse(peer)
        else:
            self.drop(peer)

    def drop(self, peer: Peer) -> None:
        """This one is not wanted any more."""
        if peer is self.current:
            self.current = None
        elif peer is self.next:
            self.next = None
        self._own(peer.close())

    @property
    def overdue(self) -> bool:
        """Whether the offered one should have connected by now."""
        usual_s = CALL_CONNECT_S if self.current is None else CALL_CONNECT_AGAIN_S
        patience_s = self._patience_s or usual_s
        return self.next is not None and 0 < self._offered_s < self._now_s() - patience_s

    @property
    def pending(self) -> bool:
        """Whether an offer is out and may still become a connection."""
        peer = self.next
        return peer is not None and self._offered_s > 0 and not self.overdue and not self._is_elsewhere(peer)

    @property
    def moved(self) -> bool:
        """Whether this computer has other addresses than when the connection that carries the call was made."""
        return self.current is not None and self._is_elsewhere(self.current)

    @property
    def strayed(self) -> bool:
        """Whether this computer has other addresses than when the next one was made."""
        return self.next is not None and self._is_elsewhere(self.next)

    async def close(self) -> None:
        """Close all; returns when they are gone."""
        peers = [peer for peer in (self.current, self.next) if peer is not None]
        self.current = self.next = None
        await asyncio.gather(*(peer.close() for peer in peers), *self._tasks, return_exceptions=True)

    async def _make(self) -> None:
        if self.next is not None:
            self.drop(self.next)
        self._generation = max(self._generation + 1, int(time.time()) - _EPOCH_S)
        self._nonce, self._offered_s, self._answered, self._asked = make_nonce(), 0.0, False, False
        self._made_s, self._late, self._patience_s = self._now_s(), [], None
        peer = self._make_peer(self._generation)
        kept = {each.generation for each in (self.current,) if each is not None}
        self._made_at = {key: value for key, value in self._made_at.items() if key in kept}
        self._made_at[peer.generation] = self._addresses()
        self.next = peer
        try:
            await peer.make_offer()
        except (ConnectionError, OSError, ValueError) as error:
            _log.warning("no offer could be made: %s", type(error).__name__)
            self.drop(peer)

    def _refuse(self, peer: Peer) -> None:
        _log.warning("a connection could not be proved secure; it was stopped")
        self.drop(peer)
        self._on_words(())

    def _send_offer(self) -> None:
        peer = self.next
        if peer is None:
            return
        frame = Offer(
            visit_id=self._visit_id,
            generation=peer.generation,
            sdp=peer.local_sdp,
            commitment=commitment_of(self._nonce),
        )
        if self._send(frame):
            self._offered_s = self._now_s()
            for candidate in self._late:
                self._send_candidate(peer, candidate)

    def _send_candidate(self, peer: Peer, candidate: str) -> None:
        frame = Candidate(visit_id=self._visit_id, generation=peer.generation, candidate=candidate, sdp_mid="0")
        self._send(frame)

    def _is_elsewhere(self, peer: Peer) -> bool:
        addresses = self._addresses()
        return bool(addresses) and addresses != self._made_at.get(peer.generation, addresses)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
