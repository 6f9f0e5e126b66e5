"""Visits without a window: who waits, admitting, calling, losing a process, ending, chat across a lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest_asyncio

from teleconsole.contracts import call, visits
from teleconsole.contracts.signal import EndReason
from teleconsole.contracts.vault import AppointmentsChanged, CasesChanged
from teleconsole.contracts.visits import BeginVisit, EndVisit, FindVisit, PrepareVisit
from teleconsole.ipc.errors import RemoteFailure
from tests.console import made_up
from tests.console.conftest import until
from tests.console.visit_fakes import Room, card


@pytest_asyncio.fixture
async def room() -> AsyncIterator[Room]:
    """Visits over fakes."""
    made = Room()
    yield made
    made.scope.cancel()
    await made.scope.settle()
    made.owner.deleteLater()


async def in_call(room: Room, visit_id: str = "visit-12") -> None:
    room.wait(card(visit_id))
    room.visits.admit(visit_id)
    await room.scope.settle()
    room.call.change(phase="connected", quality="good")


def line(item_id: str, text: str, state: call.ChatState = "sealed", *, patient: bool = False, after_ms: int = 0) -> Any:
    return call.ChatChanged(item_id, patient, text, made_up.NOW_MS + after_ms, state)


def shown(room: Room) -> list[tuple[str, str]]:
    return [(known.text, known.state) for known in room.visits.lines]


# --- who waits --------------------------------------------------------------------------------------------------------


async def test_those_who_wait_longest_come_first_and_those_who_are_not_here_last(room: Room) -> None:
    room.wait(card("visit-13", 0, stage="expected"), card("visit-12", 30), card("visit-11", 200))
    await room.scope.settle()
    assert [item.patient.name for item in room.visits.waiting] == ["Joao Teles", "Nadia Farouk-Stern", "Leopold Arendt"]
    assert room.visits.here_count == 2


async def test_who_is_in_the_call_or_gone_has_no_card(room: Room) -> None:
    room.wait(card("visit-11", stage="in-call"), card("visit-12", stage="ended"))
    await room.scope.settle()
    assert room.visits.waiting == []


async def test_somebody_without_a_name_is_seen_and_can_be_admitted_once_the_vault_knows_them(room: Room) -> None:
    room.vault.unknown = {"visit-12"}
    room.wait(card("visit-11"), card("visit-12"))
    await room.scope.settle()
    assert {item.patient.name for item in room.visits.waiting} == {"Joao Teles", "A patient"}
    room.visits.admit("visit-12")
    await room.scope.settle()
    assert room.told == ["This visit is not on this computer yet."]
    assert not room.visits.in_visit


async def test_a_name_is_asked_for_again_when_the_vault_learned_something(room: Room) -> None:
    for news in (AppointmentsChanged(), CasesChanged(())):
        room.vault.unknown = {"visit-12", "visit-13"}
        room.visits.clear()
        room.wait(card("visit-12"), card("visit-13"))
        await room.scope.settle()
        room.vault.unknown = set()
        room.vault.tell(news)
        await room.scope.settle()
        assert "A patient" not in {item.patient.name for item in room.visits.waiting}


async def test_the_vault_is_not_asked_again_when_everybody_has_a_name(room: Room) -> None:
    room.wait(card("visit-12"))
    await room.scope.settle()
    room.vault.tell(CasesChanged(()))
    await room.scope.settle()
    assert len(room.vault.of(FindVisit)) == 1


async def test_an_arrival_is_told_once(room: Room) -> None:
    room.wait(card("visit-11", 0, stage="checking"))
    assert room.arrived == 0
    room.wait(card("visit-11"))
    room.wait(card("visit-11", devices="slow-network"))
    assert room.arrived == 1


async def test_a_name_that_comes_after_the_lock_is_not_kept(room: Room) -> None:
    room.wait(card("visit-11"))
    room.lock()
    await room.scope.settle()
    assert [item.patient.name for item in room.visits.waiting] == ["A patient"]


# --- beginning --------------------------------------------------------------------------------------------------------


async def test_two_presses_of_admit_are_one_visit(room: Room) -> None:
    room.wait(card("visit-12"))
    room.visits.admit("visit-12")
    room.visits.admit("visit-12")
    await room.scope.settle()
    room.visits.admit("visit-12")
    await room.scope.settle()
    assert room.call.of(call.StartVisit) == [call.StartVisit("visit-12", "/spool", b"k" * 32)]
    assert room.begun == 1
    assert room.visits.patient is not None
    assert room.visits.patient.name == "Nadia Farouk-Stern"


async def test_a_failure_is_told_and_admit_is_free_again(room: Room) -> None:
    room.wait(card("visit-12"))
    room.call.failures[call.StartVisit] = RemoteFailure("call", "The gateway cannot be reached. Nothing was begun.")
    room.visits.admit("visit-12")
    await room.scope.settle()
    assert room.told == ["The gateway cannot be reached. Nothing was begun."]
    assert not room.visits.in_visit
    room.visits.admit("visit-12")
    await room.scope.settle()
    assert room.visits.in_visit
    assert room.begun == 1


async def test_from_a_case_the_visit_is_made_begun_and_invited_to_before_it_starts(room: Room) -> None:
    seen: list[str] = []

    def noting(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def note(ask: Any) -> Any:
            seen.append(type(ask).__name__)
            return handler(ask)

        return note

    for port in (room.vault, room.call):
        port.handlers = {kind: noting(handler) for kind, handler in port.handlers.items()}
    room.visits.call_case("case-2")
    room.visits.call_case("case-2")
    await room.scope.settle()
    assert seen == ["PrepareVisit", "BeginVisit", "InvitePatientToVisit", "StartVisit"]
    assert room.call.of(call.InvitePatientToVisit) == [call.InvitePatientToVisit("visit-1", "case-2")]


async def test_offline_a_call_from_a_case_is_told_and_nothing_is_begun(room: Room) -> None:
    room.vault.failures[PrepareVisit] = RemoteFailure("offline", "No network. The case is safe; call again later.")
    room.visits.call_case("case-2")
    await room.scope.settle()
    assert room.told == ["No network. The case is safe; call again later."]
    assert not room.vault.of(BeginVisit)
    assert not room.visits.in_visit


async def test_a_visit_without_a_case_gets_one_and_it_is_opened_afterwards(room: Room) -> None:
    room.vault.case_ids.clear()
    room.wait(card("visit-12"))
    await room.scope.settle()

    def begin(ask: BeginVisit) -> visits.DropBox:
        room.vault.case_ids[ask.visit_id] = "case-9"
        return visits.DropBox(ask.visit_id, "/spool", b"k" * 32)

    room.vault.handlers[BeginVisit] = begin
    room.visits.admit("visit-12")
    await room.scope.settle()
    assert room.visits.patient is not None
    assert room.visits.patient.case_id == "case-9"
    room.visits.hang_up()
    await room.scope.settle()
    assert room.cases == ["case-9"]


# --- the call process has a new life ----------------------------------------------------------------------------------


async def test_a_new_life_of_the_call_goes_on_with_the_same_drop_box(room: Room) -> None:
    await in_call(room)
    first = room.call.of(call.StartVisit)[0]
    room.call.snapshot = call.CallSnapshot(
        "connecting", "idle", "", 0, True, True, True, True, "unknown", "720p", (), ""
    )  # fmt: skip
    room.call.restart()
    room.call.tell(call.CallChanged(room.call.snapshot))  # it joins the gateway before it is told of the visit
    assert room.visits.in_visit
    await room.scope.settle()
    assert room.call.of(call.StartVisit) == [first, first]
    assert room.visits.in_visit
    assert not room.vault.of(EndVisit)


async def test_a_new_life_goes_on_with_the_visit_while_the_screen_is_locked(room: Room) -> None:
    await in_call(room)
    room.lock()
    room.vault.down = True
    room.call.restart()
    await room.scope.settle()
    assert len(room.call.of(call.StartVisit)) == 2
    assert room.told == []


async def test_a_new_life_that_cannot_go_on_ends_the_visit_in_the_record(room: Room) -> None:
    await in_call(room)
    room.call.snapshot = call.CallSnapshot("lost", "idle", "", 0, True, True, True, True, "unknown", "720p", (), "")
    room.call.failures[call.StartVisit] = RemoteFailure("call", "The call could not be taken up again.")
    room.call.restart()
    await until(lambda: room.cases == ["case-3"], "the visit is closed")
    assert room.told == ["The call could not be taken up again."]
    assert [ask.visit_id for ask in room.vault.of(EndVisit)] == ["visit-12"]


async def test_without_a_visit_a_new_life_is_only_asked_how_it_stands(room: Room) -> None:
    room.call.restart()
    await room.scope.settle()
    assert room.order(call.StartVisit, call.GetCallSnapshot) == ["GetCallSnapshot"]


# --- ending -----------------------------------------------------------------------------------------------------------


async def test_hanging_up_ends_the_visit_in_the_record_and_opens_its_case(room: Room) -> None:
    await in_call(room)
    room.visits.hang_up()
    await until(lambda: room.cases == ["case-3"], "its case is opened")
    assert room.vault.of(EndVisit) == [EndVisit("visit-12", made_up.NOW_MS)]
    assert not room.visits.is_shown


async def test_a_hang_up_that_fails_is_told_and_the_visit_goes_on(room: Room) -> None:
    await in_call(room)
    room.call.failures[call.HangUp] = RemoteFailure("call", "The call did not end. Press End again.")
    room.visits.hang_up()
    await room.scope.settle()
    assert room.told == ["The call did not end. Press End again."]
    assert room.visits.in_visit
    assert room.cases == []


async def test_after_the_patient_left_the_clinician_stays_until_leaving(room: Room) -> None:
    await in_call(room)
    room.call.tell(line("item-1", "Thank you", patient=True))
    room.call.change(phase="ended")
    room.call.tell(call.PatientLeft("visit-12", "ended-by-patient"))
    await room.scope.settle()
    assert len(room.vault.of(EndVisit)) == 1  # the record does not wait
    assert room.visits.is_over
    assert room.visits.left_reason == "ended-by-patient"
    assert [known.text for known in room.visits.lines] == ["Thank you"]
    assert room.cases == []
    room.visits.leave()
    assert room.cases == ["case-3"]
    assert not room.visits.is_shown
    assert room.visits.lines == []


async def test_a_reason_without_an_end_changes_nothing(room: Room) -> None:
    await in_call(room)
    reason: EndReason = "opened-elsewhere"
    room.call.tell(call.PatientLeft("visit-12", reason))
    assert room.visits.in_visit
    assert not room.visits.is_over


async def test_the_next_visit_shows_nothing_of_the_one_before(room: Room) -> None:
    await in_call(room)
    room.call.tell(line("item-1", "Thank you", patient=True))
    room.call.change(phase="ended")
    await room.scope.settle()
    room.wait(card("visit-11"))
    room.visits.admit("visit-11")
    await room.scope.settle()
    assert not room.visits.is_over
    assert room.visits.lines == []
    assert room.visits.patient is not None
    assert room.visits.patient.visit_id == "visit-11"


async def test_a_visit_that_ends_behind_the_lock_is_closed_after_unlocking(room: Room) -> None:
    await in_call(room)
    room.lock()
    room.call.change(phase="ended")
    await room.scope.settle()
    assert not room.vault.of(EndVisit)
    room.unlock()
    await until(lambda: room.cases == ["case-3"], "its case is known, though the name was forgotten")
    assert room.vault.of(EndVisit) == [EndVisit("visit-12", made_up.NOW_MS)]
    room.unlock()
    await room.scope.settle()
    assert len(room.vault.of(EndVisit)) == 1


async def test_an_end_that_the_vault_did_not_take_is_asked_again(room: Room) -> None:
    await in_call(room)
    room.vault.failures[EndVisit] = RemoteFailure("disk-full", "There is no room on this disk.")
    room.visits.hang_up()
    await room.scope.settle()
    assert room.told == ["There is no room on this disk."]
    room.unlock()
    await until(lambda: room.cases == ["case-3"], "it is closed")
    assert len(room.vault.of(EndVisit)) == 2


# --- chat -------------------------------------------------------------------------------------------------------------


async def test_a_line_changes_its_state_and_is_one_line(room: Room) -> None:
    await in_call(room)
    for state in ("sealed", "sent", "acknowledged"):
        room.call.tell(line("item-1", "Show me the left shin", state))
        assert shown(room) == [("Show me the left shin", state)]


async def test_nothing_that_is_said_behind_the_lock_stays_in_memory(room: Room) -> None:
    await in_call(room)
    room.lock()
    room.call.tell(line("item-1", "It hurts", patient=True))
    assert room.visits.lines == []
    assert room.visits.patient is None


async def test_after_a_lock_the_chat_is_read_from_the_case_without_doubles(room: Room) -> None:
    await in_call(room)
    room.call.tell(line("item-1", "Show me the left shin", "acknowledged"))
    room.lock()
    room.vault.say_in_visit(
        ("Show me the left shin", False, 40), ("Like this?", True, 9_000), ("Earlier", True, -90_000)
    )
    room.unlock()
    await room.scope.settle()
    room.call.tell(line("item-2", "Closer", "sealed", after_ms=12_000))
    assert shown(room) == [("Show me the left shin", "sealed"), ("Like this?", "acknowledged"), ("Closer", "sealed")]
    assert room.visits.patient is not None


async def test_a_state_that_comes_after_the_lock_finds_its_line(room: Room) -> None:
    await in_call(room)
    room.call.tell(line("item-1", "Closer"))
    room.lock()
    room.vault.say_in_visit(("Closer", False, 40))
    room.unlock()
    await room.scope.settle()
    room.call.tell(line("item-1", "Closer", "acknowledged"))
    room.call.tell(line("item-7", "Closer", "sealed", after_ms=3_000))
    assert shown(room) == [("Closer", "acknowledged"), ("Closer", "sealed")]


async def test_a_line_that_comes_while_the_case_is_read_stays_and_is_one(room: Room) -> None:
    await in_call(room)
    room.lock()
    room.vault.say_in_visit(("First", False, 40), ("Second", True, 500))
    room.unlock()
    room.call.tell(line("item-2", "Second", patient=True, after_ms=500))
    room.call.tell(line("item-3", "Third", patient=True, after_ms=900))
    await room.scope.settle()
    assert [known.text for known in room.visits.lines] == ["First", "Second", "Third"]


# --- waiting messages -------------------------------------------------------------------------------------------------


async def test_a_message_is_known_to_be_shown_only_when_the_gateway_says_so(room: Room) -> None:
    message_id = await room.visits.send_waiting_message("visit-12", "Ten more minutes")
    assert room.call.of(call.SendWaitingMessage) == [call.SendWaitingMessage("visit-12", "Ten more minutes")]
    assert message_id not in room.visits.delivered
    room.call.tell(call.WaitingMessageDelivered("visit-12", message_id))
    assert message_id in room.visits.delivered
