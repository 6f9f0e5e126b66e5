"""The stethoscope mode on the clinician's screen: by mouse, key and name; an icon and a word; never remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from teleconsole.console.call.devices import DevicesBox
from teleconsole.contracts import sound
from teleconsole.host.settings import ThemeChoice
from teleconsole.ipc.errors import RemoteFailure
from tests.console.call.test_sound import button, leave_visit, open_box
from tests.console.conftest import Desk, until

pytestmark = pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)", extend=True)

LISTEN, STOP = "Stethoscope: listen to the patient", "Stethoscope: stop listening"


def sides(desk: Desk) -> list[str]:
    return [ask.side for ask in desk.call.of(sound.SetStethoscope)]


async def opened(desk: Desk) -> DevicesBox:
    box = open_box(desk)
    await until(lambda: box.microphone.count() > 1, "the devices are listed")
    return box


async def test_listening_is_begun_and_ended_in_the_box_and_says_how_it_stands(desk: Desk) -> None:
    box = await opened(desk)
    listen = button(box, LISTEN)
    listen.setFocus()
    QTest.keyClick(listen, Qt.Key.Key_Space)
    await until(lambda: listen.accessibleName() == STOP, "it can be stopped")
    assert listen.text() == "Stop listening"
    assert box.stethoscope.words.accessibleName() == "Stethoscope of patient."
    assert {"Stethoscope: asked", "Notice: Stethoscope of patient."} <= desk.names()
    QTest.mouseClick(listen, Qt.MouseButton.LeftButton)
    await until(lambda: listen.accessibleName() == LISTEN, "it is off")
    assert sides(desk) == ["patient", ""]
    assert not desk.console.call.head.stethoscope.isVisible()
    box.close()


async def test_ones_own_microphone_takes_the_place_of_the_patients(desk: Desk) -> None:
    box = await opened(desk)
    QTest.mouseClick(button(box, LISTEN), Qt.MouseButton.LeftButton)
    await until(lambda: sides(desk) == ["patient"], "the patient's")
    QTest.mouseClick(button(box, "Stethoscope: send from here"), Qt.MouseButton.LeftButton)
    await until(lambda: sides(desk) == ["patient", "own"], "one's own")
    assert button(box, "Stethoscope: stop sending").isVisible()
    assert button(box, LISTEN).isVisible()
    box.close()


async def test_the_key_begins_and_ends_it_and_stands_in_the_sheet(desk: Desk) -> None:
    action = desk.console.actions["call.stethoscope"]
    assert (action.text(), action.shortcut().toString()) == ("Stethoscope", "H")
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, Qt.Key.Key_H)
    await until(lambda: desk.call.snapshot.stethoscope == "patient", "it is asked for")
    QTest.keyClick(desk.console.window, Qt.Key.Key_H)
    await until(lambda: desk.call.snapshot.stethoscope == "", "it is over")
    assert sides(desk) == ["patient", ""]


@pytest.mark.parametrize(
    ("phase", "word"),
    [("asked", "Stethoscope: asked"), ("on", "Stethoscope: on"), ("plain", "Stethoscope: plain voice")],
)
@pytest.mark.parametrize("appearance", ["light", "dark", "high-contrast"])
async def test_the_state_is_an_icon_and_a_word_in_each_theme(
    desk: Desk, phase: sound.StethoscopePhase, word: str, appearance: ThemeChoice
) -> None:
    desk.console.theme.choose(appearance)
    head = desk.console.call.head
    desk.call.change(stethoscope="patient", stethoscope_phase=phase, stethoscope_words="You hear their microphone.")
    assert head.stethoscope.isVisible()
    assert head.stethoscope.word.accessibleName() == word
    assert word in desk.names()
    shown = head.stethoscope.grab().toImage()
    colours = {shown.pixelColor(x, y).name() for x in range(14) for y in range(shown.height())}
    assert len(colours) > 1, "there is an icon"
    desk.call.change(phase="ended")
    assert not head.stethoscope.isVisible()


async def test_the_notice_says_the_mode_and_the_step(desk: Desk) -> None:
    step = "Voice only: the connection is slow, and the voice comes first."
    desk.call.change(step="audio-only", step_cause="slow", step_why=step)
    desk.call.change(stethoscope="own", stethoscope_phase="plain", stethoscope_words="It is plain voice.")
    assert f"Notice: It is plain voice. {step}" in desk.names()
    desk.call.change(stethoscope="", stethoscope_phase="off", stethoscope_words="")
    assert f"Notice: {step}" in desk.names()


async def test_it_cannot_begin_without_a_connection_but_can_always_end(desk: Desk) -> None:
    box = await opened(desk)
    desk.call.change(phase="reconnecting")
    assert not button(box, LISTEN).isEnabled()
    assert not desk.console.actions["call.stethoscope"].isEnabled()
    desk.call.change(stethoscope="patient", stethoscope_phase="on")
    assert button(box, STOP).isEnabled()
    assert desk.console.actions["call.stethoscope"].isEnabled()
    box.close()


async def test_what_failed_is_said_in_the_box(desk: Desk) -> None:
    box = await opened(desk)
    desk.call.failures[sound.SetStethoscope] = RemoteFailure("device-unavailable", "No microphone is open.")
    QTest.mouseClick(button(box, "Stethoscope: send from here"), Qt.MouseButton.LeftButton)
    await until(lambda: box._problem.text() == "No microphone is open.", "it is told")
    assert button(box, "Stethoscope: send from here").isEnabled()
    box.close()


async def test_before_a_call_there_is_nothing_of_it_and_a_new_life_of_the_call_begins_without_it(desk: Desk) -> None:
    desk.call.change(stethoscope="patient", stethoscope_phase="on")
    before = desk.console.settings.settings
    desk.call.restart()
    await desk.console.call.scope.settle()
    assert sides(desk) == []
    assert desk.console.settings.settings == before
    await leave_visit(desk)
    box = await opened(desk)
    assert not box.stethoscope.isVisible()
    assert not desk.console.actions["call.stethoscope"].isEnabled()
    box.close()


async def test_the_small_window_says_it_too(desk: Desk) -> None:
    desk.call.change(stethoscope="patient", stethoscope_phase="on")
    desk.console.window.showMinimized()
    mini = desk.console.mini
    await until(mini.isVisible, "the small window is there")
    assert mini.stethoscope.word.accessibleName() == "Stethoscope: on"
    desk.call.change(stethoscope="", stethoscope_phase="off")
    await until(lambda: not mini.stethoscope.isVisible(), "it is over")
