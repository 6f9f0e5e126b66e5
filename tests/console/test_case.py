"""The case: what is written is safe, what is sent is shown as waiting, what cannot be done says why."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit

from teleconsole.console.case.conflict import only_in
from teleconsole.console.case.entry import EntryView, heading
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.cases import (
    AskFollowUp,
    Claim,
    Decide,
    OpenCase,
    Release,
    Reply,
    SaveDraft,
    TimelineEntry,
    WriteNote,
)
from teleconsole.contracts.vault import CasesChanged, TakeBack, TryAgain
from teleconsole.ipc.errors import PeerLost, RemoteFailure
from tests.console.conftest import Desk, until


def texts(desk: Desk) -> list[str]:
    return [label.text() for label in desk.console.window.findChildren(Label) if label.isVisible()]


def editor(desk: Desk, name: str) -> QPlainTextEdit:
    widget = desk.named(name, QPlainTextEdit)
    assert isinstance(widget, QPlainTextEdit)
    return widget


def test_a_message_that_came_after_its_visit_says_so() -> None:
    late = TimelineEntry("m1", "message", 0, "Ada Okafor", from_patient=True, title="written in the visit")
    assert heading(late) == ("Ada Okafor", "patient, written in the visit")
    assert heading(msgspec.structs.replace(late, in_visit=True)) == ("Ada Okafor", "patient")


async def test_the_case_shows_who_what_is_safe_to_know_and_what_happened(desk: Desk) -> None:
    await desk.open_case()
    shown = texts(desk)
    assert "Ines Okafor-Lund" in shown
    assert "F 58 · 3 Jul 1968 · MRN 004 417 208" in shown
    assert "◆ Penicillin, severe" in shown
    assert "red spots, do not fade when pressed" in shown
    assert "New since you looked at 12:32" in shown
    names = desk.names()
    assert {"Photo 1: Left shin, coin", "Video 4: presses on ankle", "Allergies: ◆ Penicillin, severe"} <= names
    assert any(name.startswith("Blood pressure at home: 28 readings") for name in names)


async def test_a_draft_is_saved_after_a_pause_and_says_so(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    QTest.keyClicks(editor(desk, "Reply text"), "Stop the tablet")
    await until(lambda: desk.vault.of(SaveDraft), "the draft is saved", within_s=1.5)
    await until(lambda: "Saved 14:32" in texts(desk), "the screen says so")
    assert desk.vault.drafts["case-1", "reply"].text == "Stop the tablet"


async def test_a_draft_is_saved_when_another_case_is_opened_and_is_there_again(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("Half a thought")
    await desk.open_case("case-2")
    await until(lambda: ("case-1", "reply") in desk.vault.drafts, "the draft is safe")
    await desk.open_case("case-1")
    desk.press("Reply")
    assert editor(desk, "Reply text").toPlainText() == "Half a thought"


async def test_a_reply_is_in_the_outbox_and_shown_as_waiting(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("Please stop the tablet.")
    desk.press("Send")
    await until(lambda: desk.vault.of(Reply), "it was sent")
    case = desk.console.cases.case
    await until(lambda: case.timeline.entries[-1].entry.text == "Please stop the tablet.", "the timeline shows it")
    await until(lambda: "Stored on this computer, goes out now." in texts(desk), "it says that it waits")
    assert ("case-1", "reply") not in desk.vault.drafts
    await until(lambda: case.composer.isHidden(), "the editor is closed")
    assert "1 to send" in desk.names()


async def test_offline_is_said_in_words_and_the_call_names_its_reason(desk: Desk) -> None:
    await desk.open_case()
    desk.vault.set_status(phase="offline")
    assert {"Offline since 14:32", "Showing what was here at 14:32"} <= desk.names()
    assert not desk.named("Call now").isEnabled()
    assert "No network." in texts(desk)
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("Later.")
    desk.press("Send")
    offline = "Stored on this computer, goes out when the network is back."
    await until(lambda: offline in texts(desk), "it says when it goes out")
    assert "1 to send when the network is back" in desk.names()
    desk.vault.set_status(phase="idle")
    assert "Stored on this computer, goes out now." in texts(desk)


async def test_question_note_and_decision_reach_the_vault(desk: Desk) -> None:
    await desk.open_case()
    for button, field, send, kind in (
        ("Ask for more", "Ask for more text", "Send", AskFollowUp),
        ("Note", "Note text", "Save note", WriteNote),
        ("Decide", "Decision text", "Send decision", Decide),
    ):
        desk.press(button)
        editor(desk, field).setPlainText(f"text of {button}")
        desk.press(send)
        await until(desk.console.cases.case.composer.isHidden, "the editor is closed")
        assert desk.vault.of(kind), f"{button} was sent"
    assert desk.vault.of(Decide)[0].outcome == "advice"
    assert desk.vault.of(WriteNote)[0].text == "text of Note"


async def test_what_was_refused_keeps_the_text_in_the_editor(desk: Desk) -> None:
    await desk.open_case()
    desk.vault.failures[Reply] = RemoteFailure("disk-full", "The disk is full. What was saved is safe.")
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("Keep me")
    desk.press("Send")
    banner = desk.console.cases.case.banner
    await until(lambda: banner.sentence, "the banner speaks")
    assert banner.sentence == "The disk is full. What was saved is safe."
    assert editor(desk, "Reply text").toPlainText() == "Keep me"
    assert desk.named("Send").isEnabled()


async def test_a_reply_whose_answer_was_lost_is_not_sent_twice(desk: Desk) -> None:
    """The vault died after the commit: the draft is gone with it, so the editor closes."""
    await desk.open_case()
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("Once")
    kept = desk.vault.handlers[Reply]

    def commit_and_die(ask: Reply) -> object:
        kept(ask)
        raise PeerLost("killed")

    desk.vault.handlers[Reply] = commit_and_die
    desk.press("Send")
    await until(lambda: desk.console.cases.case.banner.sentence, "it is told")
    desk.vault.restart()
    await until(desk.console.cases.case.composer.isHidden, "the editor is closed")
    assert len(desk.vault.of(Reply)) == 1


async def test_take_back_makes_it_a_draft_and_edit_opens_it(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("First words")
    desk.press("Send")
    await until(lambda: "Edit" in desk.names(), "it can be edited")
    desk.press("Edit")
    await until(lambda: desk.vault.of(TakeBack), "it was taken back")
    await until(lambda: "Reply text" in desk.names(), "the editor is open")
    assert editor(desk, "Reply text").toPlainText() == "First words"
    assert desk.vault.changes == []


async def test_claim_and_release(desk: Desk) -> None:
    await desk.open_case("case-5")
    desk.press("Claim")
    await until(lambda: desk.vault.of(Claim), "it was asked for")
    await until(lambda: "Release" in desk.names(), "it is mine")
    assert any(text.startswith("Claimed by you") for text in texts(desk))
    desk.press("Release")
    await until(lambda: desk.vault.of(Release), "it was given back")
    await until(lambda: "Claim" in desk.names(), "it is nobody's")


async def test_a_conflict_shows_both_texts_and_three_ways_out(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    editor(desk, "Reply text").setPlainText("Take half a tablet.")
    desk.press("Send")
    await until(lambda: desk.vault.changes, "it waits")
    change_id = desk.vault.changes[0].change_id
    desk.vault.set_change(change_id, state="conflict", problem="Jonas Rahm answered while you were offline.")
    desk.vault.set_status(phase="idle")
    await until(lambda: "Compare" in desk.names(), "the conflict is told")
    assert "1 needs your decision" in desk.names()
    desk.press("Compare")
    assert {"Yours", "Theirs", "Edit mine, then send", "Send mine as it is", "Keep theirs"} <= desk.names()
    desk.press("Send mine as it is")
    await until(lambda: desk.vault.of(TryAgain), "it is sent again")
    assert desk.vault.of(TryAgain)[0].change_id == change_id


async def test_esc_leaves_the_editor_and_the_draft_stays(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    field = editor(desk, "Reply text")
    QTest.keyClicks(field, "abc")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await until(lambda: desk.vault.drafts, "the draft is saved")
    assert desk.console.cases.case.composer.isHidden()


async def test_call_now_asks_for_a_call_with_this_case(desk: Desk) -> None:
    await desk.open_case()
    asked: list[str] = []
    desk.console.cases.case.call_requested.connect(asked.append)
    desk.press("Call now")
    assert asked == ["case-1"]


async def test_looking_opens_the_viewer_at_the_file(desk: Desk) -> None:
    await desk.open_case()
    opened: list[str] = []
    desk.console.cases.case.evidence_opened.connect(lambda detail, evidence_id: opened.append(evidence_id))
    await until(lambda: "Photo 2: Left calf" in desk.names(), "the pictures are shown")
    desk.press("Photo 2: Left calf")
    desk.console.actions["case.look"].trigger()
    assert opened == ["case-1-photo-1", "case-1-photo-0"]


async def test_a_case_of_a_lost_vault_is_read_again(desk: Desk) -> None:
    await desk.open_case()
    asked = len(desk.vault.of(OpenCase))
    desk.vault.restart()
    await until(lambda: len(desk.vault.of(OpenCase)) > asked, "it is read again")


def test_sentences_of_one_text_alone_are_marked() -> None:
    mine, theirs = "Hello. Stop the tablet.\nCall 112.", "Hello. Take half.\nCall 112."
    assert [mine[start : start + length] for start, length in only_in(mine, theirs)] == ["Stop the tablet."]


async def test_a_screen_reader_meets_the_entries_in_the_order_that_is_shown(desk: Desk) -> None:
    await desk.open_case()
    timeline = desk.console.cases.case.timeline
    first = timeline.entries[0].entry
    case = desk.vault.details["case-1"]
    earlier = msgspec.structs.replace(
        first, entry_id="Communication/earlier", at_ms=first.at_ms - 60_000, text="Before"
    )
    desk.vault.details["case-1"] = msgspec.structs.replace(case, timeline=(earlier, *case.timeline))
    desk.vault.tell(CasesChanged(("case-1",)))
    await until(lambda: timeline.entries[0].entry.entry_id == "Communication/earlier", "it is shown first")
    shown = [view.entry.entry_id for view in timeline.entries]

    def read() -> list[str]:
        page = timeline.widget()
        assert page is not None
        return [child.entry.entry_id for child in page.children() if isinstance(child, EntryView)]

    await until(lambda: read() == shown, "it is read first")
