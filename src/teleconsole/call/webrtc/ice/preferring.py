"""Among ways over relays, one that is UDP all through is taken, even if another one has answered a little sooner.

aioice takes the first pair that works. A browser offers its relay by UDP, by TCP and by TLS, and which of them answers
first is chance: a lost check is sent again after half a second only. Over TCP each lost packet holds up the voice.
"""

import asyncio
from typing import Any

from aioice import Candidate, Connection
from aioice.ice import CandidatePair

from teleconsole.call.webrtc.ice.servers import Transport
from teleconsole.host.media_limits import ICE_BETTER_S

RELAY_PREFERENCES: dict[Transport, int] = {"udp": 2, "tcp": 1, "tls": 0}
"""Type preferences of relayed candidates (RFC 8445 section 5.1.2.1), by how the relay is reached; as in browsers."""


class PreferringConnection(Connection):
    """An ICE agent that waits `ICE_BETTER_S` for a better way before it goes by TCP.

    Attributes:
        only_relays: neither side has other candidates than relayed ones.
    """

    def __init__(self, ice_controlling: bool, **arguments: Any) -> None:
        super().__init__(ice_controlling, **arguments)
        self.only_relays = False
        self._slow: list[CandidatePair] = []
        self._waiting: asyncio.TimerHandle | None = None
        self._has_waited = False

    async def add_remote_candidate(self, remote_candidate: Candidate | None) -> None:
        """Take a candidate of the other side; it may tell that a way that waits is a good one."""
        await super().add_remote_candidate(remote_candidate)
        if any(not self._is_slow(pair) for pair in self._slow):
            self._take_best()

    def check_complete(self, pair: CandidatePair) -> None:
        """Take what became of a check; the first way over TCP waits for a better one."""
        works = pair.state == CandidatePair.State.SUCCEEDED and pair.nominated
        if works and self.ice_controlling and not self._has_waited and self._is_slow(pair):
            pair.task = None
            self._slow.append(pair)
            if self._waiting is None:
                self._waiting = asyncio.get_running_loop().call_later(ICE_BETTER_S, self._take_best)
            return
        if works:
            self._stop_waiting()
        super().check_complete(pair)

    async def close(self) -> None:
        """Close it, and wait for nothing any more."""
        self._stop_waiting()
        await super().close()

    def _remote_candidates_expected(self) -> bool:
        """Whether more may come: until then nothing has failed."""
        return bool(self._slow) or super()._remote_candidates_expected()

    def _is_slow(self, pair: CandidatePair) -> bool:
        theirs = pair.remote_candidate
        if theirs.type == "prflx":
            return self.only_relays  # it was not told yet which relay that is
        return theirs.type == "relay" and theirs.priority >> 24 < RELAY_PREFERENCES["udp"]

    def _take_best(self) -> None:
        pairs = sorted(self._slow, key=lambda pair: (self._is_slow(pair), -pair.remote_candidate.priority))
        self._stop_waiting()
        if pairs and not self._check_list_done:
            super().check_complete(pairs[0])

    def _stop_waiting(self) -> None:
        self._has_waited = True
        self._slow.clear()
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
