"""What a designer mended stays mended: no word is cut, no focus is lost, in small windows and at large text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QVBoxLayout, QWidget

from teleconsole.console.case.evidence import EvidenceButton
from teleconsole.console.case.header import CaseHeader
from teleconsole.console.queue.views import ViewButton
from teleconsole.console.rail import RailItem
from teleconsole.console.shortcut_sheet import ShortcutSheet
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.button_row import ButtonRow
from teleconsole.console.widgets.focus_ring import FocusRing
from teleconsole.console.widgets.label import Label
from tests.console.conftest import Desk, until

pytestmark = pytest.mark.qt_log_ignore(r"propagateSizeHints|raise\(\)|grabbing the keyboard", extend=True)
SIZES = [(1280, 800, 100), (1920, 1080, 100), (1440, 900, 150)]
LONG = "The spots came first on the left leg, some weeks after the new tablet. " * 4


@pytest.fixture
def _text_size(desk: Desk) -> Iterator[None]:
    yield
    desk.console.theme.choose("light", 100)


def lines_px(label: Label) -> int:
    """How high all lines of a label are at its width."""
    flags = int(Qt.TextFlag.TextWordWrap) if label.wordWrap() else 0
    return label.fontMetrics().boundingRect(0, 0, label.width(), 100_000, flags, label.text()).height()


def shows_all(label: Label) -> bool:
    return label.height() >= lines_px(label)


def is_whole(button: Button) -> bool:
    return button.width() >= button.sizeHint().width()


async def show(desk: Desk, width: int, height: int, scale: int) -> None:
    desk.console.theme.choose("light", scale)
    desk.console.window.resize(width, height)
    detail = desk.vault.details["case-1"]
    first, second, *rest = detail.timeline
    long = msgspec.structs.replace(second, text=LONG)
    desk.vault.details["case-1"] = msgspec.structs.replace(detail, timeline=(first, long, *rest))
    await desk.open_case()
    timeline = desk.console.cases.case.timeline
    page = timeline.widget()
    assert page is not None
    await until(lambda: page.height() >= page.heightForWidth(page.width()), "the timeline took its place")


@pytest.mark.usefixtures("_text_size")
@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
async def test_no_line_of_what_was_written_is_cut(desk: Desk, width: int, height: int, scale: int) -> None:
    await show(desk, width, height, scale)
    timeline = desk.console.cases.case.timeline
    texts = [label for label in timeline.findChildren(Label) if label.wordWrap() and label.text()]
    assert any(label.text() == LONG for label in texts)
    for label in texts:
        await until(partial(shows_all, label), f"{label.text()[:30]} is shown whole")
    await until(lambda: timeline.horizontalScrollBar().maximum() == 0, "nothing is beyond the right edge")
    for button in timeline.findChildren(EvidenceButton):
        grid = button.parentWidget()
        assert grid is not None
        assert grid.rect().contains(button.geometry())


@pytest.mark.usefixtures("_text_size")
@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
async def test_words_of_rail_views_and_buttons_fit(desk: Desk, width: int, height: int, scale: int) -> None:
    await show(desk, width, height, scale)
    theme, window = desk.console.theme, desk.console.window
    for item in window.findChildren(RailItem):
        assert theme.metrics("small", 600).horizontalAdvance(item.text()) <= item.width(), item.text()
    for view in window.findChildren(ViewButton):
        if view.isVisible():
            assert theme.metrics("base", 600).horizontalAdvance(view.text()) <= view.width() - 16, view.text()
    row = window.findChildren(ButtonRow)[0]
    for button in row.findChildren(Button):
        if button.isVisible():
            await until(partial(is_whole, button), f"{button.text()} is whole")
            assert button.geometry().right() <= row.width()


@pytest.mark.usefixtures("_text_size")
@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
async def test_allergy_and_identity_are_shown_whole(desk: Desk, width: int, height: int, scale: int) -> None:
    await show(desk, width, height, scale)
    allergy = desk.named("Allergies: ◆ Penicillin, severe", Label)
    assert isinstance(allergy, Label)
    await until(lambda: allergy.width() >= allergy.fontMetrics().horizontalAdvance(allergy.text()), "the allergy fits")
    header = desk.console.window.findChildren(CaseHeader)[0]
    identity = next(label for label in header.findChildren(Label) if label.text().startswith("F 58"))
    await until(lambda: identity.width() >= identity.fontMetrics().horizontalAdvance(identity.text()), "it fits")


@pytest.mark.usefixtures("_text_size")
async def test_a_window_without_room_for_the_views_offers_them_as_a_menu(desk: Desk) -> None:
    views = desk.console.cases.queue.tools.views
    desk.console.window.resize(1440, 900)
    await until(lambda: not views.isVisible() and desk.console.cases.queue.views.isVisible(), "there is room")
    desk.console.window.resize(1000, 800)
    await until(lambda: views.isVisible() and not desk.console.cases.queue.views.isVisible(), "there is no room")
    desk.press("Choose a view")
    menu = desk.console.cases.queue.tools.views_menu
    mine = next(item for item in menu.actions() if item.text().startswith("Mine"))
    mine.trigger()
    menu.close()
    await until(lambda: desk.console.cases.queue.query.view == "mine", "the view is chosen")


async def test_the_unread_entry_is_in_view_once_the_case_is_open(desk: Desk) -> None:
    desk.console.window.resize(1280, 800)
    await desk.open_case()
    timeline = desk.console.cases.case.timeline
    new = next(view for view in timeline.entries if view.entry.unread)

    def in_view() -> bool:
        bottom = new.mapTo(timeline.viewport(), new.rect().bottomLeft()).y()
        return new.height() > 0 and bottom <= timeline.viewport().height() and timeline.verticalScrollBar().value() > 0

    await until(in_view, "what is new is in view")


async def test_the_hint_of_an_empty_place_is_whole(desk: Desk) -> None:
    hint = next(
        label
        for label in desk.console.window.findChildren(Label)
        if label.text().startswith("J and K") and label.isVisible()
    )
    await until(lambda: hint.height() >= lines_px(hint), "all words are shown")


async def test_a_choice_in_a_box_of_its_own_shows_the_focus(desk: Desk) -> None:
    box = QDialog(desk.console.window)
    column = QVBoxLayout(box)
    first, second = QComboBox(), QComboBox()
    for choice in (first, second):
        choice.addItem("This computer's default")
        column.addWidget(choice)
    box.show()
    second.setFocus()
    await until(second.hasFocus, "the second choice has the focus")
    before = picture(first)
    first.setFocus()
    await until(first.hasFocus, "the first choice has the focus")
    after = picture(first)
    assert before != after
    accent = desk.console.theme.color("accent")
    middle = after.height() // 2
    assert [after.pixelColor(x, middle) == accent for x in (0, 1)] == [True, True], "a ring of 2 px"
    box.close()
    box.deleteLater()


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


async def test_the_sheet_of_shortcuts_has_a_ring_for_its_button(desk: Desk) -> None:
    sheet = ShortcutSheet(desk.console.theme, desk.console.window)
    sheet.open()
    close = next(button for button in sheet.findChildren(Button))
    close.setFocus()
    await until(lambda: any(ring.isVisible() for ring in sheet.findChildren(FocusRing)), "the ring is there")
    sheet.accept()
    sheet.deleteLater()


async def test_space_presses_the_button_that_has_the_focus_and_looks_at_evidence_elsewhere(desk: Desk) -> None:
    await desk.open_case()
    note = desk.named("Note", Button)
    note.setFocus()
    await until(note.hasFocus, "Note has the focus")
    QTest.keyClick(note, Qt.Key.Key_Space)
    await until(lambda: not desk.console.cases.case.composer.isHidden(), "Space pressed the button")
    assert not desk.console.cases.viewer.isVisible()


async def test_the_list_is_where_it_was_after_a_lock(desk: Desk) -> None:
    scroll = desk.console.cases.queue.list.verticalScrollBar()
    await until(lambda: scroll.maximum() > 700, "the list is long")
    scroll.setValue(700)
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.vault.state == "locked" and desk.console.cases.queue.model.case_count == 0, "it is locked")
    await desk.console.session.unlock("correct horse battery")
    await until(lambda: desk.console.cases.queue.state == "list", "the list is back")
    await until(lambda: scroll.value() == 700, "it is where it was")
