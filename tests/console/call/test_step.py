"""The ladder on the clinician's screen: the step and why, the choice by mouse, keyboard and name, bars and numbers."""

from __future__ import annotations

import re
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from teleconsole.console.call.bars import bars_for
from teleconsole.console.call.devices import DevicesBox
from teleconsole.console.call.head import NO_RELAY
from teleconsole.console.call.step_panel import CHOICES, StepPanel
from teleconsole.console.call.step_row import StepRow
from teleconsole.console.theme.measures import BUTTON_TALL_PX
from teleconsole.contracts import call
from teleconsole.contracts.signal import LadderStep
from tests.console.conftest import Desk, until

pytestmark = pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)|grabbing the keyboard", extend=True)

NUMBERS = call.CallStats(
    received_fps=24.0, frame_width=640, frame_height=360, round_trip_ms=120.0, one_way_ms=180.0, r_factor=88.6,
    opinion_score=4.3, freeze_count=2,
)  # fmt: skip


def panel(desk: Desk) -> StepPanel:
    return desk.console.call.steps


def is_shown(desk: Desk, name: str) -> bool:
    return name in desk.names()


async def open_by_key(desk: Desk) -> None:
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, Qt.Key.Key_P)
    await until(lambda: panel(desk).isVisible() and desk.named("Automatic").hasFocus(), "it is open, at what holds")


async def test_the_step_says_why_and_is_counted(desk: Desk) -> None:
    why = "Small picture: the connection is slow, and the voice comes first."
    desk.call.change(step="180p", step_cause="slow", step_why=why)
    assert {f"Notice: {why}", "step 3 of 6"} <= desk.names()
    desk.call.change(step="720p", step_cause="better", step_why="")
    assert not desk.console.call.notice.isVisible()


async def test_a_link_that_is_gone_for_long_says_that_words_are_kept(desk: Desk) -> None:
    why = "Messages for the case: the connection is gone. What you write is kept and delivered when it is back."
    desk.call.change(phase="reconnecting", quality="lost", sentence="It is tried again.", step="case", step_why=why)
    assert {f"Notice: {why}", "step 6 of 6"} <= desk.names()


@pytest.mark.parametrize("step", ["720p", "audio-only", "case"])
async def test_a_relay_that_does_not_answer_is_said_first(desk: Desk, step: LadderStep) -> None:
    desk.call.change(phase="reconnecting", quality="lost", sentence="It is tried again.", step=step, relay_away=True)
    assert f"Notice: {NO_RELAY}" in desk.names()
    assert not any("hear each other" in name for name in desk.names())
    desk.call.change(phase="connected", quality="good", sentence="", step="720p", relay_away=False)
    assert not desk.console.call.notice.isVisible()


async def test_every_choice_can_be_taken_by_its_name_and_is_shown(desk: Desk) -> None:
    held = "Picture: Automatic"
    for choice, title, _ in (*CHOICES[1:], CHOICES[0]):
        desk.press(held)
        desk.press(title)
        held = f"Picture: {title}"
        await until(partial(is_shown, desk, held), "the choice is shown")
        assert not panel(desk).isVisible()
        assert desk.call.of(call.SetStep)[-1].step == choice


async def test_a_screen_reader_finds_radio_buttons_and_toggles_one(desk: Desk) -> None:
    desk.press("Picture: Automatic")
    row = QAccessible.queryAccessibleInterface(desk.named("Voice only"))
    assert row.role() == QAccessible.Role.RadioButton
    assert row.text(QAccessible.Text.Description) == "No picture."
    row.actionInterface().doAction(QAccessibleActionInterface.toggleAction())
    await until(lambda: "Picture: Voice only" in desk.names(), "the choice is shown")
    assert [ask.step for ask in desk.call.of(call.SetStep)] == ["audio-only"]


async def test_automatic_says_what_is_sent_now_and_why(desk: Desk) -> None:
    why = "Small picture: the connection is slow, and the voice comes first."
    desk.press("Picture: Automatic")
    assert desk.named("Automatic").accessibleDescription() == "Now: picture large."
    desk.call.change(step="180p", step_cause="slow", step_why=why)
    assert desk.named("Automatic").accessibleDescription() == f"Now: picture small. {why}"
    desk.call.change(step="180p", chosen_step="180p", step_cause="chosen")
    assert desk.named("Picture small").accessibleDescription() == "Up to 320 by 180."
    assert desk.named("Automatic").accessibleDescription() == "As the connection allows."
    assert not desk.call.of(call.SetStep), "what is told by the call is no choice"


async def test_the_keyboard_alone_chooses(desk: Desk) -> None:
    await open_by_key(desk)
    for name in ("Picture large", "Picture smaller", "Picture small", "Voice only"):
        QTest.keyClick(desk.console.window.focusWidget(), Qt.Key.Key_Down)
        assert desk.named(name).hasFocus()
    assert not desk.call.of(call.SetStep), "going on is no choice"
    QTest.keyClick(desk.named("Voice only"), Qt.Key.Key_Return)
    await until(lambda: "Picture: Voice only" in desk.names(), "the choice is shown")
    assert [ask.step for ask in desk.call.of(call.SetStep)] == ["audio-only"]
    assert desk.console.call.controls.step.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_P, Qt.Key.Key_Escape])
async def test_the_same_key_and_escape_close_it_and_the_keyboard_goes_back(desk: Desk, key: Qt.Key) -> None:
    await open_by_key(desk)
    QTest.keyClick(desk.named("Automatic"), Qt.Key.Key_Up)
    assert desk.named("Messages only").hasFocus(), "it goes round"
    QTest.keyClick(desk.named("Messages only"), key)
    await until(lambda: not panel(desk).isVisible(), "it is closed")
    assert desk.console.call.controls.step.hasFocus()
    assert not desk.call.of(call.SetStep)


async def test_it_closes_when_the_keyboard_goes_elsewhere(desk: Desk) -> None:
    await open_by_key(desk)
    desk.console.actions["call.chat"].trigger()
    await until(lambda: not panel(desk).isVisible(), "it is closed")
    assert desk.console.call.chat.field.hasFocus()


async def test_it_and_the_devices_are_never_open_at_once(desk: Desk) -> None:
    desk.press("Picture: Automatic")
    desk.console.actions["call.devices"].trigger()
    (box,) = desk.console.window.findChildren(DevicesBox)
    assert box.isVisible()
    assert not panel(desk).isVisible()
    desk.console.actions["call.step"].trigger()
    assert panel(desk).isVisible()
    await until(lambda: not desk.console.window.findChildren(DevicesBox), "the devices are closed")


async def test_it_gives_way_to_the_question_whether_to_end(desk: Desk) -> None:
    await open_by_key(desk)
    desk.console.actions["call.end"].trigger()
    assert not panel(desk).isVisible()
    assert desk.console.call.stage.hasFocus()


async def test_it_lies_whole_in_the_corner_and_leaves_the_middle_of_the_picture_free(desk: Desk) -> None:
    desk.console.window.resize(1280, 800)
    desk.press("Picture: Automatic")
    stage = desk.console.call.stage

    def lies() -> QRect:
        return QRect(stage.mapFromGlobal(panel(desk).mapToGlobal(QPoint(0, 0))), panel(desk).size())

    await until(lambda: stage.rect().contains(lies()), "it lies in the stage")
    face = QRect(0, 0, stage.width() // 3, stage.height() // 2)
    face.moveCenter(stage.rect().center())
    assert not lies().intersects(face)
    for row in panel(desk).findChildren(StepRow):
        assert row.height() >= BUTTON_TALL_PX
        assert row.width() >= row.sizeHint().width()


async def test_after_the_visit_there_is_nothing_to_choose(desk: Desk) -> None:
    desk.press("Picture: Automatic")
    desk.call.change(phase="ended")
    assert not panel(desk).isVisible()
    assert not desk.console.actions["call.step"].isEnabled()


async def test_numbers_are_there_on_hover_on_focus_and_for_a_screen_reader(desk: Desk) -> None:
    desk.call.tell(call.StatsChanged(NUMBERS))
    label = desk.console.call.head.quality
    for words in (label.toolTip(), label.accessibleDescription()):
        assert "rating 89 of 93 (ITU-T G.107)" in words
        assert "mouth to ear about 180 ms" in words
        assert "froze 2 times" in words
    desk.console.window.activateWindow()
    label.setFocus(Qt.FocusReason.TabFocusReason)
    await until(lambda: "opinion score 4.3" in QToolTip.text(), "the numbers are shown")
    QApplication.processEvents()
    desk.console.call.stage.setFocus()
    desk.call.change(phase="ended")
    assert label.toolTip() == ""


@pytest.mark.parametrize(
    ("quality", "r_factor", "bars"),
    [("unknown", 0.0, 0), ("lost", 90.0, 0), ("good", 0.0, 4), ("good", 88.0, 4), ("fair", 75.0, 3), ("poor", 65.0, 1),
     ("poor", 20.0, 1)],
)  # fmt: skip
def test_bars_follow_the_rating_of_the_voice(quality: call.Quality, r_factor: float, bars: int) -> None:
    assert bars_for(quality, r_factor) == bars


async def test_a_still_in_place_of_the_video_says_its_age(desk: Desk) -> None:
    stage = desk.console.call.stage
    assert not stage.age.isVisible()
    desk.call.change(step="voice-and-stills", step_cause="slow", step_why="Voice and stills.", still_ms=5)
    assert "Picture: Still, 0 s old" in desk.names()
    grown = re.compile(r"Picture: Still, [1-9]\d* s old")
    await until(lambda: any(map(grown.fullmatch, desk.names())), "it grows old")
    desk.call.change(step="720p", step_cause="better", step_why="", still_ms=0)
    assert not stage.age.isVisible()


async def test_without_a_moving_picture_the_stage_says_that_you_hear_each_other(desk: Desk) -> None:
    desk.call.change(step="audio-only", step_cause="slow", step_why="Voice only.")
    assert "Patient's video: No moving picture now. You hear each other." in desk.names()


async def test_a_choice_holds_over_a_restart_of_the_call(desk: Desk) -> None:
    desk.call.change(chosen_step="180p", step="180p")
    desk.call.restart()
    await until(lambda: desk.call.of(call.SetStep), "the choice is told anew")
    assert [ask.step for ask in desk.call.of(call.SetStep)] == ["180p"]
