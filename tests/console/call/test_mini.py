"""The small window of a call: there while the window is minimised, and at no other time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from teleconsole.console.call.mini import MiniCall
from teleconsole.console.widgets.button import Button
from teleconsole.contracts import call
from tests.console.conftest import Desk, until

pytestmark = pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)", extend=True)


def click(button: Button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def minimised(desk: Desk) -> MiniCall:
    desk.console.window.showMinimized()
    mini = desk.console.mini
    await until(mini.isVisible, "the small window is there")
    return mini


async def test_it_comes_with_minimising_and_goes_with_coming_back(desk: Desk) -> None:
    mini = await minimised(desk)
    assert mini.windowTitle() == "teleconsole"
    assert mini.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    desk.console.window.showNormal()
    await until(lambda: not mini.isVisible(), "it is gone")


async def test_without_a_call_minimising_is_only_minimising(desk: Desk) -> None:
    desk.console.visits.hang_up()
    await until(lambda: not desk.console.visits.in_visit, "the visit has ended")
    desk.console.window.showMinimized()
    await until(desk.console.window.isMinimized, "it is minimised")
    assert not desk.console.mini.isVisible()


async def test_its_microphone_is_the_microphone(desk: Desk) -> None:
    mini = await minimised(desk)
    click(mini.microphone)
    await until(lambda: mini.microphone.text() == "Mic off", "it is off")
    assert desk.call.of(call.SetMicrophone) == [call.SetMicrophone(on=False)]


async def test_end_asks_twice_and_the_small_window_goes_with_the_call(desk: Desk) -> None:
    mini = await minimised(desk)
    click(mini.end)
    assert mini.end.accessibleName() == "End the call for both"
    assert not desk.call.of(call.HangUp)
    click(mini.end)
    await until(lambda: desk.call.of(call.HangUp), "the call ends")
    await until(lambda: not mini.isVisible(), "it is gone")


async def test_closing_it_brings_the_window_back_and_the_call_goes_on(desk: Desk) -> None:
    mini = await minimised(desk)
    click(mini.back)
    await until(lambda: not desk.console.window.isMinimized(), "the window is back")
    assert not mini.isVisible()
    assert not desk.call.of(call.HangUp)


async def test_a_lock_takes_the_picture_away_and_it_stays_away(desk: Desk) -> None:
    mini = await minimised(desk)
    desk.console.lock()
    await until(lambda: not mini.isVisible(), "it is gone")
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    desk.call.change(quality="fair")
    assert not mini.isVisible()


async def test_it_names_no_patient(desk: Desk) -> None:
    mini = await minimised(desk)
    names = [button.accessibleName() for button in mini.findChildren(Button)]
    assert names == ["Mic on", "Back to the window", "End the call"]
    assert "Nadia" not in mini.accessibleName() + mini.picture.accessibleName()
