"""Which relay is chosen, with relays of the test's own."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.relay import Reach, RelayUnreachable
from teleconsole.call.webrtc.ice.servers import TurnServer
from teleconsole.contracts.signal import IceServer

ALL = ["turn:a.example", "turn:a.example?transport=tcp", "turns:a.example"]


class Relays:
    """Relays that answer, refuse, or say nothing, by transport."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refusing: set[str] = set()
        self.silent: set[str] = set()
        self.addresses = frozenset({"192.0.2.7"})
        self.chooser = RelayChooser(Reach(), self.probe, lambda: self.addresses)

    async def probe(self, server: TurnServer, reach: Reach) -> None:
        self.asked.append(server.transport)
        if server.transport in self.refusing:
            raise RelayUnreachable
        if server.transport in self.silent:
            await asyncio.Event().wait()

    def renew(self, credential: str = "word") -> bool:
        return self.chooser.renew([IceServer(ALL, "user", credential)])

    async def chosen(self) -> str | None:
        server = await asyncio.wait_for(self.chooser.relay(), 5)
        return server.transport if server is not None else None


@pytest.fixture
async def relays() -> AsyncIterator[Relays]:
    made = Relays()
    yield made
    await made.chooser.close()


async def test_udp_is_taken_and_nothing_else_is_asked(relays: Relays) -> None:
    assert relays.renew()
    assert await relays.chosen() == "udp"
    assert relays.asked == ["udp"]


async def test_a_refusal_moves_on_at_once(relays: Relays) -> None:
    relays.refusing = {"udp", "tcp"}
    relays.renew()
    assert await relays.chosen() == "tls"
    assert relays.asked == ["udp", "tcp", "tls"]


async def test_silence_moves_on_soon(relays: Relays) -> None:
    relays.silent = {"udp"}
    relays.renew()
    assert await relays.chosen() == "tcp"
    assert relays.asked == ["udp", "tcp"]


async def test_it_is_remembered_and_given_with_the_newest_credentials(relays: Relays) -> None:
    relays.refusing = {"udp"}
    relays.renew()
    assert await relays.chosen() == "tcp"
    assert not relays.renew("fresh")
    server = await relays.chooser.relay()
    assert server is not None
    assert (server.transport, server.credential) == ("tcp", "fresh")
    assert relays.asked == ["udp", "tcp"]


async def test_none_answers_and_the_next_connection_looks_again(relays: Relays) -> None:
    relays.refusing = {"udp", "tcp", "tls"}
    relays.renew()
    assert await relays.chosen() is None
    relays.refusing = set()
    assert await relays.chosen() == "udp"


async def test_on_another_network_it_is_found_out_anew(relays: Relays) -> None:
    relays.refusing = {"udp"}
    relays.renew()
    assert await relays.chosen() == "tcp"
    relays.refusing, relays.addresses = set(), frozenset({"198.51.100.9"})
    assert await relays.chosen() == "udp"


async def test_one_that_failed_is_looked_for_again(relays: Relays) -> None:
    relays.renew()
    assert await relays.chosen() == "udp"
    relays.refusing = {"udp"}
    relays.chooser.failed()
    assert await relays.chosen() == "tcp"


async def test_without_a_list_there_is_none(relays: Relays) -> None:
    assert await relays.chosen() is None
    assert not relays.chooser.renew([])
    assert await relays.chosen() is None


async def test_that_none_answers_is_known_until_one_does(relays: Relays) -> None:
    assert relays.chooser.is_away, "there is no list yet"
    relays.refusing = {"udp", "tcp", "tls"}
    relays.renew()
    assert not relays.chooser.is_away, "nobody knows yet"
    assert await relays.chosen() is None
    assert relays.chooser.is_away
    relays.refusing = {"udp"}
    relays.chooser.look_again()
    assert relays.chooser.is_away, "until it is found"
    assert await relays.chosen() == "tcp"
    assert not relays.chooser.is_away


async def test_looked_for_again_another_way_is_found_although_one_was_remembered(relays: Relays) -> None:
    relays.renew()
    assert await relays.chosen() == "udp"
    relays.silent = {"udp"}
    relays.chooser.look_again()
    relays.chooser.look_again()
    assert await relays.chosen() == "tcp"
    assert relays.asked == ["udp", "udp", "tcp"], "one search at a time"
