"""Which waiting patients have a connection already: those who are let in next, while no visit runs."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import msgspec

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.webrtc.early import EarlyConnection, Given
from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.contracts.call import WaitingPatientCard
from teleconsole.host.limits import CALL_EARLY_CONNECTIONS, CALL_EARLY_ENDING


class EarlyConnections:
    """Keeps one for each of the first who wait.

    Args:
        send: a frame to the gateway; False when there is no connection.
        devices: those of a call.

    Thread: the event loop's.
    """

    def __init__(self, send: Callable[[msgspec.Struct], bool], devices: OpenDevices) -> None:
        self._send = send
        self._devices = devices
        self._by_visit: dict[str, EarlyConnection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, patients: Iterable[WaitingPatientCard], ice: RelayChooser) -> None:
        """Keep connections with the first of those who wait, end all others; none is begun while many are ending.

        Args:
            patients: the waiting room, those who came first at the top.
            ice: knows the servers; where only relays are allowed there is none, for they need an admission.
        """
        waiting = [] if ice.reach.relay_only else [card.visit_id for card in patients if card.stage == "waiting"]
        wanted = waiting[:CALL_EARLY_CONNECTIONS]
        for visit_id in [each for each in self._by_visit if each not in wanted]:
            self._own(self._by_visit.pop(visit_id).close())
        for visit_id in [each for each in wanted if each not in self._by_visit]:
            if len(self._tasks) >= CALL_EARLY_ENDING:
                return
            self._by_visit[visit_id] = early = EarlyConnection(visit_id, self._send, ice, self._devices)
            early.begin()

    def take(self, frame: Any) -> None:
        """Take a frame of the gateway about one of them; returns at once."""
        early = self._by_visit.get(getattr(frame, "visit_id", ""))
        if early is not None:
            early.take(frame)

    def give(self, visit_id: str) -> Given | None:
        """Return that of the patient who is let in now, if there is one; all others end: a visit is not disturbed."""
        early = self._by_visit.pop(visit_id, None)
        self.end_all()
        return early.give() if early is not None else None

    def end_all(self) -> None:
        """End every one of them."""
        for early in self._by_visit.values():
            self._own(early.close())
        self._by_visit.clear()

    async def close(self) -> None:
        """End every one of them; returns when they are gone."""
        self.end_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
