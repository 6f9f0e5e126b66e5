"""Levels, speech into a microphone that is off, and devices tried out before a call."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from teleconsole.console.call.devices import DevicesBox
from teleconsole.console.call.head import MUTED
from teleconsole.console.widgets.level_meter import LevelMeter, level_percent
from teleconsole.contracts import call, sound
from teleconsole.ipc.errors import RemoteFailure
from tests.console.conftest import Desk, until

pytestmark = pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)", extend=True)


async def leave_visit(desk: Desk) -> None:
    """End the call, so that devices are tried out."""
    desk.console.visits.hang_up()
    await until(lambda: not desk.console.visits.in_visit, "there is no visit")


def open_box(desk: Desk) -> DevicesBox:
    desk.console.actions["call.devices"].trigger()
    return desk.console.window.findChildren(DevicesBox)[-1]


def button(box: DevicesBox, name: str) -> QPushButton:
    return next(each for each in box.findChildren(QPushButton) if each.accessibleName() == name)


@pytest.mark.parametrize(
    ("level", "percent"), [(0.0, 0), (0.0005, 0), (0.001, 0), (0.01, 35), (0.1, 65), (1.0, 100), (2.0, 100)]
)
def test_a_level_is_shown_in_steps_over_sixty_decibels(level: float, percent: int) -> None:
    assert level_percent(level) == percent


async def test_the_call_shows_both_levels_with_a_name_and_a_value(desk: Desk) -> None:
    desk.call.tell(sound.LevelsChanged(0.1, 0.01))
    meters = {each.accessibleName(): each.value() for each in desk.console.call.findChildren(LevelMeter)}
    assert meters == {"Microphone level": 65, "Loudspeaker level": 35}


async def test_speech_into_a_muted_microphone_is_told_and_gone_again(desk: Desk) -> None:
    notice = desk.console.call.notice
    desk.call.tell(sound.LevelsChanged(0.1, 0.0, speaks_muted=True))
    assert MUTED not in notice.text.text()  # it is on: a late word of before
    desk.call.change(microphone_on=False)
    desk.call.tell(sound.LevelsChanged(0.1, 0.0, speaks_muted=True))
    assert notice.isVisible()
    assert notice.text.text() == MUTED
    desk.call.tell(sound.LevelsChanged(0.0, 0.0))
    assert notice.text.text() != MUTED
    desk.call.tell(sound.LevelsChanged(0.1, 0.0, speaks_muted=True))
    desk.call.change(microphone_on=True)
    assert notice.text.text() != MUTED


async def test_in_a_call_the_box_opens_nothing_and_offers_the_tone_alone(desk: Desk) -> None:
    box = open_box(desk)
    await until(lambda: box.microphone.count() > 1, "the devices are listed")
    assert desk.call.of(sound.TryDevices) == []
    assert not box.preview.isVisible()
    assert not box.echo.isVisible()
    QTest.mouseClick(button(box, "Play a tone"), Qt.MouseButton.LeftButton)
    await until(lambda: desk.call.of(sound.PlayTestTone), "the tone is played")
    box.close()
    await desk.console.call.scope.settle()
    assert desk.call.of(sound.TryDevices) == []


async def test_before_a_call_devices_are_opened_for_the_box_and_given_back(desk: Desk) -> None:
    await leave_visit(desk)
    desk.console.actions["go.settings"].trigger()
    desk.press("Try camera and sound")
    box = desk.console.window.findChildren(DevicesBox)[-1]
    await until(lambda: desk.call.of(sound.TryDevices), "the devices are opened")
    assert box.preview.isVisible()
    desk.call.tell(sound.LevelsChanged(0.1, 0.01))
    assert (box.microphone_level.value(), box.speaker_level.value()) == (65, 35)
    box.close()
    await until(lambda: len(desk.call.of(sound.TryDevices)) == 2, "they are given back")
    assert [ask.on for ask in desk.call.of(sound.TryDevices)] == [True, False]


async def test_the_echo_test_runs_by_the_keyboard_and_says_what_it_does(desk: Desk) -> None:
    await leave_visit(desk)
    box = open_box(desk)
    await until(lambda: box.microphone.count() > 1, "the devices are listed")
    echo = button(box, "Echo test")
    echo.setFocus()
    QTest.keyClick(echo, Qt.Key.Key_Space)
    await until(lambda: desk.call.of(sound.RunEchoTest), "it is asked for")
    desk.call.tell(sound.EchoTestChanged("recording"))
    assert box.echo_words.accessibleName() == "Echo test: Speak now. It is recorded for three seconds."
    assert not echo.isEnabled()
    desk.call.tell(sound.EchoTestChanged("playing"))
    assert box.echo_words.text() == "Now you hear what the other side would hear."
    desk.call.tell(sound.EchoTestChanged("idle"))
    assert echo.isEnabled()
    box.close()


async def test_an_echo_test_without_a_microphone_says_so(desk: Desk) -> None:
    await leave_visit(desk)
    box = open_box(desk)
    await until(lambda: box.microphone.count() > 1, "the devices are listed")
    desk.call.failures[sound.RunEchoTest] = RemoteFailure("device-unavailable", "There is no microphone to try.")
    QTest.mouseClick(button(box, "Echo test"), Qt.MouseButton.LeftButton)
    await until(lambda: box._problem.text() == "There is no microphone to try.", "it is told")
    box.close()


async def test_a_choice_in_the_box_is_remembered(desk: Desk) -> None:
    box = open_box(desk)
    await until(lambda: box.microphone.findText("Headset") > 0, "the devices are listed")
    box.microphone.setCurrentText("Headset")
    box.microphone.activated.emit(box.microphone.currentIndex())
    await until(lambda: desk.console.settings.settings.microphone == "mic-1", "it is remembered")
    assert desk.call.of(call.SelectDevices)[-1].microphone == "mic-1"
    box.close()


async def test_the_box_is_closed_when_the_visit_ends(desk: Desk) -> None:
    box = open_box(desk)
    assert box.isVisible()
    await leave_visit(desk)
    await until(lambda: not desk.console.window.findChildren(DevicesBox), "it is closed")
