"""Turns at the render process: the viewer first, nobody is forgotten, who goes away is not waited for."""

from __future__ import annotations

import asyncio

from teleconsole.console.case.render_turn import RenderTurn
from tests.console.fakes import FakeRender


async def test_the_viewer_comes_before_thumbnails_that_wait_longer() -> None:
    turn = RenderTurn(FakeRender())
    order: list[str] = []
    go_on = asyncio.Event()

    async def use(name: str, *, urgent: bool) -> None:
        async with turn.hold(urgent=urgent):
            order.append(name)
            await go_on.wait()

    users = []
    for name, urgent in (("first", False), ("second", False), ("third", False), ("viewer", True)):
        users.append(asyncio.create_task(use(name, urgent=urgent)))
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*users)
    assert order == ["first", "viewer", "second", "third"]


async def test_one_that_is_cancelled_in_the_moment_of_its_turn_hands_it_on() -> None:
    turn = RenderTurn(FakeRender())
    got: list[str] = []

    async def use(name: str) -> None:
        async with turn.hold():
            got.append(name)

    async with turn.hold():
        gone = asyncio.create_task(use("gone"))
        waits = asyncio.create_task(use("waits"))
        await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, waits, return_exceptions=True)
    async with asyncio.timeout(1):
        await use("last")
    assert got == ["waits", "last"]


async def test_a_new_life_of_render_holds_no_file() -> None:
    render = FakeRender()
    turn = RenderTurn(render)
    turn.file_id = "viewer-1"
    render.restart()
    assert turn.file_id == ""
