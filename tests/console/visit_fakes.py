"""A vault that knows the made-up waiting room, and what is needed to walk through a visit without a window."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject

from teleconsole.console.task_scope import TaskScope
from teleconsole.console.visits import Visits
from teleconsole.contracts.call import WaitingPatientCard, WaitingRoomChanged
from teleconsole.contracts.cases import TimelineEntry
from teleconsole.contracts.visits import FindVisit, VisitPatient
from teleconsole.ipc.errors import RemoteFailure
from tests.console import made_up
from tests.console.fakes import FakeCall, FakeVault

NAMES = {"visit-11": "Joao Teles", "visit-12": "Nadia Farouk-Stern", "visit-13": "Leopold Arendt"}
NOT_HERE = RemoteFailure("store", "This visit is not on this computer yet.")


def card(visit_id: str, waited_s: float = 60, **changes: Any) -> WaitingPatientCard:
    """Somebody who waits."""
    since_ms = made_up.NOW_MS - int(waited_s * 1000) if waited_s else 0
    return msgspec.structs.replace(WaitingPatientCard(visit_id, "waiting", "ok", since_ms, True, ""), **changes)


class VisitVault(FakeVault):
    """Knows who the visits are with; `unknown` are not here yet.

    Attributes:
        case_ids: case of a visit; the visit begins without one when it is not there.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.unknown: set[str] = set()
        self.case_ids = {"visit-1": "case-2", **dict.fromkeys(NAMES, "case-3")}
        self.handlers[FindVisit] = self._who

    def _who(self, ask: FindVisit) -> VisitPatient:
        if ask.visit_id in self.unknown:
            raise NOT_HERE
        name = NAMES.get(ask.visit_id, self.details["case-2"].patient.name)
        case_id = self.case_ids.get(ask.visit_id, "")
        return VisitPatient(ask.visit_id, "patient-1", name, "1979-01-19", "Migraine diary", case_id)

    def say_in_visit(self, *lines: tuple[str, bool, int], case_id: str = "case-3") -> None:
        """Put chat lines (text, from the patient, ms after the beginning of the made-up visit) into a case."""
        entries = tuple(
            TimelineEntry(
                f"Communication/{number}", "message", made_up.NOW_MS + after_ms, "", from_patient=from_patient,
                from_me=not from_patient, text=text, in_visit=True,
            )
            for number, (text, from_patient, after_ms) in enumerate(lines)
        )  # fmt: skip
        detail = self.details[case_id]
        self.details[case_id] = msgspec.structs.replace(detail, timeline=(*detail.timeline, *entries))


class Room:
    """Visits over fakes, without a window.

    Attributes:
        told: sentences of failures.
        cases: cases that were to be opened after a visit.
        is_open: whether the store is open.
    """

    def __init__(self) -> None:
        self.vault, self.call = VisitVault(), FakeCall()
        self.told: list[str] = []
        self.cases: list[str] = []
        self.begun = self.arrived = 0
        self.is_open = True
        self.owner = QObject()
        self.scope = TaskScope(self.owner, self.told.append)
        self.visits = Visits(self.vault, self.call, self.scope, lambda: made_up.NOW_MS, lambda: self.is_open)
        self.visits.ended.connect(self.cases.append)
        self.visits.begun.connect(self._on_begun)
        self.visits.arrived.connect(self._on_arrived)

    def wait(self, *cards: WaitingPatientCard) -> None:
        """This is the whole waiting room now."""
        self.call.tell(WaitingRoomChanged(cards))

    def lock(self) -> None:
        """As a lock does."""
        self.is_open = False
        self.visits.clear()

    def unlock(self) -> None:
        """As after the passphrase."""
        self.is_open = True
        self.visits.opened()

    def order(self, *kinds: type) -> list[str]:
        """Names of asks of these kinds so far, of each process in its order."""
        return [type(ask).__name__ for ask in (*self.vault.asked, *self.call.asked) if type(ask) in kinds]

    def _on_begun(self) -> None:
        self.begun += 1

    def _on_arrived(self) -> None:
        self.arrived += 1
