"""To send, settings, keys, status line: each does its thing on the fakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit

from teleconsole.console.shortcut_sheet import ShortcutSheet
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.call import SelectDevices
from teleconsole.contracts.cases import Reply
from teleconsole.contracts.vault import SyncNow, TakeBack, TryAgain
from teleconsole.ipc.errors import RemoteFailure
from tests.console.conftest import Desk, until


async def write_reply(desk: Desk, text: str = "Please rest.") -> str:
    await desk.open_case()
    desk.press("Reply")
    field = desk.named("Reply text", QPlainTextEdit)
    assert isinstance(field, QPlainTextEdit)
    field.setPlainText(text)
    desk.press("Send")
    await until(lambda: desk.vault.of(Reply), "it was sent")
    return desk.vault.changes[0].change_id


async def test_to_send_is_empty_in_words_at_first(desk: Desk) -> None:
    desk.console.actions["go.to-send"].trigger()
    await desk.console.to_send.scope.settle()
    assert desk.console.to_send.is_empty


async def test_to_send_says_what_for_whom_and_why_and_takes_back(desk: Desk) -> None:
    change_id = await write_reply(desk)
    desk.console.actions["go.to-send"].trigger()
    await until(lambda: "Take back: Reply for Ines Okafor-Lund" in desk.names(), "it is listed")
    desk.vault.set_change(change_id, state="refused", problem="The server refused this: the case is closed.")
    refused = "The server refused this: the case is closed."
    await until(lambda: refused in desk.names(), "the reason is told")
    desk.press("Try again: Reply for Ines Okafor-Lund")
    await until(lambda: desk.vault.of(TryAgain), "it is tried again")
    desk.vault.set_change(change_id, state="waiting")
    await until(lambda: "Take back: Reply for Ines Okafor-Lund" in desk.names(), "it can be taken back")
    desk.press("Take back: Reply for Ines Okafor-Lund")
    await until(lambda: desk.vault.of(TakeBack), "it is taken back")
    await until(lambda: desk.console.window.pane_name == "cases", "its case is shown")
    assert desk.vault.drafts["case-1", "reply"].text == "Please rest."


async def test_take_back_that_comes_too_late_is_told(desk: Desk) -> None:
    await write_reply(desk)
    desk.vault.failures[TakeBack] = RemoteFailure("store", "It is already on its way.")
    desk.console.actions["go.to-send"].trigger()
    await until(lambda: "Take back: Reply for Ines Okafor-Lund" in desk.names(), "it is listed")
    desk.press("Take back: Reply for Ines Okafor-Lund")
    await until(lambda: desk.console.to_send.banner.sentence == "It is already on its way.", "it is told")


async def test_a_theme_holds_at_once_and_is_saved(desk: Desk) -> None:
    desk.console.actions["go.settings"].trigger()
    box = desk.named("Theme", QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentText("High contrast")
    box.activated.emit(box.currentIndex())
    assert desk.console.theme.tokens.name == "high-contrast"
    assert desk.saved[-1].theme == "high-contrast"


async def test_a_device_is_chosen_through_the_call_and_saved(desk: Desk) -> None:
    desk.console.actions["go.settings"].trigger()
    box = desk.named("Microphone", QComboBox)
    assert isinstance(box, QComboBox)
    await until(lambda: box.findText("Headset") >= 0, "the devices are listed")
    box.setCurrentText("Headset")
    box.activated.emit(box.currentIndex())
    await until(lambda: desk.call.of(SelectDevices), "it is chosen")
    assert desk.call.of(SelectDevices)[-1].microphone == "mic-1"
    assert desk.saved[-1].microphone == "mic-1"


async def test_the_lock_is_never_later_than_the_policy_says(desk: Desk) -> None:
    desk.console.actions["go.settings"].trigger()
    box = desk.named("Lock after", QComboBox)
    assert isinstance(box, QComboBox)
    assert [box.itemText(row) for row in range(box.count())] == ["1 min", "2 min", "5 min", "10 min"]
    box.setCurrentText("2 min")
    box.activated.emit(box.currentIndex())
    assert "Locks after 2 min" in desk.names()


async def test_parts_of_the_status_line_open_what_they_speak_of(desk: Desk) -> None:
    await write_reply(desk)
    await until(lambda: "1 to send" in desk.names(), "it is told")
    desk.press("1 to send")
    assert desk.console.window.pane_name == "to-send"
    desk.press("Online")
    await until(lambda: desk.vault.of(SyncNow), "a round begins")


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("offline", "Offline since 14:32"),
        ("error", "Server problem since 14:32"),
        ("not-signed-in", "Not signed in"),
        ("sign-in-needed", "Sign-in needed"),
        ("pulling", "Online"),
    ],
)
async def test_the_status_line_is_true(desk: Desk, phase: str, words: str) -> None:
    desk.vault.set_status(phase=phase)
    assert words in desk.names()


async def test_a_server_that_keeps_one_waiting_is_told_while_the_phase_goes_on(desk: Desk) -> None:
    desk.vault.set_status(phase="pulling", sentence="It does not answer just now.")
    assert "Server does not answer" in desk.names()
    desk.press("To send")
    assert "Server: It does not answer just now." in desk.names()
    desk.vault.set_status(phase="idle", sentence="")
    assert "Online" in desk.names()
    assert "Server: It does not answer just now." not in desk.names()


@pytest.mark.parametrize(
    ("key", "modifier", "reached"),
    [
        (Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier, lambda desk: desk.console.window.pane_name == "today"),
        (Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier, lambda desk: desk.console.window.pane_name == "call"),
        (Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier, lambda desk: desk.console.window.pane_name == "to-send"),
        (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier, lambda desk: desk.named("Search cases").hasFocus()),
        (Qt.Key.Key_Slash, Qt.KeyboardModifier.NoModifier, lambda desk: desk.named("Search cases").hasFocus()),
        (Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier, lambda desk: desk.console.screen.page_name == "locked"),
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, lambda desk: "Reply text" in desk.names()),
        (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, lambda desk: "Ask for more text" in desk.names()),
        (Qt.Key.Key_E, Qt.KeyboardModifier.NoModifier, lambda desk: "Decision text" in desk.names()),
        (Qt.Key.Key_W, Qt.KeyboardModifier.NoModifier, lambda desk: "Note text" in desk.names()),
        (Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier, lambda desk: desk.console.cases.case.case_id == "case-2"),
        (Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier, lambda desk: desk.console.cases.case.case_id == "case-0"),
    ],
)
async def test_keys(desk: Desk, key: Qt.Key, modifier: Qt.KeyboardModifier, reached: Callable[[Desk], bool]) -> None:
    await desk.open_case()
    desk.console.cases.queue.list.setFocus()
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, key, modifier)
    await until(lambda: reached(desk), f"{key} did its thing")


async def test_letters_are_text_in_a_field(desk: Desk) -> None:
    await desk.open_case()
    field = desk.named("Search cases", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "rajk")
    assert field.text() == "rajk"
    assert desk.console.cases.case.composer.isHidden()


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
async def test_the_shortcut_sheet_lists_every_key(desk: Desk) -> None:
    desk.console.actions["shortcuts"].trigger()
    sheet = desk.console.window.findChild(ShortcutSheet)
    assert isinstance(sheet, ShortcutSheet)
    words = {label.text() for label in sheet.findChildren(Label)}
    assert {"Lock", "Ctrl+L", "Ctrl+K  or  /", "Reply", "R"} <= words
    sheet.reject()


async def test_views_fold_away_in_a_narrow_window(desk: Desk) -> None:
    desk.console.window.resize(1000, 700)
    await until(desk.console.cases.queue.views.isHidden, "the views are folded")
    desk.console.window.resize(1500, 900)
    await until(desk.console.cases.queue.views.isVisible, "the views are back")
