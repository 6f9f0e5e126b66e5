"""The ladder on the clinician's screen: the step and why, the choice by mouse, keyboard and name, bars and numbers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from teleconsole.console.call.bars import bars_for
from teleconsole.console.call.step_button import CHOICES
from teleconsole.contracts import call
from tests.console.conftest import Desk, until

pytestmark = pytest.mark.qt_log_ignore(r"raise\(\)|grabbing the keyboard", extend=True)

NUMBERS = call.CallStats(
    received_fps=24.0, frame_width=640, frame_height=360, round_trip_ms=120.0, one_way_ms=180.0, r_factor=88.6,
    opinion_score=4.3, freeze_count=2,
)  # fmt: skip


def menu(desk: Desk) -> QMenu:
    (found,) = desk.console.call.controls.step.findChildren(QMenu)
    return found


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


async def test_every_choice_can_be_taken_by_its_name_and_is_shown(desk: Desk) -> None:
    desk.press("Picture: Automatic")
    assert menu(desk).isVisible()
    assert [action.text() for action in menu(desk).actions()] == [title for _, title in CHOICES]
    for action in menu(desk).actions():
        action.trigger()
    wanted = [choice for choice, _ in CHOICES]
    await until(lambda: "Picture: Messages only" in desk.names(), "the last choice is shown")
    assert [ask.step for ask in desk.call.of(call.SetStep)][-1] == wanted[-1]
    menu(desk).close()


async def test_the_keyboard_alone_chooses(desk: Desk) -> None:
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, Qt.Key.Key_P)
    await until(lambda: menu(desk).isVisible(), "the menu is open")
    for _ in range(4):
        QTest.keyClick(menu(desk), Qt.Key.Key_Down)
    QTest.keyClick(menu(desk), Qt.Key.Key_Return)
    await until(lambda: "Picture: Voice only" in desk.names(), "the choice is shown")
    assert [ask.step for ask in desk.call.of(call.SetStep)] == ["audio-only"]


async def test_after_the_visit_there_is_nothing_to_choose(desk: Desk) -> None:
    desk.press("Picture: Automatic")
    desk.call.change(phase="ended")
    assert not menu(desk).isVisible()
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
    await until(lambda: "Picture: Still, 1 s old" in desk.names(), "it grows old")
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
