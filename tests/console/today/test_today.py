"""The pane Today: cards of the waiting room, messages to those who wait, the day, and the cases due next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget

from teleconsole.console.today.arrival import arrival_samples
from teleconsole.console.today.waiting import waited
from teleconsole.console.visits import Waiting
from teleconsole.contracts import call
from teleconsole.contracts.signal import DeviceResult
from teleconsole.contracts.vault import AppointmentsChanged
from teleconsole.contracts.visits import VisitPatient
from teleconsole.host.settings import Settings
from teleconsole.ipc.errors import RemoteFailure
from tests.console import made_up
from tests.console.conftest import Desk, close, make_desk, until
from tests.console.visit_fakes import VisitVault, card


@pytest_asyncio.fixture
async def desk(qapp: QApplication) -> AsyncIterator[Desk]:
    """A console at the pane Today; Joao Teles waits six minutes, Nadia Farouk-Stern two, Leopold Arendt is not here."""
    made = make_desk(qapp, VisitVault())
    made.console.window.show()
    made.vault.restart()
    await until(lambda: made.console.session.is_open, "it is open")
    made.call.change(gateway="connected")
    wait(made, card("visit-11", 360), card("visit-12", 120), card("visit-13", 0, stage="expected"))
    made.console.actions["go.today"].trigger()
    await until(lambda: len(made.console.today.cards) == 3, "there are three cards")
    await settle(made)
    yield made
    await close(made)


def wait(desk: Desk, *cards: call.WaitingPatientCard) -> None:
    desk.call.tell(call.WaitingRoomChanged(cards))


async def settle(desk: Desk) -> None:
    await desk.console.scope.settle()
    await desk.console.today.scope.settle()


def field(desk: Desk, name: str) -> QLineEdit:
    found = desk.named(name, QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def waiting(**changes: Any) -> Waiting:
    return Waiting(card("visit-11", **changes), VisitPatient("visit-11", "p", "Joao Teles", "", "", ""))


# --- cards ---


async def test_cards_stand_by_name_in_the_order_of_waiting(desk: Desk) -> None:
    names = [shown.accessibleName() for shown in desk.console.today.cards]
    assert names == ["Visit of Joao Teles", "Visit of Nadia Farouk-Stern", "Visit of Leopold Arendt"]
    assert {"waiting long", "waiting"} <= desk.names()
    assert {"Waiting: 6 min", "Waiting: 2 min", "Visit: Not here yet", "Waiting room: 2 waiting"} <= desk.names()


@pytest.mark.parametrize(
    ("seconds", "words", "tone"),
    [(20, "under 1 min", ""), (61, "1 min", ""), (299, "4 min", ""), (300, "5 min", "warn"), (4000, "1 h 06", "warn")],
)
def test_waiting_is_said_in_minutes_and_warns_after_five(seconds: int, words: str, tone: str) -> None:
    assert waited(waiting(waited_s=seconds), made_up.NOW_MS) == (words, tone)


def test_who_does_not_wait_has_words_and_no_minutes() -> None:
    assert waited(waiting(stage="interrupted"), made_up.NOW_MS) == ("Connection interrupted", "secondary")
    assert waited(waiting(waited_s=0), made_up.NOW_MS) == ("Waiting", "secondary")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("ok", "Camera, sound and link good"),
        ("unchecked", "Devices not checked yet"),
        ("no-camera", "No camera, wants to talk by voice"),
        ("no-microphone", "No microphone, can write"),
        ("denied", "Camera and microphone not allowed, can write"),
        ("no-devices", "Neither camera nor microphone, can write"),
        ("slow-network", "Link weak"),
    ],
)
async def test_the_device_check_is_told_in_words(desk: Desk, result: DeviceResult, words: str) -> None:
    wait(desk, card("visit-11", 360, devices=result, consented=False))
    await until(lambda: {words, "Has not agreed to the visit yet"} <= desk.names(), "it is told")


async def test_somebody_without_a_name_is_shown_and_named_later(desk: Desk) -> None:
    vault = desk.vault
    assert isinstance(vault, VisitVault)
    vault.unknown = {"visit-99"}
    wait(desk, card("visit-99", 30))
    await settle(desk)
    assert "Visit of A patient" in desk.names()
    vault.unknown = set()
    vault.tell(AppointmentsChanged())
    await until(lambda: "Visit of A patient" not in desk.names(), "the name is there")


async def test_nobody_waits_is_said(desk: Desk) -> None:
    wait(desk)
    assert "Nobody waits" in desk.names()
    assert not desk.console.actions["today.admit"].isEnabled()


async def test_the_gateway_is_told_when_it_is_away(desk: Desk) -> None:
    desk.call.tell(call.GatewayChanged("lost"))
    assert "Waiting room: the gateway cannot be reached, it is tried again" in desk.names()
    desk.call.tell(call.GatewayChanged("refused", "The clinic wants a new sign-in."))
    assert "Waiting room: The clinic wants a new sign-in." in desk.names()


# --- admit ---


async def test_a_admits_who_waits_longest(desk: Desk) -> None:
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, Qt.Key.Key_A)
    await until(lambda: desk.call.of(call.StartVisit), "the visit starts")
    assert [ask.visit_id for ask in desk.call.of(call.StartVisit)] == ["visit-11"]
    await until(lambda: desk.console.window.pane_name == "call", "the call is shown")


async def test_while_a_call_goes_on_nobody_else_can_be_admitted(desk: Desk) -> None:
    desk.press("Admit Nadia Farouk-Stern")
    await until(lambda: desk.console.window.pane_name == "call", "the call is shown")
    desk.console.actions["go.today"].trigger()
    admit = desk.named("Admit Joao Teles")
    assert not admit.isEnabled()
    assert admit.toolTip() == "Another call goes on."
    assert not desk.console.actions["today.admit"].isEnabled()


async def test_open_case_opens_the_case_of_the_card(desk: Desk) -> None:
    desk.press("Open case of Nadia Farouk-Stern")
    assert desk.console.window.pane_name == "cases"
    assert desk.console.cases.case.case_id == "case-3"


# --- messages ---


async def test_a_message_is_sent_and_then_shown(desk: Desk) -> None:
    desk.press("Write to Nadia Farouk-Stern")
    QTest.keyClicks(field(desk, "Message to Nadia Farouk-Stern"), "Ten more minutes")
    desk.press("Send message to Nadia Farouk-Stern")
    await until(lambda: "Sent: Ten more minutes" in desk.names(), "it is sent")
    assert desk.call.of(call.SendWaitingMessage) == [call.SendWaitingMessage("visit-12", "Ten more minutes")]
    desk.call.tell(call.WaitingMessageDelivered("visit-12", "message-1"))
    assert "Shown: Ten more minutes" in desk.names()


async def test_a_message_that_was_not_sent_comes_back(desk: Desk) -> None:
    desk.call.failures[call.SendWaitingMessage] = RemoteFailure("signalling-lost", "The message was not sent.")
    desk.press("Write to Nadia Farouk-Stern")
    field(desk, "Message to Nadia Farouk-Stern").setText("Ten more minutes")
    desk.press("Send message to Nadia Farouk-Stern")
    await until(lambda: desk.console.today.banner.sentence == "The message was not sent.", "it is told")
    assert field(desk, "Message to Nadia Farouk-Stern").text() == "Ten more minutes"


async def test_while_a_message_is_written_who_arrives_is_seen(desk: Desk) -> None:
    desk.console.window.activateWindow()
    desk.press("Write to Nadia Farouk-Stern")
    QTest.keyClicks(field(desk, "Message to Nadia Farouk-Stern"), "Ten mo")
    wait(desk, card("visit-12", 120, devices="slow-network"), card("visit-13", 30))
    await until(lambda: "Admit Leopold Arendt" in desk.names(), "who arrived is seen")
    assert field(desk, "Message to Nadia Farouk-Stern").text() == "Ten mo"
    await until(lambda: field(desk, "Message to Nadia Farouk-Stern").hasFocus(), "writing goes on")


async def test_esc_closes_the_field_of_a_message(desk: Desk) -> None:
    desk.press("Write to Nadia Farouk-Stern")
    QTest.keyClick(field(desk, "Message to Nadia Farouk-Stern"), Qt.Key.Key_Escape)
    assert "Message to Nadia Farouk-Stern" not in desk.names()
    assert not desk.call.of(call.SendWaitingMessage)


async def test_news_that_change_nothing_leave_the_keyboard_where_it_is(desk: Desk) -> None:
    desk.console.window.activateWindow()
    admit = desk.named("Admit Nadia Farouk-Stern")
    admit.setFocus()
    wait(desk, card("visit-11", 360), card("visit-12", 120), card("visit-13", 0, stage="checking"))
    assert desk.named("Admit Nadia Farouk-Stern") is admit
    await until(admit.hasFocus, "it has the keyboard")


# --- state, sound, day, cases ---


async def test_the_state_is_told_and_told_again_to_a_new_life(desk: Desk) -> None:
    box = desk.named("Your state for waiting patients", QComboBox)
    assert isinstance(box, QComboBox)
    labels = [label for label in desk.console.today.findChildren(QLabel) if label.buddy() is box]
    assert [label.text() for label in labels] == ["Your state for waiting patients"]
    box.setCurrentText("Away")
    box.activated.emit(box.currentIndex())
    await until(lambda: desk.call.of(call.SetState) == [call.SetState("away")], "it is told")
    desk.call.restart()
    await until(lambda: len(desk.call.of(call.SetState)) == 2, "it is told again")
    assert desk.call.of(call.SetState)[-1] == call.SetState("away")


@pytest.mark.parametrize("sound", [True, False])
async def test_an_arrival_sounds_if_that_was_chosen(desk: Desk, *, sound: bool) -> None:
    await settle(desk)
    before = len(desk.call.of(call.PlayPcm))
    kept: Settings = msgspec.structs.replace(desk.console.settings.settings, arrival_sound=sound)
    desk.console.settings.keep(kept)
    wait(desk, card("visit-11", 360), card("visit-12", 120), card("visit-13", 1))
    await settle(desk)
    assert len(desk.call.of(call.PlayPcm)) - before == (1 if sound else 0)


def test_the_sound_fits_into_one_message_and_ends_in_silence() -> None:
    samples = arrival_samples()
    assert 0.2 < len(samples) / 2 / 48_000 < 0.5
    assert abs(int.from_bytes(samples[:2], "little", signed=True)) < 50
    assert abs(int.from_bytes(samples[-2:], "little", signed=True)) < 500


async def test_the_day_is_a_list_in_order_with_a_line_for_now(desk: Desk) -> None:
    await until(lambda: "Now: 14:32" in desk.names(), "the day is shown")
    names = desk.names()
    assert {"09:02 Erik Sandahl done", "14:20 Joao Teles", "Visits: 5 visits, 1 done"} <= names


async def test_the_cases_due_next_open_by_row_and_by_key(desk: Desk) -> None:
    await until(lambda: desk.console.today.due.isVisible(), "they are shown")
    first = desk.vault.rows[0]
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, Qt.Key.Key_N)
    await until(lambda: desk.console.window.pane_name == "cases", "a case is shown")
    assert desk.console.cases.case.case_id == first.case_id


# --- measures and a lock ---


@pytest.mark.parametrize(("width", "scale"), [(1280, 100), (1440, 100), (1440, 150), (1280, 150), (960, 100)])
async def test_small_cards_are_equal_and_nothing_is_cut(desk: Desk, width: int, scale: int) -> None:
    desk.console.theme.choose("light", scale)
    desk.console.window.resize(width, 800)
    wait(desk, card("visit-11", 360), card("visit-12", 120), card("visit-13", 30, devices="denied"))
    page = desk.console.today.cards[0].parentWidget()
    view = page.parentWidget() if page is not None else None
    assert page is not None
    assert view is not None

    def fits() -> bool:
        small = desk.console.today.cards[1:]
        wide = {shown.width() for shown in small}
        high = {shown.height() for shown in small if shown.y() == small[0].y()}
        cut = [
            button
            for shown in desk.console.today.cards
            for button in shown.findChildren(QWidget)
            if button.isVisible() and button.mapTo(shown, button.rect().bottomRight()).x() > shown.width()
        ]
        right = max(shown.mapTo(page, shown.rect().topRight()).x() for shown in small)
        return (
            max(wide) - min(wide) <= 1
            and len(high) == 1
            and not cut
            and right <= view.width() >= page.minimumSizeHint().width()
        )

    await until(fits, "cards are equal and whole")


async def test_a_lock_leaves_no_name(desk: Desk) -> None:
    desk.press("Write to Nadia Farouk-Stern")
    field(desk, "Message to Nadia Farouk-Stern").setText("About your rash")
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    wait(desk, card("visit-11", 380), card("visit-12", 140))
    left = "\n".join(
        part
        for widget in desk.console.window.findChildren(QWidget)
        for part in (
            widget.accessibleName(), widget.toolTip(), widget.text() if isinstance(widget, QLabel | QLineEdit) else "",
        )
    )  # fmt: skip
    for words in ("Joao", "Nadia", "Leopold", "Erik", "Tomas", "Migraine", "1979", "rash"):
        assert words not in left, words
