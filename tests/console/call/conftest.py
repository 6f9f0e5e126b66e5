"""A console in a made-up call."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from PySide6.QtWidgets import QApplication

from teleconsole.contracts.call import WaitingRoomChanged
from tests.console import made_up
from tests.console.conftest import Desk, close, make_desk, until
from tests.console.visit_fakes import VisitVault, card


async def admit(desk: Desk) -> None:
    """Begin the call with Nadia Farouk-Stern."""
    desk.console.visits.admit("visit-12")
    await until(lambda: desk.console.window.pane_name == "call", "the pane Call is shown")
    desk.call.change(phase="connected", quality="good", started_ms=made_up.NOW_MS - 848_000)
    await desk.console.call.scope.settle()


@pytest_asyncio.fixture
async def desk(qapp: QApplication) -> AsyncIterator[Desk]:
    """A console in a call, at the pane Call."""
    made = make_desk(qapp, VisitVault())
    made.console.window.show()
    made.vault.restart()
    await until(lambda: made.console.session.is_open, "it is open")
    made.call.tell(WaitingRoomChanged((card("visit-12"),)))
    await admit(made)
    yield made
    await close(made)
