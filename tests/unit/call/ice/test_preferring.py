"""Which of the ways that work is taken, with checks whose outcome is the test's own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aioice import Candidate
from aioice.candidate import candidate_priority
from aioice.ice import CandidatePair

from teleconsole.call.webrtc.ice.preferring import RELAY_PREFERENCES, PreferringConnection
from teleconsole.call.webrtc.ice.servers import Transport


class FakeProtocol:
    """Where a pair begins."""

    local_candidate = Candidate("f", 1, "udp", candidate_priority(1, "relay"), "192.0.2.1", 49_152, "relay")


def relayed(by: Transport, port: int) -> Candidate:
    priority = candidate_priority(1, "relay") + (RELAY_PREFERENCES[by] << 24)
    return Candidate(by, 1, "udp", priority, "192.0.2.1", port, "relay")


def learnt(port: int) -> Candidate:
    return Candidate("p", 1, "udp", candidate_priority(1, "prflx"), "192.0.2.1", port, "prflx")


class Agent:
    """An agent that decides."""

    def __init__(self, *, only_relays: bool = True) -> None:
        self.connection = PreferringConnection(True)
        self.connection.only_relays = only_relays

    def works(self, candidate: Candidate) -> CandidatePair:
        protocol: Any = FakeProtocol()
        pair = CandidatePair(protocol, candidate)
        pair.state, pair.nominated = CandidatePair.State.SUCCEEDED, True
        self.connection._remote_candidates.append(candidate)
        self.connection._check_list.append(pair)
        self.connection.check_complete(pair)
        return pair

    @property
    def taken(self) -> CandidatePair | None:
        return self.connection._nominated.get(1)

    async def until_taken(self) -> CandidatePair:
        async with asyncio.timeout(5):
            await self.connection._check_list_state.get()
        assert self.taken is not None
        return self.taken


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    made = Agent()
    yield made
    await made.connection.close()


async def test_a_relay_by_udp_is_taken_at_once(agent: Agent) -> None:
    assert agent.works(relayed("udp", 1)) is agent.taken


async def test_one_by_tcp_waits_and_udp_is_taken_when_it_answers_later(agent: Agent) -> None:
    agent.works(relayed("tcp", 1))
    assert agent.taken is None
    assert agent.connection._remote_candidates_expected(), "nothing has failed meanwhile"
    assert agent.works(relayed("udp", 2)) is agent.taken


async def test_when_nothing_better_comes_the_best_of_them_is_taken(agent: Agent) -> None:
    agent.works(relayed("tls", 1))
    by_tcp = agent.works(relayed("tcp", 2))
    assert await agent.until_taken() is by_tcp


async def test_a_way_that_was_learnt_is_taken_as_soon_as_it_is_told_to_be_by_udp(agent: Agent) -> None:
    pair = agent.works(learnt(7))
    assert agent.taken is None
    await agent.connection.add_remote_candidate(relayed("udp", 7))
    assert agent.taken is pair


async def test_where_not_only_relays_are_allowed_a_learnt_way_is_taken_at_once() -> None:
    agent = Agent(only_relays=False)
    assert agent.works(learnt(7)) is agent.taken
    await agent.connection.close()


async def test_it_waits_once_only(agent: Agent) -> None:
    first = agent.works(relayed("tls", 1))
    assert await agent.until_taken() is first
    second = agent.works(relayed("tcp", 2))
    assert agent.taken is second, "it was not held back"
