"""Asking and telling, over both transports, inside one process."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.unit.ipc.helpers import Kind, make_transports, until
from tests.unit.ipc.service import CONTRACT, Big, Echo, Fail, Sleep, Ticked

from teleconsole.contracts.wire import Done
from teleconsole.host.limits import IPC_OPEN_ASKS, IPC_RUNNING_ASKS, IPC_SLICE_FRAMES
from teleconsole.ipc.envelope import Answer, Envelope, Event, Failure, Request, pack, unpack
from teleconsole.ipc.errors import Congested, DeadlineExceeded, PeerLost, RemoteFailure
from teleconsole.ipc.peer import Peer

Pair = Callable[..., Any]

_RAW = msgspec.Raw(b"\x80")


async def echo(ask: Echo) -> str:
    return ask.text


async def test_asks_both_ways_at_the_same_time(pair: Pair) -> None:
    left, right = await pair({Echo: echo})
    left.answer_with({Echo: echo})
    asks = [peer.ask(Echo(str(number))) for number in range(50) for peer in (left, right)]
    answers = await asyncio.gather(*asks)
    assert answers == [str(number) for number in range(50) for _ in "lr"]


async def test_an_ask_without_handler_fails(pair: Pair) -> None:
    left, _ = await pair()
    with pytest.raises(RemoteFailure) as failure:
        await left.ask(Echo("x"))
    assert failure.value.code == "no-handler"


async def test_a_bug_tells_its_type_and_place_and_nothing_of_the_patient(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: Fail) -> Done:
        raise KeyError("Erika Mustermann")

    left, _ = await pair({Fail: fail})
    with caplog.at_level(logging.ERROR), pytest.raises(RemoteFailure) as failure:
        await left.ask(Fail(""))
    assert (failure.value.code, failure.value.text) == ("bug", "KeyError")
    assert "KeyError in the answer to Fail at test_peer.py:" in caplog.text
    assert "Erika" not in caplog.text
    assert not left.closed.is_set()


async def test_an_answer_of_the_wrong_type_is_no_answer(pair: Pair) -> None:
    async def wrong(_: Echo) -> int:
        return 5

    left, _ = await pair({Echo: wrong})
    with pytest.raises(RemoteFailure) as failure:
        await left.ask(Echo("x"))
    assert failure.value.code == "malformed-answer"


async def test_an_answer_that_is_too_large_fails_alone(pair: Pair) -> None:
    async def big(ask: Big) -> str:
        return "x" * ask.size

    left, _ = await pair({Big: big})
    assert len(await left.ask(Big((1 << 20) - 100))) == (1 << 20) - 100
    with pytest.raises(RemoteFailure) as failure:
        await left.ask(Big(1 << 20))
    assert failure.value.code == "too-large"
    assert await left.ask(Big(1)) == "x"


async def test_a_handler_whose_own_wait_was_cancelled_still_answers(pair: Pair) -> None:
    async def inner(_: Echo) -> str:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        future.cancel()
        return await future

    left, _ = await pair({Echo: inner})
    with pytest.raises(RemoteFailure) as failure:
        await left.ask(Echo("x"))
    assert (failure.value.code, failure.value.text) == ("bug", "CancelledError")


async def test_deadline_and_cancel_stop_the_other_side(pair: Pair) -> None:
    begun, stopped = [], []

    async def sleep(ask: Sleep) -> None:
        begun.append(ask.seconds)
        try:
            await asyncio.sleep(ask.seconds)
        finally:
            stopped.append(ask.seconds)

    left, _ = await pair({Sleep: sleep})
    while not begun:  # on a busy machine the deadline may pass before the other side has begun at all
        with pytest.raises(DeadlineExceeded):
            await left.ask(Sleep(60), deadline_s=0.02)
    await until(lambda: stopped == begun)
    task = asyncio.create_task(left.ask(Sleep(61)))
    await until(lambda: 61 in begun)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: stopped == begun)


async def test_many_asks_take_their_turn(pair: Pair) -> None:
    running = [0, 0]

    async def wait(ask: Echo) -> str:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0)
        running[0] -= 1
        return ask.text

    left, _ = await pair({Echo: wait})
    answers = await asyncio.gather(*(left.ask(Echo(str(n))) for n in range(IPC_RUNNING_ASKS * 4)))
    assert answers == [str(n) for n in range(IPC_RUNNING_ASKS * 4)]
    assert 1 < running[1] <= IPC_OPEN_ASKS


async def test_who_asks_too_much_at_once_is_refused(kind: Kind) -> None:
    async def wait(_: Echo) -> str:
        await asyncio.Event().wait()
        return ""

    ours, theirs = make_transports(kind)
    peer = Peer(ours, CONTRACT, {Echo: wait})
    await peer.start()
    got: list[Envelope] = []

    def keep(body: bytes) -> bool:
        got.append(unpack(body))
        return False

    await theirs.start(keep, lambda _: None)
    ask = msgspec.Raw(msgspec.msgpack.encode(Echo("")))
    for number in range(IPC_RUNNING_ASKS + 3):
        theirs.send(pack(Request(number, "Echo", ask)))
    await until(lambda: len(got) == 3)
    assert [(answer.number, answer.code) for answer in got if isinstance(answer, Failure)] == [
        (number, "busy") for number in range(IPC_RUNNING_ASKS, IPC_RUNNING_ASKS + 3)
    ]
    theirs.close()
    await peer.closed


async def test_closing_fails_what_is_open_on_both_sides(pair: Pair) -> None:
    async def sleep(_: Sleep) -> None:
        await asyncio.Event().wait()

    left, right = await pair({Sleep: sleep})
    task = asyncio.create_task(left.ask(Sleep(60)))
    await left.ping(deadline_s=10)
    right.close()
    with pytest.raises(PeerLost, match="the other side closed"):
        await task
    for peer in (left, right):
        await peer.closed
        with pytest.raises(PeerLost):
            await peer.ask(Echo("x"))
        with pytest.raises(PeerLost):
            await peer.tell(Ticked(1))
        with pytest.raises(PeerLost):
            peer.tell_soon(Ticked(1))
        with pytest.raises(PeerLost):
            peer.tell_latest(Ticked(1))


async def test_what_was_said_before_the_close_arrives(pair: Pair) -> None:
    left, right = await pair()
    got: list[int] = []
    left.on_news(Ticked, lambda news: got.append(news.number))
    for number in range(1000):
        right.tell_soon(Ticked(number))
    right.close()
    await left.closed
    assert got == list(range(1000))


async def test_news_before_the_first_listener_are_kept(pair: Pair) -> None:
    left, right = await pair()
    for number in range(10):
        await right.tell(Ticked(number))
    await left.ping(deadline_s=10)
    got: list[int] = []
    unregister = left.on_news(Ticked, lambda news: got.append(news.number))
    await until(lambda: got == list(range(10)))
    unregister()
    await right.tell(Ticked(99))
    await right.ping(deadline_s=10)
    assert len(got) == 10


async def test_an_answer_is_used_before_the_news_that_were_sent_after_it(pair: Pair) -> None:
    left, right = await pair()

    async def answer(ask: Echo) -> str:
        asyncio.get_running_loop().call_soon(right.tell_soon, Ticked(1))
        return ask.text

    right.answer_with({Echo: answer})
    order: list[str] = []
    left.on_news(Ticked, lambda _: order.append("news"))
    for _ in range(50):
        await left.ask(Echo("snapshot"))
        order.append("answer")
        await until(lambda: len(order) % 2 == 0)
    assert order == ["answer", "news"] * 50


async def test_a_listener_with_a_bug_costs_nobody_else_his_news(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    left, right = await pair()
    got: list[int] = []

    def broken(news: Ticked) -> None:
        raise ValueError(news.filler)

    left.on_news(Ticked, broken)
    left.on_news(Ticked, lambda news: got.append(news.number))
    await right.tell(Ticked(1, "Erika Mustermann"))
    await until(lambda: got == [1])
    assert "ValueError in a listener of Ticked" in caplog.text
    assert "Erika" not in caplog.text


async def test_a_flood_comes_in_slices(pair: Pair) -> None:
    left, right = await pair()
    turns = [0]
    per_turn: dict[int, int] = {}

    def count(_: Ticked) -> None:
        per_turn[turns[0]] = per_turn.get(turns[0], 0) + 1

    left.on_news(Ticked, count)

    async def tick() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    ticker = asyncio.create_task(tick())
    for number in range(5000):
        await right.tell(Ticked(number))
    await until(lambda: sum(per_turn.values()) == 5000)
    ticker.cancel()
    assert max(per_turn.values()) <= IPC_SLICE_FRAMES * 2  # two turns of ours may see one of the ticker's


async def test_senders_that_cannot_wait(kind: Kind) -> None:
    ours, theirs = make_transports(kind)
    left, right = Peer(ours, CONTRACT), Peer(theirs, CONTRACT)
    await left.start()  # the other side does not read yet
    filler = "x" * 100_000
    with pytest.raises(Congested):
        for number in range(1000):
            left.tell_soon(Ticked(number, filler))
    waiting = asyncio.create_task(left.tell(Ticked(-2)))
    for number in range(10_000, 11_000):
        left.tell_latest(Ticked(number))
    assert not waiting.done()
    got: list[int] = []
    right.on_news(Ticked, lambda news: got.append(news.number))
    await right.start()
    await waiting
    await until(lambda: got and got[-1] == 10_999)
    assert 30 < got.index(-2) < 80
    assert [number for number in got if number >= 10_000] == [10_999]
    assert got[: got.index(-2)] == list(range(got.index(-2)))
    left.close()
    await right.closed


@pytest.mark.parametrize(
    "body",
    [
        b"\xc1",
        b"\x93\x01\x02\x03",
        pack(Event("Ticked", _RAW)),
        pack(Event("Nothing", _RAW)),
        pack(Request(1, "Echo", _RAW)),
        pack(Request(1, "Ticked", _RAW)),
        b"\x93\x05\xa1\xff\x80",
    ],
)
async def test_what_is_not_a_message_closes_with_a_reason(kind: Kind, body: bytes) -> None:
    ours, theirs = make_transports(kind)
    peer = Peer(ours, CONTRACT)
    await peer.start()
    ended: list[str] = []
    await theirs.start(lambda _: False, ended.append)
    theirs.send(body)
    assert await peer.closed == "the other side sent what is not a message of the contract"
    theirs.close()
    await until(lambda: ended)


async def test_an_answer_that_nobody_asked_for_is_ignored(kind: Kind) -> None:
    ours, theirs = make_transports(kind)
    peer = Peer(ours, CONTRACT)
    await peer.start()
    await theirs.start(lambda _: False, lambda _: None)
    theirs.send(pack(Answer(77, _RAW)))
    theirs.close()
    assert await peer.closed == "the other side closed the connection"
    peer.close()
