"""The pane Call: what it says, what its buttons and keys do, and what is left after a lock."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from teleconsole.console.call.devices import DevicesBox
from teleconsole.contracts import call
from teleconsole.contracts.cases import SaveDraft, WriteNote
from teleconsole.contracts.visits import EndVisit
from teleconsole.ipc.errors import RemoteFailure
from tests.console import made_up
from tests.console.conftest import Desk, until


def texts(root: QWidget) -> str:
    """Everything that any widget says, shown or hidden."""
    parts: list[str] = []
    for widget in root.findChildren(QWidget):
        parts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        if isinstance(widget, QLabel | QLineEdit):
            parts.append(widget.text())
        elif isinstance(widget, QPlainTextEdit):
            parts.append(widget.toPlainText())
    return "\n".join(parts)


def chat(desk: Desk, item_id: str, text: str, state: call.ChatState, *, patient: bool = False) -> None:
    desk.call.tell(call.ChatChanged(item_id, patient, text, made_up.NOW_MS, state))


def says(desk: Desk, name: str) -> bool:
    return name in desk.names()


def write_note(desk: Desk, text: str) -> None:
    field = desk.console.call.notes.field
    field.setPlainText(text)


# --- what it says ---


async def test_the_head_says_who_how_long_and_how_well(desk: Desk) -> None:
    desk.call.change(safety_words=("harbour", "violet", "seven"))
    names = desk.names()
    assert {"Patient: Nadia Farouk-Stern", "Born: 19 Jan 1979", "In call: 14:08", "Quality: Good"} <= names
    assert {"Safety code: harbour violet seven", "Not recorded"} <= names
    stats = call.CallStats(received_fps=29.6, frame_width=1280, frame_height=720, route="relay-tls")
    desk.call.tell(call.StatsChanged(stats))
    numbers = desk.named("Quality: Good").accessibleDescription()
    assert "1280 by 720" in numbers
    assert numbers.endswith("Over the clinic's relay, by TLS.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sentence": "Audio only for now."}, "Audio only for now."),
        ({"phase": "admitting"}, "Calling. The patient's page asks them to join."),
        (
            {"phase": "reconnecting"},
            "The connection to the patient is interrupted. It is tried again; chat and notes are kept.",
        ),
        ({"patient_microphone_on": False}, "The patient's microphone is off."),
        ({"patient_camera_on": False}, "The patient's camera is off. You hear each other."),
        ({"gateway": "lost"}, "The clinic's gateway cannot be reached. The call goes on; new patients cannot arrive."),
    ],
)
async def test_what_changed_is_said_in_one_line(desk: Desk, changes: dict[str, object], words: str) -> None:
    desk.call.change(**changes)
    assert f"Notice: {words}" in desk.names()


async def test_a_step_of_the_ladder_is_counted(desk: Desk) -> None:
    desk.call.change(step="audio-only", sentence="Audio only for now.")
    assert "step 4 of 6" in desk.names()
    assert desk.console.call.notice.ladder.isVisible()


async def test_without_a_call_the_pane_says_what_to_do(desk: Desk) -> None:
    desk.console.visits.hang_up()
    await until(lambda: desk.console.window.pane_name == "cases", "the case is shown")
    desk.console.actions["go.call"].trigger()
    assert "No call" in desk.names()
    assert not desk.console.actions["call.microphone"].isEnabled()


# --- controls ---


@pytest.mark.parametrize(("word", "key", "ask"), [("Mic", "M", call.SetMicrophone), ("Camera", "V", call.SetCamera)])
async def test_microphone_and_camera_say_what_holds(desk: Desk, word: str, key: str, ask: type) -> None:
    desk.press(f"{word} on")
    await until(lambda: f"{word} off" in desk.names(), "it is off")
    desk.console.window.activateWindow()
    QTest.keyClick(desk.console.window, getattr(Qt.Key, f"Key_{key}"))
    await until(lambda: f"{word} on" in desk.names(), "it is on again")
    assert [asked.on for asked in desk.call.of(ask)] == [False, True]


async def test_a_microphone_that_does_not_obey_goes_on_saying_on(desk: Desk) -> None:
    desk.call.failures[call.SetMicrophone] = RemoteFailure(
        "call", "The microphone did not answer. They still hear you."
    )
    desk.press("Mic on")
    await until(lambda: desk.console.call.banner.sentence != "", "it is told")
    assert desk.console.call.banner.sentence == "The microphone did not answer. They still hear you."
    assert "Mic on" in desk.names()


async def test_a_still_is_called_saved_only_after_the_answer(desk: Desk) -> None:
    seen: list[str] = []
    handler = desk.call.handlers[call.CaptureStill]

    def capture(ask: call.CaptureStill) -> object:
        seen.extend(name for name in desk.names() if name.startswith("Still:"))
        return handler(ask)

    desk.call.handlers[call.CaptureStill] = capture
    desk.press("Take a still")
    await until(lambda: "Still: Still saved 14:32" in desk.names(), "it is saved")
    assert seen == ["Still: Saving the still"]
    assert desk.console.call.controls.still_words.toolTip() == f"1280 by 720, SHA-256 {'0' * 64}"


async def test_a_still_that_fails_is_never_called_saved(desk: Desk) -> None:
    desk.call.failures[call.CaptureStill] = RemoteFailure("connection-lost", "There is no picture to keep now.")
    desk.press("Take a still")
    await until(lambda: desk.console.call.banner.sentence == "There is no picture to keep now.", "it is told")
    assert not any("saved" in name for name in desk.names() if name.startswith("Still:"))


async def test_no_still_while_the_connection_is_interrupted(desk: Desk) -> None:
    desk.call.change(phase="reconnecting")
    assert not desk.named("Take a still").isEnabled()
    assert not desk.console.actions["call.still"].isEnabled()


# --- the end ---


async def test_end_asks_and_can_be_taken_back(desk: Desk) -> None:
    desk.press("End the call")
    assert not desk.call.of(call.HangUp)
    desk.press("Stay in the call")
    assert "End the call" in desk.names()
    assert "Stay in the call" not in desk.names()
    await desk.console.call.scope.settle()
    assert not desk.call.of(call.HangUp)


async def test_end_writes_the_note_first_then_the_visit_and_shows_the_case(desk: Desk) -> None:
    write_note(desk, "Ring-shaped, edge raised.")
    desk.press("End the call")
    desk.press("End the call for both")
    await until(lambda: desk.console.window.pane_name == "cases", "the case is shown")
    assert desk.vault.of(WriteNote) == [WriteNote("case-3", "Ring-shaped, edge raised.", "visit-12")]
    kinds = [type(ask) for ask in desk.vault.asked]
    assert kinds.index(WriteNote) < kinds.index(EndVisit)
    assert desk.console.cases.case.case_id == "case-3"


async def test_the_call_ends_even_if_the_note_cannot_be_written(desk: Desk) -> None:
    write_note(desk, "Ring-shaped.")
    desk.vault.failures[WriteNote] = RemoteFailure("disk-full", "There is no room on this disk.")
    desk.press("End the call")
    desk.press("End the call for both")
    await until(lambda: desk.call.of(call.HangUp), "the call ends")
    await until(lambda: desk.console.call.banner.sentence == "There is no room on this disk.", "it is told")
    assert desk.console.call.notes.field.toPlainText() == "Ring-shaped."


async def test_when_the_patient_leaves_the_pane_says_what_is_safe_and_what_to_do(desk: Desk) -> None:
    chat(desk, "item-1", "Thank you", "sealed", patient=True)
    write_note(desk, "Half a sent")
    desk.call.change(phase="ended")
    desk.call.tell(call.PatientLeft("visit-12", "ended-by-patient"))
    words = "The patient has left the visit. Chat and stills are saved. Finish your note, then press Close."
    assert f"Notice: {words}" in desk.names()
    assert "Patient's video: The visit has ended" in desk.names()
    await until(lambda: desk.vault.of(EndVisit), "the record has it")
    assert desk.console.window.pane_name == "call"
    assert not desk.named("Mic on").isEnabled()
    write_note(desk, "Half a sentence, finished.")
    desk.press("Close the visit")
    await until(lambda: desk.console.window.pane_name == "cases", "the case is shown")
    assert desk.vault.of(WriteNote)[-1].text == "Half a sentence, finished."


async def test_when_the_patient_leaves_the_keyboard_stays_in_the_pane(desk: Desk) -> None:
    desk.console.window.activateWindow()
    desk.press("Chat tab")
    await until(desk.console.call.chat.field.hasFocus, "the field has the keyboard")
    desk.call.change(phase="ended")
    await until(desk.named("Close the visit").hasFocus, "the button that goes on has it")


# --- chat ---


async def test_a_line_goes_out_by_enter_and_says_how_far_it_came(desk: Desk) -> None:
    desk.press("Chat tab")
    field = desk.named("Chat message", QLineEdit)
    QTest.keyClicks(field, "Show me the left shin")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: desk.call.of(call.SendChat), "it is sent")
    states: tuple[tuple[call.ChatState, str], ...]
    states = (("sealed", "Saved"), ("sent", "Sent"), ("acknowledged", "Delivered"))
    for state, word in states:
        chat(desk, "chat-1", "Show me the left shin", state)
        await until(partial(says, desk, f"You · 14:32 · {word}"), word)
    assert "You: Show me the left shin" in desk.names()


async def test_a_line_that_could_not_be_sent_comes_back(desk: Desk) -> None:
    desk.press("Chat tab")
    desk.call.failures[call.SendChat] = RemoteFailure("call", "The line was not sent.")
    desk.console.call.chat.field.setText("Show me")
    desk.press("Send chat message")
    await until(lambda: desk.console.call.banner.sentence == "The line was not sent.", "it is told")
    assert desk.console.call.chat.field.text() == "Show me"


async def test_new_lines_are_counted_at_the_tab_until_they_are_seen(desk: Desk) -> None:
    chat(desk, "item-1", "Hello", "sealed", patient=True)
    chat(desk, "item-2", "Can you hear me?", "sealed", patient=True)
    assert desk.named("Chat tab").accessibleDescription() == "2 new"
    desk.press("Chat tab")
    assert desk.named("Chat tab").accessibleDescription() == ""


async def test_letters_are_text_in_the_field_and_esc_gives_the_keys_back(desk: Desk) -> None:
    desk.console.window.activateWindow()
    desk.press("Chat tab")
    field = desk.named("Chat message", QLineEdit)
    await until(field.hasFocus, "the field has the keyboard")
    QTest.keyClicks(field, "mvs")
    assert isinstance(field, QLineEdit)
    assert field.text() == "mvs"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await until(desk.console.call.stage.hasFocus, "the stage has it")
    QTest.keyClick(desk.console.call.stage, Qt.Key.Key_M)
    await until(lambda: desk.call.of(call.SetMicrophone), "M is a key again")


# --- notes ---


async def test_what_is_typed_in_the_last_moment_stays_with_its_visit(desk: Desk) -> None:
    write_note(desk, "For the first one")
    desk.console.call.notes.show_visit("case-4", "visit-99")
    await desk.console.call.scope.settle()
    assert desk.vault.of(SaveDraft) == [SaveDraft("case-3", "note", "For the first one")]
    assert desk.console.call.notes.field.toPlainText() == ""


async def test_two_presses_write_one_note(desk: Desk) -> None:
    desk.press("Notes tab")
    write_note(desk, "Once.")
    desk.press("Write note")
    desk.press("Write note")
    await until(lambda: "Note: In the record" in desk.names(), "it is written")
    assert len(desk.vault.of(WriteNote)) == 1


async def test_a_draft_of_an_earlier_life_is_taken_up(desk: Desk) -> None:
    desk.press("Notes tab")
    write_note(desk, "Before the lock")
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    assert desk.console.call.notes.field.toPlainText() == ""
    await desk.console.session.unlock("correct horse battery")
    field = desk.console.call.notes.field
    await until(lambda: field.toPlainText() == "Before the lock", "the draft is back")


# --- devices ---


@pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)", extend=True)
async def test_devices_are_chosen_without_blocking_the_call(desk: Desk) -> None:
    desk.press("Devices")
    desk.console.actions["call.devices"].trigger()
    boxes = desk.console.window.findChildren(DevicesBox)
    assert len(boxes) == 1
    box = boxes[0]
    assert not box.isModal()
    await until(lambda: box.microphone.findText("Headset") > 0, "the devices are listed")
    box.microphone.setCurrentText("Headset")
    box.microphone.activated.emit(box.microphone.currentIndex())
    await until(lambda: desk.call.of(call.SelectDevices), "it is chosen")
    assert desk.call.of(call.SelectDevices) == [call.SelectDevices("", "mic-1", "")]
    more = (*desk.call.devices.microphones, call.Device("mic-2", "Desk microphone"))
    desk.call.tell(call.DevicesChanged(call.Devices((), more, (), "", "mic-2", "", "The headset was unplugged.")))
    assert box.microphone.currentText() == "Desk microphone"
    assert "The headset was unplugged." in texts(box)
    box.close()


@pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)", extend=True)
async def test_a_device_that_cannot_be_opened_is_told_and_not_shown_as_chosen(desk: Desk) -> None:
    desk.press("Devices")
    box = desk.console.window.findChildren(DevicesBox)[0]
    await until(lambda: box.camera.findText("Built-in camera") > 0, "the devices are listed")
    desk.call.failures[call.SelectDevices] = RemoteFailure("device-unavailable", "Another program has the camera.")
    box.camera.setCurrentText("Built-in camera")
    box.camera.activated.emit(box.camera.currentIndex())
    await until(lambda: "Another program has the camera." in texts(box), "it is told")
    assert box.camera.currentText() == "As this computer says"
    box.close()


async def test_every_choice_of_devices_has_a_label(desk: Desk) -> None:
    box = DevicesBox(desk.console.theme, desk.call, desk.console.window, in_visit=True)
    labelled = {label.buddy() for label in box.findChildren(QLabel) if label.buddy() is not None}
    assert labelled == set(box.findChildren(QComboBox))
    box.close()


# --- a lock ---


async def test_a_lock_leaves_no_word_of_the_patient(desk: Desk, qapp: QApplication) -> None:
    desk.press("Chat tab")
    chat(desk, "item-1", "It itches at night", "sealed", patient=True)
    desk.console.call.chat.field.setText("Half a line")
    write_note(desk, "Ring-shaped")
    assert "Nadia" in texts(desk.console.window)
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    chat(desk, "item-2", "Are you there?", "sealed", patient=True)
    left = texts(desk.console.window)
    for words in ("Nadia", "1979", "Migraine", "itches", "Half a line", "Ring-shaped", "Are you there"):
        assert words not in left, words
    assert desk.console.visits.in_visit
    assert desk.call.of(call.HangUp) == []
